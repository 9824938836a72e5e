"""Live progress: one LISTEN connection a process, and a bell for whoever follows.

A notification is only a hint that something changed. The state is in the row, and every
follower reads it there; so a lost notification costs time, never truth.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from db.engine import connect

log = logging.getLogger(__name__)

CHANNEL = "generation"
RECONNECT = 0.5
"""Seconds between tries to listen again."""


@dataclass(frozen=True)
class Change:
    """One generation changed; where everything may have, `generation_id` is None."""

    generation_id: int | None = None
    session_id: int | None = None


EVERYTHING = Change()


@dataclass(eq=False)
class Follower:
    """The newest changes one follower has not looked at: a slow one skips, it never queues."""

    session_id: int | None
    generation_id: int | None
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    changed: dict[int | None, Change] = field(default_factory=dict[int | None, Change])

    def wants(self, change: Change) -> bool:
        if change is EVERYTHING:
            return True
        if self.generation_id is not None:
            return self.generation_id == change.generation_id
        return self.session_id in (None, change.session_id)

    def ring(self, change: Change) -> None:
        self.changed[change.generation_id] = change
        self.bell.set()


class Hub:
    """Tells followers in this process what changed anywhere."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.followers: set[Follower] = set()
        self.closed = False

    @contextlib.contextmanager
    def following(
        self, *, session_id: int | None = None, generation_id: int | None = None
    ) -> Generator[Follower]:
        """Be told from now on; begin by reading the row, then wait for changes."""
        follower = Follower(session_id, generation_id)
        self.followers.add(follower)
        try:
            yield follower
        finally:
            self.followers.discard(follower)

    async def changes(
        self,
        *,
        session_id: int | None = None,
        generation_id: int | None = None,
        every: float | None = None,
    ) -> AsyncGenerator[Change]:
        """Yield changes as they come, the first at once.

        With `every`, seconds, also yield `EVERYTHING` when nothing came for so long. Ends when
        the hub is closed.
        """
        with self.following(session_id=session_id, generation_id=generation_id) as follower:
            yield EVERYTHING
            while not self.closed:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(follower.bell.wait(), every)
                follower.bell.clear()
                changed, follower.changed = follower.changed, {}
                if self.closed:
                    return
                for change in changed.values() or (EVERYTHING,):
                    yield change

    async def run(self) -> None:
        """Listen until canceled, through any number of lost connections."""
        while True:
            try:
                async with self.listening() as lost:
                    # Whatever happened while nobody listened: everyone reads again.
                    self.deliver(EVERYTHING)
                    await lost.wait()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.debug("cannot listen for progress: %s", error)
            await asyncio.sleep(RECONNECT)

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncGenerator[asyncio.Event]:
        lost = asyncio.Event()

        def on_end(_connection: Any) -> None:
            lost.set()

        connection: Any = await connect(self.dsn, "atelier progress")
        try:
            connection.add_termination_listener(on_end)
            await connection.add_listener(CHANNEL, self.on_notification)
            yield lost
        finally:
            connection.terminate()

    def on_notification(self, _connection: Any, _pid: int, _channel: str, payload: str) -> None:
        told = json.loads(payload)
        self.deliver(Change(told["id"], told["session"]))

    def deliver(self, change: Change) -> None:
        for follower in self.followers:
            if follower.wants(change):
                follower.ring(change)

    def close(self) -> None:
        """End every follower, so that open streams do not hold up a shutdown."""
        self.closed = True
        self.deliver(EVERYTHING)
