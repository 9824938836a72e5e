"""A table as a chart sees it: places along one axis, and series of values at them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from core.errors import InvalidParams
from core.text import shorten
from services.charts import dates
from services.charts.dates import Grain
from services.charts.spec import ChartSpec, Sort

Axis = Literal["category", "time", "number"]


@dataclass(frozen=True)
class Series:
    name: str
    values: tuple[float | None, ...]
    unit: str = ""


@dataclass(frozen=True)
class Frame:
    name: str
    """What the places are: a column's name; empty where the table has none for it."""
    axis: Axis
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    positions: tuple[float, ...] | None = None
    """Where the places lie, for dates (milliseconds of UTC) and numbers."""
    grain: Grain = "day"
    value_name: str = ""
    """What the values are, where the series' names do not say it."""
    marks: tuple[str, ...] = ()
    """What each point is called, in a scatter of named things."""
    notes: tuple[str, ...] = ()

    def keep(self, places: Sequence[int]) -> Frame:
        """The same with only these places, in this order."""
        return replace(
            self,
            labels=tuple(self.labels[n] for n in places),
            positions=None if self.positions is None else tuple(self.positions[n] for n in places),
            marks=tuple(self.marks[n] for n in places) if self.marks else (),
            series=tuple(
                replace(each, values=tuple(each.values[n] for n in places)) for each in self.series
            ),
        )

    def noting(self, *notes: str) -> Frame:
        return replace(self, notes=(*self.notes, *notes))

    def total(self, place: int) -> float:
        return sum(each.values[place] or 0 for each in self.series)


def matching(frame: Frame, name: str) -> set[int]:
    """The places somebody means: by label, by number, or every date of a year or a month."""
    wanted = name.casefold()
    found = {n for n, label in enumerate(frame.labels) if label.casefold() == wanted}
    if found or frame.positions is None:
        return found
    if frame.axis == "number":
        try:
            return {n for n, position in enumerate(frame.positions) if position == float(name)}
        except ValueError:
            return set()
    date = dates.read_year(name) or dates.read_date(name)
    if date is None:
        return set()
    said = dates.written(date.when, date.grain)
    return {n for n, each in enumerate(frame.positions) if dates.written(each, date.grain) == said}


def named_series(frame: Frame, name: str) -> set[int]:
    wanted = name.casefold()
    return {n for n, each in enumerate(frame.series) if each.name.casefold() == wanted}


def without(frame: Frame, names: Sequence[str]) -> Frame:
    """Leave places or series out. Raises `InvalidParams` for a name that is neither."""
    places: set[int] = set()
    series: set[int] = set()
    for name in names:
        here, there = matching(frame, name), named_series(frame, name)
        if not here and not there:
            raise InvalidParams(unknown(frame, name))
        places |= here
        series |= there
    return remaining(
        frame,
        [n for n in range(len(frame.labels)) if n not in places],
        [n for n in range(len(frame.series)) if n not in series],
    )


def only(frame: Frame, names: Sequence[str]) -> Frame:
    """Keep some places, some series, or some of both; what is not spoken of stays."""
    places: set[int] = set()
    series: set[int] = set()
    for name in names:
        there = named_series(frame, name)
        here = matching(frame, name) if not there else set[int]()
        if not here and not there:
            raise InvalidParams(unknown(frame, name))
        places |= here
        series |= there
    return remaining(
        frame,
        sorted(places) or list(range(len(frame.labels))),
        sorted(series) or list(range(len(frame.series))),
    )


def remaining(frame: Frame, places: Sequence[int], series: Sequence[int]) -> Frame:
    if not places or not series:
        raise InvalidParams("Nothing would be left to draw. Leave something in.")
    kept = replace(frame, series=tuple(frame.series[n] for n in series))
    if len(kept.series) == 1 < len(frame.series):
        # One series has no legend; what it is must be said where the values are named.
        named = ", ".join(filter(None, (frame.value_name, kept.series[0].name)))
        kept = replace(kept, value_name=named)
    return kept.keep(places)


def unknown(frame: Frame, name: str) -> str:
    names = [each.name for each in frame.series] if len(frame.series) > 1 else []
    shown = [shorten(each, 30) for each in (*names, *frame.labels)]
    rest = f" and {len(shown) - 12} more" if len(shown) > 12 else ""
    return f"There is no “{shorten(name, 40)}” in this chart. It has {', '.join(shown[:12])}{rest}."


def transposed(frame: Frame) -> Frame:
    """Rows for columns. Raises `InvalidParams` where there is no room for them."""
    if len(set(frame.labels)) != len(frame.labels):
        raise InvalidParams("Rows and columns cannot be swapped while two rows share a name.")
    series = tuple(
        Series(label, tuple(each.values[n] for each in frame.series), frame.series[0].unit)
        for n, label in enumerate(frame.labels)
    )
    return replace(
        frame,
        name="",
        axis="category",
        labels=tuple(each.name for each in frame.series),
        positions=None,
        marks=(),
        series=series,
        value_name=frame.value_name,
    )


def merged(frame: Frame) -> Frame:
    """Rows of the same name as one, added up: two bars cannot stand in one place."""
    first: dict[str, list[int]] = {}
    for place, label in enumerate(frame.labels):
        first.setdefault(label, []).append(place)
    if len(first) == len(frame.labels):
        return frame

    def added(values: Sequence[float | None], places: Sequence[int]) -> float | None:
        known = [value for n in places if (value := values[n]) is not None]
        return sum(known) if known else None

    series = tuple(
        replace(each, values=tuple(added(each.values, places) for places in first.values()))
        for each in frame.series
    )
    label, places = max(first.items(), key=lambda item: len(item[1]))
    return replace(frame.keep([places[0] for places in first.values()]), series=series).noting(
        f"{len(places)} rows are called “{shorten(label, 40)}”: rows of one name were added up."
    )


def ordered(frame: Frame, sort: Sort) -> Frame:
    places = list(range(len(frame.labels)))
    keys: dict[Sort, Callable[[int], object]] = {
        "ascending": frame.total,
        "descending": lambda n: -frame.total(n),
        "name": lambda n: frame.labels[n].casefold(),
    }
    return frame.keep(sorted(places, key=keys[sort])) if sort in keys else frame  # type: ignore[arg-type]


def topped(frame: Frame, spec: ChartSpec) -> Frame:
    """The largest places (the smallest, where the sort is ascending), in the order they have."""
    if spec.top is None or spec.top >= len(frame.labels):
        return frame
    sign = 1 if spec.sort == "ascending" else -1
    best = sorted(range(len(frame.labels)), key=lambda n: sign * frame.total(n))[: spec.top]
    return frame.keep(sorted(best))


def in_percent(frame: Frame) -> Frame:
    """Each value as its share: of its place's total, or of the only series'."""
    for each in frame.series:
        for label, value in zip(frame.labels, each.values, strict=True):
            if value is not None and value < 0:
                raise InvalidParams(
                    f"{label}, {each.name}: {value:,g} is below zero, so it is no share of a total."
                )
    alone = sum(value or 0 for value in frame.series[0].values) if len(frame.series) == 1 else None

    def share(value: float | None, place: int) -> float | None:
        total = frame.total(place) if alone is None else alone
        return None if value is None or not total else 100 * value / total

    return replace(
        frame,
        series=tuple(
            replace(each, unit="%", values=tuple(share(v, n) for n, v in enumerate(each.values)))
            for each in frame.series
        ),
    )
