"""Who is in a story and where they stand in its panels."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from core.tool import Line, Prose
from core.writing import PanelScript, Script

MEMBERS = 4
"""The most characters of one story."""
SHOWN = 4
"""The most pictures of one of them that are used."""
PORTRAITS = MEMBERS * SHOWN


class CastMember(BaseModel):
    """A character, looked up: nothing about them is read from anywhere else afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Line = Field(min_length=1, max_length=50)
    description: Prose = Field(default="", max_length=1000)
    pictures: int = Field(default=0, ge=0, le=SHOWN)
    """How many of the story's portraits are theirs; each member's follow the one before's."""


def present(panel: PanelScript, script: Script, cast: Sequence[CastMember]) -> list[CastMember]:
    """Who is to be seen in a panel: those it names; everybody where no panel names anybody."""
    if not any(named(member, each) for each in script.panels for member in cast):
        return list(cast)
    return [member for member in cast if named(member, panel)]


def named(member: CastMember, panel: PanelScript) -> bool:
    word = rf"(?<!\w){re.escape(member.name)}(?!\w)"
    if re.search(word, panel.action, re.IGNORECASE):
        return True
    return any(each.speaker.casefold() == member.name.casefold() for each in panel.lines)


def speakers(panel: PanelScript) -> list[str]:
    """Who speaks in a panel, in the order in which they begin to."""
    return list(dict.fromkeys(each.speaker.casefold() for each in panel.lines))


def places(panel: PanelScript, *, right_to_left: bool = False) -> dict[str, float]:
    """Where each speaker stands: a share of the panel's width from its left.

    Whoever speaks first stands where reading begins, so that balloons need not cross.
    """
    who = speakers(panel)
    shares = [(number + 0.5) / len(who) for number in range(len(who))]
    return dict(zip(who, reversed(shares) if right_to_left else shares, strict=True))
