"""/comic: a story or a GitHub issue as panels, lettered and put together by us."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from core.errors import InvalidParams
from core.tool import (
    AssetId,
    CharacterName,
    Line,
    ModelName,
    Parent,
    Prose,
    ProviderName,
    ToolParams,
    tool,
)
from core.viewer import Viewer
from services.comics.casting import look_up
from services.comics.continuing import changed_page, same_page
from services.comics.drawing import Order, agreed_script, draw_page
from services.comics.page import PageState
from services.comics.script import told
from services.comics.styles import COMIC
from services.github_issue import parse_issue, read_issue
from services.images import save_generated_image
from services.run import Run
from services.studio import Studio

LAYOUTS = ("strip", "page", "grid")
LAYOUT = re.compile(
    rf"^(?:layout\s*[:=]?\s*|(?:make it|as|in)\s+)?(?:an?\s+|the\s+)?({'|'.join(LAYOUTS)})"
    r"(?:\s+layout)?\W*$",
    re.IGNORECASE,
)
STYLE = re.compile(
    rf"^(?:style\s*[:=]?\s*|(?:make it|as|in)\s+)?(?:an?\s+|the\s+)?({'|'.join(COMIC)})"
    r"(?:\s+(?:comic\s+)?(?:style|art))?\W*$",
    re.IGNORECASE,
)


class ComicOptions(ToolParams):
    """What people choose."""

    prompt: Prose = Field("", description="What happens. Or give an issue.", max_length=4000)
    issue: Line | None = Field(
        None, description="A GitHub issue to tell: owner/repo#12 or its address.", max_length=200
    )
    panels: int = Field(4, description="How many panels.", ge=1, le=6)
    layout: Literal["strip", "page", "grid"] = Field(
        "strip", description="How panels are laid out."
    )
    style: Literal["newspaper", "superhero", "ligne claire", "webcomic", "noir", "pixel"] = Field(
        "newspaper", description="How it is drawn, framed and told."
    )
    characters: Annotated[
        list[Annotated[CharacterName, Field(min_length=1, max_length=1100)]], Field(max_length=4)
    ] = Field(default=[], description="Somebody in it: a saved character, or “Name: looks”.")
    references: Annotated[list[AssetId], Field(max_length=4)] = Field(
        default=[], description="Pictures of new characters, in their order."
    )
    language: Line | None = Field(
        None, description="The language of the words; the prompt's by default.", max_length=40
    )
    seed: int | None = Field(
        None, description="A number that repeats an earlier drawing.", ge=0, le=2**32 - 1
    )
    provider: ProviderName | None = Field(None, description="Who draws.", max_length=50)
    model: ModelName | None = Field(None, description="Which of their models.", max_length=100)
    spoiler: bool = Field(False, description="Hide it until it is clicked.")


class ComicParams(PageState, ComicOptions):
    """What people choose, and what a page carries along."""


async def prepare(studio: Studio, values: Mapping[str, Any], viewer: Viewer) -> dict[str, Any]:
    """Look the characters up and name the issue; the issue itself is read when it is drawn."""
    prepared = await look_up(studio, values, viewer)
    if issue := prepared.get("issue"):
        name = str(parse_issue(issue))
        prepared |= {"issue": name, "prompt": prepared.get("prompt") or name}
    elif not (prepared.get("prompt") or prepared.get("script")):
        raise InvalidParams("Say what happens, or name a GitHub issue, for example owner/repo#12.")
    return prepared


def iterate(parent: Parent, words: str, references: Sequence[str]) -> Mapping[str, Any]:
    """A reply changes the layout, the style, the words, or what panels show."""
    if found := LAYOUT.match(words):
        return same_page(parent, layout=found[1].lower())
    if found := STYLE.match(words):
        return same_page(parent, again=True, style=found[1].lower())
    return changed_page(parent, words, references)


@tool("comic", "Draw a comic from an idea or a GitHub issue.")
async def declared(params: ComicParams, run: Run) -> None:
    style = COMIC[params.style]
    order = Order(
        form="comic",
        kind=params.layout,
        style_name=params.style,
        style=style,
        art=style.art,
        finish=style.look.finish,
        language=params.language,
        model=params.model,
        seed=params.seed,
        facts=await facts(params, run),
    )
    script = await agreed_script(order, params, run)
    drawn = await draw_page(order, params, script, run)
    await save_generated_image(
        run, drawn, tags=["comic", params.layout, params.style], alt=told(script, "Comic")
    )


async def facts(params: ComicParams, run: Run) -> dict[str, Any]:
    """What the writer is told: the person's words, or what an issue says."""
    asked: dict[str, Any] = {"prompt": params.prompt, "panels": params.panels}
    if params.script is not None or params.issue is None:
        return asked
    run.stage = "reading the issue"
    name = parse_issue(params.issue)
    issue = await read_issue(run.studio.settings, name)
    own = [params.prompt] if params.prompt != str(name) else []
    return {
        **asked,
        "prompt": "\n\n".join([*own, issue.body]) or issue.title,
        "issue": str(name),
        "title": issue.title,
        "discussion": [{"author": each.author, "body": each.body} for each in issue.comments],
    }


comic = declared.iterates(iterate).prepares(prepare)
