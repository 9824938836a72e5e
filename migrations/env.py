"""How alembic reaches the database: by the address, or the connection, it was handed."""

from __future__ import annotations

import asyncio

from alembic import context
from alembic.config import Config
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from db import models, provider_models
from db.base import Base
from db.engine import parse, port_of

# Every module with tables has to be here for its tables to be known.
assert models.Base is provider_models.Base is Base


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def connect_and_migrate(config: Config) -> None:
    url = parse(config.attributes["dsn"])
    port = {"port": port_of(url)}
    engine = create_async_engine(url, poolclass=pool.NullPool, connect_args=port)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(migrate)
    finally:
        await engine.dispose()


asyncio.run(connect_and_migrate(context.config))
