"""Scatter charts: points by two numbers, named or in groups, with a trend if wanted."""

from __future__ import annotations

from typing import Any

from services.charts import axes, bars, legends, lines, look, trends
from services.charts.plot import Plot

Spec = dict[str, Any]

SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right",
          "triangle-left")  # fmt: skip
NAMED = 30
"""The most points whose names are written beside them."""
MANY = 300
"""Points from which on they are smaller and seen through each other."""


def scatter(plot: Plot) -> Spec:
    spec, u, frame = plot.spec, look.unit(plot.spec), plot.frame
    rows = [row for row in lines.values(plot, frame.labels) if row["v"] is not None]
    x = across(plot)
    scale = axes.scale_of([row["v"] for row in rows], bars.unit_of(plot))
    color = legends.color(plot, "circle")
    encoding: Spec = {"x": x, "y": lines.upright(plot, scale, filled=False), "color": color}
    if spec.scale == "linear":
        encoding["y"]["scale"] |= roomy(
            plot, zero=encoding["y"]["scale"]["zero"] and scale.low >= 0
        )
    if 1 < len(frame.series) <= len(SHAPES):
        color["legend"] = color["legend"] and {
            k: v for k, v in color["legend"].items() if k != "symbolType"
        }
        encoding["shape"] = {
            "field": "s", "type": "nominal", "legend": color["legend"],
            "scale": {"domain": legends.names(plot), "range": SHAPES[: len(frame.series)]},
        }  # fmt: skip
    many = len(rows) > MANY
    mark: Spec = {
        "type": "point", "filled": True, "size": (34 if many else 75) * u * u,
        "opacity": 0.6 if many else 0.85, "stroke": look.LOOKS[spec.theme].paper,
        "strokeWidth": 0.5 * u if many else u,
    }  # fmt: skip
    layers: list[Spec] = [{"mark": mark, "encoding": encoding}]
    if spec.trend:
        layers += trends.layers(plot, plot.frame.positions or (), encoding)
    if frame.marks and len(rows) <= NAMED and spec.labels is not False:
        layers.append(names(plot, encoding))
    return {"data": {"values": rows}, "layer": layers}


def across(plot: Plot) -> Spec:
    _, x = lines.across(plot)
    x["axis"] = {**x["axis"], "grid": plot.spec.grid}
    if plot.frame.axis == "number":
        x["axis"] |= {"domain": False, "ticks": False}
        scale = axes.scale_of(list(plot.frame.positions or ()))
        near = scale.low >= 0 and scale.low < 0.25 * scale.high
        if plot.spec.x_scale == "linear":
            x["scale"] = {"zero": near, **roomy(plot, zero=near)}
        else:
            x["scale"] = {"type": "log", "nice": True}
    return x


def roomy(plot: Plot, *, zero: bool) -> Spec:
    """Room around the outermost points; no round number below a zero that nothing is below."""
    return {"nice": not zero, "padding": 8 * look.unit(plot.spec)}


def names(plot: Plot, encoding: Spec) -> Spec:
    frame, u = plot.frame, look.unit(plot.spec)
    rows = [
        {"k": key, "v": value, "t": name}
        for key, value, name in zip(
            frame.positions or (), frame.series[0].values, frame.marks, strict=True
        )
        if value is not None
    ]
    return {
        "data": {"values": rows},
        "mark": {
            "type": "text", "align": "left", "dx": 8 * u, "baseline": "middle",
            "fontSize": 12 * u, "fill": look.LOOKS[plot.spec.theme].muted,
        },
        "encoding": {
            "x": encoding["x"], "y": encoding["y"], "text": {"field": "t", "type": "nominal"},
        },
    }  # fmt: skip
