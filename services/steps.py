"""Making something in steps: each is a child generation of its own, run within its whole's run.

A step that was made is not made again: an interrupted or retried whole goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete

from core.errors import Canceled, NothingGenerated, ProviderError, StudioError
from core.text import shorten
from core.tool import Tool, ToolParams
from core.viewer import Viewer
from db import generations
from db.models import Asset, Generation, GenerationInput, Status
from services.generations import find_tool, happened, note_inputs, read_inputs
from services.run import Run
from services.running import (
    attempt_tool,
    begin,
    fail,
    put_back,
    stop,
    succeed,
    to_the_end,
    worth_trying,
)

log = logging.getLogger(__name__)

STAGE_LIMIT = 80
"""Characters of a step's words that are shown while it is made."""


class StepFailed(ProviderError):
    """One of the steps did not work; what was made before it is kept."""

    def __init__(self, number: int, count: int, words: str, cause: StudioError) -> None:
        super().__init__(
            f"Step {number} of {count}, “{shorten(words, STAGE_LIMIT)}”, did not work: {cause}"
        )
        self.error_class = cause.error_class


async def make_step(
    run: Run, number: int, words: str, tool: str, values: Mapping[str, Any]
) -> Asset:
    """Make step `number`, from 1, of `run.steps` by a tool; return the picture it kept.

    Raises `StepFailed`, or what is worth another attempt of the whole.
    """
    run.step = number
    run.stage = f"{number} of {run.steps}: {shorten(words, STAGE_LIMIT)}"
    await run.show(0, None)
    step = await opened(run, number, find_tool(run.studio, tool), values)
    if step.status is Status.SUCCEEDED:
        return await picture_of(run, step.id)
    claimed = await claim(run, step.id)
    if claimed is None:
        raise StepFailed(number, run.steps, words, Canceled())
    inner = begin(run.studio, claimed, run)
    try:
        await attempt(inner)
    except StudioError as error:
        if worth_trying(error, run.generation.attempts):
            raise
        raise StepFailed(number, run.steps, words, error) from error
    run.model = inner.model or run.model
    run.notes.extend(note for note in inner.notes if note not in run.notes)
    return await picture_of(run, step.id)


async def attempt(inner: Run) -> None:
    """Run a step to its end, and write that down. Raises what ended it."""
    outer = inner.outer
    assert outer is not None
    try:
        await attempt_tool(inner)
    except asyncio.CancelledError:
        await to_the_end(stop(inner.studio, inner.generation))
        raise
    except Canceled:
        await to_the_end(stop(inner.studio, inner.generation))
        await outer.show(0, None)  # Raises where it was the whole that was called off.
        raise
    except StudioError as error:
        if worth_trying(error, outer.generation.attempts):
            await put_back(inner.studio, inner.generation, "waiting", why=error.error_class)
        else:
            await fail(inner.studio, inner.generation, error, inner)
        raise
    except Exception as error:
        await fail(inner.studio, inner.generation, error, inner)
        raise
    await succeed(inner)


async def opened(run: Run, number: int, tool: Tool, values: Mapping[str, Any]) -> Generation:
    """The row of a step: new, or the one an earlier attempt wrote.

    One that was made from the same is left as it is; any other begins anew.
    """
    params = tool.parse(values)
    whole = run.generation
    # What the whole may be made from was settled when it was asked for.
    viewer = Viewer(user_id=whole.user_id, admin=True)
    inputs = await read_inputs(run.studio, tool, params, viewer)
    asked = params.model_dump(mode="json", exclude_none=True)
    async with run.studio.transaction() as tx:
        step = await generations.by_request(tx, f"step-{whole.id}-{number}")
        if step is not None and step.params == asked and (step.assets or unended(step)):
            return step
        if step is None:
            step = row_of(whole, number, tool, params)
            tx.add(step)
            await tx.flush()
        else:
            begin_anew(step, asked, str(getattr(params, tool.words)))
        await tx.execute(delete(GenerationInput).where(GenerationInput.generation_id == step.id))
        note_inputs(tx, step.id, inputs)
        happened(tx, step.id, "queued", tool=tool.name)
    return step


def unended(step: Generation) -> bool:
    return step.status in generations.UNENDED


def row_of(whole: Generation, number: int, tool: Tool, params: ToolParams) -> Generation:
    """A step is in the tree, but in no channel: its whole is what is shown there."""
    return Generation(
        session_id=whole.session_id,
        parent_id=whole.id,
        relation="step",
        user_id=whole.user_id,
        guild_id=whole.guild_id,
        request_id=f"step-{whole.id}-{number}",
        tool=tool.name,
        params=params.model_dump(mode="json", exclude_none=True),
        prompt=str(getattr(params, tool.words)),
        status=Status.QUEUED,
        meta={"step_of": whole.id, "step": number},
    )


def begin_anew(step: Generation, asked: dict[str, Any], words: str) -> None:
    step.status = Status.QUEUED
    step.params, step.prompt = asked, words
    step.error = step.error_class = step.cause = step.finished_at = step.deleted_at = None
    step.progress = 0


async def claim(run: Run, step_id: int) -> Generation | None:
    async with run.studio.transaction() as tx:
        step = await generations.claim(tx, step_id, run.studio.worker_id)
        if step is not None:
            happened(tx, step_id, "started", attempt=step.attempts)
    return step


async def picture_of(run: Run, step_id: int) -> Asset:
    async with run.studio.transaction() as tx:
        step = await generations.by_id(tx, step_id)
    if step is None or not step.assets:
        raise NothingGenerated
    return step.assets[0]
