"""How large a balloon's body is: around the lines that its words make at a size."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from services.lettering import lines, shapes
from services.lettering.lines import BOX, Copy, Division, Frame
from services.lettering.shapes import LOOKS, Manner
from services.lettering.words import Wording

ROUNDING = 2
"""Pixels that a body may grow to whole ones."""
LEAST = (2.2, 1.1)
"""Width and height of the words' place even for a single dot: less looks like a crumb."""
SMALLEST = 0.6
"""The smallest letters, as a part of those wanted."""
STEPS = (1.0, 0.92, 0.84, 0.76, 0.68, SMALLEST)
WHOLE_STEPS = 3
"""How many of the steps are tried with whole words before words are divided."""
WIDE_WORD = 0.6
"""The part of the room beyond which a word may be divided."""
IDEAL = 1.5
"""Width to height of a body that reads well."""
ROUNDER = (1.1, 1.22, 1.4)
"""How much higher than its lines the shape around them may be: the more, the longer the outer lines."""


@dataclass(frozen=True)
class Fit:
    """Words divided into the lines of a body; lengths in letter sizes."""

    words: Copy
    division: Division
    across: float
    down: float
    cost: float = 0.0
    cut: bool = False


def sized(
    asked: Wording, manner: Manner, max_width: float, max_height: float, letter: float
) -> tuple[float, Fit]:
    """The largest letters whose body is within the limits, and that body."""
    widest = room_for(manner, max_width, max_height, letter) or (0.0, 0.0)
    plans = [(lines.WHOLE_WORDS, STEPS[:WHOLE_STEPS]), (lines.DIVIDED_WORDS, STEPS)]
    for level, steps in plans:
        copy = lines.copy(asked, level, limit=WIDE_WORD * widest[0])
        for step in steps:
            room = room_for(manner, max_width, max_height, letter * step)
            found = room and best(copy, LOOKS[manner].exponent, room)
            if found:
                return letter * step, padded(found, manner)
    size = letter * SMALLEST
    while True:
        found = shortened(asked, manner, max_width, max_height, size)
        if found:
            return size, padded(found, manner)
        size *= 0.85  # Not even one character had room.


def room_for(
    manner: Manner, max_width: float, max_height: float, size: float
) -> tuple[float, float] | None:
    """The most the words may take, in letter sizes, when all around them is counted."""
    look = LOOKS[manner]
    around = 2 * (look.padding + look.margin + max(shapes.OUTLINE, shapes.THINNEST / size))
    width, height = (max_width - ROUNDING) / size - around, (max_height - ROUNDING) / size - around
    return (width, height) if min(width, height) > 0 else None


def padded(found: Fit, manner: Manner) -> Fit:
    padding = LOOKS[manner].padding
    return replace(found, across=found.across + padding, down=found.down + padding)


def best(copy: Copy, exponent: float, room: tuple[float, float]) -> Fit | None:
    """The most pleasing body within a room: small, and neither tall nor flat."""
    found = [
        fit
        for count in counts(copy, room)
        for rounder in ((1.0,) if exponent == BOX else ROUNDER)
        if (fit := fitted(copy, exponent, count, rounder, room))
    ]
    return min(found, key=lambda fit: fit.cost, default=None)


def counts(copy: Copy, room: tuple[float, float]) -> range:
    """How many lines are worth trying."""
    total = copy.ends[-1]
    ideal = math.sqrt(total / (IDEAL * copy.leading))
    paragraphs = sum(piece.last for piece in copy.pieces)
    fewest = max(1, paragraphs, math.floor(0.7 * ideal), math.floor(total / room[0]))
    most = math.floor(room[1] / copy.leading + 1 - 2 * lines.REACH)
    return range(fewest, min(most, fewest + 5, len(copy.pieces)) + 1)


def fitted(
    copy: Copy, exponent: float, count: int, rounder: float, room: tuple[float, float]
) -> Fit | None:
    """The narrowest shape that holds the words in so many lines."""
    height = ((count - 1) + 2 * lines.REACH) * copy.leading * rounder
    if height > room[1]:
        return None

    def rooms(width: float) -> list[float]:
        return Frame(width, height, exponent).rooms(count, copy.leading)

    width = narrowest(copy, rooms, room[0])
    division = lines.even(copy, rooms(width)) if width else None
    if width is None or division is None:
        return None
    unlike = math.log((width + 1) / (height + 1) / IDEAL)
    hyphens = sum(bool(copy.pieces[end - 1].mark) for _, end in division)
    cost = (width + 1) * (height + 1) * (1 + 0.7 * unlike**2) * (1 + 0.25 * hyphens)
    across = max(width, min(LEAST[0], room[0])) / 2
    return Fit(copy, division, across, max(height, min(LEAST[1], room[1])) / 2, cost)


def narrowest(copy: Copy, rooms: Callable[[float], list[float]], most: float) -> float | None:
    """The least width whose lines hold all the words, to a twentieth of a letter."""
    least = min(copy.widest, most)
    if lines.greedy(copy, rooms(most)) is None:
        return None
    while most - least > 0.05:
        middle = (least + most) / 2
        if lines.greedy(copy, rooms(middle)):
            most = middle
        else:
            least = middle
    return most


def shortened(
    asked: Wording, manner: Manner, max_width: float, max_height: float, size: float
) -> Fit | None:
    """As many words as have room at a size, dividing those that are wider than a line."""
    room = room_for(manner, max_width, max_height, size)
    if room is None:
        return None
    exponent = LOOKS[manner].exponent
    copy = lines.copy(asked, lines.ANYWHERE, limit=WIDE_WORD * room[0])
    whole = best(copy, exponent, room)
    if whole:
        return whole
    count = lines.most_words(copy, lambda words: best(words, exponent, room) is not None)
    found = best(copy.until(count), exponent, room) if count else None
    return replace(found, cut=True) if found else None
