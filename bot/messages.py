"""What people see: the placeholder, the progress on it, and the result."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import discord

from bot.buttons import failure_buttons, proposal_buttons, result_buttons, waiting_buttons
from core.text import shorten
from core.tool import Tool
from db.generations import UNENDED
from db.models import Asset, Generation, Status
from services.studio import Studio

CONTENT_LIMIT = 2000
"""Discord's limit for a message's text, in characters."""
EMBED_LIMIT = 4096
"""Discord's limit for an embed's description, in characters."""
PROMPT_SHOWN = 300
FILE_LIMIT = 10 * 1024 * 1024
"""What Discord takes anywhere, in bytes; the interaction may state more."""
REQUEST_LIMIT = 24 * 1024 * 1024
"""Discord takes 25 MiB a request; the rest is room for the text around the files."""
FILES_LIMIT = 10
"""Discord's limit for the files of one message."""
BESIDE = {"sheet", "preview", "svg"}
"""The parts that are shown beside the results."""
BAR = 12


def quoted(words: str, limit: int = PROMPT_SHOWN) -> str:
    """A person's words on one line, as text: nothing in them is markup or pings anyone."""
    plain = discord.utils.escape_mentions(shorten(words, limit))
    return discord.utils.escape_markdown(plain)


def placeholder(tool: str, words: str) -> str:
    """The first answer, before anything else is done."""
    return f"**/{tool}** {quoted(words)}\n-# Waiting for a free hand…".strip()


def waiting(generation: Generation, ahead: int, typical: float | None) -> str:
    """A queued generation: its place, and how long that usually takes."""
    place = "Next in line" if ahead == 0 else f"{ahead} ahead of you"
    estimate = f" · about {seconds((ahead + 1) * typical)}" if typical else ""
    return f"{heading(generation)}\n-# {place}{estimate} · `#{generation.id}`"


def running(generation: Generation) -> str:
    done = round(generation.progress * BAR)
    bar = "█" * done + "░" * (BAR - done)
    stage = f" · {quoted(generation.stage, 100)}" if generation.stage else ""
    return f"{heading(generation)}\n-# {bar} {generation.progress:.0%}{stage} · `#{generation.id}`"


def heading(generation: Generation) -> str:
    return f"**/{generation.tool}** {quoted(generation.prompt)}".strip()


def seconds(amount: float) -> str:
    if amount < 90:
        return f"{max(1, round(amount))} s"
    return f"{round(amount / 60)} min"


def result(generation: Generation) -> str:
    """The words above the pictures."""
    lines = [heading(generation), "-# " + " · ".join(facts(generation))]
    notes = [str(note) for note in generation.meta.get("notes", [])]
    lines += [f"-# {quoted(note, 400)}" for note in notes]
    if len(generation.assets) > 1:
        lines.append("-# Reply with a number to change one: “2: at night”.")
    else:
        lines.append("-# Reply to change it.")
    return clip("\n".join(lines))


def facts(generation: Generation) -> list[str]:
    found = [f"`#{generation.id}`", f"by {quoted(generation.user.name, 40)}"]
    if generation.parent_id is not None:
        found.append(f"{generation.relation or 'from'} of `#{generation.parent_id}`")
    if generation.provider:
        found.append(generation.provider)
    seeds = [str(asset.seed) for asset in generation.assets if asset.seed is not None]
    if seeds:
        found.append(f"seed {seeds[0]}")
    if generation.duration is not None:
        found.append(seconds(generation.duration))
    found.append(f"${generation.cost:.4f}" if generation.cost else "free")
    return found


def outcome(generation: Generation) -> str:
    """The words for a generation without pictures to show."""
    if generation.deleted_at is not None:
        return f"-# `#{generation.id}` was deleted."
    if generation.status is Status.SUCCEEDED:
        return f"{heading(generation)}\n-# Its pictures were deleted. · `#{generation.id}`"
    sentence = generation.error or "It did not work."
    return clip(f"{heading(generation)}\n{sentence}\n-# `#{generation.id}`")


def clip(text: str) -> str:
    return text if len(text) <= CONTENT_LIMIT else text[: CONTENT_LIMIT - 1] + "…"


def proposal(generation: Generation) -> dict[str, Any]:
    """What somebody is asked to agree to, whole, with the ways to answer."""
    held = generation.proposal or {}
    text = discord.utils.escape_markdown(discord.utils.escape_mentions(str(held["text"])))
    if len(text) > EMBED_LIMIT:
        text = text[: EMBED_LIMIT - 1] + "…"
    embed = discord.Embed(description=text)
    embed.set_footer(text="Nothing is drawn before somebody says so. It waits for a week.")
    summary = quoted(str(held["summary"]), 400)
    return {
        "content": clip(f"{heading(generation)}\n-# {summary} · `#{generation.id}`"),
        "embeds": [embed],
        "attachments": [],
        "view": proposal_buttons(generation),
    }


