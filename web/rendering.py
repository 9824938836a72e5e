"""Pages from templates, and the small words in them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from db.models import Generation

HERE = Path(__file__).parent


@cache
def static(name: str) -> str:
    """A file's address with its content in it, so that a browser never asks twice."""
    version = hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={version}"


def ago(when: datetime) -> str:
    """How long ago, in words."""
    seconds = (datetime.now(UTC) - when).total_seconds()
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"


def took(generation: Generation) -> str:
    return f"{generation.duration:.1f} s" if generation.duration is not None else ""


def money(generation: Generation) -> str:
    return f"${generation.cost:.4f}" if generation.cost else "free"


environment = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=select_autoescape(default=True),
    trim_blocks=True,
    lstrip_blocks=True,
)
HELPERS: dict[str, Any] = {"static": static, "ago": ago, "took": took, "money": money}
environment.globals.update(HELPERS)


def fragment(template: str, **values: Any) -> str:
    return environment.get_template(template).render(**values)


def render(
    template: str,
    request: Request,
    *,
    status_code: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """A whole page; nothing between us and the browser may keep it."""
    page = fragment(template, path=request.url.path, **values)
    kept = {"cache-control": "private, no-cache", **(headers or {})}
    return HTMLResponse(page, status_code=status_code, headers=kept)
