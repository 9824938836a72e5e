"""What somebody agrees to before it is drawn: a script, a plan.

A generation with a proposal is queued, but no worker takes it until somebody says yes.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update

from core.errors import Canceled, InvalidParams
from core.viewer import Viewer
from db import generations, ledger
from db.models import Generation, Status
from db.queue import DELIVER, GENERATE, enqueue
from services.generations import Answer, answer_there, find_tool, happened, owned, shown_in_discord
from services.studio import Studio

log = logging.getLogger(__name__)

PATIENCE = timedelta(days=7)
"""How long a proposal waits for an answer."""
UNANSWERED = "Nobody agreed to this within a week, so it was set aside. Ask again any time."


async def hold(studio: Studio, generation: Generation, proposal: dict[str, Any]) -> None:
    """Put a running generation aside with what it proposes, and show that to whoever asked."""

    async def write() -> None:
        async with studio.transaction() as tx:
            mine = await generations.move(
                tx,
                generation.id,
                generation.attempts,
                status=Status.QUEUED,
                progress=0,
                cost=await ledger.spent(tx, generation.id),
                proposal=proposal,
            )
            if not mine:
                return
            happened(tx, generation.id, "proposed", field=proposal["field"])
            if shown_in_discord(generation):
                await enqueue(tx, DELIVER, generation.id)

    await studio.patiently(write)
    log.info("generation %d waits for a yes", generation.id)


async def approve(
    studio: Studio,
    generation_id: int,
    viewer: Viewer,
    text: str | None = None,
    answer: Answer | None = None,
) -> Generation:
    """Go on with a proposal, or with what somebody made of it.

    Raises `NotFound`, `Forbidden`, or `InvalidParams` when there is nothing to agree to any more
    or the words cannot be used.
    """
    async with studio.transaction() as tx:
        generation = await owned(tx, generation_id, viewer, "agree to")
        proposal = generation.proposal
        if proposal is None or generation.status is not Status.QUEUED:
            raise InvalidParams("That has already begun, or was called off.")
        agreed = {**generation.params, proposal["field"]: text or proposal["text"]}
        tool = find_tool(studio, generation.tool)
        params = tool.parse(agreed)
        kept = params.model_dump(mode="json", exclude_none=True)
        # Written without the ORM, which would leave the unchanged status out: that it is named
        # is what tells everybody who watches.
        words = str(getattr(params, tool.words, "") or "")
        values = {"params": kept, "prompt": words, "proposal": None, "status": Status.QUEUED}
        if answer is not None:
            values |= await answer_there(tx, generation, answer)
        await tx.execute(update(Generation).where(Generation.id == generation_id).values(**values))
        happened(tx, generation_id, "agreed", by=viewer.user_id, changed=text is not None)
        await enqueue(tx, GENERATE, generation_id)
    log.info("generation %d agreed to by %d", generation_id, viewer.user_id)
    return generation


async def set_aside(studio: Studio) -> int:
    """Call off what has waited too long for somebody's yes."""
    async with studio.transaction() as tx:
        found = await generations.unanswered(tx, datetime.now(UTC) - PATIENCE)
        for generation in found:
            generation.status = Status.CANCELED
            generation.proposal = None
            generation.error = UNANSWERED
            generation.error_class = Canceled.error_class
            generation.finished_at = datetime.now(UTC)
            happened(tx, generation.id, "canceled", by=None)
            if shown_in_discord(generation):
                await enqueue(tx, DELIVER, generation.id)
    return len(found)
