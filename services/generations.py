"""The life of a generation: submitted, run, finished, canceled, retried, deleted."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Canceled, Forbidden, InvalidParams, LimitReached, NotFound
from core.text import shorten
from core.tool import Tool, ToolParams
from core.viewer import Viewer
from db import generations, people
from db.models import (
    Asset,
    Generation,
    GenerationEvent,
    GenerationInput,
    Role,
    Session,
    ShownMessage,
    Status,
)
from db.queue import DELIVER, GENERATE, enqueue
from services import choosing
from services.images import delete_pictures, read_asset
from services.ledger import forget_answers
from services.studio import Studio

log = logging.getLogger(__name__)

WAITING_LIMIT = 25
"""How many unfinished generations one person may have; a list of them fits one Discord menu."""
TITLE_LIMIT = 80


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Who asked, where the answer goes, and what makes the request the same if it comes twice."""

    viewer: Viewer
    request_id: str
    locale: str | None = None
    guild_id: int | None = None
    channel_id: int | None = None
    message_id: int | None = None
    application_id: int | None = None
    reply_token: str | None = field(default=None, repr=False)
    visibility: str = "private"
    file_limit: int | None = None
    """The largest file the place of the answer takes, in bytes."""
    confirm: bool = False
    """Whether to show what would be drawn, where a tool has something to show, and wait."""


async def submit(
    studio: Studio,
    tool_name: str,
    values: Mapping[str, object],
    origin: Origin,
    *,
    parent: Generation | None = None,
    sibling: Generation | None = None,
    relation: str | None = None,
    held: dict[str, Any] | None = None,
) -> Generation:
    """Check a request, record it and queue it, the last two in one transaction.

    With a `sibling` it takes the same place in the same tree. One that is `held`, with its
    proposal, waits for a yes before it is queued.

    Asked twice with the same request ID, it returns the first generation. Raises `InvalidParams`
    with what to change, `NotFound` for a picture that is not theirs, `LimitReached`.
    """
    tool = find_tool(studio, tool_name)
    params = await prepared(studio, tool, values, origin.viewer)
    check_provider(studio, params)
    inputs = await read_inputs(studio, tool, params, origin.viewer)
    try:
        async with studio.transaction() as tx:
            if (known := await generations.by_request(tx, origin.request_id)) is not None:
                return known
            generation = await record(tx, tool, params, inputs, origin, parent or sibling)
            generation.relation = relation
            if sibling is not None:
                generation.parent_id = sibling.parent_id
            generation.proposal = held
            if held is None:
                await enqueue(tx, GENERATE, generation.id)
    except IntegrityError:
        return await recorded(studio, origin.request_id)
    log.info("generation %d queued: /%s by %d", generation.id, tool.name, generation.user_id)
    return generation


async def prepared(
    studio: Studio, tool: Tool, values: Mapping[str, object], viewer: Viewer
) -> ToolParams:
    """Check the parameters, and look up what they name where the tool wants that."""
    params = tool.parse(values)
    if tool.prepare is None:
        return params
    given = params.model_dump(mode="json", exclude_unset=True)
    return tool.parse(await tool.prepare(studio, given, viewer))


def find_tool(studio: Studio, name: str) -> Tool:
    if name not in studio.tools:
        raise InvalidParams(f"There is no tool called {shorten(name, 40)}.")
    return studio.tools[name]


def check_provider(studio: Studio, params: ToolParams) -> None:
    """Refuse a provider or a model nobody here has, with the names of those we have."""
    provider, model = getattr(params, "provider", None), getattr(params, "model", None)
    if provider is not None:
        choosing.check(studio.providers, provider, "provider")
    if model is not None:
        choosing.owner_of(studio, model)


async def recorded(studio: Studio, request_id: str) -> Generation:
    """The generation somebody else recorded for the same request a moment ago."""
    async with studio.transaction() as tx:
        generation = await generations.by_request(tx, request_id)
    assert generation is not None
    return generation


async def read_inputs(
    studio: Studio, tool: Tool, params: ToolParams, viewer: Viewer
) -> list[tuple[Role, Asset]]:
    """Look up every picture the parameters name, as the person who asks may see it."""
    found: list[tuple[Role, Asset]] = []
    for name, role in tool.asset_fields().items():
        value = getattr(params, name)
        named = [value] if isinstance(value, str) else value or ()
        found += [(Role(role), await read_asset(studio, each, viewer)) for each in named]
    return found


