"""Telling whoever runs the studio what only they can put right, once."""

from __future__ import annotations

import logging
from datetime import timedelta

import aiohttp
import discord

from bot.messages import quoted
from core.errors import AuthFailed, DatabaseUnavailable, QuotaExceeded
from db import ledger
from db.provider_models import ProviderCall
from db.queue import TELL, Consumer, Job, RetryRequested, payload
from services.studio import Studio

log = logging.getLogger(__name__)

LATER = timedelta(seconds=30)
OPERATOR = (AuthFailed.error_class, QuotaExceeded.error_class)
"""What only the operator can put right."""


class Operator:
    """The administrators' direct messages."""

    def __init__(self, studio: Studio, client: discord.Client) -> None:
        self.studio, self.client = studio, client
        self.queue = Consumer(studio.dsn, TELL, self.on_job, 1)

    async def on_job(self, job: Job) -> None:
        """Tell every administrator; while Discord or the database is away, later."""
        generation_id = payload(job)
        try:
            await self.tell(generation_id)
        except (discord.DiscordServerError, aiohttp.ClientError, OSError, DatabaseUnavailable) as e:
            raise RetryRequested(LATER, type(e).__name__) from e
        except Exception:
            log.exception("the operator cannot be told of generation %d", generation_id)

    async def tell(self, generation_id: int) -> None:
        async with self.studio.transaction() as tx:
            call = await ledger.last_failed(tx, generation_id, OPERATOR)
        if call is None:
            return
        for user_id in self.studio.settings.admin_user_ids or await self.owners():
            await self.write_to(user_id, notice(call))

    async def owners(self) -> frozenset[int]:
        """Whoever owns the application: a person, or the members of a team."""
        about = await self.client.application_info()
        members = about.team.members if about.team else [about.owner]
        return frozenset(each.id for each in members)

    async def write_to(self, user_id: int, words: str) -> None:
        try:
            person = await self.client.fetch_user(user_id)
            await person.send(words)
        except discord.DiscordServerError:
            raise
        except discord.HTTPException as error:
            log.warning("administrator %d cannot be told: %s", user_id, error)


def notice(call: ProviderCall) -> str:
    """What happened, what the provider said itself, and what to do about it."""
    return (
        f"⚠️ {quoted(call.error or '', 600)}\n"
        f"-# It was met by `#{call.generation_id}`. Nobody is asked again for ten minutes. Put it "
        "right, then `/admin retry` repeats what failed."
    )
