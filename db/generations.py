"""Every question we ask about generations. Each takes the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.interfaces import ORMOption

from core.viewer import Viewer
from db.models import (
    RESULT,
    Asset,
    Generation,
    GenerationInput,
    Preview,
    Session,
    ShownMessage,
    Status,
)

ENDED = (Status.SUCCEEDED, Status.FAILED, Status.CANCELED)
UNENDED = (Status.QUEUED, Status.RUNNING)

SHOWN: tuple[ORMOption, ...] = (
    selectinload(Generation.assets),
    selectinload(Generation.parts),
    selectinload(Generation.session),
    selectinload(Generation.user),
    selectinload(Generation.inputs).selectinload(GenerationInput.asset),
)
"""What a result needs to be shown."""


WHOLE = Generation.relation.is_distinct_from("step")
"""Leaves out the steps in which something was made: lists show the whole."""


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Which generations somebody may see; every query that reads for somebody uses it.

    Their own, those of sessions they began, and what the session is open to.
    """
    alive = Generation.deleted_at.is_(None)
    if viewer.admin:
        return alive
    open_to_them = or_(
        Session.visibility == "public",
        Session.user_id == viewer.user_id,
        (Session.visibility == "guild") & Session.guild_id.in_(viewer.guild_ids),
    )
    home = select(Session.id).where(Session.id == Generation.session_id, open_to_them).exists()
    return alive & or_(Generation.user_id == viewer.user_id, home)


async def claim(tx: AsyncSession, generation_id: int, worker: str) -> Generation | None:
    """Begin an attempt, or return None if there is nothing to do.

    A row that is already running is claimed again: its worker died, or the queue would not have
    handed us the job. That is counted, because a request may be what kills workers; a worker
    that only lost the database and claims its own again did not die.
    """
    died = (Generation.status == Status.RUNNING) & Generation.worker.is_distinct_from(worker)
    crashed = case((died, 1), else_=0)
    claimed = (
        update(Generation)
        .where(
            Generation.id == generation_id,
            Generation.status.in_(UNENDED),
            Generation.proposal.is_(None),
        )
        .values(
            status=Status.RUNNING,
            attempts=Generation.attempts + 1,
            crashes=Generation.crashes + crashed,
            worker=worker,
            started_at=func.clock_timestamp(),
            progress=0,
        )
        .returning(Generation)
    )
    return (await tx.scalars(claimed)).one_or_none()


async def suspicion(tx: AsyncSession, generation_id: int, worker: str) -> int:
    """How many workers died running this, counting one that has just been found dead."""
    died = (Generation.status == Status.RUNNING) & Generation.worker.is_distinct_from(worker)
    query = select(Generation.crashes + case((died, 1), else_=0)).where(
        Generation.id == generation_id
    )
    return await tx.scalar(query) or 0


async def move(tx: AsyncSession, generation_id: int, attempt: int | None, **values: Any) -> bool:
    """Change a running generation, but only for the attempt that has it; say whether it did.

    The queue knows no fencing: a worker that was slow, not dead, may still be writing.
    """
    mine = [Generation.id == generation_id, Generation.status == Status.RUNNING]
    if attempt is not None:
        mine.append(Generation.attempts == attempt)
    moved = await tx.execute(
        update(Generation).where(*mine).values(**values).returning(Generation.id)
    )
    return moved.one_or_none() is not None


async def find(
    tx: AsyncSession, generation_id: int, viewer: Viewer, *options: ORMOption
) -> Generation | None:
    query = select(Generation).where(Generation.id == generation_id, visible_to(viewer))
    return (await tx.scalars(query.options(*(options or SHOWN)))).one_or_none()


async def by_id(tx: AsyncSession, generation_id: int, *options: ORMOption) -> Generation | None:
    """Read a generation for ourselves, whoever it belongs to."""
    query = select(Generation).where(Generation.id == generation_id)
    return (await tx.scalars(query.options(*(options or SHOWN)))).one_or_none()


