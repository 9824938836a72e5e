"""Running the bot, the worker and the web studio, together or each in its own process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable

from cli import opening
from core.settings import Settings
from db import embedded
from db.migrate import migrate
from services.studio import Studio

log = logging.getLogger(__name__)

GRACE = 4.0
"""Seconds in which running work is handed back; then whoever takes over finds out."""
WATCH_EVERY = 2.0
PARTS = frozenset({"bot", "worker", "web"})

Starting = Callable[[Studio], contextlib.AbstractAsyncContextManager[None]]


def serve(settings: Settings, parts: frozenset[str]) -> None:
    """Run until SIGTERM or Ctrl-C, then stop cleanly."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with opening.database(settings) as dsn:
        asyncio.run(run(settings, dsn, parts))


async def run(settings: Settings, dsn: str, parts: frozenset[str]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await migrate(dsn)
    name = "atelier " + "+".join(sorted(parts))
    async with opening.studio(settings, dsn, name) as studio, contextlib.AsyncExitStack() as open_:
        await open_.enter_async_context(task(studio.hub.run()))
        if settings.database_url is None:
            await open_.enter_async_context(task(keep_database(settings)))
        for part in sorted(parts, key=["worker", "web", "bot"].index):
            await open_.enter_async_context(STARTING[part](studio))
        log.info("ready: %s", ", ".join(sorted(parts)))
        await stop.wait()
        log.info("stopping")
        studio.hub.close()
    log.info("stopped")


@contextlib.asynccontextmanager
async def task(work: Awaitable[None]) -> AsyncGenerator[None]:
    """Run something beside the rest; if it ends in an error, everything stops with it."""
    running = asyncio.ensure_future(work)
    running.add_done_callback(on_end)
    try:
        yield
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def on_end(done: asyncio.Future[None]) -> None:
    if not done.cancelled() and done.exception() is not None:
        log.critical("a part of the studio ended", exc_info=done.exception())
        os.kill(os.getpid(), signal.SIGTERM)


async def keep_database(settings: Settings) -> None:
    """Bring our own PostgreSQL back if somebody killed it."""
    data = settings.data_dir / "postgres"
    while True:
        await asyncio.sleep(WATCH_EVERY)
        if not await asyncio.to_thread(embedded.alive, data):
            log.warning("the database has stopped; starting it again")
            await asyncio.to_thread(embedded.revive, data)


@contextlib.asynccontextmanager
async def worker(studio: Studio) -> AsyncGenerator[None]:
    from worker.worker import Worker

    working = Worker(studio)
    running = asyncio.create_task(working.run())
    running.add_done_callback(on_end)
    try:
        yield
    finally:
        working.stop()
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(running, GRACE)


@contextlib.asynccontextmanager
async def bot(studio: Studio) -> AsyncGenerator[None]:
    token = studio.settings.discord_token
    if token is None:
        log.info("no DISCORD_TOKEN: the bot is off")
        yield
        return
    from bot.client import Bot

    client = Bot(studio)
    async with task(client.start(token.get_secret_value())):
        try:
            yield
        finally:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(client.close(), GRACE)


@contextlib.asynccontextmanager
async def web(studio: Studio) -> AsyncGenerator[None]:
    from web.server import serving

    async with serving(studio):
        yield


STARTING: dict[str, Starting] = {"bot": bot, "worker": worker, "web": web}
