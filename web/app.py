"""The web application: routes, headers on every answer, and errors in the asker's form."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from core.errors import BUG, StudioError
from services.studio import Studio
from web import api, assets, auth, events, files, health, pages
from web.rendering import render

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
BODY_LIMIT = 40_000_000
"""A picture, a mask and three references as people attach them, in bytes."""
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; manifest-src 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
SAFE = {"GET", "HEAD", "OPTIONS"}

Next = Callable[[Request], Awaitable[Response]]


def create_app(studio: Studio) -> FastAPI:
    """Put the application together around an open studio."""
    app = FastAPI(
        title="Atelier",
        docs_url=None,  # Its page loads scripts from elsewhere.
        redoc_url=None,
        openapi_url="/api/openapi.json",
        max_body_size=BODY_LIMIT,
    )
    app.state.studio = studio
    for router in (auth, pages, events, files, api, assets, health):
        app.include_router(router.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(Exception, on_bug)
    app.exception_handler(StudioError)(on_studio_error)
    app.exception_handler(RequestValidationError)(on_invalid)
    app.exception_handler(HTTPException)(on_http_error)
    app.middleware("http")(same_origin)
    app.middleware("http")(with_headers)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts(studio))
    return app


def hosts(studio: Studio) -> list[str]:
    """The names we answer to: any other is a page elsewhere that pretends to be us."""
    public = urlsplit(studio.settings.public_url or "").hostname
    return ["127.0.0.1", "localhost", "[::1]", "testserver", *([public] if public else [])]


async def with_headers(request: Request, call_next: Next) -> Response:
    response = await call_next(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


async def same_origin(request: Request, call_next: Next) -> Response:
    """Refuse what another site makes a browser send.

    Browsers say where a request comes from; on plain http they say only its origin. What says
    neither is no browser, and has no cookie of ours.
    """
    if request.method not in SAFE and "authorization" not in request.headers:
        site = request.headers.get("sec-fetch-site")
        origin = request.headers.get("origin")
        host = request.headers.get("host")
        foreign = site not in (None, "same-origin", "none") or (
            site is None and origin is not None and urlsplit(origin).netloc != host
        )
        if foreign:
            return await answer(request, 403, "That request came from another site.", "forbidden")
    return await call_next(request)


async def on_studio_error(request: Request, error: StudioError) -> Response:
    return await answer(request, error.status, str(error), error.error_class, error.retry_after)


async def on_invalid(request: Request, error: RequestValidationError) -> Response:
    said = "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in error.errors()[:5])
    return await answer(request, 422, said, "invalid")


async def on_http_error(request: Request, error: HTTPException) -> Response:
    words = {404: "There is nothing here.", 405: "That cannot be done here."}
    said = words.get(error.status_code, str(error.detail))
    return await answer(request, error.status_code, said, "http")


async def on_bug(request: Request, error: Exception) -> Response:
    log.error("unexpected error at %s", request.url.path, exc_info=error)
    return await answer(request, 500, f"{BUG}.", "bug")


async def answer(
    request: Request, status: int, said: str, error_class: str, retry_after: float | None = None
) -> Response:
    """Say what went wrong: a page to a person, problem details (RFC 9457) to a program."""
    headers = {"retry-after": str(round(retry_after))} if retry_after else {}
    if "text/html" in request.headers.get("accept", "") and not is_api(request):
        template = "login.html" if status == 401 else "error.html"
        return render(template, request, status_code=status, headers=headers, said=said)
    problem = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": said,
        "error_class": error_class,
    }
    return JSONResponse(problem, status, headers, media_type="application/problem+json")


def is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")
