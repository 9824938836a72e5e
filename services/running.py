"""Running one queued generation to its end, in a worker."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete

from core.errors import BUG, Canceled, NothingGenerated, Poison, ProviderError, StudioError
from db import assets, generations, ledger
from db.models import Generation, Preview, Session, Status
from db.queue import DELIVER, enqueue
from providers import Provider
from services.choosing import another, preferred, whoever_is_there
from services.generations import happened, shown_in_discord
from services.ledger import call_off, forget_answers
from services.proposals import hold
from services.run import Held, Run
from services.studio import Studio

log = logging.getLogger(__name__)

LONGEST = 60.0
"""Seconds to wait for another attempt, where nobody said how long."""
SPREAD = 1.25
CRASHES = 3
"""Workers a request may bring down before it is set aside."""


class TryAgain(Exception):
    """The generation is queued again and its job is still wanted, after `delay` seconds."""

    def __init__(self, delay: float) -> None:
        super().__init__(delay)
        self.delay = delay


async def run(studio: Studio, generation_id: int) -> None:
    """Make one attempt. However it goes, the row says so and whoever asked is told.

    Cancelling it puts a generation that nobody called off back, for the next worker. Raises
    `TryAgain` when the queue should hand the job out again.
    """
    generation = await claim(studio, generation_id)
    if generation is None:
        return
    if generation.crashes >= CRASHES:
        await fail(studio, generation, Poison())
        return
    attempt = begin(studio, generation, provider=await whoever_is_there(studio, generation))
    try:
        await attempt_tool(attempt)
    except Held as held:
        await hold(studio, generation, held.proposal)
        await forget_preview(studio, generation)
    except asyncio.CancelledError:
        await to_the_end(stop(studio, generation))
        raise
    except Canceled:
        await to_the_end(stop(studio, generation))
    except StudioError as error:
        await retry_or_fail(attempt, error)
    except Exception as error:
        log.exception("generation %d crashed (request %s)", generation_id, generation.request_id)
        await fail(studio, generation, error, attempt)
    else:
        await succeed(attempt)


async def to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Do something whole even if the task is cancelled meanwhile; that is raised afterwards.

    Who calls a generation off cancels its task, often while that is ending by itself already.
    """
    task = asyncio.create_task(work)
    canceled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.done():
                raise
            canceled = True
    if canceled:
        raise asyncio.CancelledError


async def claim(studio: Studio, generation_id: int) -> Generation | None:
    async with studio.transaction() as tx:
        generation = await generations.claim(tx, generation_id, studio.worker_id)
        if generation is not None:
            happened(tx, generation_id, "started", attempt=generation.attempts)
    if generation is not None:
        log.info("generation %d started, attempt %d", generation_id, generation.attempts)
    return generation


def begin(
    studio: Studio,
    generation: Generation,
    outer: Run | None = None,
    provider: Provider | None = None,
) -> Run:
    """Put an attempt together; a step's shows its progress on the whole's, too."""
    wanted = preferred(studio, generation)
    run = Run(studio, generation, provider or (outer.provider if outer else wanted), outer)
    if provider is not None and provider is not wanted:
        run.notes.append(f"{wanted.label} is not available just now, so {provider.label} drew it.")
    return run


async def attempt_tool(attempt: Run) -> None:
    """Run the tool; one that ends without having kept a picture has failed."""
    tool = attempt.studio.tools[attempt.generation.tool]
    await tool.run(params=tool.params.model_validate(attempt.generation.params), run=attempt)
    async with attempt.studio.transaction() as tx:
        if not await assets.outputs_of(tx, attempt.generation.id):
            raise NothingGenerated


def worth_trying(error: StudioError, attempts: int) -> bool:
    """Whether another attempt may help, after so many."""
    return error.retryable and attempts < error.tries


async def retry_or_fail(attempt: Run, error: StudioError) -> None:
    """Put it back with a growing delay where another attempt may help, else fail.

    Raises `TryAgain` for the queue.
    """
    generation = attempt.generation
    if await another(attempt.studio, generation, attempt.provider, error):
        await hand_over(attempt, error)
        return
    if not worth_trying(error, generation.attempts):
        await fail(attempt.studio, generation, error, attempt)
        return
    delay = error.retry_after or min(2.0**generation.attempts, LONGEST)
    delay *= random.uniform(1, SPREAD)  # noqa: S311 - so that not all who wait come back at once
    if await put_back(attempt.studio, generation, "waiting", why=error.error_class, seconds=delay):
        log.warning("generation %d waits %.0f s for another try: %s", generation.id, delay, error)
        raise TryAgain(delay) from error


