"""/image: draw a picture from a description, or from another picture."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.pictures import Aspect, PictureRequest
from core.tool import AssetId, ModelName, Prose, ProviderName, StyleName, ToolParams, tool
from services.images import read_input, save_generated_image
from services.run import Run


class ImageParams(ToolParams):
    prompt: Prose = Field(description="What to draw.", min_length=1, max_length=4000)
    negative_prompt: Prose | None = Field(None, description="What to leave out.", max_length=2000)
    aspect: Aspect = Field("1:1", description="Width to height.")
    count: int = Field(1, description="How many to draw.", ge=1, le=4)
    seed: int | None = Field(
        None, description="A number that repeats an earlier picture.", ge=0, le=2**32 - 1
    )
    style: StyleName | None = Field(
        None, description="For example watercolor, or your own words.", max_length=100
    )
    quality: Literal["auto", "low", "medium", "high"] = Field(
        "auto", description="More costs more, where the model has it."
    )
    source: AssetId | None = Field(None, description="A picture to start from.")
    strength: float | None = Field(
        None, description="How far to leave the source: 0 keeps it, 1 ignores it.", ge=0, le=1
    )
    provider: ProviderName | None = Field(None, description="Who draws.", max_length=50)
    model: ModelName | None = Field(None, description="Which of their models.", max_length=100)
    spoiler: bool = Field(False, description="Hide it until it is clicked.")


@tool("image", "Draw a picture from a description.")
async def image(params: ImageParams, run: Run) -> None:
    source = await read_input(run, params.source) if params.source else None
    pictures = await run.draw(
        PictureRequest(
            prompt=params.prompt,
            negative_prompt=params.negative_prompt or "",
            model=params.model,
            aspect=params.aspect,
            count=params.count,
            seed=params.seed,
            style=params.style,
            quality=params.quality,
            source=source,
            strength=params.strength if source else None,
        )
    )
    tags = ["img2img" if source else "txt2img", *([params.style.lower()] if params.style else [])]
    for position, picture in enumerate(pictures):
        await save_generated_image(run, picture, position=position, tags=tags)
