"""Saying in words what a chart shows: its title where none was given, and its description."""

from __future__ import annotations

from services.charts import measure
from services.charts.frame import Frame, Series
from services.charts.plot import Plot

SPOKEN = 8
"""Series that are described one by one."""
NAMED = 3
"""Series that a title names."""


def title(plot: Plot) -> str:
    """A title from the columns' names; empty where they say too little."""
    frame, along = plot.frame, plot.frame.name
    values = joined([series.name for series in frame.series][: NAMED + 1])
    if plot.type == "histogram":
        return f"Distribution of {values}" if frame.name or len(frame.series) > 1 else ""
    if frame.value_name:
        values = frame.value_name
    elif len(frame.series) > NAMED or len(frame.series) == 1:
        return ""
    if not along:
        return ""
    return f"{values} {'against' if plot.type == 'scatter' else 'by'} {along}"


def joined(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def description(plot: Plot) -> str:
    """What somebody who cannot see the chart should know of it."""
    named = f" “{plot.spec.title}”" if plot.spec.title else ""
    kind = f"{plot.type.capitalize()}{'' if plot.type == 'heat map' else ' chart'}{named}"
    kind = kind.replace("Histogram chart", "Histogram")
    frame = plot.frame
    said = [f"{kind}: {reach(plot)}."]
    if plot.spec.scale == "log":
        said.append("Logarithmic scale.")
    said += [sentence(plot, each) for each in frame.series[:SPOKEN]]
    if (rest := len(frame.series) - SPOKEN) > 0:
        said.append(f"And {rest} more series.")
    return " ".join(filter(None, said))


def reach(plot: Plot) -> str:
    """How much there is and from where to where."""
    frame = plot.frame
    count = len(frame.labels)
    if plot.type == "histogram":
        return f"{count:,} values"
    series = f"{len(frame.series)} series, " if len(frame.series) > 1 else ""
    if count == 1:
        return (
            f"{series}one value, {frame.labels[0]}" if not series else f"{series}{frame.labels[0]}"
        )
    along = f"{frame.name or axis_word(frame)} from {ends(frame)}"
    if frame.axis == "category" and frame.positions is None:
        along = listed(frame)
    return f"{series}{count:,} points, {along}"


def axis_word(frame: Frame) -> str:
    return "dates" if frame.axis == "time" else "x"


def ends(frame: Frame) -> str:
    positions = frame.positions or ()
    if frame.axis == "number":
        low, high = (measure.value(each) for each in (min(positions), max(positions)))
        return f"{low} to {high}"
    return f"{frame.labels[0]} to {frame.labels[-1]}"


def listed(frame: Frame) -> str:
    shown = ", ".join(frame.labels[:6])
    rest = len(frame.labels) - 6
    return f"{shown} and {rest} more" if rest > 0 else shown


def sentence(plot: Plot, series: Series) -> str:
    """One series' least and greatest, and where."""
    known = [(v, n) for n, v in enumerate(series.values) if v is not None]
    if not known:
        return f"{series.name}: no values."
    (low, at_low), (high, at_high) = min(known), max(known)
    name = "Values" if len(plot.frame.series) == 1 and not plot.frame.value_name else series.name
    if low == high:
        return f"{name}: {measure.value(low, series.unit)}."
    if plot.type == "histogram":
        return (
            f"{name} from {measure.value(low, series.unit)} to {measure.value(high, series.unit)}."
        )
    lowest, highest = (
        f"{measure.value(v, series.unit)} ({place(plot.frame, n)})"
        for v, n in ((low, at_low), (high, at_high))
    )
    return f"{name} from {lowest} to {highest}."


def place(frame: Frame, n: int) -> str:
    if frame.marks:
        return frame.marks[n]
    if frame.axis == "number":
        return f"{frame.name or 'x'} {frame.labels[n]}"
    return frame.labels[n]
