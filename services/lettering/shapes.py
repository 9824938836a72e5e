"""What balloons look like: outlines around the origin, as SVG, in pixels."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Literal

from services.lettering.lines import BOX

Manner = Literal["say", "think", "shout", "whisper", "caption"]
Point = tuple[float, float]

SMOOTH = 144
"""Points of a curve: at any size we draw, its corners are below a third of a pixel."""
OUTLINE = 0.07
"""The outline's weight, in letter sizes."""
DASH = 4.5
"""A dash's length, in outline weights."""
THINNEST = 1.5
"""Pixels of an outline."""


@dataclass(frozen=True)
class Look:
    """How a manner of speaking is drawn; lengths in letter sizes."""

    exponent: float
    """Of the superellipse the words are within."""
    padding: float
    """Paper between the words and that superellipse."""
    margin: float
    """How far bumps and spikes reach beyond it."""
    tail: float
    """How long a tail is when only its direction is asked for."""


LOOKS: dict[Manner, Look] = {
    "say": Look(exponent=2.35, padding=0.5, margin=0, tail=1.5),
    "whisper": Look(exponent=2.35, padding=0.55, margin=0, tail=1.3),
    "think": Look(exponent=2.6, padding=0.35, margin=0.55, tail=2.5),
    "shout": Look(exponent=2.2, padding=0.35, margin=0.85, tail=2.1),
    "caption": Look(exponent=BOX, padding=0.5, margin=0, tail=0),
}

BUMPS = (1.0, 0.82, 0.94, 0.78)
SPIKES = (1.0, 0.55, 0.8, 0.6, 0.9, 0.5, 0.7)
"""Sizes that follow one another, as parts of the margin: a hand would not draw them alike."""


