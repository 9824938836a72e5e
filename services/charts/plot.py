"""From a table and a spec to what exactly is drawn: type, places, series, limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from core.errors import InvalidParams
from core.text import shorten
from services.charts import dates
from services.charts.frame import (
    Axis,
    Frame,
    Series,
    in_percent,
    matching,
    merged,
    named_series,
    only,
    ordered,
    topped,
    transposed,
    without,
)
from services.charts.spec import CATEGORIES, POINTS, SERIES, ChartSpec, ChartType
from services.charts.table import Column, Table

SLICES = 24
"""The most slices of a pie; the smallest beyond become one."""
SHARES = 6
"""Percentages of up to so many things that add up to 100 are a pie by themselves."""
WORDY = 14
"""Characters of an average label from which on bars lie down."""
MANY = 15
"""Labels from which on bars of words lie down."""
UNSORTED = "Dates and numbers along an axis keep their order; as bars they can be sorted."
LIKE_BARS = {"bar", "horizontal bar", "stacked bar", "pie", "doughnut", "heat map"}
BETWEEN = {"line", "area", "scatter"}
"""Types whose horizontal axis may be a scale of dates or numbers."""


@dataclass(frozen=True)
class Plot:
    """Everything there is to draw, settled."""

    type: ChartType
    frame: Frame
    spec: ChartSpec


def settle(table: Table, spec: ChartSpec) -> Plot:
    """Decide what to draw. Raises `InvalidParams` with the limit, the row or the name."""
    kind = spec.type if spec.type != "auto" else inferred(table, spec)
    if kind == "histogram":
        frame = samples(table, spec)
    elif kind == "scatter":
        frame = scattered(table, spec)
    else:
        frame = framed(table, spec, kind)
    frame = narrowed(frame.noting(*table.notes), spec, kind)
    check_limits(frame, kind)
    check_log(frame, spec)
    return Plot(kind, frame, spec)


def inferred(table: Table, spec: ChartSpec) -> ChartType:
    """The type that suits a table: time is a line, words are bars, number pairs are points."""
    along, values, group = columns_of(table, spec)
    if along is None:
        single = len(values) == 1 and len(table.rows) >= 2 * MANY
        return "histogram" if single else "bar"
    if along.kind == "date":
        return "line" if len(set(along.values)) > 2 or group is not None else "bar"
    if along.kind == "number":
        x = [value for value in along.values if value is not None]
        rising = all(a < b for a, b in pairwise(x))
        return "line" if rising and len(x) > 2 else "scatter"
    if len(values) == 1 and group is None and is_shares(values[0]):
        return "pie"
    labels = [text for text in dict.fromkeys(along.texts) if text]
    wordy = sum(map(len, labels)) > WORDY * len(labels)
    return "horizontal bar" if (wordy and len(labels) > 3) or len(labels) > MANY else "bar"


def is_shares(column: Column) -> bool:
    known = [value for value in column.values if value is not None]
    whole = abs(sum(known) - 100) < 1
    return column.unit == "%" and 2 <= len(known) <= SHARES and whole and min(known) > 0


def columns_of(table: Table, spec: ChartSpec) -> tuple[Column | None, list[Column], Column | None]:
    """The column along the axis, those that are drawn, and one that names the series."""
    chosen = [find(table, name) for name in spec.series]
    for column in chosen:
        if column.kind != "number":
            raise InvalidParams(f"The column {column.name} holds no numbers, so it is no series.")
    along = find(table, spec.x) if spec.x else default_axis(table, chosen)
    values = chosen or [c for c in table.of("number") if c is not along]
    group = grouping(table, along, values)
    return along, values, group


def find(table: Table, name: str) -> Column:
    """A column by its name, whatever the case. Raises `InvalidParams` with those there are."""
    for column in table.columns:
        if column.name.casefold() == name.casefold():
            return column
    names = ", ".join(shorten(each.name, 30) for each in table.columns[:12])
    raise InvalidParams(f"There is no column “{shorten(name, 40)}”. The table has {names}.")


def default_axis(table: Table, chosen: Sequence[Column]) -> Column | None:
    """Dates first, then words, then the first of several columns of numbers."""
    named = table.of("date")[:1] or table.of("text")[:1]
    if table.of("text") and table.of("date") and table.columns[0].kind == "text":
        named = [table.columns[0]] if not long_form(table) else named
    if named:
        return named[0]
    numbers = [column for column in table.of("number") if column not in chosen]
    return numbers[0] if len(table.of("number")) > 1 and numbers and len(table.rows) > 1 else None


def long_form(table: Table) -> bool:
    return len(table.of("date")) == 1 and len(table.of("text")) == 1


def grouping(table: Table, along: Column | None, values: Sequence[Column]) -> Column | None:
    """The one further column of words, where it makes each row's place its own."""
    others = [c for c in table.columns if c is not along and c.kind != "number"]
    if along is None or len(values) != 1 or len(others) != 1:
        return None
    pairs = set(zip(along.texts, others[0].texts, strict=True))
    repeated = len(set(along.texts)) < len(along.texts)
    return others[0] if repeated and len(pairs) == len(along.texts) else None


