"""The whole way from pasted text to what is to be drawn, in one plain function for a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.charts import describing, vega
from services.charts.plot import Plot, settle
from services.charts.spec import ChartSpec
from services.charts.table import read_table

NAMES = 200
"""Names of places and series that a reply may speak of."""


@dataclass(frozen=True)
class Composed:
    """A chart that is ready to be drawn."""

    chart: Mapping[str, Any] = field(repr=False)
    spec: ChartSpec
    """With the type decided. A title that was left open stays so: it goes by what is drawn."""
    title: str
    description: str
    names: tuple[str, ...]
    notes: tuple[str, ...]


def compose(data: str, spec: ChartSpec) -> Composed:
    """Read the data and lay the chart out. Raises `InvalidParams` with what is wrong where."""
    plot = settle(read_table(data), spec)
    title = describing.title(plot) if spec.title is None else spec.title
    shown = replace(plot, spec=plot.spec.model_copy(update={"type": plot.type, "title": title}))
    return Composed(
        vega.chart(shown),
        spec.model_copy(update={"type": plot.type}),
        title,
        describing.description(shown),
        names(plot),
        plot.frame.notes,
    )


def names(plot: Plot) -> tuple[str, ...]:
    series = [each.name for each in plot.frame.series]
    return tuple(dict.fromkeys([*series, *plot.frame.labels]))[:NAMES]
