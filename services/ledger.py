"""Paying once: each call to a provider is written down before it is made and settled after.

A second attempt reads a finished step back instead of buying it again. What was sent and never
answered is taken up where the provider still has it, and repeated only where that is free;
otherwise nobody knows whether it was charged, and it is not asked for again unasked.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
from sqlalchemy import func, update

from core.errors import (
    Canceled,
    InvalidParams,
    OutOfReach,
    ProviderError,
    ServerFailed,
    StudioError,
    Transient,
    UnknownOutcome,
    UnusableFile,
)
from core.pictures import Drawing, Drawn, Linked, PictureRequest
from db import ledger
from db.base import CallStatus
from db.models import Generation, Status
from db.provider_models import ProviderCall
from providers import Reattaching
from services import gates
from services.fetch import fetch_picture
from services.pictures.header import walk

if TYPE_CHECKING:
    from providers import Provider, Writer
    from services.run import Run
    from services.studio import Studio

log = logging.getLogger(__name__)

NO_PICTURE = (
    "{} answered without a picture I can use. It may have been charged, so I did not ask again."
)


async def draw(run: Run, request: PictureRequest) -> Drawing:
    """Make the call for the run's current step, or read back or take up the one that was made.

    Every picture in it is in hand.
    """
    request = replace(request, key=str(uuid4()), user=str(run.generation.user_id))
    earlier = await last_call(run, run.step)
    if earlier is not None and earlier.result is not None:
        log.info("generation %d step %d read back", run.generation.id, run.step)
        return await read_back(run.studio, earlier)
    if earlier is not None and earlier.status is CallStatus.SENT:
        drawing = await take_up(run, earlier, request)
        if drawing is not None:
            return drawing
    await gates.passing(run.studio, run.provider.name)
    estimate = run.provider.estimate(request)
    call_id = await begin(run, run.step, run.provider, request.model, estimate)
    work = run.provider.generate(request, run.report)
    return await carried_out(run, run.provider, call_id, estimate, work)


async def carried_out(
    run: Run, who: Provider, call_id: int, estimate: Decimal | None, work: Awaitable[Drawing]
) -> Drawing:
    """Wait for a call's answer and write down what came of it."""
    try:
        drawing = await in_hand(run, who, await work)
    except BaseException as error:
        if await is_held(run, who, call_id, error):
            if run.generation.attempts < OutOfReach.tries:
                raise OutOfReach(retry_after=getattr(error, "retry_after", None)) from error
            error = given_up(error)
        await settle_failure(run, who, call_id, error)
        await gates.failed(run.studio, who.name, run.generation.id, error)
        if isinstance(error, UnknownOutcome) and estimate:
            raise UnknownOutcome(priced(error, estimate)) from error
        raise error
    await settle(run, call_id, drawing)
    await gates.succeeded(run.studio, who.name)
    return drawing


def given_up(error: BaseException) -> UnknownOutcome:
    """What a call that was looked for often enough has become."""
    unknown = UnknownOutcome()
    unknown.__cause__ = error
    return unknown


class NothingThere(UnknownOutcome):
    """The image provider has nothing of this any more. It may have been charged."""


async def in_hand(run: Run, who: Provider, drawing: Drawing) -> Drawing:
    """The same with every picture here, and a picture indeed.

    Raises `UnknownOutcome` for one that cannot be fetched, `NothingThere` for one that is none.
    """
    pictures: list[Drawn] = []
    for each in drawing.pictures:
        drawn = await fetched(run.studio, who, each) if isinstance(each, Linked) else each
        try:
            await run.studio.pictures.run(walk, drawn.data)
        except InvalidParams as error:
            raise NothingThere(NO_PICTURE.format(who.label)) from error
        pictures.append(drawn)
    if not pictures:
        raise NothingThere(NO_PICTURE.format(who.label))
    return replace(drawing, pictures=tuple(pictures))


async def fetched(studio: Studio, who: Provider, linked: Linked) -> Drawn:
    try:
        data = await bring(studio, who, linked.url)
    except UnusableFile as error:
        raise NothingThere(NO_PICTURE.format(who.label)) from error
    except InvalidParams as error:
        raise UnknownOutcome(NO_PICTURE.format(who.label)) from error
    return Drawn(data=data, seed=linked.seed, revised_prompt=linked.revised_prompt)


async def bring(studio: Studio, who: Provider, url: str) -> bytes:
    """Fetch a picture from where a provider left it: a public place, or its own server."""
    found = httpx.URL(url)
    home = httpx.URL(who.origin or "")
    if who.origin and (found.scheme, found.netloc) == (home.scheme, home.netloc):
        ports = {home.port or (443 if home.scheme == "https" else 80)}
        return await fetch_picture(studio, url, allow=lambda _: True, ports=ports)
    return await fetch_picture(studio, url)


