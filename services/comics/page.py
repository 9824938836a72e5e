"""What a page carries along beside what people choose: its script, its cast, its panels."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from core.errors import InvalidParams
from core.tool import AssetId, Prose, ToolParams
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

    @property
    def panels_there(self) -> dict[int, str]:
        """The asset IDs of the panels that are drawn already, by number from 1."""
        return dict(zip(self.kept_at, self.kept, strict=False))
