"""What people allowed, each until they revoke it."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from core.errors import InvalidParams
from core.viewer import Viewer
from db import people
from db.models import Consent
from services.studio import Studio

AVATAR = "avatar"
MESSAGES = "messages"
ASKED = {
    AVATAR: "Others may make an avatar from my profile picture.",
    MESSAGES: (
        "When I ask for an avatar from my messages, my own recent ones in that channel are read "
        "once. They are never kept, only how many there were."
    ),
}
"""What can be allowed, in the words that people agree to."""


async def given(studio: Studio, user_id: int) -> frozenset[str]:
    """What somebody allows just now."""
    query = select(Consent.kind).where(Consent.user_id == user_id, Consent.revoked_at.is_(None))
    async with studio.transaction() as tx:
        return frozenset((await tx.scalars(query)).all())


async def give(studio: Studio, viewer: Viewer, kind: str) -> None:
    """Note that somebody allows something of theirs. Raises `InvalidParams` for what nobody asks."""
    await write(studio, viewer, kind, revoked=False)


async def revoke(studio: Studio, viewer: Viewer, kind: str) -> None:
    """Note that somebody allows something no more. Raises `InvalidParams` for what nobody asks."""
    await write(studio, viewer, kind, revoked=True)


async def write(studio: Studio, viewer: Viewer, kind: str, *, revoked: bool) -> None:
    if kind not in ASKED:
        raise InvalidParams("There is nothing like that to allow.")
    when = func.clock_timestamp() if revoked else None
    row = insert(Consent).values(user_id=viewer.user_id, kind=kind, revoked_at=when)
    changed = {"revoked_at": when}
    if not revoked:
        changed["created_at"] = func.clock_timestamp()
    async with studio.transaction() as tx:
        await people.remember(tx, viewer.user_id, viewer.name)
        await tx.execute(
            row.on_conflict_do_update(index_elements=["user_id", "kind"], set_=changed)
        )
