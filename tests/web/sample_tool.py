"""A tool with one parameter of every kind, that shows its words first and keeps several files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from core.pictures import PictureRequest
from core.tool import (
    AssetId,
    CharacterName,
    DataFile,
    DatasetName,
    Line,
    MaskId,
    Parent,
    Prose,
    StyleName,
    ToolParams,
    tool,
)
from services.images import keep_drawing, save_generated_image
from services.run import Run

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
)


class SampleParams(ToolParams):
    prompt: Prose = Field(description="What it is of.", min_length=1, max_length=200)
    shape: Literal["wide", "tall"] = Field("wide", description="Which way.")
    rows: Literal[1, 2] | None = Field(None, description="How many rows.")
    title: Line | None = Field(None, description="What stands above.", max_length=40)
    width: int = Field(800, description="In pixels.", ge=400, le=2000)
    strength: float | None = Field(None, description="How far.", ge=0, le=1)
    grid: bool = Field(True, description="Lines behind it.")
    story: Prose | None = Field(None, description="What happens.", max_length=500)
    style: StyleName | None = Field(None, description="How.", max_length=40)
    cast: Annotated[list[CharacterName], Field(max_length=3)] = Field([], description="Who is in.")
    dataset: DatasetName | None = Field(None, description="Which set.", max_length=40)
    source: AssetId | None = Field(None, description="What to start from.")
    mask: MaskId | None = Field(None, description="Where.")
    references: Annotated[list[AssetId], Field(max_length=2)] = Field([], description="More.")
    file: DataFile = Field("", description="A table.")
    script: Prose | None = Field(None, max_length=100, json_schema_extra={"hidden": True})


@tool("sample", "Make a sample.")
async def draw(params: SampleParams, run: Run) -> None:
    others = {"In short": f"{params.prompt}, in short"}
    proposed = f"One picture of {params.prompt}"
    script = params.script or await run.propose("script", proposed, "1 picture, free", others)
    run.full_prompt = f"{params.prompt}, on paper"
    [drawn] = await run.draw(PictureRequest(prompt=script))
    await save_generated_image(run, drawn)
    await save_generated_image(run, drawn, part="sheet")
    await keep_drawing(run, SVG, drawn)


@draw.iterates
def sample(parent: Parent, words: str, references: Sequence[str]) -> Mapping[str, Any]:
    return {**parent.params, "prompt": f"{parent.params['prompt']} {words}", "script": words}
