"""Which wish suits which chart: what would change nothing is answered instead of drawn again."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import InvalidParams
from services.charts.spec import ChartChange, ChartSpec, ChartType

BARS: tuple[ChartType, ...] = ("bar", "horizontal bar", "stacked bar")
LINES: tuple[ChartType, ...] = ("line", "area")
ROUND: tuple[ChartType, ...] = ("pie", "doughnut")
FITS: dict[str, tuple[Sequence[ChartType], str, str]] = {
    "smooth": (LINES, "Smoothing", "a smooth line"),
    "points": (("line",), "Markers", "a line with markers"),
    "trend": (("scatter", "line"), "A trend line", "a line with a trend line"),
    "bins": (("histogram",), "A number of bins", "a histogram with 20 bins"),
    "horizontal": ((*BARS,), "Lying down", "horizontal bars"),
    "labels": ((*BARS, *ROUND, "heat map", "scatter", "line"), "Writing values", "bars with labels"),
    "percent": ((*BARS, *LINES, *ROUND, "heat map"), "A percentage", "bars in percent"),
    "transpose": ((*BARS, *LINES, *ROUND, "heat map"), "Swapping", "bars, swap rows and columns"),
    "x_scale": (("scatter", "line", "area"), "A logarithmic x axis", "a scatter chart, log x axis"),
    "scale": ((*BARS, *LINES, "scatter", "histogram", "heat map"), "A log scale", "bars, log scale"),
    "zero": ((*BARS, *LINES, "scatter"), "Starting at zero", "bars"),
    "grid": ((*BARS, *LINES, "scatter", "histogram"), "A grid", "bars"),
}  # fmt: skip
"""For each wish the charts it means something to, its name, and how to have both."""
NOTHING = (None, False, "linear", ())


def refuse_idle(spec: ChartSpec, change: ChartChange) -> None:
    """Raise `InvalidParams` for a wish that the changed chart has no place for."""
    for name, (types, word, way) in FITS.items():
        if getattr(change, name) in NOTHING or spec.type in ("auto", *types):
            continue
        raise InvalidParams(
            f"{word} means nothing to a {spec.type} chart. Say “make it {way}”, for example."
        )
