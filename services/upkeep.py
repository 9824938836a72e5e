"""Keeping files and rows in step, and finding work the queue has lost."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from core.errors import DatabaseUnavailable
from db import assets, generations, ledger
from db.assets import Expected
from db.queue import GENERATE, enqueue, prune_log
from services.images import release
from services.ledger import forget_answers
from services.proposals import set_aside
from services.studio import Studio

log = logging.getLogger(__name__)

EVERY = 600.0
"""Seconds between two rounds of upkeep."""
KEEP_LOG = timedelta(days=7)


@dataclass
class Report:
    """What a comparison of files with rows found; keys."""

    whole: int = 0
    missing: list[str] = field(default_factory=list[str])
    damaged: list[str] = field(default_factory=list[str])
    orphans: list[str] = field(default_factory=list[str])
    """Files that no row needs: what a crash between file and row leaves."""

    @property
    def clean(self) -> bool:
        return not (self.missing or self.damaged or self.orphans)


async def verify(studio: Studio, *, repair: bool = False) -> Report:
    """Read every kept file and compare it with its row; with `repair`, remove orphans.

    A file that is being kept just now is no orphan: it is looked for again before it goes.
    """
    report = Report()
    if repair:
        await tidy(studio)
    async with studio.transaction() as tx:
        expected = {each.key: each for each in await assets.expected_files(tx)}
    for each in expected.values():
        await check(studio, each, report)
    found = [key async for key in studio.storage.list_keys()]
    report.orphans = [key for key in found if key not in expected]
    if repair:
        for key in list(report.orphans):
            await remove_orphan(studio, key)
        report.orphans = []
    return report


async def check(studio: Studio, expected: Expected, report: Report) -> None:
    size = await studio.storage.size(expected.key)
    if size is None:
        report.missing.append(expected.key)
        return
    if expected.sha256 is not None:
        data = await studio.storage.get(expected.key)
        if sha256(data).hexdigest() != expected.sha256:
            report.damaged.append(expected.key)
            return
    report.whole += 1


async def remove_orphan(studio: Studio, key: str) -> None:
    """Remove a file nobody needs, unless somebody has come to need it meanwhile."""
    stem = key.rsplit("/", 1)[-1].split(".")[0]
    if len(stem) == 64:
        await release(studio, stem)  # It looks at the rows again, under a lock.
        return
    async with studio.transaction() as tx:
        expected = {each.key for each in await assets.expected_files(tx)}
    if key not in expected:
        await studio.storage.remove(key)


async def take_up_stranded(studio: Studio) -> int:
    """Queue again what has no job any more, for example after the queue's tables were lost."""
    async with studio.transaction() as tx:
        found = await generations.stranded(tx)
        for generation_id in found:
            await enqueue(tx, GENERATE, generation_id)
    if found:
        log.warning("%d generations had no job and are queued again", len(found))
    return len(found)


async def tidy(studio: Studio) -> None:
    """Drop the raw answers that a worker died before dropping."""
    async with studio.transaction() as tx:
        found = await ledger.left_over(tx)
    for generation_id in found:
        await forget_answers(studio, generation_id)


async def keep_up(studio: Studio) -> None:
    """Do all that wants doing now and then, for ever."""
    while True:
        try:
            await take_up_stranded(studio)
            await tidy(studio)
            await set_aside(studio)
            await prune(studio)
        except DatabaseUnavailable:
            log.info("upkeep waits for the database")
        await asyncio.sleep(EVERY)


async def prune(studio: Studio) -> None:
    """Forget the queue's old log lines."""
    async with studio.transaction() as tx:
        await prune_log(tx, KEEP_LOG)