async def by_request(tx: AsyncSession, request_id: str) -> Generation | None:
    query = select(Generation).where(Generation.request_id == request_id).options(*SHOWN)
    return (await tx.scalars(query)).one_or_none()


async def at_message(tx: AsyncSession, message_id: int) -> Generation | None:
    """Find the generation a Discord message shows, for ourselves."""
    elsewhere = select(ShownMessage.generation_id).where(ShownMessage.message_id == message_id)
    query = (
        select(Generation)
        .where(
            or_(
                Generation.message_id == message_id,
                Generation.id == elsewhere.scalar_subquery(),
            )
        )
        .order_by(Generation.id.desc())
        .limit(1)
        .options(*SHOWN)
    )
    return (await tx.scalars(query)).one_or_none()


async def latest_with_picture(
    tx: AsyncSession, user_id: int, channel_id: int | None
) -> Generation | None:
    """Somebody's newest picture in a channel."""
    query = (
        select(Generation)
        .where(
            Generation.user_id == user_id,
            Generation.channel_id == channel_id,
            Generation.status == Status.SUCCEEDED,
            Generation.deleted_at.is_(None),
            select(Asset.id)
            .where(
                Asset.generation_id == Generation.id,
                Asset.part == RESULT,
                Asset.deleted_at.is_(None),
            )
            .exists(),
        )
        .order_by(Generation.created_at.desc(), Generation.id.desc())
        .limit(1)
        .options(*SHOWN)
    )
    return (await tx.scalars(query)).one_or_none()


@dataclass(frozen=True)
class Cursor:
    """Where a page ends: the next one begins after it."""

    created_at: datetime
    id: int

    def __str__(self) -> str:
        return f"{int(self.created_at.timestamp() * 1_000_000)}.{self.id}"

    @classmethod
    def parse(cls, text: str | None) -> Cursor | None:
        """Read a cursor back; anything else is the first page."""
        try:
            micros, row = (int(part) for part in (text or "").split("."))
            return cls(datetime.fromtimestamp(micros / 1_000_000).astimezone(), row)
        except (ValueError, OverflowError, OSError):
            return None


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; everything is optional."""

    tool: str | None = None
    status: Status | None = None
    error_class: str | None = None
    tag: str | None = None
    words: str | None = None
    user_id: int | None = None
    guild_id: int | None = None
    channel_id: int | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        for column in ("tool", "status", "error_class", "user_id", "guild_id", "channel_id"):
            if (value := getattr(self, column)) is not None:
                found.append(getattr(Generation, column) == value)
        if self.tag:
            found.append(Generation.tags.contains([self.tag]))
        if self.words:
            query = func.websearch_to_tsquery("simple", self.words)
            found.append(Generation.search.bool_op("@@")(query))
        return found


async def page(
    tx: AsyncSession,
    viewer: Viewer,
    filters: Filters | None = None,
    *,
    after: Cursor | None = None,
    limit: int = 20,
) -> Sequence[Generation]:
    """List newest first what somebody may see, beginning after a cursor."""
    filters = filters or Filters()
    query = select(Generation).where(visible_to(viewer), WHOLE, *filters.conditions())
    if after is not None:
        newest = tuple_(Generation.created_at, Generation.id)
        query = query.where(newest < tuple_(after.created_at, after.id))
    query = query.order_by(Generation.created_at.desc(), Generation.id.desc()).limit(limit)
    return (await tx.scalars(query.options(*SHOWN))).all()


async def in_session(tx: AsyncSession, session_id: int) -> Sequence[Generation]:
    """A session's whole tree, oldest first."""
    query = (
        select(Generation)
        .where(Generation.session_id == session_id, Generation.deleted_at.is_(None))
        .order_by(Generation.id)
        .options(*SHOWN)
    )
    return (await tx.scalars(query)).all()


async def unended_of(tx: AsyncSession, user_id: int, limit: int = 25) -> Sequence[Generation]:
    """What somebody is still waiting for, newest first."""
    query = (
        select(Generation)
        .where(Generation.user_id == user_id, Generation.status.in_(UNENDED))
        .order_by(Generation.id.desc())
        .limit(limit)
    )
    return (await tx.scalars(query)).all()


