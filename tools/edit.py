"""/edit, and what replying to a picture does: change it by describing the change."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from core.pictures import Aspect, Picture, PictureRequest
from core.tool import AssetId, MaskId, ModelName, Prose, ProviderName, ToolParams, tool
from services.images import read_input, save_generated_image
from services.run import Run


class EditParams(ToolParams):
    source: AssetId = Field(description="The picture to change.")
    instruction: Prose = Field(description="What to change.", min_length=1, max_length=4000)
    mask: MaskId | None = Field(
        None, description="Where to change it: white or transparent parts, of the same size."
    )
    references: Annotated[list[AssetId], Field(max_length=3)] = Field(
        default=[], description="More pictures to take things from."
    )
    strength: float | None = Field(
        None, description="How far to leave the source: 0 keeps it, 1 ignores it.", ge=0, le=1
    )
    aspect: Aspect | None = Field(None, description="Width to height; the source's by default.")
    seed: int | None = Field(
        None, description="A number that repeats an earlier change.", ge=0, le=2**32 - 1
    )
    provider: ProviderName | None = Field(None, description="Who draws.", max_length=50)
    model: ModelName | None = Field(None, description="Which of their models.", max_length=100)
    spoiler: bool = Field(False, description="Hide it until it is clicked.")


@tool("edit", "Change a picture by saying what should be different.", words="instruction")
async def edit(params: EditParams, run: Run) -> None:
    source = await read_input(run, params.source)
    mask = await read_input(run, params.mask) if params.mask else None
    [picture] = await run.draw(
        PictureRequest(
            prompt=params.instruction,
            model=params.model,
            aspect=params.aspect or aspect_of(source),
            seed=params.seed,
            source=source,
            mask=mask,
            references=tuple([await read_input(run, each) for each in params.references]),
            strength=params.strength,
        )
    )
    await save_generated_image(run, picture, tags=["inpaint" if mask else "img2img", "edit"])


def aspect_of(source: Picture) -> str:
    """The source's own ratio, held to what providers draw: 1:3 to 3:1."""
    width, height = source.width, source.height
    return f"{min(width, 3 * height)}:{min(height, 3 * width)}"
