"""For whatever watches the studio: is it alive, can it work."""

from __future__ import annotations

from fastapi import APIRouter, Response

from core.errors import DatabaseUnavailable
from db.engine import ping
from web.auth import Open

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(studio: Open, response: Response) -> dict[str, str]:
    """The database answers, too."""
    try:
        async with studio.transaction() as tx:
            await ping(tx)
    except DatabaseUnavailable:
        response.status_code = 503
        return {"status": "no database"}
    return {"status": "ok"}
