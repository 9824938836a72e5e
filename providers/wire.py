"""Speaking HTTP with a vendor: connections kept, answers bounded, each failure told apart.

The one question that matters here is whether a failed call may have been charged. Nothing was sent
where no connection was made; a vendor that answers with a failure did not draw; everything else,
from the first byte sent on, is an unknown outcome.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

import httpx

from core.errors import (
    AuthFailed,
    BadRequest,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    Refused,
    ServerFailed,
    Transient,
    UnknownOutcome,
)
from core.text import clean

BODY_LIMIT = 96 * 1024 * 1024
"""Bytes of one answer: ten pictures of 4K in base64."""
CONNECTING, WRITING, READING = 10.0, 120.0, 600.0
"""Seconds. A vendor may draw for minutes without a word; who hangs up first pays all the same."""
CONNECTIONS, KEPT = 128, 32
WAIT_LIMIT = 3600.0
"""Seconds of waiting we believe a vendor at the most."""
SECRET = re.compile(
    r"\b(?:sk|pk|xai|key|r8)[-_][\w*-]{4,}|\bAIza[\w*-]{8,}|Bearer\s+\S+", re.IGNORECASE
)
"""What looks like a key: vendors repeat them in their complaints."""
SAID_LIMIT = 500
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class Said(Exception):
    """What a vendor said, for the operator: the cause of what people are shown."""


@dataclass(frozen=True)
class Answer:
    """A whole answer, whatever its status."""

    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)
    label: str = ""

    def json(self) -> dict[str, Any]:
        """The JSON object in it; raises `UnknownOutcome` for one that is broken."""
        try:
            found = json.loads(self.body)
        except ValueError as error:
            raise broken(self.label) from error
        if not isinstance(found, dict):
            raise broken(self.label)
        return cast("dict[str, Any]", found)

    def complaint(self) -> dict[str, Any]:
        """The JSON object of a failure; empty where it is something else, such as a page."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return cast("dict[str, Any]", found) if isinstance(found, dict) else {}

    def text(self) -> str:
        """What it says, safe to log: bounded, without anything like a key."""
        return redacted(self.body[:4000].decode(errors="replace"))


Translate = Callable[[Answer], ProviderError | None]
"""A vendor's own reading of a failure; None leaves it to what the status means everywhere."""


class Wire:
    """One vendor's API. Every method raises `ProviderError` and nothing else on purpose.

    `paid` says of a call that it may be charged once it was sent; looking something up is not.
    """

    def __init__(
        self,
        label: str,
        base_url: str,
        headers: Mapping[str, str],
        translate: Translate = lambda _: None,
        *,
        reading: float = READING,
        local: bool = False,
    ) -> None:
        self.label, self.translate = label, translate
        self.base_url = base_url.rstrip("/")
        self.headers = dict(headers)
        self.reading = reading
        self.local = local
        """On the operator's own network: the environment's proxies are not for it."""
        self.client: httpx.AsyncClient | None = None

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        url = httpx.URL(self.base_url)
        return f"{url.scheme}://{url.netloc.decode()}"

    def opened(self) -> httpx.AsyncClient:
        """The client, made at its first use: making one takes longer than importing this."""
        if self.client is None:
            self.client = httpx.AsyncClient(
                base_url=f"{self.base_url}/",
                headers={"user-agent": "Atelier", **self.headers},
                timeout=httpx.Timeout(
                    self.reading, connect=CONNECTING, write=WRITING, pool=self.reading
                ),
                limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=KEPT),
                follow_redirects=False,
                trust_env=not self.local,
            )
        return self.client

    async def post(self, path: str, *, paid: bool = True, **content: Any) -> Answer:
        return await self.send("POST", path, paid=paid, **content)

    async def get(self, path: str, **content: Any) -> Answer:
        return await self.send("GET", path, paid=False, **content)

    async def send(self, method: str, path: str, *, paid: bool, **content: Any) -> Answer:
        """Make a call and read its whole answer; one that says it failed is raised."""
        async with self.streamed(method, path, paid=paid, **content) as response:
            body = await self.read(response, paid=paid)
            return Answer(response.status_code, response.headers, body, self.label)

    @asynccontextmanager
    async def streamed(
        self, method: str, path: str, *, paid: bool, **content: Any
    ) -> AsyncGenerator[httpx.Response]:
        """Make a call whose answer is read bit by bit; whatever breaks in it is translated."""
        request = self.opened().build_request(method, path.lstrip("/"), **content)
        try:
            response = await self.opened().send(request, stream=True)
            try:
                if response.status_code >= 300:
                    body = await self.read(response, paid=False)
                    raise self.failure(
                        Answer(response.status_code, response.headers, body, self.label)
                    )
                yield response
            finally:
                await response.aclose()
        except UNSENT as error:
            raise unreachable(self.label) from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise (lost(self.label) if paid else unreachable(self.label)) from error

    async def read(self, response: httpx.Response, *, paid: bool) -> bytes:
        """The body, no larger than we take, whatever its head or its compression claims."""
        data = bytearray()
        async for chunk in response.aiter_bytes():
            data += chunk
            if len(data) > BODY_LIMIT:
                raise (
                    broken(self.label)
                    if paid
                    else ServerFailed(f"{self.label} answered with more than I take.")
                )
        return bytes(data)

    def failure(self, answer: Answer) -> ProviderError:
        """What an answer with a failing status means; its own words are kept as the cause."""
        error = self.translate(answer) or by_status(answer)
        error.__cause__ = Said(f"{answer.status} {answer.text()}")
        return error

    async def close(self) -> None:
        if self.client is not None:
            await self.client.aclose()
            self.client = None


