"""Letting one run alone while the others wait."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator


class Isolation:
    """Any number run together, or one alone.

    A request that brings its worker down brings down whatever runs beside it; run alone, only the
    culprit is counted.
    """

    def __init__(self) -> None:
        self.changed = asyncio.Condition()
        self.together_now = 0
        self.alone_now = False

    @contextlib.asynccontextmanager
    async def together(self) -> AsyncGenerator[None]:
        async with self.changed:
            await self.changed.wait_for(lambda: not self.alone_now)
            self.together_now += 1
        try:
            yield
        finally:
            async with self.changed:
                self.together_now -= 1
                self.changed.notify_all()

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncGenerator[None]:
        async with self.changed:
            await self.changed.wait_for(lambda: not self.alone_now)
            self.alone_now = True  # From here on nobody else begins.
            await self.changed.wait_for(lambda: self.together_now == 0)
        try:
            yield
        finally:
            async with self.changed:
                self.alone_now = False
                self.changed.notify_all()
