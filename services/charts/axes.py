"""Axes: where the ticks are, how they read, and how labels of words find room."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.charts import dates, measure
from services.charts.dates import Grain
from services.charts.frame import Frame
from services.charts.look import LOOKS, unit
from services.charts.spec import ChartSpec

Spec = dict[str, Any]

COMPACT, HUGE = 1e9, 1e15
"""From where on 2B reads better than 2,000,000,000, and 2e+15 better than either."""
FEW_DECADES, MOST_DECADES = 3, 12
"""Powers of ten up to which lines between them help, and up to which each has a line."""
DAY = 86_400_000.0
LABEL, TITLE = 13.0, 13.5
SPLIT = "split(datum.label, '\\n')"
"""Sets a label on the lines we broke it into; an expression of ours, of no one's words."""
OBVIOUS = {"date", "day", "week", "month", "quarter", "year", "time", "timestamp", "datum", "jahr"}
"""Names that dates along an axis say by themselves."""

Step = tuple[str, int]
STEPS: tuple[tuple[Step, float], ...] = (
    *((("minute", n), n * 60_000.0) for n in (1, 5, 15, 30)),
    *((("hour", n), n * 3_600_000.0) for n in (1, 3, 6, 12)),
    *((("day", n), n * DAY) for n in (1, 2, 7, 14)),
    *((("month", n), n * 30.44 * DAY) for n in (1, 3, 6)),
    *((("year", n), n * 365.25 * DAY) for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)),
)
"""How far apart ticks of time may be, in milliseconds."""
LEAST: dict[Grain, float] = {
    "year": 365 * DAY, "quarter": 90 * DAY, "month": 30 * DAY, "day": DAY, "time": 0.0,
}  # fmt: skip


@dataclass(frozen=True)
class Scale:
    """What is true of all values along an axis."""

    low: float
    high: float
    unit: str = ""

    @property
    def compact(self) -> bool:
        return COMPACT <= self.reach < HUGE

    @property
    def exponents(self) -> bool:
        """Whether only powers of ten say it briefly."""
        return 0 < self.reach < 1e-4 or self.reach >= HUGE

    @property
    def reach(self) -> float:
        return max(abs(self.low), abs(self.high))


def scale_of(values: Sequence[float], unit: str = "") -> Scale:
    return Scale(min(values), max(values), unit) if values else Scale(0, 0, unit)


def number_format(scale: Scale) -> Spec:
    """How numbers along an axis read: thousands apart, the unit with them."""
    money = "$" if scale.unit else ""
    if scale.compact:
        # The library writes giga where people say billion.
        return {"labelExpr": f"replace(format(datum.value, '{money}~s'), 'G', 'B')"}
    return {"format": f"{money}.3~g" if scale.exponents else f"{money},f"}


def locale(unit: str) -> Spec:
    """The numbers' locale, in which the unit takes the place of the dollar."""
    sides = ["", unit] if unit == "%" else [unit, ""]
    return {
        "decimal": ".", "thousands": ",", "grouping": [3], "currency": sides, "minus": "\u2212",
    }  # fmt: skip


def value_scale(spec: ChartSpec, scale: Scale, *, bars: bool) -> Spec:
    """The scale of the values: from zero where bars need it or zero is not far."""
    if spec.scale == "log":
        # A bar has no zero to stand on here; it stands on the power of ten below the least.
        foot = 10.0 ** math.floor(math.log10(scale.low))
        return {"type": "log", "domainMin": foot / 10 if bars and foot >= scale.low else foot,
                "nice": True}  # fmt: skip
    near = scale.low <= 0 or scale.low < 0.45 * scale.high
    zero = spec.zero if spec.zero is not None else bars or (scale.low >= 0 and near)
    return {"zero": zero, "nice": True}


def value_axis(spec: ChartSpec, scale: Scale, title: str | None, length: int) -> Spec:
    u = unit(spec)
    axis: Spec = {
        "title": title or None,
        "grid": spec.grid,
        "domain": False,
        "ticks": False,
        "tickCount": max(3, round(length / (75 * u))),
        **number_format(scale),
    }
    if scale.low < 0:
        axis["gridColor"] = {
            "condition": {"test": "datum.value === 0", "value": LOOKS[spec.theme].line},
            "value": LOOKS[spec.theme].rule,
        }
    if spec.scale == "log":
        axis |= {"tickCount": max(3, round(length / (60 * u))), "labelOverlap": "greedy"}
        powers = decades(scale)
        if len(powers) > FEW_DECADES:
            axis["values"] = powers
    return axis


def decades(scale: Scale) -> list[float]:
    """The powers of ten from that below the least value to that above the greatest."""
    begin, end = math.floor(math.log10(scale.low)), math.ceil(math.log10(scale.high))
    every = max(1, math.ceil((end - begin) / MOST_DECADES))
    return [10.0**power for power in range(begin, end + 1, every)]


