"""What comics and manga share: what people choose of either, and what a page carries along."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from core.errors import InvalidParams
from core.tool import (
    AssetId,
    CharacterName,
    Line,
    ModelName,
    Prose,
    ProviderName,
    ToolParams,
)
from core.writing import PANELS
from services.comics.cast import MEMBERS, PORTRAITS, CastMember
from services.comics.script import parse_script

HIDDEN: dict[str, Any] = {"hidden": True}


def readable(text: str) -> str:
    """Let a script through that can be read; complain about another while it can be changed."""
    try:
        parse_script(text)
    except InvalidParams as error:
        raise ValueError(str(error).rstrip(".")) from error
    return text


PanelNumber = Annotated[int, Field(ge=1, le=PANELS)]


class PageOptions(ToolParams):
    """What people choose, whichever kind of page it is."""

    characters: Annotated[
        list[Annotated[CharacterName, Field(min_length=1, max_length=1100)]],
        Field(max_length=MEMBERS),
    ] = Field(default=[], description="Somebody in it: a saved character, or “Name: looks”.")
    references: Annotated[list[AssetId], Field(max_length=MEMBERS)] = Field(
        default=[], description="Pictures of new characters, in their order."
    )
    language: Line | None = Field(
        None, description="The language of the words; the story's by default.", max_length=40
    )
    seed: int | None = Field(
        None, description="A number that repeats an earlier drawing.", ge=0, le=2**32 - 1
    )
    provider: ProviderName | None = Field(None, description="Who draws.", max_length=50)
    model: ModelName | None = Field(None, description="Which of their models.", max_length=100)
    spoiler: bool = Field(False, description="Hide it until it is clicked.")


class PageState(ToolParams):
    """Filled by looking up, by agreeing to a script and by going on with a page."""

    script: Annotated[Prose, AfterValidator(readable)] | None = Field(
        None,
        description="The story as text: “Panel 1: what is seen”, “Caption: …”, “Name: words”.",
        max_length=16_000,
        json_schema_extra=HIDDEN,
    )
    cast: Annotated[list[CastMember], Field(max_length=MEMBERS)] = Field(
        default=[], description="The characters as they were looked up.", json_schema_extra=HIDDEN
    )
    portraits: Annotated[list[AssetId], Field(max_length=PORTRAITS)] = Field(
        default=[], description="Their pictures.", json_schema_extra=HIDDEN
    )
    kept: Annotated[list[AssetId], Field(max_length=PANELS)] = Field(
        default=[], description="Panels that are drawn already.", json_schema_extra=HIDDEN
    )
    kept_at: Annotated[list[PanelNumber], Field(max_length=PANELS)] = Field(
        default=[], description="Which panels those are, from 1.", json_schema_extra=HIDDEN
    )
    redraw: Annotated[list[PanelNumber], Field(max_length=PANELS)] = Field(
        default=[],
        description="Which of them to draw again, from what they are.",
        json_schema_extra=HIDDEN,
    )
    wish: Prose | None = Field(
        None,
        description="What to change in those that are drawn again.",
        max_length=4000,
        json_schema_extra=HIDDEN,
    )
    added: Annotated[list[AssetId], Field(max_length=MEMBERS)] = Field(
        default=[], description="Pictures that came with the wish.", json_schema_extra=HIDDEN
    )
    mirrored: bool = Field(
        False,
        description="Whether to show what is drawn already as in a mirror.",
        json_schema_extra=HIDDEN,
    )

    @property
    def panels_there(self) -> dict[int, str]:
        """The asset IDs of the panels that are drawn already, by number from 1."""
        return dict(zip(self.kept_at, self.kept, strict=False))


class StoryState(PageState):
    """What a page that goes on from another one carries along, too."""

    page: int = Field(1, description="Which page it is.", ge=1, json_schema_extra=HIDDEN)
    previous: AssetId | None = Field(
        None, description="The page before this one.", json_schema_extra=HIDDEN
    )
    before: Prose | None = Field(
        None, description="The script of that page.", max_length=16_000, json_schema_extra=HIDDEN
    )
    story: Prose | None = Field(
        None,
        description="What the first page was to tell.",
        max_length=4000,
        json_schema_extra=HIDDEN,
    )
