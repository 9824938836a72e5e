"""Lines and areas over dates, numbers or words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.charts import axes, bars, legends, look, measure, trends
from services.charts.plot import Plot

Spec = dict[str, Any]

DOTTED = 24
"""Places up to which each is marked with a point."""
PLAIN = 4
"""Series up to which color alone tells lines apart; further ones are dashed as well."""
LABELED = 100
"""Points up to which their values are written, where that is wanted."""
DASHES = ((1, 0), (7, 4), (2, 3), (9, 3, 2, 3), (12, 4))


def line(plot: Plot) -> Spec:
    u = look.unit(plot.spec)
    labels, x = across(plot)
    rows = values(plot, labels)
    scale = axes.scale_of([row["v"] for row in rows if row["v"] is not None], bars.unit_of(plot))
    color = legends.color(plot, "stroke")
    encoding: Spec = {"x": x, "y": upright(plot, scale, filled=False), "color": color}
    if len(plot.frame.series) > PLAIN:
        encoding["strokeDash"] = dashes(plot, color["legend"])
    mark: Spec = {
        "type": "line", "strokeWidth": 2.6 * u, "strokeJoin": "round", "strokeCap": "round",
        "interpolate": "monotone" if plot.spec.smooth else "linear", "invalid": "break-paths-show-domains",
    }  # fmt: skip
    layers: list[Spec] = [{"mark": mark, "encoding": encoding}]
    dots = dotted(plot, rows)
    if dots:
        layers.append(point_layer(plot, dots, encoding))
    if plot.spec.trend:
        keys = labels if plot.frame.axis == "category" else plot.frame.positions or ()
        layers += trends.layers(plot, keys, encoding)
    if plot.spec.labels and len(rows) <= LABELED:
        layers += label_layers(plot, rows, encoding)
    return {"data": {"values": rows}, "layer": layers}


def area(plot: Plot) -> Spec:
    """One filled area; several stacked, or where that is not wanted, seen through each other."""
    u, several = look.unit(plot.spec), len(plot.frame.series) > 1
    negative = any((v or 0) < 0 for each in plot.frame.series for v in each.values)
    wanted = plot.spec.stacked if plot.spec.stacked is not None else not negative
    stacked = several and wanted and plot.spec.scale != "log"
    labels, x = across(plot)
    rows = values(plot, labels, gaps_as_zero=stacked)
    extent = bars.extent(plot, stacked=stacked)
    scale = axes.scale_of(extent, bars.unit_of(plot))
    y = {**upright(plot, scale, filled=True), "stack": "zero" if stacked else None}
    mark: Spec = {
        "type": "area", "interpolate": "monotone" if plot.spec.smooth else "linear",
        "fillOpacity": 0.92 if stacked else 0.28 if several else 0.3, "invalid": "break-paths-show-domains",
    }  # fmt: skip
    if stacked:
        mark |= {"stroke": look.LOOKS[plot.spec.theme].paper, "strokeWidth": u}
    else:
        mark |= {"line": {"strokeWidth": 2.4 * u, "strokeJoin": "round"}}
    encoding: Spec = {"x": x, "y": y, "color": legends.color(plot)}
    encoding["order"] = {"field": "o", "type": "quantitative"}
    return {"data": {"values": rows}, "layer": [{"mark": mark, "encoding": encoding}]}


def across(plot: Plot) -> tuple[list[str], Spec]:
    """The horizontal axis, and what each place is called on it."""
    frame, spec = plot.frame, plot.spec
    title = axes.category_title(frame, spec)
    if frame.axis == "time":
        axis: Spec = {**axes.time_axis(frame, spec), "title": title, "grid": False}
        return list(frame.labels), {
            "field": "k", "type": "temporal", "scale": {"type": "utc", "nice": False}, "axis": axis,
        }  # fmt: skip
    if frame.axis == "number":
        scale = axes.scale_of(list(frame.positions or ()))
        axis = {**number_axis(plot, scale), "title": title, "grid": False}
        kind = (
            {"type": "log", "nice": False}
            if spec.x_scale == "log"
            else {"zero": False, "nice": False}
        )
        return list(frame.labels), {
            "field": "k",
            "type": "quantitative",
            "scale": kind,
            "axis": axis,
        }
    labels, places = axes.category_labels(frame, spec)
    return labels, {
        "field": "k", "type": "nominal", "sort": None,
        "scale": {"type": "point", "domain": labels, "padding": 0.3},
        "axis": {**places, "title": title, "grid": False},
    }  # fmt: skip


def number_axis(plot: Plot, scale: axes.Scale) -> Spec:
    u = look.unit(plot.spec)
    return {
        **axes.number_format(scale),
        "tickCount": max(3, round(plot.spec.width / (95 * u))),
        "labelOverlap": "greedy",
    }


def upright(plot: Plot, scale: axes.Scale, *, filled: bool) -> Spec:
    title = bars.value_title(plot)
    return {
        "field": "v", "type": "quantitative",
        "scale": axes.value_scale(plot.spec, scale, bars=filled),
        "axis": axes.value_axis(plot.spec, scale, title, plot.spec.height),
    }  # fmt: skip


def values(plot: Plot, labels: Sequence[str], *, gaps_as_zero: bool = False) -> list[Spec]:
    """One row for each point; a gap is a row without a value, which breaks the line."""
    frame = plot.frame
    keys: Sequence[float | str] = labels if frame.axis == "category" else (frame.positions or ())
    return [
        {
            "k": key,
            "s": series.name,
            "v": 0.0 if value is None and gaps_as_zero else value,
            "o": order,
        }
        for order, series in enumerate(frame.series)
        for key, value in zip(keys, series.values, strict=True)
    ]


def dotted(plot: Plot, rows: Sequence[Spec]) -> list[Spec]:
    """The rows that are marked with a point: all, or those no line reaches."""
    wanted, places = plot.spec.points, len(plot.frame.labels)
    few = places <= DOTTED and len(plot.frame.series) <= 8
    if wanted or (wanted is None and few):
        return [row for row in rows if row["v"] is not None]
    found: list[Spec] = []
    for begin in range(0, len(rows), places):
        part = rows[begin : begin + places]
        for n, row in enumerate(part):
            before = part[n - 1]["v"] if n else None
            after = part[n + 1]["v"] if n + 1 < len(part) else None
            if row["v"] is not None and before is None and after is None:
                found.append(row)
    return found


def point_layer(plot: Plot, rows: Sequence[Spec], encoding: Spec) -> Spec:
    u = look.unit(plot.spec)
    mark: Spec = {
        "type": "point", "filled": True, "size": 42 * u * u, "opacity": 1,
        "stroke": look.LOOKS[plot.spec.theme].paper, "strokeWidth": u,
    }  # fmt: skip
    shared = {name: each for name, each in encoding.items() if name != "strokeDash"}
    shared["color"] = {**encoding["color"], "legend": None}
    return {"data": {"values": list(rows)}, "mark": mark, "encoding": shared}


def label_layers(plot: Plot, rows: Sequence[Spec], encoding: Spec) -> list[Spec]:
    """The values above their points, on a rim of paper so that lines do not cross them out.

    Those of the first and the last place grow inwards, away from the axis and the edge.
    """
    u, look_of, places = look.unit(plot.spec), look.LOOKS[plot.spec.theme], len(plot.frame.labels)
    unit, inner = bars.unit_of(plot), plot.frame.axis != "category" and places > 1
    ends = {0: "left", places - 1: "right"} if inner else {}
    found: list[Spec] = []
    for side in ("left", "center", "right"):
        written = [
            {**row, "t": measure.value(row["v"], unit)}
            for n, row in enumerate(rows)
            if row["v"] is not None and ends.get(n % places, "center") == side
        ]
        dx = {"left": 3, "center": 0, "right": -3}[side] * u
        mark: Spec = {
            "type": "text", "align": side, "dx": dx, "dy": -9 * u, "baseline": "bottom",
            "fontSize": 12 * u, "fill": look_of.muted,
        }  # fmt: skip
        rim: Spec = {"stroke": look_of.paper, "strokeWidth": 4 * u, "strokeJoin": "round"}
        shared = {
            "data": {"values": written},
            "encoding": {
                "x": encoding["x"], "y": encoding["y"], "text": {"field": "t", "type": "nominal"},
            },
        }  # fmt: skip
        found += [{**shared, "mark": mark | rim}, {**shared, "mark": mark}] if written else []
    return found


def dashes(plot: Plot, legend: Spec | None) -> Spec:
    u, names = look.unit(plot.spec), legends.names(plot)
    patterns = [
        [length * u for length in DASHES[(n // PLAIN) % len(DASHES)]] for n in range(len(names))
    ]
    return {
        "field": "s", "type": "nominal", "scale": {"domain": names, "range": patterns},
        "legend": legend,
    }  # fmt: skip
