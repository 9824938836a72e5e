"""Placing balloons in a panel: free of what is to be seen, in reading order, near their speakers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from services.comics.layout import Point
from services.comics.saliency import Detail

Numbers: TypeAlias = NDArray[np.float64]

STEPS = (13, 17)
"""Places tried across and down."""
BEAM = 28
"""Arrangements followed at once."""
AIR = 0.35
"""Paper between two balloons, and between one and the frame, in letter sizes."""
LONGEST_TAIL, SHORTEST_TAIL = 4.5, 1.2
"""In letter sizes, from the body's edge."""
REACH = 0.55
"""How much of the way to its speaker a tail goes."""
COVERING, LOWNESS, DISTANCE = 6.0, 1.6, 1.1
"""What weighs how much when places are compared."""
NOTICEABLE, SPOILING = 0.12, 9.0
"""How much more detail than at the calmest place is not to be covered, and what it costs."""
CORNER = 9.0
"""What it costs a caption to leave its corner."""
CROSSING = 4.0
"""What it costs when a tail runs over another balloon."""


@dataclass(frozen=True)
class Item:
    """A balloon or caption to be placed: its body's size in pixels."""

    width: float
    height: float
    speaker: Point | None
    """Where the tail is to point; None for a caption, which keeps to the frame's corner."""


@dataclass(frozen=True)
class Spot:
    """A place for a body."""

    left: float
    top: float
    right: float
    bottom: float
    tip: Point | None = None

    @property
    def middle(self) -> Point:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True)
class Room:
    """The inside of a frame in its own pixels."""

    width: float
    height: float
    corners: tuple[Point, ...]
    """Of the convex frame, clockwise."""
    detail: Detail
    letter: float
    inset: float
    """What the frame's own line takes."""
    right_to_left: bool = False


@dataclass
class Arrangement:
    spots: list[Spot] = field(default_factory=list[Spot])
    cost: float = 0.0


def arrange(items: Sequence[Item], room: Room) -> list[Spot] | None:
    """The best places for all items in reading order; None where they do not fit."""
    beam = [Arrangement()]
    for item in items:
        spots = candidates(item, room)
        following = [
            Arrangement([*each.spots, spot], each.cost + cost + more)
            for each in beam
            for cost, spot in spots
            if (more := fits(spot, each.spots, room)) is not None
        ]
        beam = sorted(following, key=lambda each: each.cost)[:BEAM]
        if not beam:
            return None
    return beam[0].spots


def candidates(item: Item, room: Room) -> list[tuple[float, Spot]]:
    """Places within the frame with what each costs by itself, the cheapest first."""
    left, top = grid(item, room)
    right, bottom = left + item.width, top + item.height
    inside = within(left, top, right, bottom, room)
    left, top, right, bottom = (each[inside] for each in (left, top, right, bottom))
    share = item.width * item.height / (room.width * room.height)
    detail = room.detail.under(left, top, right, bottom)
    cost = detail * COVERING * (0.35 + share) + top / room.height * LOWNESS
    if detail.size:
        cost += np.maximum(detail - detail.min() - NOTICEABLE, 0) * SPOILING
    if item.speaker is not None:
        x, y = item.speaker
        aside = np.abs((left + right) / 2 - x) / room.width
        below = np.maximum(top + item.height / 2 - y, 0) / room.height
        cost += (aside + 2 * below) * DISTANCE
    else:
        start = room.width - right if room.right_to_left else left
        cost += (start / room.width + top / room.height) * CORNER
    found: list[tuple[float, Spot]] = []
    for at in np.argsort(cost, kind="stable"):
        spot = Spot(float(left[at]), float(top[at]), float(right[at]), float(bottom[at]))
        found.append((float(cost[at]), with_tail(spot, item, room)))
    return found


