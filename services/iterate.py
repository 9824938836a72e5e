"""Iterating: every way of changing a picture ends in a child generation, made here."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import InvalidParams, NotFound
from core.tool import Parent
from core.viewer import Viewer
from db.generations import at_message, find
from db.models import Generation
from services import generations
from services.generations import Origin, submit
from services.studio import Studio

NUMBER = re.compile(
    r"^\s*(?:(?:picture|image|number|no\.?|nr\.?|#)\s*)?([1-9]|10)\s*(?:[:.,)\u2013-]|\s)\s*(?=\S)",
    re.IGNORECASE,
)
ORDINAL = re.compile(
    r"^\s*(?:the\s+)?(first|second|third|fourth|last)(?:\s+(?:one|picture|image))?\s*[:,\u2013-]?\s+",
    re.IGNORECASE,
)
ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}

SUBTLE, STRONG = 0.35, 0.75
"""How far the two variations leave their picture."""


def choose(words: str, count: int) -> tuple[int | None, str]:
    """Read which of several pictures is meant: "2: make it blue", "the last one at night".

    Returns the position from 0, or None when the words do not say and there are several, and the
    words without the number. Raises `InvalidParams` for a number there is no picture for.
    """
    if count <= 1:
        return 0, words.strip()
    if found := ORDINAL.match(words):
        position = ORDINALS[found[1].lower()] % count
    elif found := NUMBER.match(words):
        position = int(found[1]) - 1
    else:
        return None, words.strip()
    if position >= count:
        raise InvalidParams(f"There are {count} pictures; say a number from 1 to {count}.")
    return position, words[found.end() :].strip()


async def iterate(
    studio: Studio,
    origin: Origin,
    parent_id: int,
    words: str,
    *,
    position: int = 0,
    references: Sequence[str] = (),
    relation: str = "reply",
    extra: Mapping[str, Any] | None = None,
) -> Generation:
    """Change a picture by words, as a child of its generation.

    The parent's tool may have its own way; by default it is `/edit` of the picture. Raises what
    `submit` does, and `NotFound` when the picture was deleted.
    """
    parent = await generations.read(studio, parent_id, origin.viewer)
    picture = picture_at(parent, position)
    tool = studio.tools[tool_for(studio, parent)]
    if tool.iterate is not None:
        seen = seen_of(parent, position)
        values = {**tool.iterate(seen, words, references), **(extra or {})}
        return await submit(studio, tool.name, values, origin, parent=parent, relation=relation)
    values: dict[str, Any] = {"source": picture, "instruction": words, **(extra or {})}
    if references:
        values["references"] = list(references)
    return await submit(studio, "edit", values, origin, parent=parent, relation=relation)


def tool_for(studio: Studio, parent: Generation) -> str:
    """The tool that changes a generation's pictures: its own where it knows how, else `/edit`."""
    tool = studio.tools.get(parent.tool)
    return tool.name if tool is not None and tool.iterate is not None else "edit"


def seen_of(parent: Generation, position: int) -> Parent:
    """What a tool sees of what it iterates on."""
    parts: dict[str, list[str]] = {}
    for each in parent.parts:
        parts.setdefault(each.part, []).append(str(each.id))
    return Parent(parent.tool, parent.params, ids(parent), position, parts, parent.meta)


def ids(generation: Generation) -> list[str]:
    return [str(asset.id) for asset in generation.assets]


def picture_at(generation: Generation, position: int) -> str:
    """The asset ID of a generation's picture. Raises `NotFound` when it is gone."""
    kept = {asset.position: str(asset.id) for asset in generation.assets}
    if position not in kept:
        raise NotFound("That picture has been deleted, or was never drawn.")
    return kept[position]


async def reroll(studio: Studio, origin: Origin, generation_id: int) -> Generation:
    """Ask for the same again with another seed: a sibling."""
    first = await generations.read(studio, generation_id, origin.viewer)
    values = {key: value for key, value in first.params.items() if key != "seed"}
    return await submit(studio, first.tool, values, origin, sibling=first, relation="reroll")


async def vary(
    studio: Studio, origin: Origin, generation_id: int, position: int, strength: float = SUBTLE
) -> Generation:
    """Draw a picture again, close to it or further away: a child."""
    parent = await generations.read(studio, generation_id, origin.viewer)
    if parent.tool == "chart":
        raise InvalidParams("A chart shows its data and nothing else; reply with what to change.")
    values: dict[str, Any] = {
        "prompt": parent.full_prompt or parent.prompt or "a variation",
        "source": picture_at(parent, position),
        "strength": strength,
        "seed": secrets.randbits(32),
    }
    for name in ("aspect", "style", "negative_prompt", "provider", "model", "spoiler"):
        if name in parent.params:
            values[name] = parent.params[name]
    return await submit(studio, "image", values, origin, parent=parent, relation="vary")


async def upscale(studio: Studio, origin: Origin, generation_id: int, position: int) -> Generation:
    """Enlarge a picture: a child."""
    parent = await generations.read(studio, generation_id, origin.viewer)
    values = {"source": picture_at(parent, position), "prompt": parent.prompt}
    return await submit(studio, "upscale", values, origin, parent=parent, relation="upscale")


async def find_parent(studio: Studio, message_id: int, viewer: Viewer) -> Generation | None:
    """The generation a message shows, if somebody may see it."""
    async with studio.transaction() as tx:
        shown = await at_message(tx, message_id)
        return None if shown is None else await find(tx, shown.id, viewer)