async def hand_over(attempt: Run, error: StudioError) -> None:
    """Let another provider try at once. Raises `TryAgain` for the queue."""
    generation, who = attempt.generation, attempt.provider.name
    meta = {**generation.meta, "avoid": [*generation.meta.get("avoid", []), who]}
    if await put_back(attempt.studio, generation, "handed over", values={"meta": meta}, of=who):
        log.warning("generation %d goes on without %s: %s", generation.id, who, error)
        raise TryAgain(0) from error


async def put_back(
    studio: Studio,
    generation: Generation,
    kind: str,
    values: Mapping[str, Any] | None = None,
    **data: Any,
) -> bool:
    """Make a running generation queued again; False when it is no longer ours to do so."""

    async def write() -> bool:
        async with studio.transaction() as tx:
            mine = await generations.move(
                tx,
                generation.id,
                generation.attempts,
                status=Status.QUEUED,
                progress=0,
                **(values or {}),
            )
            if mine:
                happened(tx, generation.id, kind, **data)
        return mine

    return await studio.patiently(write)


async def stop(studio: Studio, generation: Generation) -> None:
    """End an attempt that was interrupted: called off by somebody, or because the worker stops."""
    if await put_back(studio, generation, "handed back"):
        log.info("generation %d handed back", generation.id)
        return
    await call_off(studio, generation.id)
    await clean_up(studio, generation)


async def fail(
    studio: Studio, generation: Generation, error: Exception, attempt: Run | None = None
) -> None:
    """Record a failure with its class, its cause and the sentence that is shown."""
    known = isinstance(error, StudioError)
    cause = error.__cause__ or error
    await finish(
        studio,
        generation,
        attempt,
        resumable=isinstance(error, ProviderError),
        status=Status.FAILED,
        error=str(error) if known else f"{BUG} (request {generation.request_id}).",
        error_class=error.error_class if known else "bug",
        cause=f"{type(cause).__name__}: {cause}"[:2000],
    )


async def succeed(attempt: Run) -> None:
    await finish(
        attempt.studio,
        attempt.generation,
        attempt,
        status=Status.SUCCEEDED,
        progress=1,
        error=None,
        error_class=None,
        cause=None,
    )


async def finish(
    studio: Studio,
    generation: Generation,
    attempt: Run | None,
    *,
    resumable: bool = False,
    **values: Any,
) -> None:
    """Record the end and queue its delivery in one transaction, however long that takes.

    A generation that was canceled meanwhile, or that another worker took over, is left alone.
    One that is `resumable` keeps what providers answered, so that a retry need not ask again.
    """
    ended = datetime.now(UTC)
    started = generation.started_at or ended
    values |= {
        "finished_at": ended,
        "duration": max((ended - started) / timedelta(seconds=1), 0),
        "provider": attempt.provider.name if attempt else generation.provider,
        "model": attempt.model if attempt else generation.model,
        "full_prompt": attempt.full_prompt if attempt else generation.full_prompt,
        "stage": None,
        "meta": {**generation.meta, **memory_of(attempt)},
    }

    async def record() -> None:
        async with studio.transaction() as tx:
            cost = await ledger.spent(tx, generation.id)
            if not await generations.move(
                tx, generation.id, generation.attempts, cost=cost, **values
            ):
                return
            happened(tx, generation.id, str(values["status"]))
            await generations.cancel_steps(tx, generation.id)
            if attempt is not None and attempt.model is not None:
                session = await tx.get_one(Session, generation.session_id)
                session.last_model = attempt.model
            if shown_in_discord(generation):
                await enqueue(tx, DELIVER, generation.id)

    await studio.patiently(record)
    log.info("generation %d %s", generation.id, values["status"])
    if resumable:
        await forget_preview(studio, generation)
    else:
        await clean_up(studio, generation)


def memory_of(attempt: Run | None) -> dict[str, Any]:
    return {**attempt.memory, "notes": attempt.notes} if attempt else {"notes": []}


async def clean_up(studio: Studio, generation: Generation) -> None:
    """Drop what was only of use while it ran."""
    await forget_preview(studio, generation)
    await forget_answers(studio, generation.id)


async def forget_preview(studio: Studio, generation: Generation) -> None:
    async def forget() -> None:
        async with studio.transaction() as tx:
            await tx.execute(delete(Preview).where(Preview.generation_id == generation.id))

    await studio.patiently(forget)