def grid(item: Item, room: Room) -> tuple[Numbers, Numbers]:
    """Upper left corners to try; a caption keeps to the side where reading begins, and up."""
    across, down = STEPS
    edge = room.inset if item.speaker is None else room.inset + AIR * room.letter
    least_x, most_x = edge, max(room.width - item.width - edge, edge)
    least_y, most_y = edge, max(room.height - item.height - edge, edge)
    columns = np.linspace(least_x, most_x, across)
    rows = np.linspace(least_y, most_y, down)
    if item.speaker is None:
        columns = columns[::-1] if room.right_to_left else columns
        # A slanted frame may have no room in the corner itself.
        columns = columns[: across // 2]
        rows = rows[: down // 3]
    x, y = np.meshgrid(columns, rows)
    return x.ravel(), y.ravel()


def within(
    left: Numbers, top: Numbers, right: Numbers, bottom: Numbers, room: Room
) -> NDArray[np.bool_]:
    """Which boxes are inside the frame's four lines."""
    inside = np.ones(left.shape, bool)
    for (x0, y0), (x1, y1) in pairwise([*room.corners, room.corners[0]]):
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        for x, y in ((left, top), (right, top), (right, bottom), (left, bottom)):
            distance = ((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) / length
            inside &= distance >= room.inset - 1
    return inside


def with_tail(spot: Spot, item: Item, room: Room) -> Spot:
    """Let a tail go part of the way to the speaker, and stay inside the frame."""
    if item.speaker is None:
        return spot
    (x, y), (to_x, to_y) = spot.middle, item.speaker
    across, down = to_x - x, to_y - y
    if math.hypot(across, down) < room.letter:
        across, down = 0.0, room.letter
    edge = to_edge(item, across, down)
    way = math.hypot(across, down)
    shortest, longest = SHORTEST_TAIL * room.letter, LONGEST_TAIL * room.letter
    length = edge + min(max((way - edge) * REACH, shortest), longest)
    tip_x, tip_y = x + across / way * length, y + down / way * length
    margin = room.inset + 4
    tip_x = min(max(tip_x, margin), room.width - margin)
    tip_y = min(max(tip_y, margin), room.height - margin)
    return Spot(spot.left, spot.top, spot.right, spot.bottom, (tip_x, tip_y))


def to_edge(item: Item, across: float, down: float) -> float:
    """From a body's middle to its outline in a direction: half-axes of an ellipse."""
    way = math.hypot(across, down) or 1.0
    return 1 / math.hypot(across / way / (item.width / 2), down / way / (item.height / 2))


def fits(spot: Spot, before: Sequence[Spot], room: Room) -> float | None:
    """What a place costs beside those taken; None where it cannot be."""
    air = AIR * room.letter
    cost = 0.0
    for other in before:
        if overlap(spot, other, air) or not follows(spot, other, room.right_to_left):
            return None
        for tail, body in ((spot, other), (other, spot)):
            if tail.tip is not None and crosses(tail.middle, tail.tip, body, air / 2):
                cost += CROSSING
        if spot.tip and other.tip and parted(spot, other):
            cost += CROSSING / 4
    return cost


def overlap(one: Spot, other: Spot, air: float) -> bool:
    return (
        one.left < other.right + air
        and other.left < one.right + air
        and one.top < other.bottom + air
        and other.top < one.bottom + air
    )


def follows(spot: Spot, other: Spot, right_to_left: bool) -> bool:
    """Whether a place is read after another: below it, or beyond it and no higher."""
    if spot.top >= other.bottom:
        return True
    beyond = spot.right <= other.left if right_to_left else spot.left >= other.right
    return beyond and spot.top >= other.top - 1


def crosses(start: Point, end: Point, box: Spot, air: float) -> bool:
    """Whether a line runs through a box: it is cut down to what is left inside each side."""
    (x, y), across, down = start, end[0] - start[0], end[1] - start[1]
    first, last = 0.0, 1.0
    for step, low, high, at in (
        (across, box.left - air, box.right + air, x),
        (down, box.top - air, box.bottom + air, y),
    ):
        if abs(step) < 1e-9:
            if not low <= at <= high:
                return False
            continue
        begin, stop = sorted(((low - at) / step, (high - at) / step))
        first, last = max(first, begin), min(last, stop)
    return first <= last


def parted(one: Spot, other: Spot) -> bool:
    """Whether two tails cross each other."""
    assert one.tip
    assert other.tip
    a, b, c, d = one.middle, one.tip, other.middle, other.tip
    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def side(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
