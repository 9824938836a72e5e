"""/comic: a story or a GitHub issue as panels, lettered and put together by us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from core.errors import InvalidParams
from core.tool import Line, Parent, Prose, ToolParams, tool
from core.viewer import Viewer
from services.comics.casting import look_up
from services.comics.continuing import changed_page, same_page
from services.comics.drawing import Order, make_page
from services.comics.page import PageOptions, PageState
from services.comics.styles import COMIC
from services.comics.wishes import chosen
from services.github_issue import parse_issue, read_issue
from services.run import Run
from services.studio import Studio

LAYOUTS = ("strip", "page", "grid")


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


class ComicParams(PageState, PageOptions, ComicOptions):
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
    if layout := chosen(words, LAYOUTS, "layout"):
        return same_page(parent, layout=layout)
    if style := chosen(words, COMIC, "style"):
        return same_page(parent, again=True, style=style)
    return changed_page(parent, words, references)


@tool("comic", "Draw a comic from an idea or a GitHub issue.")
async def declared(params: ComicParams, run: Run) -> None:
    style = COMIC[params.style]
    order = Order(
        form="comic",
        kind=params.layout,
        panels=params.panels,
        style_name=params.style,
        style=style,
        art=style.art,
        finish=style.look.finish,
        language=params.language,
        model=params.model,
        seed=params.seed,
        facts=await facts(params, run),
    )
    await make_page(order, params, run, label="Comic", tags=["comic", params.layout, params.style])


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
