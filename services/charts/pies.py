"""Pies and doughnuts: each slice's label beside it, moved apart where they would meet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.charts import look, measure
from services.charts.plot import Plot

Spec = dict[str, Any]
PIXEL: Spec = {"type": "quantitative", "scale": None, "axis": None}
"""A place in pixels; a pie is laid out here rather than by scales."""
HOLE = 0.58


@dataclass(frozen=True)
class Slice:
    label: str
    value: float
    share: float
    color: str
    begin: float
    """Radians, clockwise from the top."""
    end: float

    @property
    def middle(self) -> float:
        return (self.begin + self.end) / 2

    @property
    def right(self) -> bool:
        return math.sin(self.middle) >= 0


@dataclass(frozen=True)
class Tag:
    """A slice's label: where it wants to be and where there is room for it."""

    slice: Slice
    wanted: float
    y: float


@dataclass(frozen=True)
class Layout:
    u: float
    x: float
    y: float
    radius: float
    column: float
    """Room for a label, in pixels."""
    top: float
    bottom: float
    size: float
    """Of the labels' type."""
    line: float


def slices(plot: Plot) -> list[Slice]:
    [series] = plot.frame.series
    values = [value or 0.0 for value in series.values]
    total, colors = sum(values), look.colors(plot.spec, plot.frame.labels)
    found: list[Slice] = []
    angle = 0.0
    for label, value, color in zip(plot.frame.labels, values, colors, strict=True):
        end = angle + 2 * math.pi * value / total
        found.append(Slice(label, value, value / total, color, angle, end))
        angle = end
    return found


def layout(plot: Plot, tags: Sequence[Slice], heading: float) -> Layout:
    spec, u = plot.spec, look.unit(plot.spec)
    size = 13 * u
    widest = max(measure.width(each.label, size) for each in tags)
    column = min(max(widest, 7 * size), 0.27 * spec.width)
    top, bottom = heading + 16 * u, spec.height - 16 * u
    tall, wide = bottom - top - 2.2 * size, spec.width - 2 * column - 80 * u
    radius = max(min(tall, wide) / 2, 0.16 * min(spec.width, spec.height))
    return Layout(
        u, spec.width / 2, (top + bottom) / 2, radius, column, top, bottom, size, 1.3 * size
    )


def placed(parts: Sequence[Slice], space: Layout, *, right: bool) -> list[Tag]:
    """The labels of one side from top to bottom, none over another; the smallest go if they must."""
    side = [each for each in parts if each.right == right]
    fitting = int((space.bottom - space.top) / space.line)
    side = sorted(side, key=lambda each: -each.share)[:fitting]
    reach = space.radius + 18 * space.u
    tags = [Tag(each, space.y - reach * math.cos(each.middle), 0) for each in side]
    tags.sort(key=lambda tag: tag.wanted)
    heights = [height(tag, len(side), space) for tag in tags]
    return spread(tags, heights, space)


def height(tag: Tag, count: int, space: Layout) -> float:
    """Two lines where there is room for all to have two."""
    return space.line * (2 if two_lines(count, space) else 1) + 3 * space.u


def two_lines(count: int, space: Layout) -> bool:
    return count * (2 * space.line + 3 * space.u) <= space.bottom - space.top


def spread(tags: list[Tag], heights: Sequence[float], space: Layout) -> list[Tag]:
    """Push labels down until none overlap, then back up from the bottom."""
    moved: list[Tag] = []
    below = space.top
    for tag, tall in zip(tags, heights, strict=True):
        y = max(tag.wanted, below + tall / 2)
        moved.append(replace(tag, y=y))
        below = y + tall / 2
    above = space.bottom
    for n in reversed(range(len(moved))):
        y = min(moved[n].y, above - heights[n] / 2)
        moved[n] = replace(moved[n], y=y)
        above = y - heights[n] / 2
    return moved


def pie(plot: Plot, heading: float) -> list[Spec]:
    """The layers of a pie whose labels stand beside it, below a title of `heading` pixels."""
    parts = slices(plot)
    space = layout(plot, parts, heading)
    theme = look.LOOKS[plot.spec.theme]
    hole = HOLE * space.radius if plot.type == "doughnut" else 0
    layers: list[Spec] = [arcs(parts, space, hole, theme.paper)]
    if plot.spec.labels is not False:
        for right in (True, False):
            tags = placed(parts, space, right=right)
            layers += tagged(tags, space, theme, plot, right=right)
    if hole:
        layers += total(parts, space, theme, plot)
    return layers


