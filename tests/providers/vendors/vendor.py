"""A vendor's server, strict and on a socket: it counts what it bills, and fails on demand."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from aiohttp import web
from PIL import Image

KEY = "sk-right-and-long"


def png(color: str = "teal", size: tuple[int, int] = (64, 64)) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", size, color).save(output, "PNG")
    return output.getvalue()


def bomb() -> bytes:
    """A PNG of some hundred bytes that says it is 60,000 pixels wide and high."""
    data = bytearray(png())
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    return bytes(data)


class Wrong(Exception):
    """The request is not as the vendor's documentation has it."""


class Vendor:
    """Base of every simulated vendor: one address, one ledger, one fault at a time.

    Faults that every vendor may have are made here, in whatever it answers a paid call with:

    * `hang`, `drip`: no answer; an answer of one byte at a time
    * `reset before`, `reset after`: the connection breaks before, after it was billed
    * `truncated`, `broken json`, `broken base64`, `no picture`, `bomb`, `too few`, `huge`
    * `401`, `402`, `403`, `404`, `429`, `429 later`, `429 soon`, `500`, `500 page`, `503`

    Others, such as refusals, are the vendor's own.
    """

    def __init__(self) -> None:
        self.fault: str | None = None
        self.billed: list[Any] = []
        """What was charged for, in order."""
        self.asked: list[dict[str, Any]] = []
        """Every paid call as it was understood."""
        self.wrong: list[str] = []
        """What was not as documented; a test fails when there is any."""
        self.base = ""
        self.app = web.Application(client_max_size=64 * 1024 * 1024)
        self.routes()

    def routes(self) -> None:
        raise NotImplementedError

    def failure(self, status: int) -> dict[str, Any]:
        """The body of a failure in the vendor's own form."""
        raise NotImplementedError

    def paid(self, draw: Callable[[web.Request], Any]) -> Callable[[web.Request], Any]:
        """A handler with the faults around it; `draw` answers and bills."""

        async def handle(request: web.Request) -> web.StreamResponse:
            early = await self.before(request)
            if early is not None:
                return early
            try:
                response = await draw(request)
            except Wrong as error:
                self.wrong.append(str(error))
                return web.json_response({"error": {"message": str(error)}}, status=400)
            return await self.after(request, response)

        return handle

    async def before(self, request: web.Request) -> web.StreamResponse | None:
        fault = self.fault or ""
        if fault == "reset before":
            abort(request)
            raise asyncio.CancelledError
        if fault.split(" ")[0].isdigit():
            await request.read()
            waits = {"429 later": "7", "429 soon": "1"}
            headers = {"retry-after": waits[fault]} if fault in waits else {}
            if fault.endswith("page"):
                page = "<html><h1>Bad gateway</h1></html>"
                return web.Response(text=page, status=500, content_type="text/html")
            status = int(fault.split(" ")[0])
            return web.json_response(self.failure(status), status=status, headers=headers)
        return None

    async def after(self, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        """Spoil an answer that has been billed."""
        if self.fault == "hang":
            await asyncio.sleep(60)
        if self.fault == "reset after":
            abort(request)
            raise asyncio.CancelledError
        if self.fault in ("truncated", "drip", "broken json") and isinstance(
            response, web.Response
        ):
            return await self.spoiled(request, response)
        return response

    async def spoiled(self, request: web.Request, response: web.Response) -> web.StreamResponse:
        body = bytes(response.body or b"")  # type: ignore[arg-type]
        if self.fault == "broken json":
            return web.Response(body=body[: len(body) // 2], content_type=response.content_type)
        stream = web.StreamResponse(status=response.status, headers={
            "content-type": response.headers["content-type"], "content-length": str(len(body)),
        })  # fmt: skip
        await stream.prepare(request)
        if self.fault == "drip":
            for start in range(0, len(body), len(body) // 8 + 1):
                await stream.write(body[start : start + len(body) // 8 + 1])
                await asyncio.sleep(0.05)
            await stream.write_eof()
            return stream
        await stream.write(body[: len(body) // 2])
        await asyncio.sleep(0.05)
        abort(request)
        return stream

    def drawn(self, count: int = 1) -> list[bytes]:
        """The pictures of an answer, or what comes in their place."""
        if self.fault == "no picture":
            return [b"this is no picture at all"] * count
        if self.fault == "bomb":
            return [bomb()] * count
        if self.fault == "too few":
            return [png()] * (count - 1)
        return [png(color) for color in ("teal", "navy", "olive", "maroon")[:count]]

    def encoded(self, count: int = 1) -> list[str]:
        if self.fault == "broken base64":
            return ["&&&& this is not base64"] * count
        return [base64.b64encode(each).decode() for each in self.drawn(count)]

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Vendor]:
        runner = web.AppRunner(self.app, handle_signals=False, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        self.base = f"http://127.0.0.1:{port}"
        try:
            yield self
        finally:
            await runner.cleanup()


def abort(request: web.Request) -> None:
    """Break the connection, as a cable does."""
    assert request.transport is not None
    request.transport.abort()


def only(found: dict[str, Any], *known: str) -> None:
    """Complain about fields that are not known."""
    if unknown := found.keys() - set(known):
        raise Wrong(f"unknown fields: {', '.join(sorted(unknown))}")


async def json_of(request: web.Request) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise Wrong(f"content type {request.content_type}")
    return json.loads(await request.read())
