"""Bars: upright or lying, side by side or stacked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.charts import axes, legends, look, measure
from services.charts.plot import Plot

Spec = dict[str, Any]

LABELED = 20
"""The most bars whose values are written at them unasked."""
TALL, LONG = 0.07, 0.1
"""Room below the least bar for its value, in parts of the axis: upright and lying."""
SEGMENT = 0.05
"""The least part of the longest stack in which a value is written."""


def bar(plot: Plot) -> Spec:
    lying = is_lying(plot)
    stacked = is_stacked(plot)
    labels, places = (axes.side_labels if lying else axes.category_labels)(plot.frame, plot.spec)
    rows = values(plot, labels)
    scale = axes.scale_of(extent(plot, stacked=stacked), unit_of(plot))
    along = {
        "field": "k", "type": "nominal", "sort": None,
        "scale": {"domain": labels, **gaps(plot, stacked=stacked)},
        "axis": {**places, "title": axes.category_title(plot.frame, plot.spec), "ticks": False,
                 "domain": scale.low >= 0},
    }  # fmt: skip
    length = plot.spec.width if lying else plot.spec.height
    up: Spec = {
        "field": "v", "type": "quantitative", "stack": "zero" if stacked else None,
        "scale": axes.value_scale(plot.spec, scale, bars=True),
        "axis": axes.value_axis(plot.spec, scale, value_title(plot), length),
    }  # fmt: skip
    encoding: Spec = {"y": along, "x": up} if lying else {"x": along, "y": up}
    if len(plot.frame.series) > 1 and not stacked:
        encoding["yOffset" if lying else "xOffset"] = {
            "field": "s", "type": "nominal", "scale": {"domain": legends.names(plot)},
        }  # fmt: skip
    layers: list[Spec] = [marks(plot, rows, scale, stacked=stacked)]
    if labeled(plot, labels, rows, lying=lying, stacked=stacked):
        if scale.low < 0 and not stacked:
            room = (LONG if lying else TALL) * (max(scale.high, 0) - scale.low)
            up["scale"]["domainMin"] = scale.low - room
        layers += written(plot, rows, lying=lying, stacked=stacked)
    return {"data": {"values": rows}, "encoding": encoding, "layer": layers}


def is_lying(plot: Plot) -> bool:
    given = plot.spec.horizontal
    return plot.type == "horizontal bar" if given is None else given


def is_stacked(plot: Plot) -> bool:
    given = plot.spec.stacked
    stacked = plot.type == "stacked bar" if given is None else given
    return stacked and len(plot.frame.series) > 1 and plot.spec.scale != "log"


def unit_of(plot: Plot) -> str:
    units = {series.unit for series in plot.frame.series}
    return units.pop() if len(units) == 1 else ""


def value_title(plot: Plot) -> str | None:
    """What the values are: said, or the one series' own name."""
    if plot.spec.y_title is not None:
        return plot.spec.y_title
    if plot.spec.percent:
        return None
    return plot.frame.value_name or None


def values(plot: Plot, labels: Sequence[str]) -> list[Spec]:
    """One row for each bar: place, series, value, color, order."""
    frame = plot.frame
    colors = look.colors(plot.spec, legends.names(plot))
    own = {name.casefold(): color for name, color in plot.spec.colors.items()}
    rows: list[Spec] = []
    for order, series in enumerate(frame.series):
        for n, value in enumerate(series.values):
            if value is None:
                continue
            color = own.get(frame.labels[n].casefold(), colors[order])
            rows.append({
                "k": labels[n], "s": series.name, "v": value, "c": color, "o": order,
                "t": measure.value(value, series.unit), "i": look.readable_on(color),
            })  # fmt: skip
    return rows


