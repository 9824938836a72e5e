"""The pages: making something new, and a session with its pictures."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, get_args

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from core.errors import NotFound, StudioError
from core.pictures import Aspect
from core.viewer import Viewer
from db import generations, sessions
from db.generations import Cursor
from db.models import Generation, Session, Status
from services import generations as life
from services.generations import Origin, submit
from services.images import keep_mask, keep_upload, read_asset
from services.iterate import iterate, picture_at, reroll
from services.studio import Studio
from web.auth import Open, Signed
from web.rendering import render

router = APIRouter(include_in_schema=False)

PAGE = 12
IDEAS = (
    "A lighthouse by the sea at dusk",
    "Mountains under stars, woodcut",
    "City skyline at night in the rain",
)
Upload = Annotated[UploadFile | None, File()]


@dataclass(frozen=True)
class Shown:
    """A session as its page shows it: the tree, and the step in view."""

    session: Session
    steps: Sequence[Generation]
    step: Generation
    parent: Generation | None
    position: int

    @property
    def running(self) -> bool:
        return any(each.status in generations.UNENDED for each in self.steps)


@router.get("/")
async def home(request: Request, viewer: Signed, studio: Open, before: str = "") -> Response:
    return await home_page(request, viewer, studio, before=before)


async def home_page(request: Request, viewer: Viewer, studio: Studio, **values: Any) -> Response:
    async with studio.transaction() as tx:
        after = Cursor.parse(values.pop("before", None))
        found = await sessions.recent(tx, viewer, after=after, limit=PAGE + 1)
    shown = found[:PAGE]
    more = Cursor(shown[-1].updated_at, shown[-1].id) if len(found) > PAGE else None
    return render(
        "home.html",
        request,
        viewer=viewer,
        sessions=shown,
        more=more,
        ideas=IDEAS,
        aspects=get_args(Aspect),
        **values,
    )


@router.post("/generations")
async def create(
    request: Request,
    viewer: Signed,
    studio: Open,
    prompt: Annotated[str, Form()] = "",
    aspect: Annotated[str, Form()] = "1:1",
    count: Annotated[int, Form()] = 1,
    seed: Annotated[str, Form()] = "",
    negative_prompt: Annotated[str, Form()] = "",
    style: Annotated[str, Form()] = "",
    source: Upload = None,
) -> Response:
    """Make something new; a complaint comes back with the words still in the box."""
    try:
        values: dict[str, object] = {"prompt": prompt, "aspect": aspect, "count": count}
        if seed.strip():
            values["seed"] = seed.strip()
        for name, value in (("negative_prompt", negative_prompt), ("style", style)):
            if value.strip():
                values[name] = value
        for kept in await kept_of(studio, viewer, source):
            values["source"] = kept
        generation = await submit(studio, "image", values, origin_of(viewer))
    except StudioError as error:
        response = await home_page(request, viewer, studio, complaint=str(error), prompt=prompt)
        response.status_code = error.status
        return response
    return RedirectResponse(f"/sessions/{generation.session_id}", status_code=303)


async def kept_of(studio: Studio, viewer: Viewer, upload: UploadFile | None) -> list[str]:
    """Keep a file that came with a form, if one did; its asset's ID."""
    if upload is None or not upload.filename:
        return []
    return [str((await keep_upload(studio, await upload.read(), viewer, upload.filename)).id)]


def origin_of(viewer: Viewer, key: str | None = None) -> Origin:
    """Who asked; with a key, asking again with the same one is the same request."""
    request_id = f"key-{viewer.user_id}-{key}" if key else f"web-{uuid.uuid4().hex}"
    return Origin(viewer=viewer, request_id=request_id)


@router.get("/sessions/{session_id}")
async def session_page(
    request: Request,
    viewer: Signed,
    studio: Open,
    session_id: int,
    step: int | None = None,
    picture: int = 0,
) -> Response:
    shown = await read_session(studio, viewer, session_id, step, picture)
    return render("session.html", request, viewer=viewer, shown=shown)


