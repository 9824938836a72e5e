"""Taking generations from the queue, through lost connections, crashes and shutdowns."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import timedelta

from core.errors import DatabaseUnavailable
from db import generations
from db.models import Status
from db.queue import GENERATE, Consumer, Job, RetryRequested, payload
from services.running import TryAgain, run
from services.studio import Studio
from services.upkeep import keep_up
from worker.isolation import Isolation

log = logging.getLogger(__name__)

SUSPECT = 2
"""Crashes from which a request runs alone, so that it takes nobody down with it."""
LOOK_AGAIN = 5.0
"""Seconds after which a running generation's row is read even if nobody said it changed."""


class Worker:
    """One worker process's share of the queue."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.isolation = Isolation()
        self.running: set[asyncio.Task[None]] = set()
        at_once = studio.settings.worker_concurrency
        self.queue = Consumer(studio.dsn, GENERATE, self.generate, at_once)

    async def run(self) -> None:
        """Work until stopped; a lost database is waited for."""
        upkeep = asyncio.create_task(keep_up(self.studio))
        try:
            await self.queue.run()
        finally:
            upkeep.cancel()

    def stop(self) -> None:
        """Hand running work back and end."""
        self.queue.stop()
        for task in self.running:
            task.cancel()

    async def generate(self, job: Job) -> None:
        """Run one job; what it raises tells the queue to hand it out again."""
        generation_id = payload(job)
        try:
            await self.run_job(generation_id)
        except TryAgain as again:
            raise RetryRequested(timedelta(seconds=again.delay), "another try") from again
        except DatabaseUnavailable as error:
            raise RetryRequested(timedelta(seconds=2), "the database is away") from error
        except asyncio.CancelledError as error:
            if not self.queue.stopping:
                return  # Somebody called it off: the job is done.
            raise RetryRequested(timedelta(0), "this worker stops") from error

    async def run_job(self, generation_id: int) -> None:
        async with self.studio.transaction() as tx:
            crashes = await generations.suspicion(tx, generation_id, self.studio.worker_id)
        async with self.isolation.alone() if crashes >= SUSPECT else self.isolation.together():
            if self.queue.stopping:
                raise asyncio.CancelledError
            task = asyncio.create_task(run(self.studio, generation_id))
            self.running.add(task)
            watch = asyncio.create_task(self.cancel_when_told(generation_id, task))
            try:
                await task
            finally:
                self.running.discard(task)
                watch.cancel()

    async def cancel_when_told(self, generation_id: int, task: asyncio.Task[None]) -> None:
        """Stop drawing as soon as somebody calls it off."""
        changes = self.studio.hub.changes(generation_id=generation_id, every=LOOK_AGAIN)
        async with contextlib.aclosing(changes):
            async for _ in changes:
                with contextlib.suppress(DatabaseUnavailable):
                    async with self.studio.transaction() as tx:
                        row = await tx.get(generations.Generation, generation_id)
                    if row is None or row.status is Status.CANCELED or row.deleted_at:
                        task.cancel()
                        return