def framed(table: Table, spec: ChartSpec, kind: ChartType) -> Frame:
    along, values, group = columns_of(table, spec)
    if not values:
        return counted(table, spec)
    if group is not None and along is not None:
        return pivoted(along, values[0], group, kind)
    if along is None and len(table.rows) == 1:
        row = tuple(column.values[0] for column in values)
        unit = values[0].unit
        names = tuple(column.name for column in values)
        return Frame("", "category", names, (Series("Value", row, unit),))
    series = tuple(Series(c.name, c.values, c.unit) for c in values)
    value_name = values[0].name if len(values) == 1 and values[0].named else ""
    if along is None:
        places = tuple(float(n) for n in range(1, len(table.rows) + 1))
        labels = tuple(f"{place:.0f}" for place in places)
        axis: Axis = "number" if kind in BETWEEN else "category"
        return Frame("", axis, labels, series, places, value_name=value_name)
    return along_axis(along, series, kind, value_name)


def along_axis(
    along: Column, series: tuple[Series, ...], kind: ChartType, value_name: str
) -> Frame:
    """Series over one column, in order where it holds dates or, under lines, numbers."""
    name = along.name if along.named else ""
    axis: Axis = "category"
    positions: tuple[float, ...] | None = None
    places = [n for n, text in enumerate(along.texts) if text]
    labels = along.texts
    if along.kind != "text":
        places = [n for n in places if along.values[n] is not None]
        positions = tuple(value or 0.0 for value in along.values)
        axis = ("time" if along.kind == "date" else "number") if kind in BETWEEN else "category"
    if along.kind == "date":
        labels = tuple(dates.written(each, along.grain) for each in positions or ())
    if along.kind == "date" or (axis == "number" and kind != "scatter"):
        places.sort(key=lambda n: along.values[n] or 0.0)
    frame = Frame(name, axis, labels, series, positions, along.grain, value_name=value_name).keep(
        places
    )
    missing = len(along.texts) - len(places)
    if not places:
        raise InvalidParams(f"The column {along.name} is empty.")
    return (
        frame.noting(f"{missing} rows without a {along.name} were left out.") if missing else frame
    )


def pivoted(along: Column, values: Column, group: Column, kind: ChartType) -> Frame:
    """One row for each pair made into one row for each place and one series for each group."""
    places = list(dict.fromkeys(zip(along.texts, along.values, strict=True)))
    names = [name for name in dict.fromkeys(group.texts) if name]
    cells = {
        (text, name): value
        for text, name, value in zip(along.texts, group.texts, values.values, strict=True)
    }
    series = tuple(
        Series(name, tuple(cells.get((text, name)) for text, _ in places), values.unit)
        for name in names
    )
    texts, positions = tuple(text for text, _ in places), tuple(value for _, value in places)
    distinct = replace(along, texts=texts, values=positions)
    return along_axis(distinct, series, kind, values.name if values.named else "")


