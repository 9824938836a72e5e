"""Finished generations, shown where they were asked for."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

import aiohttp
import discord

from bot import messages
from core.errors import DatabaseUnavailable, StorageError
from db import generations
from db.models import Generation, Status
from db.queue import DELIVER, Consumer, Job, RetryRequested, payload
from services.generations import delivered
from services.studio import Studio

log = logging.getLogger(__name__)

UNKNOWN_MESSAGE = 10008
TOKEN_GONE = {50027, 10015, 10062}
"""Discord's codes for an interaction token that works no more."""
OUT_OF_REACH = {10003, 50001, 50013, 50007, 10004}
"""Discord's codes for a channel that is gone, or in which we may not write."""
AT_ONCE = 8
"""Deliveries at a time: Discord's limits, not ours, decide how fast it goes."""
LONGEST_WAIT = 300.0


class Delivery:
    """The bot's share of the queue: putting outcomes where people see them."""

    def __init__(self, studio: Studio, client: discord.Client) -> None:
        self.studio = studio
        self.client = client
        self.queue = Consumer(studio.dsn, DELIVER, self.on_job, AT_ONCE)
        self.locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        """One for each generation that somebody holds or waits for; then it is forgotten."""

    async def on_job(self, job: Job) -> None:
        """Deliver one outcome; while Discord or the database is away, later."""
        generation_id = payload(job)
        try:
            await self.deliver(generation_id)
        except (
            discord.DiscordServerError,
            discord.RateLimited,
            aiohttp.ClientError,
            OSError,
            TimeoutError,
            DatabaseUnavailable,
            StorageError,
        ) as error:
            wait = min(2.0 ** min(job.attempts, 10), LONGEST_WAIT)
            log.warning("generation %d not delivered yet: %s", generation_id, error)
            raise RetryRequested(timedelta(seconds=wait), type(error).__name__) from error
        except Exception:
            log.exception("generation %d cannot be delivered", generation_id)

    @contextlib.asynccontextmanager
    async def alone(self, generation_id: int) -> AsyncGenerator[None]:
        """Let one hand at a time edit a generation's message, so that progress never comes last."""
        lock = self.locks.setdefault(generation_id, asyncio.Lock())
        async with lock:
            yield

    async def deliver(self, generation_id: int) -> None:
        """Put an outcome, or what is proposed, into the message that answered the request.

        An edit is the same the second time, so a delivery that dies half way is delivered again.
        """
        async with self.alone(generation_id):
            async with self.studio.transaction() as tx:
                generation = await generations.by_id(tx, generation_id)
            if generation is None or generation.status is Status.RUNNING:
                return
            if generation.status is Status.QUEUED:
                if generation.proposal is not None:
                    await self.put(generation, messages.proposal(generation), anew=False)
                return
            content = await messages.shown(self.studio, generation)
            message_id = await self.put(generation, content)
            await delivered(self.studio, generation_id, message_id)
        log.info("generation %d delivered", generation_id)

    async def refresh(self, generation_id: int) -> None:
        """Show a generation as it is now, where it was shown; out of reach is no error."""
        with contextlib.suppress(discord.HTTPException):
            await self.deliver(generation_id)

    async def put(
        self, generation: Generation, content: dict[str, Any], *, anew: bool = True
    ) -> int | None:
        """Edit the message by whatever still works; return where it is now.

        A message that is gone is sent anew if that is wanted. None when nothing can reach it:
        `/show` always can.
        """
        if messages.token_works(generation):
            with contextlib.suppress(discord.HTTPException):
                return await self.edit_by_token(generation, content)
        try:
            return await self.edit_as_bot(generation, content)
        except discord.HTTPException as error:
            if isinstance(error, discord.DiscordServerError):
                raise
            if error.code == UNKNOWN_MESSAGE and anew:
                return await self.send_anew(generation, content)
            if error.code in OUT_OF_REACH or error.status in (401, 403, 404):
                log.warning("generation %d cannot be shown: %s", generation.id, error)
                return None
            raise

    async def edit_by_token(self, generation: Generation, content: dict[str, Any]) -> int | None:
        """Edit by the interaction's token, which works where the bot is no member."""
        assert generation.reply_token is not None
        assert generation.application_id is not None
        webhook = discord.Webhook.partial(
            generation.application_id, generation.reply_token, client=self.client
        )
        # The library's type says a number; Discord also takes this name for the first answer.
        message_id: Any = generation.message_id or "@original"
        edited: Any = await webhook.edit_message(message_id, **rewound(content))
        return edited.id

    async def edit_as_bot(self, generation: Generation, content: dict[str, Any]) -> int | None:
        if generation.channel_id is None or generation.message_id is None:
            return None
        channel = self.client.get_partial_messageable(generation.channel_id)
        await channel.get_partial_message(generation.message_id).edit(**rewound(content))
        return generation.message_id

    async def send_anew(self, generation: Generation, content: dict[str, Any]) -> int | None:
        """The message is gone: a new one. Its nonce lets Discord see that it is the same one."""
        if generation.channel_id is None or generation.deleted_at is not None:
            return None
        channel = self.client.get_partial_messageable(generation.channel_id)
        fresh = rewound(content)
        fresh["files"] = fresh.pop("attachments")
        if fresh["view"] is None:
            fresh.pop("view")
        try:
            sent = await channel.send(nonce=f"gen-{generation.id}", **fresh)
        except discord.HTTPException as error:
            if isinstance(error, discord.DiscordServerError):
                raise
            log.warning("generation %d cannot be shown: %s", generation.id, error)
            return None
        return sent.id


def rewound(content: dict[str, Any]) -> dict[str, Any]:
    """The same content again, from the beginning of each file."""
    for file in content.get("attachments", []):
        file.reset()
    return dict(content)
