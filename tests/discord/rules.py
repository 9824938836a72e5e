"""Discord's limits on one message."""

from __future__ import annotations

from typing import Any

from tests.discord.components import check_components
from tests.discord.refusals import Complaints, Refusal

REQUEST_LIMIT = 25 * 1024 * 1024
COMPONENTS_V2 = 1 << 15
SETTABLE_FLAGS = 1 << 2 | 1 << 6 | 1 << 12 | 1 << 13 | COMPONENTS_V2

Upload = tuple[str, bytes]
"""A file's name and content, as they were sent."""


def check_message(body: dict[str, Any], files: list[Upload], limit: int, *, had: int = 0) -> None:
    """The limits on one message, as it would be after this request; `had` are its old flags."""
    complaints = Complaints()
    flags = body.get("flags") or 0
    if flags & ~SETTABLE_FLAGS & ~had:
        complaints.add("flags", "MESSAGE_FLAGS_INVALID", "Those flags cannot be set.")
    complaints.length("content", body.get("content"), 0, 2000)
    check_embeds(complaints, body.get("embeds") or [])
    check_components(complaints, body.get("components") or [], v2=bool(flags & COMPONENTS_V2))
    if flags & COMPONENTS_V2:
        check_no_legacy(complaints, body)
    check_mentions(complaints, body.get("allowed_mentions"))
    complaints.length("nonce", str(body.get("nonce") or ""), 0, 25)
    check_files(complaints, body, files)
    complaints.settle()
    sizes = [len(data) for _, data in files]
    if any(size > limit for size in sizes) or sum(sizes) > REQUEST_LIMIT:
        raise Refusal(413, 40005, "Request entity too large")


def check_no_legacy(complaints: Complaints, body: dict[str, Any]) -> None:
    for name in ("content", "embeds", "poll", "sticker_ids"):
        if body.get(name):
            complaints.add(
                name,
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
            )


def check_mentions(complaints: Complaints, allowed: dict[str, Any] | None) -> None:
    """Who may be pinged: everybody of a kind, or some of them by ID, but not both."""
    allowed = allowed or {}
    for kind in ("users", "roles"):
        complaints.length(f"allowed_mentions.{kind}", allowed.get(kind), 0, 100)
        if allowed.get(kind) and kind in (allowed.get("parse") or []):
            complaints.add(
                "allowed_mentions",
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.',
            )


def check_files(complaints: Complaints, body: dict[str, Any], files: list[Upload]) -> None:
    notes = body.get("attachments") or []
    if len(notes) > 10 or len(files) > 10:
        complaints.add("attachments", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    for index, each in enumerate(notes):
        complaints.length(f"attachments.{index}.description", each.get("description"), 0, 1024)
        if not each.get("id") and each.get("id") != 0:
            complaints.required(f"attachments.{index}.id")


def check_embeds(complaints: Complaints, embeds: list[dict[str, Any]]) -> None:
    complaints.length("embeds", embeds, 0, 10)
    total = 0
    for index, embed in enumerate(embeds):
        path = f"embeds.{index}"
        check_embed(complaints, path, embed)
        total += embed_size(embed)
        if not any(embed.get(each) for each in SHOWN):
            complaints.required(f"{path}.description")
    if total > 6000:
        message = "Embed size exceeds maximum size of 6000"
        complaints.add(f"embeds.{len(embeds) - 1}", "MAX_EMBED_SIZE_EXCEEDED", message)


SHOWN = ("title", "description", "fields", "image", "thumbnail", "footer", "author", "url", "video")


def check_embed(complaints: Complaints, path: str, embed: dict[str, Any]) -> None:
    complaints.length(f"{path}.title", embed.get("title"), 0, 256)
    complaints.length(f"{path}.description", embed.get("description"), 0, 4096)
    complaints.length(f"{path}.footer.text", (embed.get("footer") or {}).get("text"), 0, 2048)
    complaints.length(f"{path}.author.name", (embed.get("author") or {}).get("name"), 0, 256)
    fields = embed.get("fields") or []
    complaints.length(f"{path}.fields", fields, 0, 25)
    for index, each in enumerate(fields):
        for name, limit in (("name", 256), ("value", 1024)):
            if not (each.get(name) or "").strip():
                complaints.required(f"{path}.fields.{index}.{name}")
            complaints.length(f"{path}.fields.{index}.{name}", each.get(name), 0, limit)
    for name in ("image", "thumbnail"):
        check_url(complaints, f"{path}.{name}.url", (embed.get(name) or {}).get("url"))
    check_url(complaints, f"{path}.url", embed.get("url"))


def check_url(complaints: Complaints, path: str, url: str | None) -> None:
    if not url:
        return
    complaints.length(path, url, 0, 2048)
    if not url.startswith(("http://", "https://", "attachment://")):
        complaints.add(path, "URL_TYPE_INVALID_SCHEME", "Not a well formed URL.")


def embed_size(embed: dict[str, Any]) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts.append((embed.get("footer") or {}).get("text"))
    texts.append((embed.get("author") or {}).get("name"))
    for each in embed.get("fields") or []:
        texts += [each.get("name"), each.get("value")]
    return sum(len(text) for text in texts if text)
