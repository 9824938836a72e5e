"""A session as its page shows it: the tree, and the step in view with all that is told of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from core.errors import NotFound
from core.text import shorten
from core.tool import Tool, format_of
from core.viewer import Viewer
from db import generations, sessions
from db.models import Asset, Generation, Session, Status
from services.studio import Studio
from web import forms

WORDS_LIMIT = 1500
"""The most words of two prompts that are compared: the time grows with their square."""
SPACE = re.compile(r"\s+")

Difference = Sequence[tuple[str, str]]
"""Words in order, each run of them `same`, `ins` or `del`."""


@dataclass(frozen=True)
class Part:
    """A file that was kept beside a result."""

    title: str
    facts: str
    asset: Asset


@dataclass(frozen=True)
class Shown:
    """A session, and the step in view."""

    session: Session
    steps: Sequence[Generation]
    step: Generation
    parent: Generation | None
    position: int
    tools: Mapping[str, Tool]

    @property
    def state(self) -> str:
        return "held" if self.step.proposal else self.step.status.value

    @property
    def drawing(self) -> bool:
        """Whether the step changes without anybody doing anything."""
        return self.state in ("queued", "running")

    @property
    def parts(self) -> list[Part]:
        counts: dict[str, int] = {}
        for each in self.step.parts:
            counts[each.part] = counts.get(each.part, 0) + 1
        return [
            Part(titled(each, counts[each.part]), facts_of(each), each) for each in self.step.parts
        ]

    @property
    def difference(self) -> Difference:
        """What became of the person's words, where other words were sent."""
        step = self.step
        if not step.full_prompt or step.full_prompt == step.prompt or not step.assets:
            return ()
        return difference(step.prompt, step.full_prompt)

    @property
    def asked(self) -> list[tuple[str, str]]:
        """What was asked for beside the words, where it is not what one gets unasked."""
        tool = self.tools.get(self.step.tool)
        return [] if tool is None else list(told(tool, self.step.params))

    @property
    def replies(self) -> Collection[str]:
        """What else a change in words may come with: the parameters of the tool that makes it."""
        tool = self.tools.get(self.step.tool)
        if tool is None or tool.iterate is None:
            tool = self.tools["edit"]
        return dict(forms.asked(tool))

    @property
    def uses(self) -> list[tuple[str, str]]:
        """The tools that can begin with this picture, and the parameter it is for each."""
        found: list[tuple[str, str]] = []
        for tool in self.tools.values():
            fields = [n for n, schema in forms.asked(tool) if format_of(schema) == "asset"]
            if tool.listed and fields:
                found.append((tool.name, "source" if "source" in fields else fields[0]))
        return found


def titled(asset: Asset, count: int) -> str:
    name = asset.part.replace("-", " ").replace("_", " ").capitalize()
    name = "SVG" if asset.part == "svg" else name
    return f"{name} {asset.position + 1}" if count > 1 else name


def facts_of(asset: Asset) -> str:
    """How large a file is; what it is, where that decides who can use it."""
    kind = asset.mime_type.removeprefix("image/").removesuffix("+xml").upper()
    return f"{asset.width} \u00d7 {asset.height}, {kind}, {size_in_words(asset.bytes)}"


def size_in_words(size: int) -> str:
    """A file's size as Discord counts: 1 KB has 1,024 bytes."""
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(size / 1024, 0.1):.1f} KB"


def told(tool: Tool, params: Mapping[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, schema in forms.asked(tool):
        value = params.get(name)
        plain = format_of(schema) not in forms.FILES and name not in (tool.words, "spoiler", "seed")
        if not plain or name == "model" or value in (None, [], schema.get("default")):
            continue
        text = ", ".join(forms.texts_of(value)) if value is not True else "yes"
        found.append((name.replace("_", " ").capitalize(), shorten(text, 80)))
    return found


@lru_cache(maxsize=64)
def difference(before: str, after: str) -> Difference:
    """Compare two texts word by word."""
    old, new = SPACE.split(before.strip()), SPACE.split(after.strip())
    if len(old) + len(new) > WORDS_LIMIT:
        return (("same", after),)
    found: list[tuple[str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("same", " ".join(new[c:d])))
            continue
        if b > a:
            found.append(("del", " ".join(old[a:b])))
        if d > c:
            found.append(("ins", " ".join(new[c:d])))
    return tuple(found)


async def read_session(
    studio: Studio, viewer: Viewer, session_id: int, step: int | None, picture: int = 0
) -> Shown:
    """Read a session and choose its step: the one asked for, else the newest. Raises `NotFound`."""
    async with studio.transaction() as tx:
        session = await sessions.find(tx, session_id, viewer)
        steps: Sequence[Generation] = (
            await generations.in_session(tx, session_id) if session else []
        )
    if session is None or not steps:
        raise NotFound("There is no such session, or it is not yours to see.")
    by_id = {each.id: each for each in steps}
    if step is not None and step not in by_id:
        raise NotFound("That step has been deleted.")
    chosen = by_id[step] if step is not None else newest(steps)
    position = min(max(picture, 0), max(len(chosen.assets) - 1, 0))
    parent = by_id.get(chosen.parent_id) if chosen.parent_id else None
    return Shown(session, list(reversed(steps)), chosen, parent, position, studio.tools)


def newest(steps: Sequence[Generation]) -> Generation:
    """What one wants to see first: what is being made, else the last that worked.

    Something made in steps is shown as a whole, not by the step it is at.
    """
    wholes = [each for each in steps if each.relation != "step"] or steps
    shown = [each for each in wholes if each.status in (*generations.UNENDED, Status.SUCCEEDED)]
    return (shown or wholes)[-1]
