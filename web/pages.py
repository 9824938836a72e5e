"""The pages: making something new, and a session with its pictures."""

from __future__ import annotations

import base64
import contextlib
import uuid
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from core.errors import InvalidParams, NotFound, StudioError
from core.text import clean
from core.tool import Tool
from core.viewer import Viewer
from db import generations, sessions
from db.generations import Cursor
from db.models import Asset, Generation
from services import generations as life
from services.generations import Origin, submit
from services.images import keep_mask, read_asset
from services.iterate import iterate, picture_at, reroll
from services.proposals import approve
from services.studio import Studio
from web import forms
from web.auth import Open, Signed
from web.forms import Entered
from web.rendering import render
from web.sessions import read_session

router = APIRouter(include_in_schema=False)

PAGE = 12
FIRST = "image"
"""The tool whose form the studio opens with."""
IDEAS = (
    "A lighthouse by the sea at dusk",
    "Mountains under stars, woodcut",
    "City skyline at night in the rain",
)
NOTHING = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNgYAAAAAMAASsJTYQAAAAASUVORK5CYII="
)
"""A transparent pixel: not every provider shows what it draws."""
REFERENCES = 3
"""How many further pictures a change may come with, as in a reply in Discord."""
Upload = Annotated[UploadFile | None, File()]
Uploads = Annotated[Sequence[UploadFile], File()]


@router.get("/")
async def home(
    request: Request,
    viewer: Signed,
    studio: Open,
    tool: str = FIRST,
    before: str = "",
    parent: str = "",
) -> Response:
    form = forms.build(find_listed(studio, tool), known(studio), prefilled(request))
    return await home_page(request, viewer, studio, form, before, parent)


def prefilled(request: Request) -> Entered:
    """What a link to a form has filled in already."""
    query = request.query_params
    texts = {name: query.getlist(name) for name in query}
    return Entered(texts=texts, kept=texts)


async def home_page(
    request: Request,
    viewer: Viewer,
    studio: Studio,
    form: forms.Form,
    before: str = "",
    parent_id: str = "",
) -> Response:
    async with studio.transaction() as tx:
        found = await sessions.recent(tx, viewer, after=Cursor.parse(before), limit=PAGE + 1)
    shown = found[:PAGE]
    more = Cursor(shown[-1].updated_at, shown[-1].id) if len(found) > PAGE else None
    return render(
        "home.html",
        request,
        viewer=viewer,
        sessions=shown,
        more=more,
        ideas=IDEAS if form.tool.name == FIRST else (),
        tools=listed(studio),
        form=form,
        pictures=await pictures_of(studio, viewer, form),
        parent_id=parent_id if is_id(parent_id) else None,
    )


async def pictures_of(studio: Studio, viewer: Viewer, form: forms.Form) -> dict[str, Asset]:
    """The pictures a form holds already, of those that this person may see."""
    found: dict[str, Asset] = {}
    for asset_id in [each for control in form.controls for each in control.kept]:
        with contextlib.suppress(NotFound):
            found[asset_id] = await read_asset(studio, asset_id, viewer)
    return found


def listed(studio: Studio) -> list[Tool]:
    """The tools that are offered, the one most people want first."""
    offered = [each for each in studio.tools.values() if each.listed]
    return sorted(offered, key=lambda each: each.name != FIRST)


def find_listed(studio: Studio, name: str) -> Tool:
    return next((each for each in listed(studio) if each.name == name), listed(studio)[0])


def known(studio: Studio) -> forms.Known:
    """What there is to choose from."""
    models = [name for each in studio.providers.values() for name in each.models]
    return {"provider": list(studio.providers), "model": list(dict.fromkeys(models))}


@router.post("/generations")
async def create(request: Request, viewer: Signed, studio: Open) -> Response:
    """Make something new; a complaint comes back beside its control, with all that was entered."""
    async with request.form() as sent:
        tool = find_listed(studio, str(sent.get("tool", FIRST)))
        entered = await forms.read(studio, tool, sent, viewer)
        parent_id = str(sent.get("parent", ""))
    try:
        if not entered.errors:
            return to_step(await begin(studio, viewer, tool, entered, parent_id))
    except StudioError as error:
        entered.refuse(error)
    form = forms.build(tool, known(studio), entered)
    response = await home_page(request, viewer, studio, form, parent_id=parent_id)
    response.status_code = entered.status
    return response


