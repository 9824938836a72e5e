"""Who is at the other end: a browser session, or an API token.

A token is 256 random bits; the database holds only its SHA-256.
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from core.errors import StudioError
from core.viewer import Viewer
from db import people, tokens
from db.models import OWNER_ID
from services.studio import Studio

router = APIRouter(include_in_schema=False)

SESSION_LIFETIME = timedelta(days=30)
LINK_LIFETIME = timedelta(days=1)
OWNER = Viewer(OWNER_ID, "Owner", admin=True)
SAFE_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")
"""A path of our own: nothing a browser could take for another host."""


class SignInNeeded(StudioError):
    """Sign in first: open the link that was printed when the studio started."""

    status = 401
    error_class = "sign_in"


def studio_of(request: Request) -> Studio:
    return request.app.state.studio


def digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def cookie_name(studio: Studio) -> str:
    """Browsers share cookies between ports of one host; the port keeps two studios apart."""
    return f"studio-{studio.settings.port}"


async def issue_link(studio: Studio) -> str:
    """Make the token of the login link that is printed at start; it works once."""
    given = studio.settings.studio_token
    token = given.get_secret_value() if given else secrets.token_urlsafe(32)
    async with studio.transaction() as tx:
        await people.remember(tx, OWNER_ID, OWNER.name)
        await tokens.keep(tx, digest(token), "link", OWNER_ID, LINK_LIFETIME, "login link")
    return token


async def current_viewer(request: Request) -> Viewer:
    """Who asks. A cookie is never read when there is a bearer token. Raises `SignInNeeded`."""
    studio = studio_of(request)
    header = request.headers.get("authorization")
    if header is not None:
        return bearer(studio, header)
    cookie = request.cookies.get(cookie_name(studio))
    if cookie is not None:
        async with studio.transaction() as tx:
            user_id = await tokens.owner_of(tx, digest(cookie), "web")
        if user_id == OWNER_ID:
            return OWNER
    raise SignInNeeded


def bearer(studio: Studio, header: str) -> Viewer:
    """The operator's own API token is `STUDIO_TOKEN`."""
    given = studio.settings.studio_token
    kind, _, token = header.partition(" ")
    known = given is not None and hmac.compare_digest(
        digest(token.strip()), digest(given.get_secret_value())
    )
    if kind.lower() != "bearer" or not known:
        raise SignInNeeded("That token is not valid.")
    return OWNER


Signed = Annotated[Viewer, Depends(current_viewer)]
Open = Annotated[Studio, Depends(studio_of)]


@router.get("/login/link")
async def use_link(request: Request, studio: Open, token: str = "", next: str = "/") -> Response:
    """Trade the printed link for a browser session; the link is used up."""
    async with studio.transaction() as tx:
        user_id = await tokens.use_up(tx, digest(token), "link")
        if user_id is None:
            raise SignInNeeded(
                "That link has been used, or has expired. Start the studio again for a new one."
            )
        fresh = secrets.token_urlsafe(32)
        await tokens.keep(tx, digest(fresh), "web", user_id, SESSION_LIFETIME, "browser")
    response = RedirectResponse(next if SAFE_PATH.fullmatch(next) else "/", status_code=303)
    response.set_cookie(
        cookie_name(studio),
        fresh,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


@router.post("/logout")
async def sign_out(request: Request, studio: Open) -> Response:
    cookie = request.cookies.get(cookie_name(studio), "")
    async with studio.transaction() as tx:
        await tokens.revoke(tx, digest(cookie))
    response = RedirectResponse("/", status_code=303)
    response.delete_cookie(cookie_name(studio))
    return response
