"""/context-edit: several wishes at once, made one after the other, each step kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, field_validator

from core.pictures import Drawn
from core.text import shorten
from core.tool import AssetId, ModelName, Prose, ProviderName, ToolParams, tool
from core.viewer import Viewer
from core.writing import Plan, Writing
from db import assets, generations
from services.images import read_input, save_generated_image
from services.run import Run
from services.steps import StepFailed, make_step
from services.studio import Studio

MOST_STEPS = 5
EARLIER = 2
"""Pictures from before that each step may look at."""
NUMBERED = re.compile(r"^\s*(?:\d{1,2}\s*[.):]|[-*\u2022])\s*")
INSTRUCTION = (
    "Split the request into atomic changes to one picture, in the order to make them: what lies "
    "behind first, what stands in front last, light and style of the whole at the end. One "
    "element in each. Use the context to say in full what words like 'it' or 'again' mean. Drop "
    "nothing: where there are more changes than max_steps, merge the ones that are closest."
)


class ContextEditParams(ToolParams):
    source: AssetId = Field(description="The picture to change.")
    request: Prose = Field(
        description="Everything that should be different.",
        min_length=1,
        max_length=8000,
        json_schema_extra={"discord_max": 4000},
    )
    max_steps: int = Field(
        4, description="How many steps to take at most; wishes are merged to fit.", ge=1, le=5
    )
    provider: ProviderName | None = Field(None, description="Who draws.", max_length=50)
    model: ModelName | None = Field(None, description="Which of their models.", max_length=100)
    seed: int | None = Field(
        None, description="A number that repeats an earlier change.", ge=0, le=2**32 - 1
    )
    spoiler: bool = Field(False, description="Hide it until it is clicked.")
    plan: Prose | None = Field(
        None,
        description="The steps, one on each line; made from the request by default.",
        max_length=8000,
        json_schema_extra={"hidden": True},
    )
    context: Annotated[list[Prose], Field(max_length=8)] = Field(
        default=[],
        description="What was asked before, oldest first; looked up by itself.",
        json_schema_extra={"hidden": True},
    )
    earlier: Annotated[list[AssetId], Field(max_length=EARLIER)] = Field(
        default=[],
        description="Pictures it comes from; looked up by itself.",
        json_schema_extra={"hidden": True},
    )

    @field_validator("plan")
    @classmethod
    def has_steps(cls, plan: str | None) -> str | None:
        if plan is not None and not 1 <= len(read_plan(plan)) <= MOST_STEPS:
            raise ValueError(f"it needs 1 to {MOST_STEPS} steps, one on each line")
        return plan


@tool("context-edit", "Make several changes to a picture, one after the other.", words="request")
async def context_edit(params: ContextEditParams, run: Run) -> None:
    steps = await planned(params, run)
    run.remember("plan", steps)
    run.steps = len(steps)
    picture = params.source
    for number, words in enumerate(steps, 1):
        try:
            made = await make_step(run, number, words, "edit", wishes(run, params, picture, words))
        except StepFailed:
            if number > 1:
                await keep(run, picture, number - 1, steps)
            raise
        picture = str(made.id)
    await keep(run, picture, len(steps), steps)


async def look_back(studio: Studio, values: Mapping[str, Any], viewer: Viewer) -> Mapping[str, Any]:
    """Find what came before the source, as far as the person who asks may see it."""
    async with studio.transaction() as tx:
        source = await assets.find(tx, UUID(str(values["source"])), viewer)
        before = source.generation_id if source else None
        line = await generations.ancestors(tx, before, viewer)
    words = [shorten(each.prompt, 300) for each in reversed(line) if each.prompt]
    # The source itself is given anyway; what it came from may hold what has gone since.
    pictures = [str(each.assets[0].id) for each in line[1:] if each.assets]
    return {**values, "context": words, "earlier": pictures[:EARLIER]}


async def planned(params: ContextEditParams, run: Run) -> list[str]:
    """The steps: agreed to, remembered from an earlier attempt, or written now."""
    if params.plan is not None:
        return read_plan(params.plan)
    if remembered := run.generation.meta.get("plan"):
        return list(remembered)
    data = {
        "request": params.request,
        "max_steps": params.max_steps,
        "context": params.context,
    }
    plan = await run.write(Writing(task="plan", instruction=INSTRUCTION, data=data, answer=Plan))
    steps = merged([shorten(each, 4000) for each in plan.steps], params.max_steps)
    if len(steps) == 1:
        return steps
    summary = f"{len(steps)} pictures, one after the other: {run.price(len(steps))}."
    whole = {"One pass": shorten(params.request, 4000)}
    return read_plan(await run.propose("plan", write_plan(steps), summary, whole))


def merged(steps: Sequence[str], most: int) -> list[str]:
    """Join the last steps into one where there are more than `most`: nothing is dropped."""
    kept = list(steps)
    while len(kept) > most:
        last = kept.pop()
        kept[-1] = f"{kept[-1].rstrip('.')}, and {last}"
    return kept


def write_plan(steps: Sequence[str]) -> str:
    return "\n".join(f"{number}. {words}" for number, words in enumerate(steps, 1))


def read_plan(text: str) -> list[str]:
    """One step on each line; numbers and bullets before it are not part of it."""
    lines = (NUMBERED.sub("", line).strip() for line in text.splitlines())
    return [line for line in lines if line]


def wishes(run: Run, params: ContextEditParams, source: str, words: str) -> dict[str, Any]:
    """The parameters of one step's edit."""
    given = {"provider": params.provider, "model": params.model, "seed": params.seed}
    known = {name: value for name, value in given.items() if value is not None}
    seen = params.earlier[: run.capabilities.references]
    return {"source": source, "instruction": words, "references": seen, **known}


async def keep(run: Run, picture: str, made: int, steps: Sequence[str]) -> None:
    """Keep the last step's picture as the whole's."""
    run.full_prompt = write_plan(steps[:made])
    last = await read_input(run, picture)
    alt = f"Picture changed in {made} steps: {'; '.join(steps[:made])}"
    await save_generated_image(run, Drawn(data=last.data), tags=["context-edit"], alt=alt)


context_edit = context_edit.prepares(look_back)
