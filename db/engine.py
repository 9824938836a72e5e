"""Connections to PostgreSQL."""

from __future__ import annotations

from typing import Any

import asyncpg
from sqlalchemy import select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

SERVER_SETTINGS = {
    # A generic plan does not know which tag is rare: one prepared search went from 3 ms to 88 s.
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
}


def parse(dsn: str) -> URL:
    """Read any usual spelling of a PostgreSQL address; the driver is always asyncpg."""
    return make_url(dsn).set(drivername="postgresql+asyncpg")


def open_engine(dsn: str, application: str) -> AsyncEngine:
    """Open a pool of at most ten connections; the pre-ping is what survives a server restart."""
    return create_async_engine(
        parse(dsn),
        pool_size=5,
        max_overflow=5,
        pool_pre_ping=True,
        connect_args={
            "server_settings": {**SERVER_SETTINGS, "application_name": application},
            "timeout": 10,
            "port": port_of(parse(dsn)),
        },
        hide_parameters=True,  # Prompts and tokens do not belong in logs.
    )


def port_of(url: URL) -> int:
    """The port, always said: asyncpg would otherwise take it from PGPORT, even for a socket."""
    port = url.port or url.query.get("port")
    return int(port) if isinstance(port, int | str) else 5432


def transactions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Make the factory of transactions; what was read stays readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


async def connect(dsn: str, application: str) -> asyncpg.Connection:
    """Open one connection of our own outside the pool: for LISTEN, locks and the queue."""
    url = parse(dsn)
    query = {key: value for key, value in url.query.items() if isinstance(value, str)}
    untyped: Any = asyncpg
    return await untyped.connect(
        host=url.host or query.get("host"),
        port=port_of(url),
        user=url.username,
        password=url.password,
        database=url.database,
        ssl=query.get("ssl") or query.get("sslmode"),
        timeout=10,
        server_settings={"application_name": application, "jit": "off", "timezone": "UTC"},
    )


async def ping(tx: AsyncSession) -> None:
    """Make sure the database answers."""
    await tx.execute(select(1))
