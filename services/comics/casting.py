"""Looking up the characters that somebody names: saved ones, and new ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import InvalidParams
from core.viewer import Viewer
from services import datasets
from services.comics.cast import PORTRAITS, SHOWN, CastMember
from services.studio import Studio

Known = tuple[CastMember, list[str]]
"""A character and the asset IDs of their pictures."""


async def look_up(studio: Studio, values: Mapping[str, Any], viewer: Viewer) -> dict[str, Any]:
    """The values with the characters they name as `cast` and `portraits`.

    A character is a saved name, or "Name: looks". The pictures given show those who are not saved,
    in their order. Raises `InvalidParams` for a name nobody has saved and nothing is said about.
    """
    pictures = [str(each) for each in values.get("references") or ()]
    before = known_cast(values)
    members: list[CastMember] = []
    portraits: list[str] = []
    for each in values.get("characters") or ():
        member, shown = await character(studio, viewer, str(each), before, bool(pictures))
        if shown is None:
            shown, pictures = pictures[:1], pictures[1:]
        members.append(member.model_copy(update={"pictures": len(shown)}))
        portraits += shown
    cast = [each.model_dump() for each in members]
    return {**values, "cast": cast, "portraits": [*portraits, *pictures][:PORTRAITS]}


def known_cast(values: Mapping[str, Any]) -> dict[str, Known]:
    """The characters that were looked up before, by name."""
    left = [str(each) for each in values.get("portraits") or ()]
    found: dict[str, Known] = {}
    for each in values.get("cast") or ():
        member = CastMember.model_validate(each)
        found[member.name.casefold()] = (member, left[: member.pictures])
        left = left[member.pictures :]
    return found


async def character(
    studio: Studio, viewer: Viewer, words: str, before: Mapping[str, Known], pictured: bool
) -> tuple[CastMember, list[str] | None]:
    """A character and their saved pictures; None where they are not saved."""
    name, *looks = datasets.LOOKS.split(words, maxsplit=1)
    if looks and looks[0]:
        [new] = await datasets.characters(studio, viewer, [words])
        return CastMember(name=new.name, description=new.description), None
    try:
        saved = await datasets.find(studio, viewer, "character", name)
    except InvalidParams as error:
        if name.casefold() in before:
            member, shown = before[name.casefold()]
            return member, shown or None
        if not pictured:
            raise InvalidParams(
                f"{error} Or say what they look like, for example “{name}: a girl in a red coat”."
            ) from error
        return CastMember(name=datasets.named(name, "character")), None
    return CastMember(name=saved.name, description=saved.description), [*saved.assets[:SHOWN]]
