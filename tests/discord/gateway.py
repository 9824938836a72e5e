"""The gateway: hello, identify, heartbeats, events, and resuming after a drop."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any

from aiohttp import WSMsgType, web

from tests.discord.sessions import Connection, GatewaySession
from tests.discord.world import (
    CONTENT_INTENT,
    MEMBERS_INTENT,
    PRIVILEGED,
    VIEW,
    Guild,
    World,
    member,
)

HEARTBEAT = 41_250
"""Milliseconds, as Discord asks for."""
COMMANDS_PER_MINUTE = 120
GUILDS, GUILD_MESSAGES, REACTIONS, DIRECT_MESSAGES = 1, 1 << 9, 1 << 10, 1 << 12
DIRECT_REACTIONS = 1 << 13
KNOWN_INTENTS = (1 << 26) - 1
BEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT, MEMBERS, INVALID = 1, 2, 3, 4, 6, 7, 8, 9
HELLO, ACK = 10, 11


class Closing(Exception):
    """The gateway hangs up, saying why with one of its codes."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Gateway:
    """Everything that goes over websockets."""

    def __init__(self, world: World, base: Any) -> None:
        self.world = world
        self.base = base
        self.sessions: dict[str, GatewaySession] = {}
        self.connections: set[Connection] = set()
        self.identified = 0
        self.resumed = 0
        self.heartbeats = 0
        self.presence: dict[str, Any] | None = None
        self.heartbeat = HEARTBEAT
        self.shards = 1
        self.down = False
        self.deaf = False
        """Whether heartbeats are no longer acknowledged, as on a connection that died quietly."""
        self.resumable = True
        """Whether a client that comes back may go on where it was."""

    @property
    def connected(self) -> bool:
        return any(each.connection is not None for each in self.sessions.values())

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        if self.down:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        compress = request.query.get("compress") == "zlib-stream"
        connection = Connection(socket, request.transport, compress=compress)
        self.connections.add(connection)
        try:
            await self.converse(connection)
        except Closing as closing:
            await socket.close(code=closing.code, message=str(closing).encode())
        except ConnectionError:
            pass  # The client is gone; its session stays for it to come back to.
        finally:
            self.connections.discard(connection)
            self.release(connection)
            await self.world.ring()
        return socket

    async def converse(self, connection: Connection) -> None:
        """Listen until the client leaves, or until its heart is not heard for too long."""
        await connection.send(json.dumps(hello(self.heartbeat)))
        recent: deque[float] = deque(maxlen=COMMANDS_PER_MINUTE)
        loop = asyncio.get_running_loop()
        while True:
            patience = max(0.0, connection.alive_until(self.heartbeat) - loop.time())
            try:
                message = await connection.socket.receive(patience)
            except TimeoutError:
                self.forget(connection.session)
                raise Closing(4009, "Session timed out.") from None
            if message.type is not WSMsgType.TEXT:
                self.on_close(connection)
                return
            if len(recent) == COMMANDS_PER_MINUTE and recent[0] > loop.time() - 60:
                raise Closing(4008, "You are being rate limited.")
            recent.append(loop.time())
            await self.on_message(connection, message.data)

    def on_close(self, connection: Connection) -> None:
        """A client that says goodbye ends its session; one that only vanishes may resume it."""
        if connection.socket.close_code in (1000, 1001) and not connection.dropped:
            self.forget(connection.session)

    def release(self, connection: Connection) -> None:
        session = connection.session
        if session is not None and session.connection is connection:
            session.connection = None

    def forget(self, session: GatewaySession | None) -> None:
        if session is not None:
            self.sessions.pop(session.id, None)

    async def on_message(self, connection: Connection, text: str) -> None:
        try:
            told = json.loads(text)
            op, data = told["op"], told.get("d")
        except (ValueError, KeyError, TypeError):
            raise Closing(4002, "Error while decoding payload.") from None
        if op == BEAT:
            await self.on_heartbeat(connection, data)
        elif op == IDENTIFY:
            await self.identify(connection, data)
        elif op == RESUME:
            await self.resume(connection, data)
        elif op not in (PRESENCE, VOICE, MEMBERS):
            raise Closing(4001, "Unknown opcode.")
        elif connection.session is None:
            raise Closing(4003, "Not authenticated.")
        elif op == PRESENCE:
            self.presence = data
        elif op == MEMBERS:
            await self.chunk(connection.session, data)

    async def on_heartbeat(self, connection: Connection, sequence: int | None) -> None:
        self.heartbeats += 1
        connection.beat()
        if connection.session is not None and sequence is not None:
            connection.session.arrived(sequence)
        if not self.deaf:
            await connection.send(json.dumps({"op": ACK, "d": None, "t": None, "s": None}))

    async def identify(self, connection: Connection, data: dict[str, Any]) -> None:
        if connection.session is not None:
            raise Closing(4005, "Already authenticated.")
        if data["token"].removeprefix("Bot ") != self.world.token:
            raise Closing(4004, "Authentication failed.")
        intents, shard = data["intents"], tuple(data.get("shard") or (0, 1))
        if not 0 <= intents <= KNOWN_INTENTS:
            raise Closing(4013, "Invalid intent(s).")
        if intents & PRIVILEGED & ~self.world.granted_intents:
            raise Closing(4014, "Disallowed intent(s).")
        if not 0 <= shard[0] < shard[1]:
            raise Closing(4010, "Invalid shard.")
        self.identified += 1
        session = GatewaySession(connection, intents, shard)
        connection.session = self.sessions[session.id] = session
        await self.welcome(session)
        await self.world.ring()

    async def welcome(self, session: GatewaySession) -> None:
        guilds = [each for each in self.world.guilds.values()
                  if each.has_bot and session.covers(each.id)]  # fmt: skip
        await session.dispatch("READY", {
            "v": 10, "user": {**self.world.bot, "verified": True, "mfa_enabled": True},
            "guilds": [{"id": each.id, "unavailable": True} for each in guilds],
            "session_id": session.id, "resume_gateway_url": self.base.gateway_url,
            "shard": list(session.shard), "session_type": "normal", "private_channels": [],
            "application": {"id": self.world.application_id, "flags": self.base.flags},
        })  # fmt: skip
        if session.intents & GUILDS:
            for each in guilds:
                await session.dispatch("GUILD_CREATE", self.introduced(session, each))

    def introduced(self, session: GatewaySession, guild: Guild) -> dict[str, Any]:
        return guild.payload(self.world.bot, members=bool(session.intents & MEMBERS_INTENT))

    async def resume(self, connection: Connection, data: dict[str, Any]) -> None:
        if data["token"].removeprefix("Bot ") != self.world.token:
            raise Closing(4004, "Authentication failed.")
        session = self.sessions.get(data["session_id"])
        lost = session is None or not session.resumable or data["seq"] < session.lost
        if session is None or lost or not self.resumable:
            self.forget(session)
            await connection.send(json.dumps({"op": INVALID, "d": False, "t": None, "s": None}))
            return
        if data["seq"] > session.sequence:
            raise Closing(4007, "Invalid seq.")
        self.resumed += 1
        session.taken_up(connection, data["seq"])
        await session.dispatch("RESUMED", {})
        await self.world.ring()

    async def chunk(self, session: GatewaySession, data: dict[str, Any]) -> None:
        """Answer a request for members: by ID, or by how their names begin."""
        guild = self.world.guilds[str(data["guild_id"])]
        everybody = {self.world.bot["id"]: member(self.world.bot), **guild.members}
        wanted = data.get("user_ids")
        if wanted is not None:
            wanted = [str(each) for each in (wanted if isinstance(wanted, list) else [wanted])]
            found = [everybody[each] for each in wanted if each in everybody]
        else:
            start = data.get("query", "").lower()
            found = [each for each in everybody.values()
                     if each["user"]["username"].startswith(start)]  # fmt: skip
            found = found[: data.get("limit") or None]
        await session.dispatch("GUILD_MEMBERS_CHUNK", {
            "guild_id": guild.id, "members": found, "chunk_index": 0, "chunk_count": 1,
            "nonce": data.get("nonce"),
            "not_found": [each for each in wanted or [] if each not in everybody],
        })  # fmt: skip

    async def tell(
        self, name: str, data: dict[str, Any], *, intent: int = 0, guild_id: str | None = None
    ) -> None:
        """Send an event to every bot that is connected or may come back."""
        for session in list(self.sessions.values()):
            if session.intents & intent == intent and session.covers(guild_id):
                await session.dispatch(name, data)

    async def tell_message(self, name: str, message: dict[str, Any]) -> None:
        """Tell of a message, as far as the bot may know of it and of what it says."""
        channel_id = message["channel_id"]
        hidden = message["id"] in self.world.visible_to
        if hidden or not self.world.bot_permissions(channel_id) & VIEW:
            return
        guild = self.world.channel_guild(channel_id)
        intent = DIRECT_MESSAGES if guild is None else GUILD_MESSAGES
        for session in list(self.sessions.values()):
            if session.intents & intent and session.covers(guild.id if guild else None):
                content = bool(session.intents & CONTENT_INTENT)
                seen = self.world.seen_by_bot(message, content=content)
                await session.dispatch(name, in_place(name, seen, guild))

    async def tell_guild(self, guild: Guild) -> None:
        """Tell the bot of a guild that it was let into, or of what has changed there."""
        for session in list(self.sessions.values()):
            if session.intents & GUILDS and session.covers(guild.id):
                await session.dispatch("GUILD_CREATE", self.introduced(session, guild))

    async def drop(self, *, resumable: bool = True) -> None:
        """Cut every connection without a word."""
        for session in self.sessions.values():
            session.resumable = session.resumable and resumable
        for connection in list(self.connections):
            connection.abort()
            self.release(connection)
        await asyncio.sleep(0)

    async def ask_to_reconnect(self) -> None:
        await self.say_to_all({"op": RECONNECT, "d": None, "t": None, "s": None})

    async def invalidate(self, *, resumable: bool = False) -> None:
        """Tell every client that its session is over, or only that it should come back to it."""
        await self.say_to_all({"op": INVALID, "d": resumable, "t": None, "s": None})
        if not resumable:
            self.sessions.clear()

    async def say_to_all(self, payload: dict[str, Any]) -> None:
        for connection in list(self.connections):
            await connection.send(json.dumps(payload))


def hello(interval: int) -> dict[str, Any]:
    return {"op": HELLO, "d": {"heartbeat_interval": interval}, "t": None, "s": None}


def in_place(name: str, message: dict[str, Any], guild: Guild | None) -> dict[str, Any]:
    """A message's event: with its guild and its author's membership, or only what was deleted."""
    place = {} if guild is None else {"guild_id": guild.id}
    if name == "MESSAGE_DELETE":
        return {"id": message["id"], "channel_id": message["channel_id"], **place}
    if guild is not None and message["author"]["id"] in guild.members:
        known = guild.members[message["author"]["id"]]
        place["member"] = {key: value for key, value in known.items() if key != "user"}
    return {**message, **place}