async def is_held(run: Run, who: Provider, call_id: int, error: BaseException) -> bool:
    """Whether the provider has what was asked, so that another attempt can go on waiting for it.

    What it says itself to have failed at is over.
    """
    over = isinstance(error, (NothingThere, ServerFailed))
    lost = isinstance(error, (UnknownOutcome, Transient)) and not over
    if not lost or not isinstance(who, Reattaching):
        return False
    async with run.studio.transaction() as tx:
        call = await tx.get_one(ProviderCall, call_id, populate_existing=True)
    return call.handle is not None


def priced(error: UnknownOutcome, estimate: Decimal) -> str:
    """The sentence with what it may have cost."""
    return str(error).replace("been charged", f"been charged, about ${estimate:.2f}", 1)


async def take_up(run: Run, earlier: ProviderCall, request: PictureRequest) -> Drawing | None:
    """Go on with a call of an earlier attempt that nobody heard of; None to make it anew.

    Raises `UnknownOutcome` where that might pay twice.
    """
    who = run.studio.providers.get(earlier.provider, run.provider)
    if earlier.handle is None or not isinstance(who, Reattaching) or who.name != earlier.provider:
        await give_up_on(run, who, earlier)
        return None
    log.info("generation %d step %d taken up", run.generation.id, run.step)
    found: list[bool] = []

    async def again() -> Drawing:
        drawing = await who.reattach(earlier.handle or "", request, run.report)
        found.append(drawing is not None)
        if drawing is None:
            raise NothingThere
        return drawing

    try:
        return await carried_out(run, who, earlier.id, earlier.estimated_cost, again())
    except UnknownOutcome:
        if found == [False] and who.repeatable:
            await close(run.studio, earlier.id, status=CallStatus.FAILED, error_class="interrupted")
            return None
        raise


async def last_call(run: Run, step: int) -> ProviderCall | None:
    """The newest call for a step, in whichever attempt."""
    async with run.studio.transaction() as tx:
        return await ledger.last_call(tx, run.generation.id, step)


async def give_up_on(run: Run, who: Provider | Writer, earlier: ProviderCall) -> None:
    """Close a call of an earlier attempt; stop here if it may have been charged."""
    if earlier.status is not CallStatus.SENT:
        return
    free = who.repeatable and earlier.provider == who.name
    status = CallStatus.FAILED if free else CallStatus.UNKNOWN
    await close(run.studio, earlier.id, status=status, error_class="interrupted")
    if not free:
        raise UnknownOutcome


async def begin(
    run: Run, step: int, who: Provider | Writer, model: str | None, estimate: Decimal | None
) -> int:
    """Write the call down, with what it may cost, before it is made."""
    call = ProviderCall(
        generation_id=run.generation.id,
        step=step,
        attempt=run.generation.attempts,
        provider=who.name,
        model=model,
        estimated_cost=estimate or Decimal(0),
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
        assert isinstance(drawn, Drawn)
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
    if isinstance(error, asyncio.CancelledError) and (
        not who.repeatable or isinstance(who, Reattaching)
    ):
        return  # It stays "sent": whoever takes over finds out, or says that nobody knows.
    if isinstance(error, Canceled) and isinstance(who, Reattaching):
        return  # It stays "sent" until `call_off` has told the provider.
    called_off = isinstance(error, (Canceled, asyncio.CancelledError))
    told = isinstance(error, ProviderError) and not isinstance(error, UnknownOutcome)
    unknown = not (told or who.repeatable)
    cost = error.cost if isinstance(error, ProviderError) else Decimal(0)
    run.cost += cost
    await asyncio.shield(
        close(
            run.studio,
            call_id,
            status=CallStatus.UNKNOWN if unknown else CallStatus.FAILED,
            cost=None if unknown else cost,
            error=words_of(error),
            error_class=Canceled.error_class if called_off else class_of(error),
        )
    )


def words_of(error: BaseException) -> str:
    """What is written down of a failure: the sentence, and what the provider said itself."""
    if not isinstance(error, StudioError):
        return type(error).__name__
    return f"{error} {error.__cause__ or ''}".strip()[:500]


def class_of(error: BaseException) -> str:
    return error.error_class if isinstance(error, StudioError) else "bug"


async def call_off(studio: Studio, generation_id: int) -> None:
    """Stop what providers still draw of a generation that somebody called off.

    One that another worker took over is left to them.
    """
    async with studio.transaction() as tx:
        row = await tx.get(Generation, generation_id, populate_existing=True)
        if row is not None and row.status is not Status.CANCELED and row.deleted_at is None:
            return
        calls = await ledger.unsettled(tx, generation_id)
    for call in calls:
        who = studio.providers.get(call.provider)
        if who is None:
            continue
        if call.handle is not None and isinstance(who, Reattaching):
            with contextlib.suppress(ProviderError):
                await who.cancel(call.handle)
        status = CallStatus.FAILED if who.repeatable else CallStatus.UNKNOWN
        await close(studio, call.id, status=status, error_class=Canceled.error_class)


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