def by_status(answer: Answer) -> ProviderError:
    """What a failing status means, where the vendor's own words do not say it better."""
    who = answer.label
    match answer.status:
        case 401 | 403 | 407:
            return AuthFailed(
                f"{who} does not accept the studio's key. The operator has been told."
            )
        case 402:
            return QuotaExceeded(f"The budget for {who} is used up. The operator has been told.")
        case 429:
            return RateLimited(
                f"{who} is busy. I will try again.", retry_after=retry_after(answer.headers)
            )
        case 404:
            return BadRequest(f"{who} does not have that model any more. Choose another.")
        case 413:
            return BadRequest(f"That is more than {who} takes. Send fewer or smaller pictures.")
        case 408 | 409 | 425:
            return Transient(f"{who} could not take that just now. I will try again.")
        case status if status >= 500:
            return ServerFailed(
                f"{who} has trouble of its own. I will try again.",
                retry_after=retry_after(answer.headers),
            )
        case status if status < 400:
            return BadRequest(f"{who} has moved away. The operator should check its address.")
        case _:
            return BadRequest(f"{who} cannot draw that as asked. Try other words or settings.")


def unreachable(who: str) -> Transient:
    return Transient(f"{who} cannot be reached. I will try again.")


def lost(who: str) -> UnknownOutcome:
    return UnknownOutcome(
        f"The answer of {who} was lost. It may have been charged, so I did not ask again."
    )


def broken(who: str) -> UnknownOutcome:
    return UnknownOutcome(
        f"The answer of {who} was damaged. It may have been charged, so I did not ask again."
    )


def declined(who: str, why: str = "", *, charged: bool = False) -> Refused:
    """A refusal in words; `why` names what it is about, as in "violence"."""
    about = f" ({why})" if why else ""
    money = "It may have been charged" if charged else "Nothing was charged"
    return Refused(f"{who} declined this{about}. {money}; try other words.")


def retry_after(headers: httpx.Headers) -> float | None:
    """Seconds to wait, by `retry-after-ms` or `Retry-After` (RFC 9110: seconds or a date)."""
    try:
        if value := headers.get("retry-after-ms"):
            return bounded(float(value) / 1000)
        value = headers.get("retry-after", "").strip()
        if not value:
            return None
        if re.fullmatch(r"\d+(\.\d+)?", value):
            return bounded(float(value))
        return bounded((parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def bounded(seconds: float) -> float:
    return min(max(seconds, 0.5), WAIT_LIMIT)


def redacted(text: str) -> str:
    """A vendor's words that can be kept: bounded, without keys and what no database holds."""
    return SECRET.sub("…", " ".join(clean(text[: 8 * SAID_LIMIT]).split()))[:SAID_LIMIT]


def from_base64(text: object, who: str) -> bytes:
    """Decode a picture strictly, in either alphabet; raises `UnknownOutcome`."""
    if not isinstance(text, str) or not text:
        raise broken(who)
    plain = text.translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise broken(who) from error


def to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def data_url(data: bytes, mime_type: str) -> str:
    return f"data:{mime_type};base64,{to_base64(data)}"


def pseudonym(user: str, secret: str) -> str:
    """A name for somebody that is always the same and tells nobody who they are."""
    return hmac.new(secret.encode(), user.encode(), hashlib.sha256).hexdigest()[:32]