async def record(
    tx: AsyncSession,
    tool: Tool,
    params: ToolParams,
    inputs: list[tuple[Role, Asset]],
    origin: Origin,
    parent: Generation | None,
) -> Generation:
    """Write the rows of a new generation, in its parent's session or a new one."""
    viewer = origin.viewer
    await people.remember(tx, viewer.user_id, viewer.name, origin.locale)
    await check_limit(tx, viewer)
    words = str(getattr(params, tool.words, "") or "")
    generation = Generation(
        session_id=parent.session_id if parent else await begin_session(tx, words, tool, origin),
        parent_id=parent.id if parent else None,
        user_id=viewer.user_id,
        guild_id=origin.guild_id,
        channel_id=origin.channel_id,
        message_id=origin.message_id,
        application_id=origin.application_id,
        reply_token=origin.reply_token,
        request_id=origin.request_id,
        tool=tool.name,
        params=params.model_dump(mode="json", exclude_none=True),
        prompt=words,
        negative_prompt=getattr(params, "negative_prompt", None),
        meta={
            **noted(origin),
            **await choosing.noted(tx, tool.name, params, viewer.user_id, origin.guild_id),
        },
    )
    tx.add(generation)
    await tx.flush()
    note_inputs(tx, generation.id, inputs)
    happened(tx, generation.id, "queued", tool=tool.name)
    return generation


def note_inputs(tx: AsyncSession, generation_id: int, inputs: Sequence[tuple[Role, Asset]]) -> None:
    """Write down what a generation is made from, numbered in each role."""
    counts: dict[Role, int] = {}
    for role, asset in inputs:
        position = counts[role] = counts.get(role, -1) + 1
        tx.add(
            GenerationInput(
                generation_id=generation_id, asset_id=asset.id, role=role, position=position
            )
        )


def noted(origin: Origin) -> dict[str, Any]:
    """What of the asking matters later."""
    known = {"file_limit": origin.file_limit, "confirm": origin.confirm or None}
    return {name: value for name, value in known.items() if value is not None}


async def check_limit(tx: AsyncSession, viewer: Viewer) -> None:
    waiting = len(await generations.unended_of(tx, viewer.user_id, WAITING_LIMIT))
    if waiting >= WAITING_LIMIT:
        raise LimitReached(
            f"You already have {waiting} pictures waiting. Wait for one, or /cancel some."
        )


async def begin_session(tx: AsyncSession, words: str, tool: Tool, origin: Origin) -> int:
    """Start a session for a request that continues nothing."""
    session = Session(
        user_id=origin.viewer.user_id,
        guild_id=origin.guild_id,
        channel_id=origin.channel_id,
        title=shorten(words, TITLE_LIMIT) or tool.summary,
        visibility=origin.visibility,
    )
    tx.add(session)
    await tx.flush()
    return session.id


def happened(tx: AsyncSession, generation_id: int, kind: str, **data: Any) -> None:
    tx.add(GenerationEvent(generation_id=generation_id, kind=kind, data=data))


async def shown_again(
    studio: Studio, generation_id: int, message_id: int, channel_id: int | None
) -> None:
    """Note another message that shows a generation: a reply to it is a reply to the picture."""
    async with studio.transaction() as tx:
        await tx.merge(
            ShownMessage(message_id=message_id, channel_id=channel_id, generation_id=generation_id)
        )


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Another place for an outcome: a message, or what a fresh token answers."""

    message_id: int | None
    channel_id: int | None
    application_id: int
    reply_token: str = field(repr=False)


async def answer_there(tx: AsyncSession, generation: Generation, answer: Answer) -> dict[str, Any]:
    """The columns that send an outcome there; where it was shown before still counts."""
    before = generation.message_id
    if before is not None and before != answer.message_id:
        shown = ShownMessage(
            message_id=before, channel_id=generation.channel_id, generation_id=generation.id
        )
        await tx.merge(shown)
    return {
        "message_id": answer.message_id,
        "channel_id": answer.channel_id,
        "application_id": answer.application_id,
        "reply_token": answer.reply_token,
        "meta": {**generation.meta, "token_at": datetime.now(UTC).isoformat()},
    }


async def placed(studio: Studio, generation_id: int, message_id: int | None) -> None:
    """Note which message a fresh token's answer became, once that is known."""
    async with studio.transaction() as tx:
        await tx.execute(
            update(Generation).where(Generation.id == generation_id).values(message_id=message_id)
        )


