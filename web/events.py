"""Live pages: one stream a page, and each message is the page's live part as it is now."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from core.errors import NotFound
from core.viewer import Viewer
from services import generations as life
from services.studio import Studio
from web.api import as_json
from web.auth import Open, Signed
from web.pages import read_session
from web.rendering import fragment

router = APIRouter()

AT_MOST_EVERY = 0.3
"""Seconds between two messages of a stream; whatever happens in between is one change."""
KEEP_ALIVE = 15.0
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


def event(data: str, name: str | None = None) -> str:
    """One message in the event stream's form."""
    lines = [f"event: {name}"] if name else []
    lines += [f"data: {line}" for line in data.splitlines()]
    return "\n".join(lines) + "\n\n"


@router.get("/sessions/{session_id}/events", include_in_schema=False)
async def session_events(
    request: Request,
    viewer: Signed,
    studio: Open,
    session_id: int,
    step: int | None = None,
    picture: int = 0,
) -> StreamingResponse:
    await read_session(studio, viewer, session_id, step, picture)
    stream = watch_session(studio, viewer, session_id, step, picture)
    return StreamingResponse(stream, media_type="text/event-stream", headers=HEADERS)


async def watch_session(
    studio: Studio, viewer: Viewer, session_id: int, step: int | None, picture: int
) -> AsyncGenerator[str]:
    """Send the live part at once and after each change; nothing is sent that was just sent."""
    sent = ""
    changes = studio.hub.changes(session_id=session_id, every=KEEP_ALIVE)
    async with contextlib.aclosing(changes):
        async for _ in changes:
            try:
                shown = await read_session(studio, viewer, session_id, step, picture)
            except NotFound:
                yield event("", "gone")
                return
            page = fragment("_live.html", shown=shown)
            yield event(page) if page != sent else ": still here\n\n"
            sent = page
            await asyncio.sleep(AT_MOST_EVERY)


@router.get("/api/generations/{generation_id}/events", tags=["generations"])
async def generation_events(viewer: Signed, studio: Open, generation_id: int) -> StreamingResponse:
    """Follow one generation; the stream ends with it."""
    await life.read(studio, generation_id, viewer)
    stream = watch_generation(studio, viewer, generation_id)
    return StreamingResponse(stream, media_type="text/event-stream", headers=HEADERS)


async def watch_generation(
    studio: Studio, viewer: Viewer, generation_id: int
) -> AsyncGenerator[str]:
    sent = ""
    changes = studio.hub.changes(generation_id=generation_id, every=KEEP_ALIVE)
    async with contextlib.aclosing(changes):
        async for _ in changes:
            generation = await life.read(studio, generation_id, viewer)
            body = json.dumps(as_json(generation))
            yield event(body, "generation") if body != sent else ": still here\n\n"
            sent = body
            if generation.finished_at is not None:
                return
            await asyncio.sleep(AT_MOST_EVERY)
