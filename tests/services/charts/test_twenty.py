"""Our drawing of twenty data sets measured against matplotlib's: the same data in the same places."""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle, Wedge

from services.charts.composing import compose
from services.charts.look import luminance
from services.charts.renderer import ChartRenderer
from services.charts.spec import ChartSpec
from tests.services.charts.twenty import EXAMPLES, Example, theirs

CLOSE = 0.01
"""Of the whole extent: a hundredth is less than a line is wide."""
Box = tuple[float, float, float, float]


@pytest.fixture(scope="module")
async def renderer() -> AsyncIterator[ChartRenderer]:
    renderer = ChartRenderer()
    yield renderer
    await renderer.close()


class Ours:
    """What our SVG really shows, by the roles of its marks."""

    def __init__(self, svg: bytes) -> None:
        self.root = ElementTree.fromstring(svg)

    def marks(self, role: str) -> list[ElementTree.Element]:
        return [each for each in self.root.iter() if each.get("aria-roledescription") == role]

    def boxes(self, role: str) -> list[Box]:
        return [box(points(each.get("d") or "")) for each in self.marks(role)]

    def lines(self, role: str) -> list[list[tuple[float, float]]]:
        return [points(each.get("d") or "") for each in self.marks(role)]

    def places(self) -> list[tuple[float, float]]:
        found = []
        for each in self.marks("point"):
            x, y = re.findall(r"-?[\d.]+(?:e-?\d+)?", each.get("transform") or "")
            found.append((float(x), float(y)))
        return found


def points(path: str) -> list[tuple[float, float]]:
    """The corners of a path of moves, lines and curves, absolute and relative."""
    found: list[tuple[float, float]] = []
    x = y = 0.0
    for command, rest in re.findall(r"([MLCHVhvlZz])([^MLCHVhvlZz]*)", path):
        numbers = [float(each) for each in re.findall(r"-?[\d.]+(?:e-?\d+)?", rest)]
        match command:
            case "M" | "L":
                for x, y in zip(numbers[::2], numbers[1::2], strict=True):
                    found.append((x, y))
                continue
            case "C":
                x, y = numbers[-2:]
            case "h":
                x += numbers[0]
            case "v":
                y += numbers[0]
            case _:
                continue
        found.append((x, y))
    return found


def box(corners: Sequence[tuple[float, float]]) -> Box:
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def spread(values: Sequence[Sequence[float]], *, flip: bool = False) -> np.ndarray[Any, Any]:
    """Places as shares of their whole extent, so that two drawings can be laid over each other."""
    found = np.array(values, dtype=float)
    found = (found - found.min(axis=0)) / (found.max(axis=0) - found.min(axis=0))
    if flip:
        found[:, 1] = 1 - found[:, 1]
    return found


def same(ours: Any, theirs: Any) -> None:
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() < CLOSE


def bars(ours: Ours, axes: Axes, example: Example) -> None:
    lying = example.spec.get("type") == "horizontal bar"
    found = [(x1 - x0) if lying else (y1 - y0) for x0, y0, x1, y1 in ours.boxes("bar")]
    patches = [each for each in axes.patches if isinstance(each, Rectangle)]
    wanted = [abs(each.get_width() if lying else each.get_height()) for each in patches]
    same(np.array(found) / max(found), np.array(wanted) / max(wanted))


def lines(ours: Ours, axes: Axes, example: Example) -> None:
    found = [point for line in ours.lines("line mark") for point in line]
    wanted = [
        axes.transData.transform(point)
        for line in axes.lines
        for point in line.get_xydata()
        if np.isfinite(point[1])
    ]
    same(spread(found, flip=True), spread(wanted))


def stack(ours: Ours, axes: Axes, example: Example) -> None:
    count = len(next(iter(example.table.values())))
    found = [point for area in ours.lines("area mark") for point in area[:count]]
    tops = np.cumsum(list(example.table.values())[1:], axis=0)
    years = next(iter(example.table.values()))
    wanted = [
        axes.transData.transform((x, y)) for top in tops for x, y in zip(years, top, strict=True)
    ]
    drawn = [max(p[1] for p in each.get_paths()[0].vertices) for each in axes.collections]
    assert drawn == pytest.approx([max(top) for top in tops])
    key = sorted(range(len(found)), key=lambda n: (-found[n][1], found[n][0]))
    other = sorted(range(len(wanted)), key=lambda n: (wanted[n][1], wanted[n][0]))
    same(spread([found[n] for n in key], flip=True)[:, 1], spread([wanted[n] for n in other])[:, 1])


def scattered(ours: Ours, axes: Axes, example: Example) -> None:
    wanted = [
        axes.transData.transform(point) for each in axes.collections for point in each.get_offsets()
    ]
    same(spread(ours.places(), flip=True), spread(wanted))


def slices(ours: Ours, axes: Axes, example: Example) -> None:
    angles = [
        re.findall(r"[ab]: (-?[\d.]+)", each.get("aria-label") or "")
        for each in ours.marks("arc mark")
    ]
    found = [(float(end) - float(start)) / (2 * np.pi) for start, end in angles]
    wedges = [each for each in axes.patches if isinstance(each, Wedge)]
    same(found, [abs(each.theta2 - each.theta1) / 360 for each in wedges])


def bins(ours: Ours, axes: Axes, example: Example) -> None:
    labels = [each.get("aria-label") or "" for each in ours.marks("bar")]
    ends = [tuple(map(float, re.findall(r"-?\d+\.\d+", each)[:2])) for each in labels]
    edges = [ends[0][0], *(end for _, end in ends)]
    counts, _ = np.histogram(example.table["Height"], bins=edges)
    assert sum(counts) == 437
    found = [y1 - y0 for _, y0, _, y1 in ours.boxes("bar")]
    same(np.array(found) / max(found), counts / max(counts))


def tiles(ours: Ours, axes: Axes, example: Example) -> None:
    array = np.asarray(axes.images[0].get_array(), float)
    found = sorted(
        (round(y0), round(x0), each.get("fill") or "")
        for each, (x0, y0, _, _) in zip(
            ours.marks("rect mark"), ours.boxes("rect mark"), strict=True
        )
    )
    shades = [luminance(fill_of(fill)) for _, _, fill in found]
    assert len(shades) == array.size
    order = np.argsort(array.ravel(), kind="stable")
    darkening = np.array(shades)[order]
    assert all(one >= other - 1e-3 for one, other in itertools.pairwise(darkening))


def fill_of(fill: str) -> str:
    numbers = re.findall(r"\d+", fill)
    return (
        fill if fill.startswith("#") else "#" + "".join(f"{int(each):02x}" for each in numbers[:3])
    )


COMPARED = {"bars": bars, "lines": lines, "stack": stack, "points": scattered, "slices": slices,
            "bins": bins, "tiles": tiles}  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.name)
async def test_the_same_data_is_in_the_same_place(
    example: Example, renderer: ChartRenderer
) -> None:
    drawn = await renderer.render(
        compose(example.text, ChartSpec.model_validate(example.spec)).chart
    )
    ours = Ours(drawn.svg)
    figure, axes = theirs(example)
    try:
        COMPARED[example.kind](ours, axes, example)
    finally:
        plt.close(figure)
    words = "".join(ours.root.itertext())
    names = (
        list(example.table) if example.kind in ("bars", "stack") and len(example.table) > 2 else []
    )
    assert all(name in words for name in names[1:])


def test_there_are_twenty() -> None:
    assert len({each.name for each in EXAMPLES}) == 20