@dataclass(frozen=True)
class Shape:
    """A balloon's body: half its width and height without margins, and the letter size."""

    manner: Manner
    across: float
    down: float
    letter: float

    @property
    def look(self) -> Look:
        return LOOKS[self.manner]

    @property
    def weight(self) -> float:
        return max(THINNEST, OUTLINE * self.letter)

    @property
    def margin(self) -> float:
        """What lies outside of the superellipse, with the outline."""
        return self.look.margin * self.letter + self.weight

    def edge(self, toward: Point) -> Point:
        """Where a ray from the middle leaves the body."""
        x, y = abs(toward[0]) / self.across, abs(toward[1]) / self.down
        if self.look.exponent == BOX:
            length = max(x, y)
        else:
            length = (x**self.look.exponent + y**self.look.exponent) ** (1 / self.look.exponent)
        return (toward[0] / length, toward[1] / length) if length else (0.0, self.down)

    def body(self) -> list[str]:
        """Path data of the shapes that make up the body together."""
        if self.manner == "think":
            return [path(self.outline()), *self.bumps()]
        if self.manner == "shout":
            return [self.burst()]
        return [path(self.outline())]

    def outline(self) -> list[Point]:
        if self.look.exponent == BOX:
            a, b = self.across, self.down
            return [(-a, -b), (a, -b), (a, b), (-a, b)]
        return superellipse(self.across, self.down, self.look.exponent)

    def spaced(self, step: float) -> list[tuple[Point, Point]]:
        """Points about `step` apart all along the outline, and the direction outward of each."""
        points = self.outline()
        lengths = [math.dist(a, b) for a, b in zip(points, points[1:] + points[:1], strict=True)]
        count = max(8, round(sum(lengths) / step))
        apart, found, done = sum(lengths) / count, list[tuple[Point, Point]](), 0.0
        for point, length in zip(points, lengths, strict=True):
            if len(found) < count and done >= apart * len(found) - length / 2:
                found.append((point, self.outward(point)))
            done += length
        return found

    def outward(self, point: Point) -> Point:
        x, y = point[0] / self.across**2, point[1] / self.down**2
        length = math.hypot(x, y)
        return x / length, y / length

    def bumps(self) -> Iterator[str]:
        """Circles along the edge, which make it a cloud."""
        places = self.spaced(1.35 * self.letter)
        for ((x, y), (right, down)), part in zip(places, cycle(BUMPS), strict=False):
            radius = 0.95 * self.letter * part
            inward = radius - self.look.margin * self.letter * part
            yield circle((x - right * inward, y - down * inward), radius)

    def burst(self) -> str:
        """A star whose edges curve inward, but not into the superellipse."""
        places = self.spaced(0.55 * self.letter)
        places = places[: len(places) // 2 * 2]
        drawn: list[str] = []
        for number in range(0, len(places), 2):
            (x, y), (right, down) = places[number]
            reach = self.look.margin * self.letter * SPIKES[number // 2 % len(SPIKES)]
            valley = places[number - 1][0]
            tip = (x + right * reach, y + down * reach)
            drawn.append(f"{'L' if drawn else 'M'}{at(valley)}L{at(tip)}")
        return "".join(drawn) + "Z"

    def tail(self, tip: Point) -> list[str]:
        """Path data of what leads from the body to whoever speaks."""
        if self.manner == "think":
            return list(self.bubbles(tip))
        edge = self.edge(tip)
        root = (edge[0] * 0.78, edge[1] * 0.78)
        away = math.dist(root, tip)
        side = ((tip[1] - root[1]) / away, (root[0] - tip[0]) / away)
        half = min(
            (0.7 if self.manner == "shout" else 0.5) * self.letter,
            0.45 * min(self.across, self.down),
        )
        bend = 0.0 if self.manner == "shout" else math.copysign(0.12 * away, -tip[0])
        bend = max(-0.6 * self.letter, min(0.6 * self.letter, bend))
        middle = ((root[0] + tip[0]) / 2 + side[0] * bend, (root[1] + tip[1]) / 2 + side[1] * bend)
        narrow = 0.5 * half
        return [
            f"M{at(moved(root, side, half))}Q{at(moved(middle, side, narrow))} {at(tip)}"
            f"Q{at(moved(middle, side, -narrow))} {at(moved(root, side, -half))}Z"
        ]

    def bubbles(self, tip: Point) -> Iterator[str]:
        """Ever smaller bubbles toward whoever thinks; the last one touches the tip."""
        edge = self.edge(tip)
        length = math.dist(edge, tip)
        right, down = (tip[0] - edge[0]) / length, (tip[1] - edge[1]) / length
        start = self.margin + 0.1 * self.letter
        sizes = (0.42, 0.28, 0.17)
        room = max(1.0, length - start)
        scale = min(self.letter, room / (2 * sum(sizes) + 0.3))
        done = length
        gap = max(0.12 * scale, (room - 2 * sum(sizes) * scale) / 3)
        for size in reversed(sizes):
            center = done - size * scale
            yield circle((edge[0] + right * center, edge[1] + down * center), size * scale)
            done -= 2 * size * scale + gap

    def svg(self, tip: Point | None, paper: str, ink: str) -> str:
        """All outlines first, then all the paper over what is inside: one shape to the eye."""
        body, tail = self.body(), self.tail(tip) if tip else []
        outlines = self.outlined(tail, ink, DASH / 2) + self.outlined(body, ink, DASH)
        papers = "".join(f'<path d="{part}" fill="{paper}"/>' for part in [*tail, *body])
        return outlines + papers

    def outlined(self, parts: list[str], ink: str, dash: float) -> str:
        joined = "miter" if self.manner in ("shout", "caption") else "round"
        dashes = f"{dash * self.weight:.2f} {0.7 * dash * self.weight:.2f}"
        return (
            f'<path d="{" ".join(parts)}" fill="none" stroke="{ink}" '
            f'stroke-width="{2 * self.weight:.2f}" stroke-linejoin="{joined}" '
            f'stroke-miterlimit="3" stroke-dasharray="{dashes if self.dashed else "none"}"/>'
        )

    @property
    def dashed(self) -> bool:
        return self.manner == "whisper"


def superellipse(across: float, down: float, exponent: float) -> list[Point]:
    power = 2 / exponent
    found: list[Point] = []
    for step in range(SMOOTH):
        turn = 2 * math.pi * step / SMOOTH
        x, y = math.cos(turn), math.sin(turn)
        found.append(
            (
                across * math.copysign(abs(x) ** power, x),
                down * math.copysign(abs(y) ** power, y),
            )
        )
    return found


def moved(point: Point, direction: Point, far: float) -> Point:
    return point[0] + direction[0] * far, point[1] + direction[1] * far


def at(point: Point) -> str:
    return f"{point[0]:.2f},{point[1]:.2f}"


def path(points: list[Point]) -> str:
    return "M" + "L".join(map(at, points)) + "Z"


def circle(center: Point, radius: float) -> str:
    x, y = center
    half = f"A{radius:.2f},{radius:.2f} 0 1 1"
    return f"M{at((x - radius, y))}{half} {at((x + radius, y))}{half} {at((x - radius, y))}Z"
