"""From an interaction to its answer, 200 at a time, beside a bot that does nothing else.

Both are processes of their own, connected to the same simulated Discord in turns, round after
round; no worker runs, so what is measured is the bot. Target: p99 within 1.25 of the bare bot's.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from db import embedded
from db.migrate import migrate
from tests.discord.server import Made, SimulatedDiscord
from tests.discord.world import Interaction

AT_ONCE = 200
ROUNDS = 5


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded.running(Path(folder) / "pg") as dsn,
    ):
        Path(folder).chmod(0o711)
        asyncio.run(compare(dsn, folder))


async def compare(dsn: str, folder: str) -> None:
    await migrate(dsn)
    times: dict[str, list[float]] = {"bare": [], "ours": []}
    for number in range(ROUNDS):
        for name in times:
            found = await one_round(name, dsn, folder)
            if number:  # The first warms everything up.
                times[name] += found
    report(times)


def report(times: dict[str, list[float]]) -> None:
    for name, found in times.items():
        p50, p99 = percentiles(found)
        print(f"{name:5} n={len(found)}  p50 {p50 * 1000:6.1f} ms  p99 {p99 * 1000:6.1f} ms")
    (bare50, bare99), (our50, our99) = percentiles(times["bare"]), percentiles(times["ours"])
    print(f"ratio p50 {our50 / bare50:.2f}  p99 {our99 / bare99:.2f}  (target p99 1.25)")


def percentiles(found: list[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(found, n=100)
    return cuts[49], cuts[98]


async def one_round(name: str, dsn: str, folder: str) -> list[float]:
    async with SimulatedDiscord(rate_limits=False) as discord:
        guild = discord.guild("Bench", channels=["general"])
        async with bot(name, discord, dsn, folder):
            await discord.until(lambda: discord.gateway.connected and discord.world.commands, 60)
            await asyncio.sleep(1.5)
            await burst(discord, guild, 20)
            await asyncio.sleep(4)  # Until what follows those answers is done, too.
            return await burst(discord, guild, AT_ONCE)


async def burst(discord: SimulatedDiscord, guild: Made, count: int) -> list[float]:
    """Seconds each of so many interactions waited for its answer, all sent at once."""
    people = [guild.member(f"P{n}") for n in range(count)]
    channel, sent = guild["general"], []
    for person in people:
        declared = person.command("image")
        options = [{"type": 3, "name": "prompt", "value": "a lake at dawn"}]
        data = {"id": declared["id"], "name": "image", "type": 1, "options": options}
        payload = person.payload(2, channel, data)
        interaction = Interaction(payload, discord.world.clock())
        discord.world.interactions[payload["id"]] = interaction
        discord.world.tokens[payload["token"]] = interaction
        sent.append(interaction)
    for interaction in sent:
        interaction.created = discord.world.clock()
        await discord.gateway.tell("INTERACTION_CREATE", interaction.payload)
    while not all(each.answered for each in sent):
        await asyncio.sleep(0.02)
    return [each.answered_at - each.created for each in sent if each.answered_at is not None]


@contextlib.asynccontextmanager
async def bot(name: str, discord: SimulatedDiscord, dsn: str, folder: str) -> AsyncIterator[None]:
    environment = {
        **os.environ, "DATABASE_URL": dsn, "DATA_DIR": f"{folder}/data", "LOG_LEVEL": "error",
        "DISCORD_TOKEN": discord.token, "DISCORD_API_URL": discord.api_url,
    }  # fmt: skip
    command = (
        [sys.executable, "-m", "cli.main", "bot"]
        if name == "ours"
        else [sys.executable, "-m", "bench.bare_bot", discord.api_url, discord.token]
    )
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()
