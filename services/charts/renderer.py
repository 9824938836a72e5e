"""One warm process that draws, held at arm's length.

The library runs a JavaScript engine, whose address space no pool process could grant, which holds
the interpreter's lock and which a bad chart could bring down; so it lives in a process of its own
that is killed when it takes too long and started again for the next chart.
"""

from __future__ import annotations

import asyncio
import json
import logging
import struct
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import InvalidParams

log = logging.getLogger(__name__)

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}
"""Nothing of ours: no token is where charts are drawn. The zone makes dates the same everywhere."""
DEADLINE = 15.0
"""Seconds for one chart; the largest take two."""
CHARTS = 500
"""Drawn by one process before a fresh one takes its place, so that what leaks stays small."""
SIZE = struct.Struct(">I")


@dataclass(frozen=True)
class Rendering:
    svg: bytes = field(repr=False)
    png: bytes = field(repr=False)


class Died(Exception):
    """The process ended before it had answered."""


class ChartRenderer:
    """Draws one chart at a time. Nothing runs before the first one."""

    def __init__(self, deadline: float = DEADLINE, charts: int = CHARTS) -> None:
        self.deadline = deadline
        self.charts = charts
        self.lock = asyncio.Lock()
        self.process: Process | None = None
        self.drawn = 0

    async def render(self, chart: Mapping[str, Any]) -> Rendering:
        """Draw a chart of our own making, as `services.charts.vega` builds them.

        Raises `InvalidParams` for one that cannot be drawn in time.
        """
        request = json.dumps(chart, ensure_ascii=False, allow_nan=False).encode()
        async with self.lock:
            if self.drawn >= self.charts:
                await self.stop()
            try:
                return await self.ask(request)
            except Died:
                # It may have been taken away between two charts; a fresh one tells.
                log.warning("the chart process ended; starting another")
                return await self.ask_again(request)

    async def ask_again(self, request: bytes) -> Rendering:
        try:
            return await self.ask(request)
        except Died as error:
            raise InvalidParams(
                "That chart is more than I can draw. Send fewer points, or a smaller size."
            ) from error

    async def ask(self, request: bytes) -> Rendering:
        """Send one chart and wait for it; whatever goes wrong ends the process."""
        process = self.process or await self.start()
        try:
            async with asyncio.timeout(self.deadline):
                answer = await exchange(process, request)
        except TimeoutError as error:
            await self.stop()
            raise InvalidParams(
                "That chart took too long to draw. Send fewer points, or a smaller size."
            ) from error
        except (OSError, asyncio.IncompleteReadError) as error:
            await self.stop()
            raise Died from error
        except BaseException:
            await self.stop()
            raise
        self.drawn += 1
        return answer

    async def start(self) -> Process:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-E", "-s", "-m", "services.charts.process"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            cwd=ROOT,
            env=ENVIRONMENT,
            start_new_session=True,  # A Ctrl-C is for whoever owns us.
        )
        self.drawn = 0
        log.debug("chart process %d started", self.process.pid)
        return self.process

    async def stop(self) -> None:
        """End the process, if there is one, and wait until it is gone."""
        process, self.process, self.drawn = self.process, None, 0
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await asyncio.shield(gone(process))

    async def close(self) -> None:
        async with self.lock:
            await self.stop()


async def gone(process: Process) -> None:
    """Wait for the end, reading what is left: a full pipe would keep its transport open."""
    await process.communicate()


async def exchange(process: Process, request: bytes) -> Rendering:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(SIZE.pack(len(request)) + request)
    await process.stdin.drain()
    trouble = await read_frame(process.stdout)
    if trouble:
        # The library refused a chart that we built: a mistake of ours, never the person's.
        raise RuntimeError(trouble.decode(errors="replace")[:2000])
    svg = await read_frame(process.stdout)
    return Rendering(svg, await read_frame(process.stdout))


async def read_frame(stream: asyncio.StreamReader) -> bytes:
    (size,) = SIZE.unpack(await stream.readexactly(SIZE.size))
    return await stream.readexactly(size)