async def shown(studio: Studio, generation: Generation, limit: int | None = None) -> dict[str, Any]:
    """Everything a message about a generation holds, to edit or send it with."""
    if generation.deleted_at is None and generation.status in UNENDED:
        return proposal(generation) if generation.proposal else under_way(generation)
    if generation.status is Status.SUCCEEDED and generation.assets:
        return {
            "content": result(generation),
            "embeds": [],
            "attachments": await as_files(studio, generation, limit),
            "view": result_buttons(generation),
        }
    failed = generation.status is Status.FAILED and generation.deleted_at is None
    return {
        "content": outcome(generation),
        "embeds": [],
        "attachments": await as_files(studio, generation, limit) if failed else [],
        "view": failure_buttons(generation) if failed else None,
    }


def under_way(generation: Generation) -> dict[str, Any]:
    """What a message says when only its being under way is known."""
    return {
        "content": running(generation),
        "embeds": [],
        "attachments": [],
        "view": waiting_buttons(generation.id),
    }


async def as_files(
    studio: Studio, generation: Generation, limit: int | None = None
) -> list[discord.File]:
    """The pictures as files small enough for where they go; the originals stay as they are."""
    wanted = [*generation.assets, *(each for each in generation.parts if each.part in BESIDE)]
    wanted = wanted[:FILES_LIMIT]
    if not wanted:
        return []
    place = limit or generation.meta.get("file_limit") or FILE_LIMIT
    share = min(place, REQUEST_LIMIT // len(wanted))
    spoiler = bool(generation.params.get("spoiler"))
    return [await as_file(studio, asset, share, spoiler=spoiler) for asset in wanted]


async def as_file(
    studio: Studio, asset: Asset, limit: int, *, spoiler: bool = False
) -> discord.File:
    data = await studio.storage.get(asset.key)
    extension = "svg"
    if asset.mime_type != "image/svg+xml":
        data, _, extension = await studio.pictures.fit(data, asset.mime_type, limit=limit)
    name = f"{asset.name.rsplit('.', 1)[0]}.{extension}"
    return discord.File(io.BytesIO(data), name, spoiler=spoiler, description=asset.alt or None)


def preview_file(generation: Generation, data: bytes) -> discord.File:
    extension = "png" if data.startswith(b"\x89PNG") else "jpg"
    return discord.File(
        io.BytesIO(data),
        f"preview-{generation.id}.{extension}",
        spoiler=bool(generation.params.get("spoiler")),
        description="A preview of the picture while it is drawn.",
    )


def info(generation: Generation, link: str | None, tool: Tool | None = None) -> discord.Embed:
    """The private card: everything that made the picture, but for what tools note for themselves."""
    embed = discord.Embed(
        title=f"#{generation.id} · /{generation.tool}",
        description=clip(discord.utils.escape_markdown(shorten(generation.prompt, 1500))) or None,
        url=link,
        timestamp=generation.created_at,
    )
    for name, value in details(generation, tool):
        embed.add_field(name=name, value=value, inline=len(value) < 40)
    return embed


def details(generation: Generation, tool: Tool | None) -> list[tuple[str, str]]:
    found = [("Model", f"{generation.provider or '–'} {generation.model or ''}".strip())]  # noqa: RUF001
    unsaid = unlisted(tool)
    for name, value in generation.params.items():
        if name not in unsaid and value not in (None, "", []):
            several = cast("list[object]", value) if isinstance(value, list) else [value]
            words = ", ".join(map(str, several))
            found.append((name.replace("_", " ").capitalize(), quoted(words, 200)))
    for asset in generation.assets:
        size = f"{asset.width} x {asset.height}, {asset.bytes / 1e6:.1f} MB"
        found.append((f"Picture {asset.position + 1}", f"{size}, seed {asset.seed}"))
    if generation.parent_id is not None:
        found.append(("Comes from", f"`#{generation.parent_id}` ({generation.relation})"))
    found.append(("Cost", f"${generation.cost:.4f}" if generation.cost else "free"))
    if generation.duration is not None:
        found.append(("Took", seconds(generation.duration)))
    return found[:25]


def unlisted(tool: Tool | None) -> set[str]:
    """The parameters a card says elsewhere, those that name pictures, and those nobody chose."""
    unsaid = {"prompt", "instruction", "source", "mask", "references", "provider"}
    if tool is None:
        return unsaid
    hidden = {name for name, schema in tool.fields().items() if schema.get("hidden")}
    return unsaid - {"prompt", "instruction"} | {tool.words} | hidden | set(tool.asset_fields())


def listing(items: Sequence[Generation]) -> str:
    """A page of a history, one line each."""
    return clip("\n".join(line(each) for each in items))


MARKS = {
    Status.QUEUED: "⏳",
    Status.RUNNING: "🖌️",
    Status.SUCCEEDED: "🖼️",
    Status.FAILED: "⚠️",
    Status.CANCELED: "✖️",
}


def line(generation: Generation) -> str:
    when = discord.utils.format_dt(generation.created_at, "R")
    words = quoted(generation.prompt, 70) or "…"
    return f"{MARKS[generation.status]} `#{generation.id}` /{generation.tool} {words} · {when}"


def token_works(generation: Generation) -> bool:
    """Whether Discord still lets us edit the placeholder by the interaction's token.

    It does for 15 minutes; we stop a minute earlier.
    """
    given = generation.meta.get("token_at")
    asked = datetime.fromisoformat(given) if given else generation.created_at
    age = datetime.now(UTC) - asked
    return generation.reply_token is not None and age < timedelta(minutes=14)