async def begin(
    studio: Studio, viewer: Viewer, tool: Tool, entered: Entered, parent_id: str
) -> Generation:
    """Submit a form; one that was opened from a picture's page continues that picture."""
    parent = await life.read(studio, int(parent_id), viewer) if is_id(parent_id) else None
    return await submit(
        studio,
        tool.name,
        entered.values,
        origin_of(viewer, confirm=True),
        parent=parent,
        relation="edit" if parent else None,
    )


def is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def origin_of(viewer: Viewer, key: str | None = None, *, confirm: bool = False) -> Origin:
    """Who asked; with a key, asking again with the same one is the same request."""
    request_id = f"key-{viewer.user_id}-{key}" if key else f"web-{uuid.uuid4().hex}"
    return Origin(viewer=viewer, request_id=request_id, confirm=confirm)


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
    reference: Uploads = (),
) -> Response:
    """Change a picture by words: the same as replying to it."""
    parent = await life.read(studio, generation_id, viewer)
    try:
        extra: dict[str, Any] = {"strength": int(strength) / 100} if is_id(strength) else {}
        if mask is not None and mask.filename:
            asset = await read_asset(studio, picture_at(parent, picture), viewer)
            extra["mask"] = str((await keep_mask(studio, await mask.read(), viewer, asset)).id)
        child = await iterate(
            studio,
            origin_of(viewer, confirm=True),
            generation_id,
            instruction,
            position=picture,
            references=await kept_of(studio, viewer, reference),
            relation="edit",
            extra=extra,
        )
    except StudioError as error:
        return await complain(request, viewer, studio, parent, error, picture, words=instruction)
    return to_step(child)


async def kept_of(studio: Studio, viewer: Viewer, uploads: Sequence[UploadFile]) -> list[str]:
    """Keep the files that came with a change; their assets' IDs."""
    files = [each for each in uploads if each.filename]
    if len(files) > REFERENCES:
        raise InvalidParams(f"Up to {REFERENCES} references are possible.")
    return [await forms.kept_picture(studio, each, viewer) for each in files]


async def complain(
    request: Request,
    viewer: Viewer,
    studio: Studio,
    step: Generation,
    error: StudioError,
    picture: int = 0,
    **entered: str,
) -> Response:
    """Show a step's page again with what is wrong and what was entered."""
    shown = await read_session(studio, viewer, step.session_id, step.id, picture)
    values: dict[str, Any] = {"viewer": viewer, "shown": shown, "complaint": str(error), **entered}
    return render("session.html", request, status_code=error.status, **values)


@router.post("/generations/{generation_id}/approve")
async def agree(
    request: Request,
    viewer: Signed,
    studio: Open,
    generation_id: int,
    text: Annotated[str, Form()] = "",
    alternative: Annotated[str, Form()] = "",
) -> Response:
    """Say yes to what a generation proposes, as it stands or as somebody changed it."""
    held = await life.read(studio, generation_id, viewer)
    proposed = held.proposal or {}
    agreed = proposed.get("alternatives", {}).get(alternative, clean(text))
    try:
        changed = agreed if agreed != proposed.get("text") else None
        return to_step(await approve(studio, generation_id, viewer, changed))
    except StudioError as error:
        return await complain(request, viewer, studio, held, error, agreed=agreed)


def to_step(generation: Generation) -> Response:
    url = f"/sessions/{generation.session_id}?step={generation.id}"
    return RedirectResponse(url, status_code=303)


@router.post("/generations/{generation_id}/reroll")
async def again(viewer: Signed, studio: Open, generation_id: int) -> Response:
    return to_step(await reroll(studio, origin_of(viewer, confirm=True), generation_id))


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
    data = data or NOTHING
    kind = "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"
    return Response(data, media_type=kind, headers={"cache-control": "private, no-store"})
