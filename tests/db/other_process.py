"""Another process that uses the private PostgreSQL, for tests that start, stop and kill it.

`python -m tests.db.other_process use|write DATA [NAME=VALUE …]`
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from db.embedded import running


def say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def use(dsn: str) -> None:
    """Say where the server is, and use it until somebody closes our input."""
    say(dsn)
    sys.stdin.read()


def write(dsn: str) -> None:
    """Commit one number after the other, and say each when the server has acknowledged it."""

    async def count() -> None:
        from db.engine import connect

        connection = await connect(dsn, "writer")
        await connection.execute("CREATE TABLE kept (id bigint)")
        number = 0
        while True:
            number += 1
            await connection.execute("INSERT INTO kept VALUES ($1)", number)
            say(number)

    asyncio.run(count())


if __name__ == "__main__":
    _, what, data, *pairs = sys.argv
    settings = dict(each.split("=") for each in pairs)
    with running(Path(data), settings=settings) as dsn:
        {"use": use, "write": write}[what](dsn)
