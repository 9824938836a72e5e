"""Paying once: each call to a provider is written down before it is made and settled after.

A second attempt reads a finished step back instead of buying it again. What was sent and never
answered is repeated only where that is free; otherwise nobody knows whether it was charged, and
it is not asked for again unasked.
"""

from __future__ import annotations

import asyncio
import logging
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, update

from core.errors import Canceled, ProviderError, StudioError, UnknownOutcome
from core.pictures import Drawing, Drawn, PictureRequest
from core.writing import T, Writing, Written
from db import ledger
from db.models import CallStatus, ProviderCall

if TYPE_CHECKING:
    from providers import Provider, Writer
    from services.run import Run
    from services.studio import Studio

log = logging.getLogger(__name__)


async def draw(run: Run, request: PictureRequest) -> Drawing:
    """Make the call for the run's current step, or read back the one that was made."""
    earlier = await finished(run, run.step, run.provider)
    if earlier is not None:
        return await read_back(run.studio, earlier)
    call_id = await begin(run, run.step, run.provider, request.model)
    try:
        drawing = await run.provider.generate(request, run.report)
    except BaseException as error:
        await settle_failure(run, run.provider, call_id, error)
        raise
    await settle(run, call_id, drawing)
    return drawing


async def write(run: Run, writing: Writing[T]) -> Written[T]:
    """The same for words. Their steps count downwards, so that neither shifts the other."""
    step = -run.written
    earlier = await finished(run, step, run.writer)
    if earlier is not None and earlier.result is not None:
        answer = writing.answer.model_validate(earlier.result["answer"])
        return Written(answer=answer, model=earlier.model or "", cost=earlier.cost or Decimal(0))
    call_id = await begin(run, step, run.writer, run.writer.models[0])
    try:
        written = await run.writer.write(writing)
    except BaseException as error:
        await settle_failure(run, run.writer, call_id, error)
        raise
    await close(
        run.studio,
        call_id,
        status=CallStatus.SUCCEEDED,
        model=written.model,
        cost=written.cost,
        cost_source=written.cost_source,
        usage=dict(written.usage),
        result={"answer": written.answer.model_dump(mode="json")},
    )
    return written


async def finished(run: Run, step: int, who: Provider | Writer) -> ProviderCall | None:
    """An earlier attempt's call for a step, if it was answered; one that was not is closed.

    Raises `UnknownOutcome` where that may have been charged.
    """
    async with run.studio.transaction() as tx:
        earlier = await ledger.last_call(tx, run.generation.id, step)
    if earlier is None:
        return None
    if earlier.status is CallStatus.SUCCEEDED and earlier.result is not None:
        log.info("generation %d step %d read back", run.generation.id, step)
        return earlier
    await give_up_on(run, who, earlier)
    return None


async def give_up_on(run: Run, who: Provider | Writer, earlier: ProviderCall) -> None:
    """Close a call of an earlier attempt; stop here if it may have been charged."""
    if earlier.status is not CallStatus.SENT:
        return
    free = who.repeatable and earlier.provider == who.name
    status = CallStatus.FAILED if free else CallStatus.UNKNOWN
    await close(run.studio, earlier.id, status=status, error_class="interrupted")
    if not free:
        raise UnknownOutcome


async def begin(run: Run, step: int, who: Provider | Writer, model: str | None) -> int:
    """Write the call down before it is made."""
    call = ProviderCall(
        generation_id=run.generation.id,
        step=step,
        attempt=run.generation.attempts,
        provider=who.name,
        model=model,
    )
    async with run.studio.transaction() as tx:
        tx.add(call)
    return call.id


async def accepted(run: Run, handle: str) -> None:
    """Note the provider's name for the call, by which it can be found again."""
    async with run.studio.transaction() as tx:
        call = await ledger.last_call(tx, run.generation.id, run.step)
        if call is not None:
            call.handle = handle


async def settle(run: Run, call_id: int, drawing: Drawing) -> None:
    """Keep the raw answer, then write down what it cost. Waits for a database that is away."""
    result = await keep_answer(run, call_id, drawing)
    await close(
        run.studio,
        call_id,
        status=CallStatus.SUCCEEDED,
        model=drawing.model,
        cost=drawing.cost,
        cost_source=drawing.cost_source,
        usage=dict(drawing.usage),
        result=result,
    )


async def keep_answer(run: Run, call_id: int, drawing: Drawing) -> dict[str, Any]:
    """Put the pictures aside as they came, so that a crash from here on costs nothing."""
    pictures: list[dict[str, Any]] = []
    for position, drawn in enumerate(drawing.pictures):
        key = f"answers/{run.generation.id}/{call_id}-{position}"
        await run.studio.storage.put(key, drawn.data)
        pictures.append({"key": key, "seed": drawn.seed, "revised_prompt": drawn.revised_prompt})
    return {"pictures": pictures, "notes": list(drawing.notes)}


async def read_back(studio: Studio, call: ProviderCall) -> Drawing:
    """Rebuild a finished call's answer."""
    assert call.result is not None
    pictures = [
        Drawn(
            data=await studio.storage.get(each["key"]),
            seed=each["seed"],
            revised_prompt=each["revised_prompt"],
        )
        for each in call.result["pictures"]
    ]
    return Drawing(
        pictures=tuple(pictures),
        model=call.model or "",
        notes=tuple(call.result["notes"]),
        usage=call.usage,
        cost=call.cost or Decimal(0),
        cost_source="table",
    )


async def settle_failure(
    run: Run, who: Provider | Writer, call_id: int, error: BaseException
) -> None:
    """Write down that nothing came of it, and whether it may have been charged."""
    if isinstance(error, asyncio.CancelledError) and not who.repeatable:
        return  # It stays "sent": whoever takes over finds out, or says that nobody knows.
    unknown = isinstance(error, UnknownOutcome) or not isinstance(
        error, (StudioError, asyncio.CancelledError)
    )
    error_class = error.error_class if isinstance(error, StudioError) else "bug"
    if isinstance(error, (Canceled, asyncio.CancelledError)):
        error_class = Canceled.error_class
    await asyncio.shield(
        close(
            run.studio,
            call_id,
            status=CallStatus.UNKNOWN if unknown else CallStatus.FAILED,
            cost=Decimal(0) if isinstance(error, ProviderError) and not unknown else None,
            error=str(error)[:500] if isinstance(error, StudioError) else type(error).__name__,
            error_class=error_class,
        )
    )


async def close(studio: Studio, call_id: int, **values: Any) -> None:
    """Write a call's end, however long the database takes to come back."""

    async def write() -> None:
        async with studio.transaction() as tx:
            await tx.execute(
                update(ProviderCall)
                .where(ProviderCall.id == call_id)
                .values(finished_at=func.clock_timestamp(), **values)
            )

    await studio.patiently(write)


def pictures_of(call: ProviderCall) -> list[dict[str, Any]]:
    """Where a drawn answer's pictures lie; a written one has none."""
    return (call.result or {}).get("pictures", [])


async def forget_answers(studio: Studio, generation_id: int) -> None:
    """Drop the raw answers of a generation that has ended: its pictures are kept."""
    async with studio.transaction() as tx:
        calls = await ledger.with_answers(tx, generation_id)
        keys = [each["key"] for call in calls for each in pictures_of(call)]
        for call in calls:
            call.result = None
    for key in keys:
        await studio.storage.remove(key)
