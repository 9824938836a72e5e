"""What can go wrong with a request, when a test wants it to."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.discord.ratelimits import Verdict, over, over_everything

CUT = 0
"""The status of a request whose connection is cut instead."""
BROKEN = "<html><head><title>{0}</title></head><body><h1>{0} it broke</h1></body></html>"


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON with the bare content type that Discord sends."""
    headers = {"Content-Type": "application/json", **(headers or {})}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=headers)


def too_many(verdict: Verdict) -> web.Response:
    return answer(verdict.body, status=429, headers=verdict.headers)


@dataclass
class Fault:
    """Something that goes wrong with the next matching requests."""

    method: str
    path: re.Pattern[str]
    status: int
    times: int
    retry_after: float
    after: bool
    """Whether the request is carried out first, and only its answer is lost."""
    everywhere: bool
    """Whether a 429 says that the bot must be silent altogether."""
    body: Any
    """What Discord answers; None for the page that a proxy shows."""

    def matches(self, method: str, path: str) -> bool:
        return self.times > 0 and self.method == method and bool(self.path.search(path))

    def answer(self, request: web.Request) -> web.Response:
        if self.status == CUT:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if self.body is not None:
            return answer(self.body, status=self.status)
        if self.status == 429:
            wait = self.retry_after
            return too_many(over_everything(wait) if self.everywhere else over({}, wait))
        page = BROKEN.format(self.status)
        return web.Response(status=self.status, text=page, content_type="text/html")
