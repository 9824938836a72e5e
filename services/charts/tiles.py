"""Heat maps: a colored cell for each place and series."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from services.charts import axes, bars, look, measure
from services.charts.frame import Frame
from services.charts.plot import Plot

Spec = dict[str, Any]

WRITTEN = 400
"""The most cells whose values are written in them unasked."""


def heat_map(plot: Plot) -> Spec:
    """Rows of the table are rows here, its columns columns."""
    spec, frame, u = plot.spec, plot.frame, look.unit(plot.spec)
    upper = replace(frame, labels=tuple(each.name for each in frame.series))
    columns, across = axes.category_labels(upper, spec)
    rows, down = axes.side_labels(frame, spec)
    stops, domain = colors(plot)
    cells = values(plot, rows, columns, stops, domain)
    encoding: Spec = {
        "x": {
            "field": "x", "type": "nominal", "sort": None, "scale": {"domain": columns, "padding": 0.04},
            "axis": {**across, "title": spec.x_title or None, "domain": False, "ticks": False},
        },
        "y": {
            "field": "y", "type": "nominal", "sort": None, "scale": {"domain": rows, "padding": 0.04},
            "axis": {**down, "title": side_title(frame, spec.y_title), "domain": False, "ticks": False},
        },
    }  # fmt: skip
    scale = axes.Scale(domain[0], domain[-1], bars.unit_of(plot))
    fill: Spec = {
        "field": "v", "type": "quantitative",
        "scale": {"domain": domain, "range": stops, "clamp": True,
                  **({"type": "log"} if spec.scale == "log" else {})},
        "legend": legend(plot, scale),
    }  # fmt: skip
    layers: list[Spec] = [
        {"mark": {"type": "rect", "cornerRadius": 2 * u}, "encoding": {"color": fill}}
    ]
    if written(plot, cells, len(columns), len(rows)):
        layers.append({
            "mark": {"type": "text", "fontSize": 12 * u},
            "encoding": {
                "text": {"field": "t", "type": "nominal"},
                "fill": {"field": "i", "type": "nominal", "scale": None},
            },
        })  # fmt: skip
    return {"data": {"values": cells}, "encoding": encoding, "layer": layers}


def side_title(frame: Frame, given: str | None) -> str | None:
    if given is not None:
        return given or None
    return frame.name if frame.name.casefold() not in axes.OBVIOUS else None


def colors(plot: Plot) -> tuple[list[str], list[float]]:
    """The colors and the values they stand at: around zero where values lie on both sides."""
    theme = look.LOOKS[plot.spec.theme]
    known = [v for each in plot.frame.series for v in each.values if v is not None]
    low, high = min(known), max(known)
    if low < 0 < high:
        reach = max(-low, high)
        low, high, stops = -reach, reach, list(theme.around)
    else:
        stops = list(theme.sequence)
    if low == high:
        high = low + (abs(low) or 1)
    count = len(stops) - 1
    if plot.spec.scale == "log":
        return stops, [low * (high / low) ** (n / count) for n in range(count + 1)]
    return stops, [low + (high - low) * n / count for n in range(count + 1)]


def values(
    plot: Plot, rows: list[str], columns: list[str], stops: list[str], domain: list[float]
) -> list[Spec]:
    log = plot.spec.scale == "log"
    cells: list[Spec] = []
    for column, series in zip(columns, plot.frame.series, strict=True):
        for row, value in zip(rows, series.values, strict=True):
            if value is None:
                continue
            color = look.blend(tuple(stops), fraction(value, domain, log=log))
            cells.append({
                "x": column, "y": row, "v": value, "t": measure.value(value, series.unit),
                "i": look.readable_on(color),
            })  # fmt: skip
    return cells


def fraction(value: float, domain: list[float], *, log: bool) -> float:
    """Where a value lies in the domain, 0 to 1."""
    for n, (low, high) in enumerate(pairwise(domain)):
        if value <= high or n == len(domain) - 2:
            part = (value / low - 1) / (high / low - 1) if log else (value - low) / (high - low)
            return (n + part) / (len(domain) - 1)
    return 0.0


def legend(plot: Plot, scale: axes.Scale) -> Spec | None:
    if plot.spec.legend == "hidden":
        return None
    u, side = look.unit(plot.spec), plot.spec.legend
    upright = side not in ("top", "bottom")
    length = min(200 * u, 0.45 * (plot.spec.height if upright else plot.spec.width))
    return {
        "title": None, "orient": side if side != "auto" else "right", "gradientLength": length,
        "direction": "vertical" if upright else "horizontal", "tickCount": 5,
        **axes.number_format(scale),
    }  # fmt: skip


def written(plot: Plot, cells: list[Spec], columns: int, rows: int) -> bool:
    """Whether values are written in the cells: where asked for, or with room."""
    if plot.spec.labels is not None:
        return plot.spec.labels
    size = 12 * look.unit(plot.spec)
    widest = max(measure.width(cell["t"], size) for cell in cells)
    wide, tall = 0.72 * plot.spec.width / columns, 0.75 * plot.spec.height / rows
    return len(cells) <= WRITTEN and widest < 0.9 * wide and 1.2 * size < tall
