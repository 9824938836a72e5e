"""Where the panels of a page go: rows of frames, straight or slanted, in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

Kind = Literal["strip", "page", "grid", "manga"]
Point: TypeAlias = tuple[float, float]
Box: TypeAlias = tuple[int, int, int, int]
"""Left, top, right, bottom; the last two are just outside."""

SIDE = 2048
"""The longest side of a page, in pixels."""
WIDTHS: dict[Kind, int] = {"strip": SIDE, "page": 1366, "grid": 1640, "manga": 1440}
TITLE = 110
"""Height of the strip above the panels that holds the title."""
WORDY = 240
"""Letters in one panel from which it gets all the extra room there is."""
EXTRA = 0.55
"""That extra room, as a share of the panel's height or width."""


@dataclass(frozen=True)
class Row:
    """Panels side by side; shares are of whatever there is."""

    widths: tuple[float, ...]
    height: float = 1.0
    lean: float = 0.0
    """How far its dividers lean, as a share of the page's width."""
    slope: float = 0.0
    """How far its lower edge rises from left to right, as a share of the page's width."""


ONE, TWO, THREE, FOUR = (Row((1.0,) * count) for count in range(1, 5))

ROWS: dict[Kind, tuple[tuple[Row, ...], ...]] = {
    "strip": ((ONE,), (TWO,), (THREE,), (FOUR,), (THREE, TWO), (THREE, THREE)),
    "page": (
        (ONE,),
        (ONE, ONE),
        (Row((1.0,), 1.15), TWO),
        (Row((1.0,), 0.9), Row((3, 2.4), 1.15), Row((1.0,), 0.9)),
        (Row((2.4, 3)), Row((1.0,), 0.9), Row((3, 2.4))),
        (Row((3, 2.4)), Row((2.4, 3)), Row((3, 2.4))),
    ),
    "grid": ((ONE,), (TWO,), (TWO, ONE), (TWO, TWO), (TWO, TWO, ONE), (TWO, TWO, TWO)),
    "manga": (
        (ONE,),
        (Row((1.0,), 1.0, slope=0.07), Row((1.0,), 1.1)),
        (Row((1.0,), 1.05, slope=0.05), Row((3, 2.6), 1.0, lean=0.09)),
        (Row((1.0,), 0.85), Row((2.6, 3), 1.1, lean=-0.1, slope=-0.05), Row((1.0,), 0.95)),
        (
            Row((3, 2.3), 1.0, lean=0.08),
            Row((1.0,), 0.85, slope=0.05),
            Row((2.5, 3), 1.05, lean=-0.07),
        ),
        (
            Row((3, 2.4), 1.0, lean=0.07, slope=-0.04),
            Row((2.4, 3), 1.0, lean=-0.06),
            Row((3, 2.4), 1.0, lean=0.05),
        ),
    ),
}
"""The rows of each kind of page, for one panel, two panels and so on."""

HEIGHTS: dict[Kind, tuple[int, ...]] = {
    "strip": (1010, 800, 690, 640, 1290, 1340),
    "page": (SIDE,) * 6,
    "grid": (1180, 880, 1560, 1560, SIDE, SIDE),
    "manga": (SIDE,) * 6,
}
"""How high the panels of a page are together, before there are many words to make room for."""


@dataclass(frozen=True)
class Frame:
    """Where one panel is shown."""

    corners: tuple[Point, Point, Point, Point]
    """Clockwise from the upper left."""

    @property
    def bounds(self) -> Box:
        across, down = zip(*self.corners, strict=True)
        return round(min(across)), round(min(down)), round(max(across)), round(max(down))

    @property
    def size(self) -> tuple[int, int]:
        left, top, right, bottom = self.bounds
        return right - left, bottom - top

    @property
    def straight(self) -> bool:
        left, top, right, bottom = self.bounds
        upright = ((left, top), (right, top), (right, bottom), (left, bottom))
        return all(
            abs(given[axis] - plain[axis]) <= 1
            for given, plain in zip(self.corners, upright, strict=True)
            for axis in (0, 1)
        )

    @property
    def aspect(self) -> str:
        """Width to height, held to what providers draw: 1:3 to 3:1."""
        width, height = self.size
        return f"{min(width, 3 * height)}:{min(height, 3 * width)}"