def extent(plot: Plot, *, stacked: bool) -> list[float]:
    """The values that the axis must hold; of stacks, their ends."""
    series = plot.frame.series
    if not stacked:
        return [value for each in series for value in each.values if value is not None]
    ends: list[float] = []
    for n in range(len(plot.frame.labels)):
        known = [value for each in series if (value := each.values[n]) is not None]
        ends.append(sum(value for value in known if value > 0))
        ends.append(sum(value for value in known if value < 0))
    return ends


def gaps(plot: Plot, *, stacked: bool) -> Spec:
    grouped = len(plot.frame.series) > 1 and not stacked
    few = len(plot.frame.labels) <= 3
    inner = 0.22 if grouped or stacked else 0.28
    return {"paddingInner": 0.4 if few and not grouped else inner, "paddingOuter": 0.18}


def marks(plot: Plot, rows: Sequence[Spec], scale: axes.Scale, *, stacked: bool) -> Spec:
    u = look.unit(plot.spec)
    mark: Spec = {"type": "bar"}
    if stacked:
        mark |= {"stroke": look.LOOKS[plot.spec.theme].paper, "strokeWidth": u}
    elif len(rows) <= 60:
        mark |= {"cornerRadiusEnd": 3 * u}
    if plot.spec.scale == "log":
        # Without a zero the bars would have no foot; they stand on the axis's lower end.
        foot = "x2" if is_lying(plot) else "y2"
        low = axes.value_scale(plot.spec, scale, bars=True)["domainMin"]
        return {"mark": mark, "encoding": {**fill(plot), foot: {"datum": low}}}
    return {
        "mark": mark,
        "encoding": {**fill(plot), "order": {"field": "o", "type": "quantitative"}},
    }


def fill(plot: Plot) -> Spec:
    if len(plot.frame.series) > 1:
        return {"color": legends.color(plot)}
    return {"color": {"field": "c", "type": "nominal", "scale": None}}


def labeled(
    plot: Plot, labels: Sequence[str], rows: Sequence[Spec], *, lying: bool, stacked: bool
) -> bool:
    """Whether values are written at the bars: where asked for, or few and with room."""
    if plot.spec.labels is not None:
        return plot.spec.labels
    if stacked or len(plot.frame.series) > 1 or len(rows) > LABELED:
        return False
    size = 12.5 * look.unit(plot.spec)
    if lying:
        return 0.85 * plot.spec.height / len(labels) > 1.3 * size
    widest = max(measure.width(row["t"], size) for row in rows)
    return widest < 0.85 * plot.spec.width / len(labels)


def written(plot: Plot, rows: Sequence[Spec], *, lying: bool, stacked: bool) -> list[Spec]:
    """The values: beyond the ends of bars, or within the segments of a stack."""
    theme, u = look.LOOKS[plot.spec.theme], look.unit(plot.spec)
    text: Spec = {"text": {"field": "t", "type": "nominal"}}
    if stacked:
        axis = "x" if lying else "y"
        longest = max(map(abs, extent(plot, stacked=True)))
        roomy = [row for row in rows if abs(row["v"]) >= SEGMENT * longest]
        return [{
            "data": {"values": roomy},
            "mark": {"type": "text", "fontSize": 12 * u},
            "encoding": {
                **text, "detail": {"field": "s", "type": "nominal"},
                "order": {"field": "o", "type": "quantitative"},
                "fill": {"field": "i", "type": "nominal", "scale": None},
                axis: {"field": "v", "type": "quantitative", "stack": "zero", "bandPosition": 0.5},
            },
        }]  # fmt: skip
    found: list[Spec] = []
    for sign in (1, -1):
        part = [row for row in rows if (row["v"] < 0) == (sign < 0)]
        if lying:
            put: Spec = {"dx": 6 * u * sign, "align": "left" if sign > 0 else "right"}
        else:
            put = {"dy": -5 * u * sign, "baseline": "bottom" if sign > 0 else "top"}
        mark = {"type": "text", "fontSize": 12.5 * u, "fill": theme.ink, **put}
        found += [{"data": {"values": part}, "mark": mark, "encoding": text}] if part else []
    return found
