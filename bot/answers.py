"""Answers come first: Discord waits three seconds for one, and for nothing else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Generator

MOMENT = 0.05
"""Seconds without an answer after which a burst of them is over."""
LONGEST = 1.5
"""Seconds for which work waits for answers under way; then it goes on beside them."""
AT_ONCE = 4
"""How many requests are written down at a time: about what the database's pool serves well."""


class AnswersFirst:
    """Keeps what follows an answer from slowing down the answers that are still to be given."""

    def __init__(self) -> None:
        self.answering = 0
        self.given = 0
        self.burst: asyncio.Task[None] | None = None
        self.places = asyncio.Semaphore(AT_ONCE)

    @contextlib.contextmanager
    def answer(self) -> Generator[None]:
        """Hold while an answer is being given."""
        self.answering += 1
        try:
            yield
        finally:
            self.answering -= 1
            self.given += 1

    @contextlib.asynccontextmanager
    async def work(self) -> AsyncGenerator[None]:
        """Hold while doing what follows an answer; begins when nobody waits for one."""
        if self.burst is None or self.burst.done():
            self.burst = asyncio.create_task(self.settle())
        await asyncio.shield(self.burst)
        async with self.places:
            yield

    async def settle(self) -> None:
        """Wait for the end of a burst, once for all that came with it."""
        end = asyncio.get_running_loop().time() + LONGEST
        given = -1
        while self.answering or given != self.given:
            given = self.given
            await asyncio.sleep(MOMENT)
            if asyncio.get_running_loop().time() > end:
                return


answers = AnswersFirst()
"""One for the process: what it weighs is this process's time."""