def category_labels(frame: Frame, spec: ChartSpec) -> tuple[list[str], Spec]:
    """Labels below an axis: on one line, on several, slanted, or only every so many.

    Returns the labels, broken where they are set on several lines, and the axis.
    """
    u = unit(spec)
    size, count = LABEL * u, len(frame.labels)
    band = 0.87 * spec.width / max(count, 1)
    flat: Spec = {"labelAngle": 0, "labelOverlap": False, "labelLimit": 0}
    if max(measure.width(each, size) for each in frame.labels) <= 0.94 * band:
        return list(frame.labels), flat
    words = [word for label in frame.labels for word in measure.pieces(label, size, band)]
    if band > 3.5 * size and max(measure.width(word, size) for word in words) <= 0.94 * band:
        broken = [measure.wrapped(each, size, 0.94 * band, 9) for each in frame.labels]
        if max(map(len, broken)) <= 3:
            return ["\n".join(lines) for lines in broken], {
                **flat, "labelExpr": SPLIT, "labelLineHeight": 1.25 * size,
            }  # fmt: skip
    steep = band < 2.2 * size
    every = max(1, math.ceil(1.15 * size / band))
    labels = distinct([measure.cut(each, size, 0.3 * spec.height) for each in frame.labels])
    slanted: Spec = {
        "labelAngle": -90 if steep else -40, "labelAlign": "right", "labelOverlap": False,
        "labelBaseline": "middle", "labelLimit": 0,
    }  # fmt: skip
    return labels, slanted if every == 1 else {**slanted, "values": labels[::every]}


def side_labels(frame: Frame, spec: ChartSpec) -> tuple[list[str], Spec]:
    """Labels beside an axis: on up to two lines, in up to a third of the width."""
    size = LABEL * unit(spec)
    band = 0.8 * spec.height / max(len(frame.labels), 1)
    lines = 2 if band > 2.6 * size else 1
    broken = [measure.wrapped(each, size, 0.3 * spec.width, lines) for each in frame.labels]
    labels = distinct(["\n".join(each) for each in broken])
    axis: Spec = {"labelExpr": SPLIT, "labelLimit": 0, "labelOverlap": False}
    every = max(1, math.ceil(1.1 * size / band))
    return labels, axis if every == 1 else {**axis, "values": labels[::every]}


def distinct(labels: Sequence[str]) -> list[str]:
    """Labels that were cut alike told apart again: two in one place would be one bar."""
    seen: dict[str, int] = {}
    found: list[str] = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        found.append(label if seen[label] == 1 else label + "\u200b" * (seen[label] - 1))
    return found


def category_title(frame: Frame, spec: ChartSpec) -> str | None:
    title = spec.x_title
    if title is None:
        dated = frame.positions is not None and frame.axis != "number"
        dated = dated and frame.name.casefold() in OBVIOUS
        title = "" if dated else frame.name
    return title or None


def time_axis(frame: Frame, spec: ChartSpec) -> Spec:
    """Ticks of time where people expect them, no closer than their labels are wide."""
    positions = frame.positions or ()
    low, high = min(positions), max(positions)
    room = 0.85 * spec.width
    size = LABEL * unit(spec)
    for step, length in STEPS:
        if length < 0.9 * LEAST[frame.grain]:
            continue
        pattern, example = time_format(step, frame.grain, low, high)
        if ((high - low) / length + 1) * (measure.width(example, size) + 14) <= room:
            break
    values = ticks(low, high, step)  # pyright: ignore[reportPossiblyUnboundVariable]
    return {
        "format": pattern,  # pyright: ignore[reportPossiblyUnboundVariable]
        "values": values or [low],
        "labelOverlap": "greedy",
        "labelFlush": False,
    }


def time_format(step: Step, grain: Grain, low: float, high: float) -> tuple[str, str]:
    """The pattern for ticks so far apart, and the widest it may become."""
    several = dates.at(low).year != dates.at(high).year
    match step[0]:
        case "year":
            return "%Y", "2024"
        case "month" if grain == "quarter":
            return "Q%q %Y", "Q4 2024"
        case "month":
            return "%b %Y", "May 2024"
        case "day":
            return ("%b %-d, %Y", "May 28, 2024") if several else ("%b %-d", "May 28")
        case _:
            same = dates.at(low).date() == dates.at(high).date()
            return ("%H:%M", "22:22") if same else ("%b %-d, %H:%M", "May 28, 22:22")


def ticks(low: float, high: float, step: Step) -> list[float]:
    """The moments of a step between two others, in milliseconds."""
    name, count = step
    if name in ("year", "month"):
        return months(low, high, count * (12 if name == "year" else 1))
    length = count * {"minute": 60_000.0, "hour": 3_600_000.0, "day": DAY}[name]
    # Whole weeks begin on a Monday; the first one after 1970 began is the fourth day.
    base = 4 * DAY if name == "day" and count % 7 == 0 else 0.0
    first = base + math.ceil((low - base) / length) * length
    return [first + n * length for n in range(int((high - first) // length) + 1)]


def months(low: float, high: float, every: int) -> list[float]:
    begin, end = dates.at(low), dates.at(high)
    month = begin.year * 12 + begin.month - 1
    month = math.ceil(month / every) * every
    found: list[float] = []
    while month <= end.year * 12 + end.month - 1 and month // 12 <= 9999:
        when = datetime(max(month // 12, 1), month % 12 + 1, 1, tzinfo=UTC).timestamp() * 1000
        found += [when] if low <= when <= high else []
        month += every
    return found
