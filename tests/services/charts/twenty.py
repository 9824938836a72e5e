"""Twenty data sets of the kinds in matplotlib's gallery, and how it draws them.

`python -m tests.services.charts.twenty FOLDER` writes each as ours and as matplotlib's, side by side.
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from PIL import Image

from services.charts.composing import compose
from services.charts.renderer import ChartRenderer
from services.charts.spec import ChartSpec

Table = dict[str, Sequence[Any]]
"""Columns by name; the first is along the axis."""


@dataclass(frozen=True)
class Example:
    name: str
    kind: str
    """What is compared: bars, lines, stack, points, slices, bins or tiles."""
    table: Table
    draw: Callable[[Axes, Table], Any]
    spec: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def text(self) -> str:
        rows = zip(*self.table.values(), strict=True)
        lines = [",".join("" if cell is None else str(cell) for cell in row) for row in rows]
        return "\n".join([",".join(self.table), *lines])


def parts(table: Table) -> tuple[str, Sequence[Any], dict[str, Sequence[Any]]]:
    (name, along), *rest = table.items()
    return name, along, dict(rest)


def grouped(axes: Axes, table: Table) -> None:
    _, along, series = parts(table)
    width = 0.8 / len(series)
    for n, (name, values) in enumerate(series.items()):
        axes.bar(np.arange(len(along)) + n * width, values, width, label=name)
    axes.set_xticks(np.arange(len(along)) + 0.4 - width / 2, along)


def stacked(axes: Axes, table: Table) -> None:
    _, along, series = parts(table)
    below = np.zeros(len(along))
    for name, values in series.items():
        axes.bar(along, values, bottom=below, label=name)
        below += np.array(values)


def lying(axes: Axes, table: Table) -> None:
    _, along, series = parts(table)
    [values] = series.values()
    axes.barh(along, values)
    axes.invert_yaxis()


def lines(axes: Axes, table: Table) -> None:
    _, along, series = parts(table)
    for name, values in series.items():
        axes.plot(along, [np.nan if v is None else v for v in values], label=name)


def log_lines(axes: Axes, table: Table) -> None:
    lines(axes, table)
    axes.set_yscale("log")


def areas(axes: Axes, table: Table) -> None:
    _, along, series = parts(table)
    axes.stackplot(along, *series.values(), labels=list(series))


def points(axes: Axes, table: Table) -> None:
    _, along, series = parts(table)
    for name, values in series.items():
        axes.scatter(along, values, label=name)


def pie(axes: Axes, table: Table) -> None:
    _, along, series = parts(table)
    [values] = series.values()
    axes.pie(values, labels=along, startangle=90, counterclock=False)


def ring(axes: Axes, table: Table) -> None:
    _, along, series = parts(table)
    [values] = series.values()
    axes.pie(values, labels=along, startangle=90, counterclock=False, wedgeprops={"width": 0.4})


def bins(axes: Axes, table: Table) -> None:
    [values] = table.values()
    axes.hist(values, bins=20)


def tiles(axes: Axes, table: Table) -> None:
    _, along, series = parts(table)
    axes.imshow(np.array(list(series.values())).T)
    axes.set_yticks(range(len(along)), along)
    axes.set_xticks(range(len(series)), list(series))


RNG = np.random.default_rng(19680801)
DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(120)]
WALK = np.round(100 + RNG.normal(0.1, 1.2, 120).cumsum(), 2).tolist()
T = [round(each, 2) for each in np.arange(0.0, 2.0, 0.02)]
YEARS = [1950, 1960, 1970, 1980, 1990, 2000, 2010, 2018]
FARMERS = ["Upper farm", "Hill", "Mill", "Brook", "Lower farm"]

EXAMPLES: tuple[Example, ...] = (
    Example("fruit supply", "bars",
            {"Fruit": ["apple", "blueberry", "cherry", "orange"], "Supply": [40, 100, 30, 55]}, grouped),
    Example("penguin measures", "bars",
            {"Species": ["Adelie", "Chinstrap", "Gentoo"], "Bill depth": [18.35, 18.43, 14.98],
             "Bill length": [38.79, 48.83, 47.5], "Flipper length": [189.95, 195.82, 217.19]},
            grouped, {"type": "bar"}),
    Example("penguin weights", "bars",
            {"Species": ["Adelie", "Chinstrap", "Gentoo"], "Below": [70, 31, 58], "Above": [82, 37, 66]},
            stacked, {"type": "stacked bar"}),
    Example("survey", "bars",
            {"Question": ["Q1", "Q2", "Q3", "Q4"], "No": [10, 26, 35, 21], "Neutral": [17, 37, 29, 15],
             "Yes": [32, 22, 29, 44]}, stacked, {"type": "stacked bar"}),
    Example("how fast", "bars",
            {"Person": ["Tom", "Dick", "Harry", "Slim", "Jim"], "Speed": [8.3, 4.1, 11.7, 6.2, 9.9]},
            lying, {"type": "horizontal bar"}),
    Example("profit and loss", "bars",
            {"Quarter": ["Q1", "Q2", "Q3", "Q4"], "Result": [3.4, -1.2, 2.2, -2.8]}, grouped),
    Example("scores", "bars",
            {"Group": ["G1", "G2", "G3", "G4", "G5"], "First": [20, 34, 30, 35, 27],
             "Second": [25, 32, 34, 20, 25]}, grouped),
    Example("voltage", "lines",
            {"Time": T, "Voltage": [round(1 + float(np.sin(2 * np.pi * t)), 4) for t in T]}, lines,
            {"type": "line"}),
    Example("damped waves", "lines",
            {"Time": T, "Damped": [round(float(np.exp(-t) * np.cos(2 * np.pi * t)), 4) for t in T],
             "Undamped": [round(float(np.cos(2 * np.pi * t)), 4) for t in T]}, lines,
            {"type": "line"}),
    Example("share price", "lines", {"Date": DAYS, "Close": WALK}, lines, {"type": "line"}),
    Example("growth on a log scale", "lines",
            {"Day": list(range(1, 31)), "Cases": [round(3 * 1.35**n) for n in range(30)]}, log_lines,
            {"type": "line", "scale": "log"}),
    Example("a sensor that fell out", "lines",
            {"Hour": list(range(12)),
             "Value": [1.0, 1.4, 1.9, None, None, 2.6, 2.9, 3.1, None, 3.3, 3.2, 3.0]}, lines,
            {"type": "line"}),
    Example("unemployment", "lines",
            {"Year": list(range(2000, 2012)),
             "Rate": [4.0, 4.7, 5.8, 6.0, 5.5, 5.1, 4.6, 4.6, 5.8, 9.3, 9.6, 8.9]}, lines,
            {"type": "line"}),
    Example("population", "stack",
            {"Year": YEARS, "Africa": [228, 284, 365, 477, 631, 814, 1044, 1275],
             "Americas": [340, 425, 519, 619, 727, 840, 943, 1006],
             "Asia": [1394, 1686, 2120, 2625, 3202, 3714, 4169, 4560],
             "Europe": [220, 253, 276, 295, 310, 303, 294, 293]}, areas,
            {"type": "area", "stacked": True}),
    Example("scattered", "points",
            {"x": np.round(RNG.uniform(0, 1, 50), 3).tolist(),
             "y": np.round(RNG.uniform(0, 1, 50), 3).tolist()}, points, {"type": "scatter"}),
    Example("two clouds", "points",
            {"x": np.round(RNG.normal(5, 1, 60), 3).tolist(),
             "a": np.round(RNG.normal(3, 1, 60), 3).tolist(),
             "b": np.round(RNG.normal(7, 1, 60), 3).tolist()}, points, {"type": "scatter"}),
    Example("animals", "slices",
            {"Animal": ["Frogs", "Hogs", "Dogs", "Logs"], "Share": [15, 30, 45, 10]}, pie,
            {"type": "pie"}),
    Example("ingredients", "slices",
            {"What": ["flour", "sugar", "butter", "berries"], "Grams": [375, 75, 250, 300]}, ring,
            {"type": "doughnut"}),
    Example("heights", "bins", {"Height": np.round(RNG.normal(100, 15, 437), 2).tolist()}, bins,
            {"type": "histogram"}),
    Example("harvest", "tiles",
            {"Vegetable": ["cucumber", "tomato", "lettuce", "asparagus", "potato"],
             **{name: np.round(RNG.uniform(0, 7, 5), 1).tolist() for name in FARMERS}}, tiles,
            {"type": "heat map"}),
)  # fmt: skip


def plotted(example: Example) -> tuple[Any, Axes]:
    """Matplotlib's chart, before anything of it is drawn."""
    figure, axes = plt.subplots(figsize=(8, 6), dpi=100)
    example.draw(axes, example.table)
    axes.set_title(example.name)
    if axes.get_legend_handles_labels()[1] and len(example.table) > 2:
        axes.legend()
    return figure, axes


def theirs(example: Example) -> tuple[Any, Axes]:
    """The same, laid out and drawn, so that everything of it has its place."""
    figure, axes = plotted(example)
    figure.canvas.draw()
    return figure, axes


async def side_by_side(folder: Path) -> None:
    renderer = ChartRenderer()
    for theme in ("light", "dark"):
        for number, example in enumerate(EXAMPLES, 1):
            spec = ChartSpec.model_validate({**example.spec, "theme": theme})
            drawn = await renderer.render(compose(example.text, spec).chart)
            figure, _ = theirs(example)
            output = io.BytesIO()
            figure.savefig(output)
            plt.close(figure)
            both = Image.new("RGB", (1600, 600))
            both.paste(Image.open(io.BytesIO(drawn.png)).convert("RGB"), (0, 0))
            both.paste(Image.open(output).convert("RGB"), (800, 0))
            both.save(folder / f"{number:02}-{theme}.png")
    await renderer.close()


if __name__ == "__main__":
    asyncio.run(side_by_side(Path(sys.argv[1])))
