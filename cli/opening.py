"""Wiring settings to an open studio."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncGenerator, Generator

import providers
import tools
from core.settings import Settings
from db import embedded
from services.studio import Studio, open_studio
from storage.local import LocalVolume

log = logging.getLogger(__name__)


@contextlib.contextmanager
def database(settings: Settings) -> Generator[str]:
    """The configured server's address, or that of our own, which runs while this is open."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    with embedded.running(settings.data_dir / "postgres") as dsn:
        yield dsn


@contextlib.asynccontextmanager
async def studio(settings: Settings, dsn: str, application: str) -> AsyncGenerator[Studio]:
    """Open everything an entry point needs, and close it after."""
    opened = open_studio(
        settings,
        dsn,
        application,
        storage=LocalVolume(settings.data_dir / "files"),
        providers=providers.discover(settings),
        writers=providers.discover_writers(settings),
        tools=tools.discover(),
    )
    try:
        yield opened
    finally:
        await opened.close()