def arcs(parts: Sequence[Slice], space: Layout, hole: float, paper: str) -> Spec:
    rows = [{"a": each.begin, "b": each.end, "c": each.color, "l": each.label} for each in parts]
    stroke = 2 * space.u if len(parts) > 1 else 0
    return {
        "data": {"values": rows},
        "mark": {
            "type": "arc", "innerRadius": hole, "outerRadius": space.radius, "stroke": paper,
            "strokeWidth": stroke, "strokeJoin": "round",
        },
        "encoding": {
            "x": {"value": space.x}, "y": {"value": space.y},
            "theta": {"field": "a", **{k: v for k, v in PIXEL.items() if k != "axis"}},
            "theta2": {"field": "b"},
            "fill": {"field": "c", "type": "nominal", "scale": None},
        },
    }  # fmt: skip


def tagged(
    tags: Sequence[Tag], space: Layout, theme: look.Look, plot: Plot, *, right: bool
) -> list[Spec]:
    """The labels of one side, with lines from their slices."""
    if not tags:
        return []
    side = 1 if right else -1
    two = two_lines(len(tags), space)
    elbow, text = space.x + side * (space.radius + 22 * space.u), 0.0
    text = elbow + side * 8 * space.u
    names: list[Spec] = []
    figures: list[Spec] = []
    lines: list[Spec] = []
    for tag in tags:
        name, figure = words(tag.slice, space, plot, two=two)
        up = 0.5 * space.line if two else 0
        names.append({"x": text, "y": tag.y - up, "t": name})
        figures += [{"x": text, "y": tag.y + up, "t": figure}] if two else []
        lines += leader(tag, elbow, text - side * 3 * space.u, space)
    font: Spec = {"fontSize": space.size, "align": "left" if right else "right"}
    return [
        rules(lines, theme.line, space.u),
        texts(names, {**font, "fill": theme.ink}),
        *([texts(figures, {**font, "fill": theme.muted})] if figures else []),
    ]


def words(part: Slice, space: Layout, plot: Plot, *, two: bool) -> tuple[str, str]:
    """A slice's name and its figures; on one line where there is no room for two."""
    unit = plot.frame.series[0].unit
    share = percentage(part.share)
    figure = share if unit == "%" else f"{share} · {measure.value(part.value, unit)}"
    if two:
        return measure.cut(part.label, space.size, space.column), figure
    room = space.column + 20 * space.u - measure.width(f" {share}", space.size)
    return f"{measure.cut(part.label, space.size, room)} {share}", ""


def percentage(share: float) -> str:
    """A share with one digit after the point where it is small."""
    if share < 0.001:
        return "<0.1%"
    return f"{100 * share:.{0 if share >= 0.0995 else 1}f}%"


def leader(tag: Tag, elbow: float, text: float, space: Layout) -> list[Spec]:
    """The line from a slice's edge to its label, in two straight pieces."""
    angle, edge = tag.slice.middle, space.radius + 2 * space.u
    begin = (space.x + edge * math.sin(angle), space.y - edge * math.cos(angle))
    out = space.radius + 12 * space.u
    bend = (space.x + out * math.sin(angle), space.y - out * math.cos(angle))
    return [
        {"x": begin[0], "y": begin[1], "x2": bend[0], "y2": bend[1]},
        {"x": bend[0], "y": bend[1], "x2": elbow, "y2": tag.y},
        {"x": elbow, "y": tag.y, "x2": text, "y2": tag.y},
    ]


def rules(lines: Sequence[Spec], color: str, u: float) -> Spec:
    return {
        "data": {"values": lines},
        "mark": {"type": "rule", "stroke": color, "strokeWidth": u, "strokeCap": "round"},
        "encoding": {
            "x": {"field": "x", **PIXEL}, "y": {"field": "y", **PIXEL},
            "x2": {"field": "x2"}, "y2": {"field": "y2"},
        },
    }  # fmt: skip


def texts(rows: Sequence[Spec], font: Spec) -> Spec:
    return {
        "data": {"values": rows},
        "mark": {"type": "text", "baseline": "middle", **font},
        "encoding": {
            "x": {"field": "x", **PIXEL}, "y": {"field": "y", **PIXEL},
            "text": {"field": "t", "type": "nominal"},
        },
    }  # fmt: skip


def total(parts: Sequence[Slice], space: Layout, theme: look.Look, plot: Plot) -> list[Spec]:
    """The sum, in the middle of a doughnut; not of percentages, which everybody knows."""
    unit = plot.frame.series[0].unit
    whole = sum(each.value for each in parts)
    if unit == "%" and abs(whole - 100) < 1:
        return []
    text, big = measure.value(whole, unit), 0.3 * space.radius
    big = min(big, big * 0.95 * HOLE * 2 * space.radius / max(measure.width(text, big), 1))
    font: Spec = {"align": "center"}
    return [
        texts([{"x": space.x, "y": space.y - 0.12 * big, "t": text}],
              {**font, "fontSize": big, "fill": theme.ink}),
        texts([{"x": space.x, "y": space.y + 0.62 * big, "t": "Total"}],
              {**font, "fontSize": max(0.36 * big, 0.8 * space.size), "fill": theme.muted}),
    ]  # fmt: skip
