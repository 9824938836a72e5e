"""The straight line that is nearest to the points of a series, by least squares."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from services.charts import legends, look
from services.charts.plot import Plot
from services.charts.spec import Scale

Spec = dict[str, Any]
Pair = tuple[float, float]


def layers(plot: Plot, keys: Sequence[float | str], encoding: Spec) -> list[Spec]:
    """A dashed line through each series; `keys` say where the places lie on the drawn axis."""
    u, found = look.unit(plot.spec), list[Spec]()
    places = plot.frame.positions if plot.frame.axis != "category" else None
    places = places or tuple(map(float, range(len(keys))))
    across = plot.spec.x_scale if plot.frame.axis == "number" else "linear"
    colors = look.colors(plot.spec, legends.names(plot))
    for series, color in zip(plot.frame.series, colors, strict=True):
        pairs = [
            (x, y) for x, y in zip(places, series.values, strict=True) if y is not None
        ]  # fmt: skip
        ends = trend(pairs, across, plot.spec.scale)
        if ends is None:
            continue
        found.append({
            "data": {"values": [{"k": keys[places.index(x)], "v": y} for x, y in ends]},
            "mark": {"type": "line", "stroke": color, "strokeWidth": 2 * u,
                     "strokeDash": [6 * u, 4 * u], "clip": True},
            "encoding": {"x": encoding["x"], "y": encoding["y"]},
        })  # fmt: skip
    return found


def trend(
    pairs: Sequence[Pair], across: Scale = "linear", up: Scale = "linear"
) -> list[Pair] | None:
    """The line's ends, straight on these scales; None where no line is nearest."""
    (to_x, _), (to_y, from_y) = BENT[across], BENT[up]
    points = [(to_x(x), to_y(y)) for x, y in pairs]
    count = len(points)
    if count < 2:
        return None
    mean_x, mean_y = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if spread == 0:
        return None
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    ends = min(x for x, _ in pairs), max(x for x, _ in pairs)
    return [(x, from_y(mean_y + slope * (to_x(x) - mean_x))) for x in ends]


BENT: dict[Scale, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "linear": (float, float),
    "log": (math.log, math.exp),
}
"""What a scale does to a number, and back."""
