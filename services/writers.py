"""Asking a writer: once more where its answer cannot be used, and then a template, which is said.

Words are cheap, and a tool can go on without them; so unlike with pictures, nothing that a writer
does wrong ends a generation where a template can take its place. Every ask is a step of its own in
the ledger. Their steps count downwards, so that they never meet those of pictures.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from core.errors import (
    AuthFailed,
    BadAnswer,
    ProviderError,
    QuotaExceeded,
    Refused,
    UnknownOutcome,
)
from core.writing import T, Writing
from db import ledger as stored
from db.base import CallStatus
from db.provider_models import ProviderCall
from services import gates
from services.ledger import begin, close, give_up_on, settle_failure

if TYPE_CHECKING:
    from providers import Writer
    from services.run import Run

log = logging.getLogger(__name__)

ASKS = 2
"""How often a writer is asked for one thing at most."""
TEMPLATES = "templates"
NOTES: dict[type[ProviderError], str] = {
    BadAnswer: "The writer's answer could not be used, so a template wrote it.",
    UnknownOutcome: "The writer's answer was lost, so a template wrote it.",
    Refused: "The writer declined this, so a template wrote it.",
    AuthFailed: "The writer does not let the studio in just now, so a template wrote it.",
    QuotaExceeded: "The writer's budget is used up, so a template wrote it.",
}
UNAVAILABLE = "The writer is not available just now, so a template wrote it."


async def write(run: Run, writing: Writing[T]) -> T:
    """Have something written, at most once however often the generation is run.

    Raises `ProviderError` where another attempt may help, or where there is no template.
    """
    *asks, last = steps_of(run.written)
    calls = await calls_so_far(run)
    templates = run.studio.writers.get(TEMPLATES)
    filled = calls.get(last)
    if filled is not None and filled.result is not None:
        return read_back(run, writing, filled)
    try:
        return await ask_twice(run, writing, asks, calls)
    except ProviderError as error:
        error.by_writer = True
        if may_help(run, error) or templates is None or templates is run.writer:
            raise
        try:
            return await ask(run, templates, writing, last, filled, note=note_on(error))
        except ProviderError:
            raise error from None


def steps_of(number: int) -> list[int]:
    """The steps of the generation's `number`th writing, from 1: its asks, then the template."""
    first = (number - 1) * (ASKS + 1) + 1
    return [-step for step in range(first, first + ASKS + 1)]


async def calls_so_far(run: Run) -> Mapping[int, ProviderCall]:
    """The newest call for each step, in whichever attempt."""
    async with run.studio.transaction() as tx:
        return {each.step: each for each in await stored.calls_of(tx, run.generation.id)}


async def ask_twice(
    run: Run, writing: Writing[T], steps: list[int], calls: Mapping[int, ProviderCall]
) -> T:
    """Ask; where the answer cannot be used, ask again with what is wrong with it."""
    bad = BadAnswer()
    for step in steps:
        try:
            return await ask(run, run.writer, writing, step, calls.get(step))
        except BadAnswer as error:
            bad = error
            writing = replace(writing, complaint=error.complaint)
            log.warning("generation %d got an answer of no use", run.generation.id)
    raise bad


async def ask(
    run: Run,
    who: Writer,
    writing: Writing[T],
    step: int,
    earlier: ProviderCall | None,
    note: str | None = None,
) -> T:
    """Make one ask, or read back what came of it in an earlier attempt.

    Raises `ProviderError`.
    """
    if earlier is not None and earlier.result is not None:
        return read_back(run, writing, earlier)
    if earlier is not None and earlier.error_class == BadAnswer.error_class:
        raise BadAnswer(earlier.error or "")
    if earlier is not None:
        await give_up_on(run, who, earlier)
    await gates.passing(run.studio, gate_of(who))
    call_id = await begin(run, step, who, who.models[0], None)
    try:
        written = await who.write(writing)
    except BaseException as error:
        await settle_none(run, who, call_id, error)
        raise
    await close(
        run.studio,
        call_id,
        status=CallStatus.SUCCEEDED,
        model=written.model,
        cost=written.cost,
        cost_source=written.cost_source,
        usage=dict(written.usage),
        result={"answer": written.answer.model_dump(mode="json"), "note": note},
    )
    await gates.succeeded(run.studio, gate_of(who))
    run.cost += written.cost
    say(run, note)
    return written.answer


async def settle_none(run: Run, who: Writer, call_id: int, error: BaseException) -> None:
    """Write down an ask that nothing came of, and what it cost all the same."""
    if not isinstance(error, BadAnswer):
        await settle_failure(run, who, call_id, error)
        await gates.failed(run.studio, gate_of(who), run.generation.id, error)
        return
    run.cost += error.cost
    await close(
        run.studio,
        call_id,
        status=CallStatus.FAILED,
        cost=error.cost,
        cost_source=error.cost_source,
        usage=dict(error.usage),
        error=error.complaint,
        error_class=error.error_class,
    )


def read_back(run: Run, writing: Writing[T], call: ProviderCall) -> T:
    """A finished ask's answer, with what was said about it."""
    assert call.result is not None
    say(run, call.result.get("note"))
    return writing.answer.model_validate(call.result["answer"])


def say(run: Run, note: str | None) -> None:
    if note is not None:
        run.fallback = note
    if note is not None and note not in run.notes:
        run.notes.append(note)


def note_on(error: ProviderError) -> str:
    return NOTES.get(type(error), UNAVAILABLE)


def may_help(run: Run, error: ProviderError) -> bool:
    """Whether the generation will be tried again for this; before a worker has it, it is not."""
    whole = run.outer or run
    return error.retryable and 0 < whole.generation.attempts < error.tries


def gate_of(writer: Writer) -> str:
    """A writer's gate is not its provider's: each model has limits of its own."""
    return f"{writer.name} (writer)"
