"""The gateway: hello, identify, heartbeats, events, and resuming after a drop."""

from __future__ import annotations

import asyncio
import json
import zlib
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.discord.world import World, snowflake

HEARTBEAT = 41_250
"""Milliseconds, as Discord asks for."""


@dataclass
class GatewaySession:
    """What survives a lost connection: the events not yet known to have arrived."""

    id: str = field(default_factory=lambda: f"session{snowflake()}")
    sequence: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)
    connection: Connection | None = None
    resumable: bool = True


class Connection:
    """One websocket."""

    def __init__(self, socket: web.WebSocketResponse, *, compress: bool) -> None:
        self.socket = socket
        self.deflate = zlib.compressobj() if compress else None

    async def send(self, payload: dict[str, Any]) -> None:
        text = json.dumps(payload)
        if self.deflate is None:
            await self.socket.send_str(text)
            return
        data = self.deflate.compress(text.encode()) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
        await self.socket.send_bytes(data)


class Gateway:
    """Everything that goes over websockets."""

    def __init__(self, world: World, base: Any) -> None:
        self.world = world
        self.base = base
        self.sessions: dict[str, GatewaySession] = {}
        self.identified = 0
        self.resumed = 0
        self.down = False

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        if self.down:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        connection = Connection(socket, compress=request.query.get("compress") == "zlib-stream")
        await connection.send({"op": 10, "d": {"heartbeat_interval": HEARTBEAT}, "t": None})
        session: GatewaySession | None = None
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            told = json.loads(message.data)
            session = await self.on_message(connection, session, told["op"], told.get("d"))
        if session is not None and session.connection is connection:
            session.connection = None
        return socket

    async def on_message(
        self, connection: Connection, session: GatewaySession | None, op: int, data: Any
    ) -> GatewaySession | None:
        if op == 1:
            await connection.send({"op": 11, "d": None})
        elif op == 2:
            return await self.identify(connection, data)
        elif op == 6:
            return await self.resume(connection, data)
        elif op == 8:
            await self.chunk(session, data)
        return session

    async def identify(self, connection: Connection, data: dict[str, Any]) -> GatewaySession | None:
        if data["token"] != self.world.token:
            await connection.socket.close(code=4004, message=b"Authentication failed.")
            return None
        self.identified += 1
        session = GatewaySession(connection=connection)
        self.sessions[session.id] = session
        guilds = [each for each in self.world.guilds.values() if each.has_bot]
        await self.dispatch(session, "READY", {
            "v": 10,
            "user": self.world.bot,
            "guilds": [{"id": each.id, "unavailable": True} for each in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.base.gateway_url,
            "shard": data.get("shard", [0, 1]),
            "application": {"id": self.world.application_id, "flags": 0},
        })  # fmt: skip
        for each in guilds:
            await self.dispatch(session, "GUILD_CREATE", each.payload(self.world.bot))
        await self.world.ring()
        return session

    async def resume(self, connection: Connection, data: dict[str, Any]) -> GatewaySession | None:
        session = self.sessions.get(data["session_id"])
        if session is None or not session.resumable:
            await connection.send({"op": 9, "d": False})
            return None
        session.connection = connection
        self.resumed += 1
        for event in session.events:
            if event["s"] > data["seq"]:
                await connection.send(event)
        await self.dispatch(session, "RESUMED", {})
        await self.world.ring()
        return session

    async def chunk(self, session: GatewaySession | None, data: dict[str, Any]) -> None:
        guild = self.world.guilds[str(data["guild_id"])]
        assert session is not None
        await self.dispatch(session, "GUILD_MEMBERS_CHUNK", {
            "guild_id": guild.id, "members": list(guild.members.values()), "chunk_index": 0,
            "chunk_count": 1, "nonce": data.get("nonce"), "not_found": [],
        })  # fmt: skip

    async def dispatch(self, session: GatewaySession, name: str, data: dict[str, Any]) -> None:
        """Send an event; one that cannot be sent now is kept for a resume."""
        session.sequence += 1
        event = {"op": 0, "t": name, "s": session.sequence, "d": data}
        session.events.append(event)
        if session.connection is not None:
            try:
                await session.connection.send(event)
            except (ConnectionError, RuntimeError):
                session.connection = None

    async def tell(self, name: str, data: dict[str, Any]) -> None:
        """Send an event to every bot that is, or may come back, connected."""
        for session in self.sessions.values():
            await self.dispatch(session, name, data)

    @property
    def connected(self) -> bool:
        return any(each.connection is not None for each in self.sessions.values())

    async def drop(self, *, resumable: bool = True) -> None:
        """Cut every connection without a word."""
        for session in self.sessions.values():
            session.resumable = session.resumable and resumable
            if session.connection is not None:
                connection, session.connection = session.connection, None
                transport = connection.socket._req.transport
                if transport is not None:
                    transport.abort()
        await asyncio.sleep(0)

    async def ask_to_reconnect(self) -> None:
        for session in self.sessions.values():
            if session.connection is not None:
                await session.connection.send({"op": 7, "d": None})
