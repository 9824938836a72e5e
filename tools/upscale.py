"""Enlarging a picture on this host: free, and nothing is invented."""

from __future__ import annotations

from pydantic import Field

from core.errors import InvalidParams
from core.pictures import Drawn
from core.tool import AssetId, Prose, ToolParams, tool
from services.images import read_input, save_generated_image
from services.run import Run

PIXEL_LIMIT = 32_000_000
"""The most we keep of any picture."""


class UpscaleParams(ToolParams):
    source: AssetId = Field(description="The picture to enlarge.")
    prompt: Prose = Field("", description="What it shows.", max_length=4000)
    factor: int = Field(2, description="How many times as wide and high.", ge=2, le=4)
    spoiler: bool = Field(False, description="Hide it until it is clicked.")


@tool("upscale", "Enlarge a picture.", listed=False)
async def upscale(params: UpscaleParams, run: Run) -> None:
    source = await read_input(run, params.source)
    if source.width * source.height * params.factor**2 > PIXEL_LIMIT:
        raise InvalidParams(
            f"It is already {source.width} x {source.height} pixels; "
            f"{params.factor} times that is more than I keep."
        )
    data = await run.studio.pictures.upscale(source.data, params.factor)
    run.notes.append("Enlarged on this host by resampling; no detail was invented.")
    await save_generated_image(run, Drawn(data=data), tags=["upscale"])
