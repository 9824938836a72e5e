"""/anime: a manga page, panel by panel, and the pages that follow it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from core.tool import Parent, Prose, ToolParams, tool
from core.viewer import Viewer
from services.comics.casting import look_up
from services.comics.continuing import changed_page, next_page, same_page
from services.comics.drawing import Order, make_page
from services.comics.page import PageOptions, StoryState
from services.comics.script import parse_script
from services.comics.styles import COLOR, MANGA, SCREENTONE
from services.comics.wishes import chosen
from services.run import Run
from services.studio import Studio

NEXT = re.compile(
    r"^(?:(?:the|draw the|and the)\s+)?(?:next|another|new|one more)\s+page\s*"
    r"(?:[:,.!\u2013\u2014-]+\s*(?P<words>.*))?$",
    re.IGNORECASE | re.DOTALL,
)
MAKE = r"^(?:(?:make|do|draw|put)\s+(?:it|this)\s+)?(?:in|as|all)?\s*"
COLORED = re.compile(rf"{MAKE}(?:full\s+)?(?:colou?r(?:ed|s)?|colou?r it)\W*$", re.IGNORECASE)
TONED = re.compile(
    rf"{MAKE}(?:black[\s-]*(?:and|&)[\s-]*white|b\s*&\s*w|bw|monochrome|screentones?"
    r"|without colou?rs?|no colou?rs?)\W*$",
    re.IGNORECASE,
)
TURNED = re.compile(
    r"^(?:(?:make it|read(?:ing)?|direction\s*[:=]?|from)\s+)*(left|right)[\s-]+to[\s-]+(left|right)\W*$",
    re.IGNORECASE,
)


class AnimeOptions(ToolParams):
    """What people choose."""

    scenario: Prose = Field(description="What happens on the page.", min_length=1, max_length=4000)
    style: Literal[
        "shonen",
        "shoujo",
        "seinen",
        "josei",
        "kodomo",
        "mecha",
        "isekai",
        "slice-of-life",
        "action",
        "romance",
    ] = Field("shonen", description="Whom it is for: how it is drawn and told.")
    panels: int = Field(4, description="How many panels.", ge=1, le=6)
    color: Literal["black-and-white", "color"] = Field(
        "black-and-white", description="Ink with screentone, or colors."
    )
    direction: Literal["right-to-left", "left-to-right"] = Field(
        "right-to-left", description="Which way the page is read."
    )


class AnimeParams(StoryState, PageOptions, AnimeOptions):
    """What people choose, and what a page carries along."""


async def prepare(studio: Studio, values: Mapping[str, Any], viewer: Viewer) -> dict[str, Any]:
    return await look_up(studio, values, viewer)


def iterate(parent: Parent, words: str, references: Sequence[str]) -> Mapping[str, Any]:
    """A reply goes on to the next page, or changes this one: its style, its words, its panels."""
    words = words.strip()
    if found := NEXT.match(words):
        return next_page(parent, found["words"] or "", references)
    if style := chosen(words, MANGA, "style"):
        return same_page(parent, again=True, style=style)
    if COLORED.match(words):
        return same_page(parent, again=True, color="color")
    if TONED.match(words):
        # Screentone is laid over whatever was drawn, so nothing has to be drawn for it.
        return same_page(parent, color="black-and-white")
    if (found := TURNED.match(words)) and found[1].lower() != found[2].lower():
        return turned(parent, f"{found[1]}-to-{found[2]}".lower())
    return changed_page(parent, words, references)


def turned(parent: Parent, direction: str) -> dict[str, Any]:
    """The same page for who reads the other way, its panels as in a mirror.

    Whoever speaks first stands where reading begins, so balloons keep pointing at the right one.
    """
    before = AnimeParams.model_validate(parent.params).direction
    return same_page(parent, direction=direction, mirrored=direction != before)


@tool("anime", "Draw a manga page, and the pages after it.", words="scenario")
async def declared(params: AnimeParams, run: Run) -> None:
    style, colored = MANGA[params.style], params.color == "color"
    order = Order(
        form="manga",
        kind="manga",
        panels=params.panels,
        style_name=params.style,
        style=style,
        art=f"{COLOR if colored else SCREENTONE}. {style.art}",
        finish="plain" if colored else "screentone",
        right_to_left=params.direction == "right-to-left",
        language=params.language,
        model=params.model,
        seed=params.seed,
        previous=params.previous,
        facts=facts(params),
    )
    label = "Manga page" if params.page == 1 else f"Manga page {params.page}"
    await make_page(order, params, run, label=label, tags=["anime", params.style, params.color])


def facts(params: AnimeParams) -> dict[str, Any]:
    """What the writer is told: the person's words, and what the story was until here."""
    told: dict[str, Any] = {"prompt": params.scenario, "panels": params.panels}
    if params.before is None:
        return told
    going_on = "" if params.scenario == params.story else params.scenario
    return {
        **told,
        "prompt": going_on,
        "story": params.story or "",
        "page": params.page,
        "before": parse_script(params.before).model_dump(mode="json"),
    }


anime = declared.iterates(iterate).prepares(prepare)
