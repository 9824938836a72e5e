"""From a settled plot to the Vega-Lite that draws it, values and all.

Only numbers, labels and titles come from people, and only as data: the fields' names, every
expression and every option are ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.charts import axes, bars, histograms, lines, look, measure, pies, points, tiles
from services.charts.axes import Spec
from services.charts.plot import Plot
from services.charts.spec import ChartType

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
TITLE_LINES = 2
MARGIN = 20.0

DRAWN: dict[ChartType, Callable[[Plot], Spec]] = {
    "bar": bars.bar,
    "horizontal bar": bars.bar,
    "stacked bar": bars.bar,
    "line": lines.line,
    "area": lines.area,
    "scatter": points.scatter,
    "histogram": histograms.histogram,
    "heat map": tiles.heat_map,
}


def chart(plot: Plot) -> dict[str, Any]:
    """What `ChartRenderer.render` draws: a specification, and the locale of its numbers."""
    units = {series.unit for series in plot.frame.series}
    unit = units.pop() if len(units) == 1 else ""
    build = round_chart if plot.type in ("pie", "doughnut") else flat_chart
    return {"spec": build(plot), "locale": axes.locale(unit)}


def flat_chart(plot: Plot) -> Spec:
    spec, u = plot.spec, look.unit(plot.spec)
    whole: Spec = {
        "$schema": SCHEMA,
        "width": spec.width,
        "height": spec.height,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": MARGIN * u,
        "background": look.LOOKS[spec.theme].paper,
        "config": look.config(spec),
        **DRAWN[plot.type](plot),
    }
    if lines := title_lines(plot):
        whole["title"] = {"text": lines}
    return whole


def title_lines(plot: Plot) -> list[str]:
    u = look.unit(plot.spec)
    room = plot.spec.width - 2.2 * MARGIN * u
    title = plot.spec.title or ""
    return measure.wrapped(title, 22.5 * u, room, TITLE_LINES) if title else []


def round_chart(plot: Plot) -> Spec:
    """A pie is laid out in pixels: nothing of it may move."""
    spec, u = plot.spec, look.unit(plot.spec)
    lines = title_lines(plot)
    theme = look.LOOKS[spec.theme]
    heading = (MARGIN + 27 * len(lines)) * u if lines else 0.0
    rows: list[Spec] = [
        {"x": MARGIN * u, "y": (MARGIN + 11 + 27 * n) * u, "t": line}
        for n, line in enumerate(lines)
    ]
    font: Spec = {"fontSize": 22 * u, "fontWeight": "bold", "align": "left", "fill": theme.ink}
    title = [pies.texts(rows, font)] if rows else []
    return {
        "$schema": SCHEMA,
        "width": spec.width,
        "height": spec.height,
        "autosize": "none",
        "padding": 0,
        "background": theme.paper,
        "config": look.config(spec),
        "layer": [*pies.pie(plot, heading), *title],
    }