def counted(table: Table, spec: ChartSpec) -> Frame:
    """How often each word comes in a column of words; answers to a question, for example."""
    words = [find(table, spec.x)] if spec.x else table.of("text")[:1]
    counts: dict[str, int] = {}
    for text in words[0].texts if words else ():
        if text:
            counts[text] = counts.get(text, 0) + 1
    if not words or len(table.columns) > 1 or max(counts.values()) == 1:
        raise InvalidParams(no_numbers(table))
    series = Series("Count", tuple(float(each) for each in counts.values()))
    name = words[0].name if words[0].named else ""
    return Frame(name, "category", tuple(counts), (series,), value_name="Count")


def no_numbers(table: Table) -> str:
    last = table.columns[-1]
    bad = next((n for n, text in enumerate(last.texts) if text), 0)
    return (
        "There is no column of numbers to draw. "
        f"{table.place(bad, last)}: “{shorten(last.texts[bad], 40)}” is not a number."
    )


def samples(table: Table, spec: ChartSpec) -> Frame:
    """The values of the columns as they come, for a histogram."""
    wanted = (spec.x,) if spec.x and not spec.series else spec.series
    columns = [find(table, name) for name in wanted] or table.of("number")
    if not columns or any(column.kind != "number" for column in columns):
        raise InvalidParams(no_numbers(table))
    labels = tuple(str(n) for n in table.rows)
    series = tuple(Series(c.name, c.values, c.unit) for c in columns)
    single = columns[0].name if len(columns) == 1 and columns[0].named else ""
    return Frame(single, "number", labels, series, tuple(map(float, table.rows)))


def scattered(table: Table, spec: ChartSpec) -> Frame:
    """Points by two columns of numbers; a column of words names them or parts them in groups."""
    numbers, words = table.of("number"), table.of("text")
    default = next(iter([*table.of("date"), *numbers]), None)
    along = find(table, spec.x) if spec.x else default
    values = [find(table, each) for each in spec.series] or [c for c in numbers if c is not along]
    if along is None or along.kind == "text" or not values:
        raise InvalidParams(
            "A scatter chart needs two columns of numbers, or dates and numbers; "
            f"this table has {len(numbers)} of numbers."
        )
    frame = along_axis(
        along,
        tuple(Series(c.name, c.values, c.unit) for c in values),
        "scatter",
        values[0].name if len(values) == 1 and values[0].named else "",
    )
    places = [n for n, value in enumerate(along.values) if value is not None]
    if not words:
        return frame
    texts = tuple(words[0].texts[n] for n in places)
    if len(set(texts)) == len(texts):
        return replace(frame, marks=texts if along.kind == "number" else ())
    return in_groups(frame, texts) if len(values) == 1 else frame


def in_groups(frame: Frame, texts: Sequence[str]) -> Frame:
    [single] = frame.series
    series = tuple(
        Series(
            name or "Other",
            tuple(
                v if text == name else None for v, text in zip(single.values, texts, strict=True)
            ),
            single.unit,
        )
        for name in dict.fromkeys(texts)
    )
    return replace(frame, series=series)


def narrowed(frame: Frame, spec: ChartSpec, kind: ChartType) -> Frame:
    """Apply what the spec leaves out, sorts and shares."""
    if kind in LIKE_BARS:
        frame = merged(frame)
    if spec.transposed and kind not in ("scatter", "histogram"):
        frame = transposed(frame)
    frame = narrow_by_name(frame, spec)
    if kind in ("pie", "doughnut"):
        frame = one_series(frame)
    if frame.axis == "category":
        frame = topped(ordered(frame, spec.sort), spec)
    elif (spec.sort != "given" or spec.top) and kind != "histogram":
        frame = frame.noting(UNSORTED)
    if kind in ("pie", "doughnut"):
        return sliced(frame)
    if kind == "area" and spec.stacked is not False and has_gaps(frame):
        frame = frame.noting("Where a value is missing the areas are stacked as if it were 0.")
    return in_percent(frame) if spec.percent and kind not in ("scatter", "histogram") else frame


