"""A websocket, and the session that outlives it."""

from __future__ import annotations

import asyncio
import json
import zlib
from typing import Any

from aiohttp import web

from tests.discord.world import snowflake

KEPT = 2000
"""Events kept for a resume; real Discord forgets some time, too."""


class Connection:
    """One websocket; what goes out over it may be one long compressed stream."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.BaseTransport | None,
        *,
        compress: bool,
    ) -> None:
        self.socket = socket
        self.transport = transport
        self.deflate = zlib.compressobj() if compress else None
        self.session: GatewaySession | None = None
        self.dropped = False
        self.beat()

    def beat(self) -> None:
        self.last_beat = asyncio.get_running_loop().time()

    def alive_until(self, interval: int) -> float:
        """When the client counts as dead if it is not heard: it may miss one beat, not two."""
        return self.last_beat + 2 * interval / 1000

    async def send(self, text: str) -> None:
        if self.deflate is None:
            await self.socket.send_str(text)
            return
        data = self.deflate.compress(text.encode()) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
        await self.socket.send_bytes(data)

    def abort(self) -> None:
        """Cut it as a network does: without a closing word."""
        self.dropped = True
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()


class GatewaySession:
    """What survives a lost connection: the events not yet known to have arrived."""

    def __init__(self, connection: Connection, intents: int, shard: tuple[int, ...]) -> None:
        self.id = f"session{snowflake()}"
        self.connection: Connection | None = connection
        self.intents = intents
        self.shard = shard
        self.sequence = 0
        self.sent = 0
        self.events: dict[int, str] = {}
        self.lost = 0
        """The last event that was forgotten although nobody said it had arrived."""
        self.resumable = True
        self.sending = asyncio.Lock()

    def covers(self, guild_id: str | None) -> bool:
        """Whether this shard is the one for a guild; what is in no guild goes to the first."""
        if guild_id is None:
            return self.shard[0] == 0
        return (int(guild_id) >> 22) % self.shard[1] == self.shard[0]

    def arrived(self, sequence: int) -> None:
        """Forget events that the client says it has got."""
        self.events = {each: text for each, text in self.events.items() if each > sequence}

    def taken_up(self, connection: Connection, sequence: int) -> None:
        """Go on over another connection, after the last event that came over the one before."""
        if self.connection is not None:
            self.connection.abort()
        self.connection, connection.session = connection, self
        self.sent = sequence

    async def dispatch(self, name: str, data: dict[str, Any]) -> None:
        """Send an event; one that cannot be sent now is kept for a resume."""
        self.sequence += 1
        event = {"op": 0, "t": name, "s": self.sequence, "d": data}
        self.events[self.sequence] = json.dumps(event)
        if len(self.events) > KEPT:
            self.lost = next(iter(self.events))
            del self.events[self.lost]
        await self.flush()

    async def flush(self) -> None:
        """Send what was not sent yet: each event once, and in their order."""
        async with self.sending:
            while (connection := self.connection) is not None and self.sent < self.sequence:
                text = self.events.get(self.sent + 1)
                self.sent += 1
                try:
                    if text is not None:
                        await connection.send(text)
                except (ConnectionError, RuntimeError):
                    if self.connection is connection:
                        self.connection = None
