"""Bot and worker as processes, killed without warning while a hundred pictures are asked for."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import create_async_engine

from db.engine import transactions
from db.models import Generation, Status
from tests.bot.helpers import done
from tests.discord.person import Answer, Person, Seen
from tests.discord.server import SimulatedDiscord

GENERATIONS = 100
KILLS = 40
"""Twenty for each of the two."""
PROMPTS = ("the sea at dusk", "mountains", "a forest in fog", "abstract", "city at night")


class Process:
    """One part of the studio, started again whenever it was killed."""

    def __init__(self, part: str, environment: dict[str, str], log: Path) -> None:
        self.part, self.environment, self.log = part, environment, log
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "cli.main", self.part],
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    async def kill(self) -> None:
        """As the kernel does when memory is short: no goodbye, and then somebody restarts it."""
        self.popen.send_signal(signal.SIGKILL)
        await asyncio.to_thread(self.popen.wait)
        self.start()

    async def stop(self) -> int:
        self.popen.terminate()
        return await asyncio.to_thread(self.popen.wait, 15)


@contextlib.asynccontextmanager
async def processes(
    dsn: str, discord: SimulatedDiscord, folder: Path
) -> AsyncIterator[list[Process]]:
    environment = environment_for(dsn, discord, folder)
    started = [Process(part, environment, folder / f"{part}.log") for part in ("bot", "worker")]
    try:
        yield started
    finally:
        codes = [await each.stop() for each in started]
    assert codes == [0, 0], "a process did not stop cleanly"


def environment_for(dsn: str, discord: SimulatedDiscord, folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": dsn,
        "DATA_DIR": str(folder),
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_URL": discord.api_url,
        "OFFLINE_MEGAPIXELS": "0.05",
    }


async def ask(person: Person, channel: str, prompt: str) -> Answer:
    """Ask as people do: once more when the application did not respond."""
    while True:
        try:
            return await person.slash(channel, "image", prompt=prompt)
        except AssertionError:
            await asyncio.sleep(0.5)


async def test_twenty_kills_of_each_lose_nothing_and_show_nothing_twice(
    database: str, tmp_path: Path
) -> None:
    chance = random.Random(20)
    async with SimulatedDiscord(rate_limits=False) as discord:
        guild = discord.guild("Test", channels=[f"room-{n}" for n in range(10)])
        people = [guild.member(f"Person{n}") for n in range(10)]
        async with processes(database, discord, tmp_path) as parts:
            await discord.until(lambda: discord.gateway.connected and discord.world.commands, 60)
            answers = await asyncio.gather(
                killing(parts, chance),
                *(asking(person, guild[f"room-{n}"], chance) for n, person in enumerate(people)),
            )
            rows = await all_ended(database)
            await discord.until(lambda: not waiting(people, answers[1:]), 90)
        shown = [each for person, own in zip(people, answers[1:], strict=True)
                 for answer in own for each in [person.look(answer.interaction.results[0])]]  # fmt: skip
        assert len(rows) > GENERATIONS * 0.9
        assert {row.status for row in rows} <= {Status.SUCCEEDED, Status.FAILED, Status.CANCELED}
        # Whatever is killed three times over is set aside: it cannot know who pulled the plug.
        assert {row.error_class for row in rows if row.status is Status.FAILED} <= {"poison"}
        assert sum(row.status is Status.SUCCEEDED for row in rows) > len(rows) * 0.9
        messages = list(discord.world.messages.values())
        numbers = Counter(re.findall(r"`#(\d+)`", " ".join(each["content"] for each in messages)))
        assert set(numbers.values()) == {1}, "a result is shown in two messages"
        assert len(messages) == sum(len(own) for own in answers[1:])
        assert sum(each is not None and told(each) for each in shown) == len(rows)
        assert discord.violations == []
    assert verify(database, tmp_path, "--repair").returncode == 0
    verified = verify(database, tmp_path)
    assert verified.returncode == 0, verified.stdout
    assert "0 missing, 0 damaged, 0 without a row" in verified.stdout


async def killing(parts: list[Process], chance: random.Random) -> list[Answer]:
    for number in range(KILLS):
        await asyncio.sleep(chance.uniform(0.3, 2.2))
        await parts[number % 2].kill()
    return []


async def asking(person: Person, channel: str, chance: random.Random) -> list[Answer]:
    found = []
    for number in range(GENERATIONS // 10):
        found.append(await ask(person, channel, f"{chance.choice(PROMPTS)} {number}"))
        await asyncio.sleep(chance.uniform(0.5, 5))
    return found


async def all_ended(dsn: str) -> list[Generation]:
    engine = create_async_engine(dsn)
    try:
        async with asyncio.timeout(120):
            while True:
                async with transactions(engine).begin() as tx:
                    rows = list((await tx.scalars(select(Generation))).all())
                if rows and all(row.finished_at is not None for row in rows):
                    return rows
                await asyncio.sleep(0.5)
    finally:
        await engine.dispose()


def told(seen: Seen) -> bool:
    """Whether a message shows how its generation ended."""
    return done(seen) or "Run again" in seen.buttons


def waiting(people: list[Person], answers: list[list[Answer]]) -> list[str]:
    """Placeholders whose request was written down and that do not show their result yet.

    Where the bot was killed between its first answer and writing the request down, nothing was
    promised but the first answer; the person asks again.
    """
    return [
        seen.text
        for person, own in zip(people, answers, strict=True)
        for answer in own
        for seen in [person.look(answer.interaction.results[0])]
        if seen is not None and not told(seen) and "`#" in seen.text
    ]


def verify(dsn: str, folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": dsn, "DATA_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "cli.main", "storage", "verify", *flags],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