def has_gaps(frame: Frame) -> bool:
    return len(frame.series) > 1 and any(None in each.values for each in frame.series)


def narrow_by_name(frame: Frame, spec: ChartSpec) -> Frame:
    """A name dropped from one type may be missing in another; once it was there, that is fine."""
    if spec.drop:
        known = [n for n in spec.drop if matching(frame, n) or named_series(frame, n)]
        frame = without(frame, known or spec.drop)
    return only(frame, spec.only) if spec.only else frame


def one_series(frame: Frame) -> Frame:
    """A pie shows one series: the first, or one row's values when there is just one row."""
    if len(frame.series) == 1:
        return frame
    if len(frame.labels) == 1:
        return transposed(frame)
    first, others = frame.series[0], frame.series[1:]
    return replace(frame, series=(first,), value_name=first.name).noting(
        f"A pie shows one series: this is {shorten(first.name, 40)}. "
        f"Say “only {shorten(others[0].name, 40)}” for another."
    )


def sliced(frame: Frame) -> Frame:
    """Slices above zero, the smallest of very many as one. Raises `InvalidParams` for others."""
    [single] = frame.series
    for label, value in zip(frame.labels, single.values, strict=True):
        if value is not None and value < 0:
            raise InvalidParams(
                f"{shorten(label, 40)}, {single.name}: {value:,g} is below zero, "
                "so it cannot be a slice. Make it a bar chart."
            )
    places = [n for n, value in enumerate(single.values) if value]
    if not places:
        raise InvalidParams("All values are zero, so there is nothing to slice.")
    if len(places) <= SLICES:
        return frame.keep(places)
    largest = sorted(places, key=lambda n: -(single.values[n] or 0))[: SLICES - 1]
    rest = [n for n in places if n not in largest]
    kept = frame.keep(sorted(largest))
    other = sum(single.values[n] or 0 for n in rest)
    return replace(
        kept,
        labels=(*kept.labels, f"{len(rest)} others"),
        positions=None,
        series=(replace(single, values=(*kept.series[0].values, other)),),
    ).noting(f"The {len(rest)} smallest slices are drawn as one.")


def check_limits(frame: Frame, kind: ChartType) -> None:
    """Refuse what no chart can show, with the limit and a way out."""
    count, places = len(frame.series), len(frame.labels)
    if count > SERIES:
        raise InvalidParams(
            f"That has {count:,} series; up to {SERIES} can be drawn. "
            "Name some under series, or say “only …”."
        )
    many = max(places, count) if kind == "heat map" else places
    if kind in LIKE_BARS and many > CATEGORIES:
        raise InvalidParams(
            f"That has {many:,} categories; up to {CATEGORIES} can be drawn in a {kind} chart. "
            "Say “top 20”, or choose a line."
        )
    if count * places > POINTS:
        raise InvalidParams(
            f"That has {count * places:,} points; up to {POINTS:,} can be drawn. "
            "Send fewer rows or fewer columns."
        )
    if not any(value is not None for each in frame.series for value in each.values):
        raise InvalidParams("There is not one number left to draw.")


def check_log(frame: Frame, spec: ChartSpec) -> None:
    """Refuse a logarithmic scale for what has no logarithm, with the place."""
    if spec.x_scale == "log" and frame.positions and frame.axis == "number":
        low = min(frame.positions)
        if low <= 0:
            raise InvalidParams(f"{frame.name or 'x'} goes down to {low:,g}; log needs above 0.")
    if spec.scale != "log":
        return
    for each in frame.series:
        for label, value in zip(frame.labels, each.values, strict=True):
            if value is not None and value <= 0:
                raise InvalidParams(
                    f"{shorten(label, 40)}, {shorten(each.name, 40)}: {value:,g} has no place on a "
                    "log scale, which begins above 0. Leave it out, or keep the linear scale."
                )