async def read_session(
    studio: Studio, viewer: Viewer, session_id: int, step: int | None, picture: int = 0
) -> Shown:
    """Read a session and choose its step: the one asked for, else the newest. Raises `NotFound`."""
    async with studio.transaction() as tx:
        session = await sessions.find(tx, session_id, viewer)
        steps: Sequence[Generation] = (
            await generations.in_session(tx, session_id) if session else []
        )
    if session is None or not steps:
        raise NotFound("There is no such session, or it is not yours to see.")
    by_id = {each.id: each for each in steps}
    if step is not None and step not in by_id:
        raise NotFound("That step has been deleted.")
    chosen = by_id[step] if step is not None else newest(steps)
    position = min(max(picture, 0), max(len(chosen.assets) - 1, 0))
    parent = by_id.get(chosen.parent_id) if chosen.parent_id else None
    return Shown(session, list(reversed(steps)), chosen, parent, position)


def newest(steps: Sequence[Generation]) -> Generation:
    """What one wants to see first: what is being made, else the last that worked."""
    shown = [each for each in steps if each.status in (*generations.UNENDED, Status.SUCCEEDED)]
    return (shown or steps)[-1]


@router.post("/generations/{generation_id}/iterate")
async def change(
    request: Request,
    viewer: Signed,
    studio: Open,
    generation_id: int,
    instruction: Annotated[str, Form()] = "",
    picture: Annotated[int, Form()] = 0,
    strength: Annotated[str, Form()] = "",
    mask: Upload = None,
    reference: Upload = None,
) -> Response:
    """Change a picture by words: the same as replying to it."""
    parent = await life.read(studio, generation_id, viewer)
    try:
        extra: dict[str, Any] = {"strength": int(strength) / 100} if strength.isdigit() else {}
        if mask is not None and mask.filename:
            asset = await read_asset(studio, picture_at(parent, picture), viewer)
            extra["mask"] = str((await keep_mask(studio, await mask.read(), viewer, asset)).id)
        child = await iterate(
            studio,
            origin_of(viewer),
            generation_id,
            instruction,
            position=picture,
            references=await kept_of(studio, viewer, reference),
            relation="edit",
            extra=extra,
        )
    except StudioError as error:
        shown = await read_session(studio, viewer, parent.session_id, generation_id, picture)
        return render(
            "session.html",
            request,
            status_code=error.status,
            viewer=viewer,
            shown=shown,
            complaint=str(error),
            words=instruction,
        )
    return to_step(child)


def to_step(generation: Generation) -> Response:
    url = f"/sessions/{generation.session_id}?step={generation.id}"
    return RedirectResponse(url, status_code=303)


@router.post("/generations/{generation_id}/reroll")
async def again(viewer: Signed, studio: Open, generation_id: int) -> Response:
    return to_step(await reroll(studio, origin_of(viewer), generation_id))


@router.post("/generations/{generation_id}/cancel")
async def cancel(viewer: Signed, studio: Open, generation_id: int) -> Response:
    return to_step(await life.cancel(studio, generation_id, viewer))


@router.post("/generations/{generation_id}/retry")
async def retry(viewer: Signed, studio: Open, generation_id: int) -> Response:
    return to_step(await life.retry(studio, generation_id, viewer))


@router.post("/generations/{generation_id}/delete")
async def delete(viewer: Signed, studio: Open, generation_id: int) -> Response:
    gone = await life.delete(studio, generation_id, viewer)
    try:
        await read_session(studio, viewer, gone.session_id, None)
    except NotFound:
        return RedirectResponse("/", status_code=303)
    return RedirectResponse(f"/sessions/{gone.session_id}", status_code=303)


@router.get("/generations/{generation_id}/preview")
async def preview(viewer: Signed, studio: Open, generation_id: int) -> Response:
    """What a running generation looks like so far."""
    await life.read(studio, generation_id, viewer)
    async with studio.transaction() as tx:
        data = await generations.preview_of(tx, generation_id)
    if data is None:
        raise NotFound("There is no preview yet.")
    kind = "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"
    return Response(data, media_type=kind, headers={"cache-control": "private, no-store"})
