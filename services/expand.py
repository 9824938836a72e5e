"""Alternatives in a prompt: `a [red, blue] fox` is two prompts.

Groups multiply, and may stand in one another. `\\[`, `\\]` and, within a group, `\\,` are those
characters themselves. Brackets that hold nothing or one thing are ordinary text: people write
them, too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

from core.errors import InvalidParams

CAP = 10
"""How many prompts one prompt may make: as many as fit one gallery."""
DEPTH = 4
"""How deep groups may stand in one another; deeper brackets are text."""
COMMAS = ",\uff0c\u3001"
"""The comma, and those of Chinese and Japanese."""


@dataclass(frozen=True)
class Group:
    """A choice: each option is a text in parts."""

    options: tuple[tuple[str | Group, ...], ...]


Part = str | Group


def alternatives(prompt: str) -> list[str]:
    """Every prompt that a prompt stands for, in order; itself where it has no group.

    Raises `InvalidParams` with the number when there are more than `CAP`.
    """
    parts = parse(prompt, 0, len(prompt), pairs(prompt))
    number = count(parts)
    if number > CAP:
        raise InvalidParams(
            f"The brackets make {number:,} prompts; up to {CAP} are possible. Take some out."
        )
    return list(dict.fromkeys(written(parts)))


def pairs(prompt: str) -> dict[int, int]:
    """Where each bracket that opens a group closes; those alone or too deep are text."""
    found: dict[int, int] = {}
    opened: list[int] = []
    position = 0
    while position < len(prompt):
        character = prompt[position]
        if character == "\\":
            position += 1
        elif character == "[":
            opened.append(position)
        elif character == "]" and opened:
            begin = opened.pop()
            if len(opened) < DEPTH:
                found[begin] = position
        position += 1
    return found


def parse(prompt: str, begin: int, end: int, closing: dict[int, int]) -> tuple[Part, ...]:
    """The parts of a stretch of a prompt."""
    parts: list[Part] = []
    text = ""
    position = begin
    while position < end:
        character = prompt[position]
        if character == "\\" and position + 1 < end and prompt[position + 1] in f"[]{COMMAS}":
            text += prompt[position + 1]
            position += 2
        elif character == "[" and position in closing:
            parts += [text, *group(prompt, position, closing)]
            text = ""
            position = closing[position] + 1
        else:
            text += character
            position += 1
    return (*parts, text)


def group(prompt: str, begin: int, closing: dict[int, int]) -> tuple[Part, ...]:
    """A pair of brackets as a choice, or as text where there is nothing to choose."""
    end = closing[begin]
    stretches = [
        (first, last)
        for first, last in options(prompt, begin + 1, end, closing)
        if prompt[first:last].strip()
    ]
    if len(stretches) < 2:
        return ("[", *parse(prompt, begin + 1, end, closing), "]")
    return (Group(tuple(parse(prompt, *each, closing) for each in stretches)),)


def options(prompt: str, begin: int, end: int, closing: dict[int, int]) -> list[tuple[int, int]]:
    """Where each option of a group begins and ends: between its own commas."""
    cuts = [begin - 1]
    position = begin
    while position < end:
        if prompt[position] == "\\":
            position += 1
        elif prompt[position] == "[" and position in closing:
            position = closing[position]
        elif prompt[position] in COMMAS:
            cuts.append(position)
        position += 1
    return [(cut + 1, after) for cut, after in zip(cuts, [*cuts[1:], end], strict=True)]


def count(parts: tuple[Part, ...]) -> int:
    """How many texts there are, without writing any."""
    return math.prod(sum(map(count, each.options)) for each in parts if isinstance(each, Group))


def written(parts: tuple[Part, ...]) -> list[str]:
    choices = [
        [text.strip() for option in each.options for text in written(option)]
        if isinstance(each, Group)
        else [each]
        for each in parts
    ]
    return ["".join(chosen) for chosen in product(*choices)]
