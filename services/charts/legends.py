"""Colors of series and the legend that tells them."""

from __future__ import annotations

import math
from typing import Any

from services.charts import look, measure
from services.charts.plot import Plot

Spec = dict[str, Any]

ROWS = 2
"""Lines of a legend above the chart; a longer one goes to the right."""


def names(plot: Plot) -> tuple[str, ...]:
    return tuple(series.name for series in plot.frame.series)


def color(plot: Plot, symbol: str = "square") -> Spec:
    """The encoding that gives each series its color, with a legend where there are several."""
    domain = names(plot)
    encoded: Spec = {
        "field": "s",
        "type": "nominal",
        "scale": {"domain": domain, "range": look.colors(plot.spec, domain)},
        "legend": None,
    }
    if len(domain) > 1 and plot.spec.legend != "hidden":
        encoded["legend"] = {**legend(plot), "symbolType": symbol}
    return encoded


def legend(plot: Plot) -> Spec:
    """Above the chart where all names fit on two lines, else beside it."""
    spec, u = plot.spec, look.unit(plot.spec)
    widest = max(measure.width(name, 13 * u) for name in names(plot)) + 40 * u
    columns = max(1, int(0.92 * spec.width / widest))
    beside: Spec = {"title": None, "orient": "right", "labelLimit": 0.25 * spec.width}
    above: Spec = {
        "title": None,
        "orient": "top",
        "columns": columns,
        "labelLimit": 0.8 * spec.width,
        "offset": 12 * u,
    }
    match spec.legend:
        case "top" | "bottom":
            return {**above, "orient": spec.legend}
        case "left" | "right":
            return {**beside, "orient": spec.legend}
        case _:
            return above if math.ceil(len(names(plot)) / columns) <= ROWS else beside
