"""Histograms: how many values fall into each of a few equal ranges."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from services.charts import axes, bars, legends, lines, look
from services.charts.plot import Plot

Spec = dict[str, Any]

MOST = 50
"""Bins that are chosen unasked."""


def histogram(plot: Plot) -> Spec:
    spec, frame = plot.spec, plot.frame
    known = [value for each in frame.series for value in each.values if value is not None]
    edges = bin_edges(known, spec.bins)
    rows: list[Spec] = []
    for order, series in enumerate(frame.series):
        counts = counted([value for value in series.values if value is not None], edges)
        rows += [
            {"a": low, "b": high, "v": count, "s": series.name, "o": order}
            for low, high, count in zip(edges, edges[1:], counts, strict=False)
        ]
    if spec.scale == "log":
        rows = [row for row in rows if row["v"]]
    several, u = len(frame.series) > 1, look.unit(spec)
    across = axes.Scale(edges[0], edges[-1], bars.unit_of(plot))
    counts = axes.scale_of([row["v"] for row in rows])
    title = spec.y_title if spec.y_title is not None else "Count"
    up: Spec = {
        "field": "v", "type": "quantitative", "stack": None,
        "scale": axes.value_scale(spec, counts, bars=True),
        "axis": {**axes.value_axis(spec, counts, title, spec.height), "format": ",d",
                 "tickMinStep": 1},
    }  # fmt: skip
    x: Spec = {
        "field": "a", "type": "quantitative", "bin": {"binned": True},
        "scale": {"domain": [edges[0], edges[-1]], "nice": False, "zero": False},
        "axis": {**lines.number_axis(plot, across), "grid": False,
                 "title": axes.category_title(frame, spec)},
    }  # fmt: skip
    gap = u if len(edges) < 60 else 0.5 * u
    mark: Spec = {"type": "bar", "binSpacing": gap, "opacity": 0.6 if several else 1}
    encoding: Spec = {"x": x, "x2": {"field": "b"}, "y": up, "color": legends.color(plot)}
    if spec.scale == "log":
        encoding["y2"] = {"datum": up["scale"]["domainMin"]}
    return {"data": {"values": rows}, "layer": [{"mark": mark, "encoding": encoding}]}


def bin_edges(values: Sequence[float], wanted: int | None) -> list[float]:
    """Equal ranges with round ends that hold all values.

    Their number is asked for, or follows Freedman and Diaconis, and Sturges where that is more.
    """
    low, high = min(values), max(values)
    if low == high:
        half = abs(low) / 2 or 0.5
        return [low - half, low + half]
    width = (high - low) / (wanted or suggested(values))
    step = width if wanted else round_step(width)
    begin = low if wanted else math.floor(low / step) * step
    count = wanted or max(1, math.ceil(round((high - begin) / step, 9)))
    return [round_off(begin + n * step, step) for n in range(count + 1)]


def suggested(values: Sequence[float]) -> int:
    ordered, count = sorted(values), len(values)
    sturges = math.ceil(math.log2(count)) + 1
    spread = ordered[(3 * count) // 4 if count > 1 else 0] - ordered[count // 4]
    width = 2 * spread / count ** (1 / 3)
    diaconis = math.ceil((ordered[-1] - ordered[0]) / width) if width > 0 else 0
    return min(max(sturges, diaconis), MOST)


def round_step(width: float) -> float:
    """The nearest of 1, 2, 2.5 and 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(width))
    return min((power * each for each in (1, 2, 2.5, 5, 10)), key=lambda step: abs(step - width))


def round_off(value: float, step: float) -> float:
    """Without the dust of binary fractions."""
    return round(value, max(0, 3 - math.floor(math.log10(step))))


def counted(values: Sequence[float], edges: Sequence[float]) -> list[int]:
    """How many values lie in each range; an edge belongs to the range above it, the last to both."""
    counts = [0] * (len(edges) - 1)
    step = (edges[-1] - edges[0]) / len(counts)
    for value in values:
        n = min(max(int((value - edges[0]) / step), 0), len(counts) - 1)
        # The division may have rounded to the wrong side of an edge.
        if n + 1 < len(counts) and value >= edges[n + 1]:
            n += 1
        elif n and value < edges[n]:
            n -= 1
        counts[n] += 1
    return counts
