"""`atelier doctor`: each dependency looked at, and what to do about what is missing."""

from __future__ import annotations

import shutil
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import httpx
import typer
from PIL import features

import providers
from cli import opening
from core.settings import Settings
from db.embedded import DatabaseFailed
from db.engine import connect
from db.migrate import current, newest
from storage.local import LocalVolume

LOW_DISK = 2_000_000_000
"""Below this much free space somebody should make room, in bytes."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `advice` where something is to be done."""

    what: str
    state: str
    advice: str | None = None
    fatal: bool = False


async def examine(settings: Settings) -> int:
    """Print every finding; 1 when something keeps the studio from running."""
    failed = False
    async for each in findings(settings):
        mark = "x" if each.fatal else "!" if each.advice else "+"
        typer.echo(f" {mark} {each.what}: {each.state}")
        if each.advice:
            typer.echo(f"     {each.advice}")
        failed = failed or each.fatal
    typer.echo("\nSomething must be put right." if failed else "\nThe studio can run.")
    return int(failed)


async def findings(settings: Settings) -> AsyncGenerator[Finding]:
    yield await look_at_database(settings)
    yield await look_at_storage(settings)
    yield look_at_disk(settings)
    for provider in providers.discover(settings).values():
        wrong = await provider.check()
        yield Finding(f"Provider {provider.label}", wrong or "ready", wrong)
        await provider.close()
    for writer in providers.discover_writers(settings).values():
        wrong = await writer.check()
        yield Finding(f"Writer {writer.label}", wrong or "ready", wrong)
        await writer.close()
    yield await look_at_discord(settings)
    yield look_at_lettering()


async def look_at_database(settings: Settings) -> Finding:
    kind = "DATABASE_URL" if settings.database_url else "built in"
    try:
        with opening.database(settings) as dsn:
            connection = await connect(dsn, "atelier doctor")
            try:
                revision = await current(connection)
            finally:
                await connection.close()
    except DatabaseFailed as error:
        return Finding("Database", f"{kind}, cannot be started", str(error), fatal=True)
    except Exception as error:
        advice = "Check DATABASE_URL: host, port, user, password, and that the server is up."
        return Finding("Database", f"{kind}, {type(error).__name__}", advice, fatal=True)
    if revision != newest():
        state = f"{kind}, at revision {revision or 'none'} of {newest()}"
        return Finding("Database", state, "It is brought up to date at the next start.")
    return Finding("Database", f"{kind}, up to date")


async def look_at_storage(settings: Settings) -> Finding:
    volume = LocalVolume(settings.data_dir / "files")
    try:
        await volume.put("doctor/probe.txt", b"probe")
        read = await volume.get("doctor/probe.txt")
        await volume.remove("doctor/probe.txt")
    except Exception as error:
        advice = f"Make {settings.data_dir} writable for the user who runs the studio."
        return Finding("Storage", f"cannot write ({error})", advice, fatal=True)
    state = "local volume" if read == b"probe" else "does not keep what it is given"
    return Finding("Storage", state, fatal=read != b"probe")


def look_at_disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.data_dir if settings.data_dir.exists() else ".").free
    advice = "Make room, or move DATA_DIR to a larger volume." if free < LOW_DISK else None
    return Finding("Disk", f"{free / 1e9:.1f} GB free", advice)


async def look_at_discord(settings: Settings) -> Finding:
    if settings.discord_token is None:
        advice = "Set DISCORD_TOKEN to the token of your application's bot."
        return Finding("Discord", "off, no DISCORD_TOKEN", advice)
    headers = {"authorization": f"Bot {settings.discord_token.get_secret_value()}"}
    try:
        async with httpx.AsyncClient(timeout=10) as client:
            answer = await client.get(f"{settings.discord_api_url}/users/@me", headers=headers)
    except httpx.HTTPError as error:
        advice = "Check this machine's connection to discord.com."
        return Finding("Discord", f"cannot be reached ({type(error).__name__})", advice)
    if answer.status_code == 401:
        advice = "Make a new token in Discord's developer portal and set DISCORD_TOKEN to it."
        return Finding("Discord", "does not accept DISCORD_TOKEN", advice, fatal=True)
    if answer.status_code != 200:
        return Finding("Discord", f"answers {answer.status_code}", "Try again in a while.")
    return Finding("Discord", f"signed in as {answer.json().get('username')}")


def look_at_lettering() -> Finding:
    """Whether text can be set in pictures, in scripts that need shaping, too."""
    missing = [each for each in ("freetype2", "raqm", "webp") if not features.check(each)]
    if missing:
        advice = "Install Pillow from its own wheel: pip install --force-reinstall pillow."
        return Finding("Fonts and pictures", f"without {', '.join(missing)}", advice)
    return Finding("Fonts and pictures", "ready")
