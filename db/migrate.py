"""Bringing a database up to date, at every start."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg

from db.engine import connect
from db.queue import install

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)

SCRIPTS = Path(__file__).parent.parent / "migrations"
LOCK = 4_102_026
"""The advisory lock that lets one process at a time migrate; any number of our own."""


async def migrate(dsn: str) -> None:
    """Apply what is missing; processes that start together take turns.

    Alembic itself takes half a second to load, so it is left out when there is nothing to do.
    """
    connection = await connect(dsn, "atelier migrate")
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        if await current(connection) != newest():
            await asyncio.to_thread(upgrade, dsn, "head")
            log.info("database migrated to %s", newest())
        await install(connection)
    finally:
        await connection.close()


async def current(connection: asyncpg.Connection) -> str | None:
    """Which revision the database is at; None when it is empty."""
    if not await connection.fetchval("SELECT to_regclass('alembic_version')"):
        return None
    untyped: Any = connection
    return await untyped.fetchval("SELECT version_num FROM alembic_version")


def newest() -> str:
    """Which revision the code expects: files are named by number, and number is the revision."""
    return max(path.name for path in (SCRIPTS / "versions").glob("[0-9]*.py")).split("_")[0]


def upgrade(dsn: str, revision: str) -> None:
    """Run alembic in this thread."""
    from alembic import command

    command.upgrade(alembic_config(dsn), revision)


def alembic_config(dsn: str) -> Config:
    """Point alembic at our scripts and at one database."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["dsn"] = dsn
    return config