async def ahead_of(tx: AsyncSession, generation: Generation) -> int:
    """How many queued generations come before this one."""
    query = select(func.count()).where(
        Generation.status == Status.QUEUED,
        Generation.proposal.is_(None),
        Generation.id < generation.id,
    )
    return await tx.scalar(query) or 0


async def keep_preview(tx: AsyncSession, generation_id: int, data: bytes) -> None:
    upsert = insert(Preview).values(generation_id=generation_id, data=data)
    await tx.execute(
        upsert.on_conflict_do_update(
            index_elements=["generation_id"],
            set_={"data": data, "updated_at": func.clock_timestamp()},
        )
    )


async def preview_of(tx: AsyncSession, generation_id: int) -> bytes | None:
    return await tx.scalar(select(Preview.data).where(Preview.generation_id == generation_id))


async def stranded(tx: AsyncSession) -> Sequence[int]:
    """Unended generations that no job will ever run: the queue lost them, or was emptied.

    What waits for somebody's yes has none, nor has a step, which its whole runs.
    """
    query = text(
        """
        SELECT g.id FROM generations g
        WHERE g.status IN ('queued', 'running') AND g.proposal IS NULL
        AND NOT g.metadata ? 'step_of' AND NOT EXISTS (
            SELECT 1 FROM queue.pgqueuer j
            WHERE j.entrypoint = 'generate' AND j.payload = convert_to(g.id::text, 'UTF8')
        )
        """
    )
    return (await tx.scalars(query)).all()


async def unanswered(tx: AsyncSession, before: datetime) -> Sequence[Generation]:
    """Lock what has waited for somebody's yes since before then."""
    query = (
        select(Generation)
        .where(
            Generation.status == Status.QUEUED,
            Generation.proposal.is_not(None),
            Generation.updated_at < before,
        )
        .with_for_update(skip_locked=True)
    )
    return (await tx.scalars(query)).all()


async def ancestors(
    tx: AsyncSession, generation_id: int | None, viewer: Viewer, limit: int = 8
) -> Sequence[Generation]:
    """A generation and what it comes from, back to the first, newest first, as somebody sees it."""
    line = (
        select(Generation.id, Generation.parent_id)
        .where(Generation.id == generation_id)
        .cte("line", recursive=True)
    )
    line = line.union_all(
        select(Generation.id, Generation.parent_id).join(line, Generation.id == line.c.parent_id)
    )
    query = (
        select(Generation)
        .where(Generation.id.in_(select(line.c.id)), visible_to(viewer))
        .order_by(Generation.id.desc())
        .limit(limit)
        .options(selectinload(Generation.assets))
    )
    return (await tx.scalars(query)).all()


async def steps_of(tx: AsyncSession, generation_id: int) -> Sequence[Generation]:
    """The steps a generation was made in, in order."""
    query = (
        select(Generation)
        .where(Generation.meta.contains({"step_of": generation_id}))
        .order_by(Generation.id)
        .options(*SHOWN)
    )
    return (await tx.scalars(query)).all()


async def cancel_steps(tx: AsyncSession, generation_id: int) -> None:
    """End the unfinished steps of something that has ended."""
    steps = Generation.meta.contains({"step_of": generation_id})
    await tx.execute(
        update(Generation)
        .where(steps, Generation.status.in_(UNENDED))
        .values(status=Status.CANCELED, stage=None, finished_at=func.clock_timestamp())
    )


async def unended_in_discord(tx: AsyncSession, limit: int = 1000) -> Sequence[int]:
    """Unfinished generations that have a message to show their progress on."""
    query = (
        select(Generation.id)
        .where(Generation.status.in_(UNENDED), Generation.message_id.is_not(None))
        .order_by(Generation.id)
        .limit(limit)
    )
    return (await tx.scalars(query)).all()