@dataclass(frozen=True)
class Page:
    """A page without anything on it yet."""

    width: int
    height: int
    title: Box | None
    frames: tuple[Frame, ...]
    """In reading order."""


def lay_out(
    kind: Kind,
    letters: Sequence[int],
    *,
    titled: bool = False,
    right_to_left: bool = False,
    margin: int = 36,
    gutters: tuple[int, int] = (22, 22),
) -> Page:
    """Lay out as many panels as there are numbers: the letters to be set in each."""
    count = len(letters)
    rows = ROWS[kind][count - 1]
    needs = [min(each / WORDY, 1.0) for each in letters]
    width, above = WIDTHS[kind], TITLE if titled else 0
    room = SIDE - 2 * margin - above
    height = min(round(HEIGHTS[kind][count - 1] * (1 + EXTRA * max(needs))), room)
    inside = (margin, margin + above, width - margin, margin + above + height)
    frames = fill(inside, rows, needs, gutters, even=kind in ("grid", "strip"))
    if right_to_left:
        frames = [mirrored(each, width) for each in frames]
    title = (margin, margin, width - margin, margin + TITLE - gutters[1]) if titled else None
    return Page(width, height + 2 * margin + above, title, tuple(frames))


def fill(
    inside: Box, rows: Sequence[Row], needs: list[float], gutters: tuple[int, int], *, even: bool
) -> list[Frame]:
    """Share a box out among rows, and each row among its panels; wordy ones get more."""
    left, top, right, bottom = inside
    shares: list[float] = []
    used: list[list[float]] = []
    for row in rows:
        own, needs = needs[: len(row.widths)], needs[len(row.widths) :]
        used.append([0.0] * len(own) if even else own)
        shares.append(row.height * (1.0 if even else 1 + EXTRA * max(own)))
    heights = split(bottom - top, shares, gutters[1])
    frames: list[Frame] = []
    upper = 0.0
    for number, (row, own, (begin, end)) in enumerate(zip(rows, used, heights, strict=True)):
        slope = row.slope if number < len(rows) - 1 else 0.0
        lines = (top + begin, upper), (top + end, slope)
        widths = [
            share * (1 + EXTRA / 2 * need) for share, need in zip(row.widths, own, strict=True)
        ]
        frames += cut((left, right), lines, widths, row.lean, gutters[0])
        upper = slope
    return frames


def split(length: float, shares: Sequence[float], gap: float) -> list[tuple[float, float]]:
    """Begin and end of each share of a length with gaps between."""
    free = length - gap * (len(shares) - 1)
    ends = [0.0]
    for share in shares:
        ends.append(ends[-1] + free * share / sum(shares))
    return [(begin + gap * n, end + gap * n) for n, (begin, end) in enumerate(pairwise(ends))]


def cut(
    across: tuple[float, float],
    lines: tuple[tuple[float, float], tuple[float, float]],
    shares: Sequence[float],
    lean: float,
    gap: float,
) -> list[Frame]:
    """Cut one row into frames. Each line is its middle's height and how far it rises."""
    left, right = across
    width = right - left
    tilt = lean * width / 2

    def at(x: float, line: tuple[float, float]) -> Point:
        middle, slope = line
        return x, middle - slope * (x - (left + right) / 2)

    upper, lower = lines
    pieces = split(width, shares, gap)
    frames: list[Frame] = []
    for number, (begin, end) in enumerate(pieces):
        # The page's own edges stay upright; only what divides two panels leans.
        first = 0.0 if number == 0 else tilt
        last = 0.0 if number == len(pieces) - 1 else tilt
        frames.append(
            Frame(
                (
                    at(left + begin + first, upper),
                    at(left + end + last, upper),
                    at(left + end - last, lower),
                    at(left + begin - first, lower),
                )
            )
        )
    return frames


def mirrored(frame: Frame, width: float) -> Frame:
    a, b, c, d = ((width - x, y) for x, y in frame.corners)
    return Frame((b, a, d, c))