async def cancel(studio: Studio, generation_id: int, viewer: Viewer) -> Generation:
    """Call a queued or running generation off; whoever draws it is told and stops.

    Raises `NotFound`, or `Forbidden` where it is somebody else's.
    """
    async with studio.transaction() as tx:
        generation = await owned(tx, generation_id, viewer, "cancel")
        if generation.status not in generations.UNENDED:
            raise InvalidParams("That has already ended.")
        generation.status = Status.CANCELED
        generation.proposal = None
        generation.error = Canceled.__doc__
        generation.error_class = Canceled.error_class
        generation.finished_at = datetime.now(UTC)
        await generations.cancel_steps(tx, generation_id)
        happened(tx, generation_id, "canceled", by=viewer.user_id)
        if shown_in_discord(generation):
            await enqueue(tx, DELIVER, generation_id)
    log.info("generation %d canceled by %d", generation_id, viewer.user_id)
    return generation


async def owned(tx: AsyncSession, generation_id: int, viewer: Viewer, verb: str) -> Generation:
    """Lock a generation that somebody may change: their own, or one they moderate."""
    generation = await generations.find(tx, generation_id, viewer)
    if generation is None:
        raise NotFound
    moderator = viewer.admin or generation.guild_id in viewer.moderates
    if generation.user_id != viewer.user_id and not moderator:
        raise Forbidden(f"Only the person who made it, or a moderator, can {verb} it.")
    locked = select(Generation).where(Generation.id == generation_id).with_for_update()
    return (await tx.scalars(locked, execution_options={"populate_existing": True})).one()


def shown_in_discord(generation: Generation) -> bool:
    return generation.channel_id is not None and (
        generation.message_id is not None or generation.reply_token is not None
    )


async def retry(
    studio: Studio, generation_id: int, viewer: Viewer, answer: Answer | None = None
) -> Generation:
    """Begin another attempt of a generation that failed.

    It answers where the first one did, unless told otherwise.

    Raises `NotFound`, `Forbidden`, or `InvalidParams` when it did not fail.
    """
    async with studio.transaction() as tx:
        generation = await owned(tx, generation_id, viewer, "retry")
        if generation.status is not Status.FAILED:
            raise InvalidParams("Only something that failed can be tried again.")
        if answer is not None:
            for name, value in (await answer_there(tx, generation, answer)).items():
                setattr(generation, name, value)
        generation.status = Status.QUEUED
        generation.error = generation.error_class = generation.cause = None
        generation.finished_at = generation.delivered_at = None
        generation.progress = 0
        generation.crashes = 0
        happened(tx, generation_id, "retried", by=viewer.user_id)
        await people.note(
            tx, viewer.user_id, "retry", {"generation": generation_id}, generation.guild_id
        )
        await enqueue(tx, GENERATE, generation_id)
    log.info("generation %d queued again by %d", generation_id, viewer.user_id)
    return generation


async def delete(studio: Studio, generation_id: int, viewer: Viewer) -> Generation:
    """Forget a generation's pictures and show it no more; its place in the tree stays.

    Raises `NotFound` or `Forbidden`.
    """
    async with studio.transaction() as tx:
        generation = await owned(tx, generation_id, viewer, "delete")
        if generation.status in generations.UNENDED:
            generation.status = Status.CANCELED
            generation.proposal = None
            generation.finished_at = datetime.now(UTC)
            await generations.cancel_steps(tx, generation_id)
        generation.deleted_at = datetime.now(UTC)
        happened(tx, generation_id, "deleted", by=viewer.user_id)
        if generation.user_id != viewer.user_id:
            await people.note(
                tx, viewer.user_id, "delete", {"generation": generation_id}, generation.guild_id
            )
    await delete_pictures(studio, generation_id)
    await forget_answers(studio, generation_id)
    log.info("generation %d deleted by %d", generation_id, viewer.user_id)
    return generation


async def read(studio: Studio, generation_id: int, viewer: Viewer) -> Generation:
    """Find a generation somebody may see, with all that is shown. Raises `NotFound`."""
    async with studio.transaction() as tx:
        generation = await generations.find(tx, generation_id, viewer)
    if generation is None:
        raise NotFound
    return generation


async def delivered(studio: Studio, generation_id: int, message_id: int | None = None) -> None:
    """Note that a result is where people see it; the token that put it there is forgotten."""
    values: dict[str, Any] = {"delivered_at": func.clock_timestamp(), "reply_token": None}
    if message_id is not None:
        values["message_id"] = message_id
    async with studio.transaction() as tx:
        await tx.execute(update(Generation).where(Generation.id == generation_id).values(**values))
