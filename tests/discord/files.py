"""The CDN: files under links that are signed and expire."""

from __future__ import annotations

import hashlib
import hmac
import io
import mimetypes
import re
import time
from typing import Any
from urllib.parse import quote, urlencode

from PIL import Image, UnidentifiedImageError

from tests.discord.world import World, snowflake

LIFE = 24 * 3600
"""Seconds for which a link is good."""
UNREADABLE = (
    OSError,
    ValueError,
    SyntaxError,
    UnidentifiedImageError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class Files:
    """Everything that was ever uploaded."""

    def __init__(self, world: World, base: Any) -> None:
        self.world = world
        self.base = base

    def keep(
        self,
        channel_id: str,
        name: str,
        content: bytes,
        description: str | None = None,
        content_type: str | None = None,
    ) -> dict[str, Any]:
        """Keep a file and describe it as an attachment."""
        file_id, safe = snowflake(), sanitized(name)
        self.world.files[file_id] = (safe, content)
        link = self.link(f"/attachments/{channel_id}/{file_id}/{safe}")
        width, height = dimensions(content)
        attachment = {
            "id": file_id, "filename": safe, "size": len(content), "url": link, "proxy_url": link,
            "content_type": content_type or mimetypes.guess_type(safe)[0],
            "description": description, "width": width, "height": height,
            "title": name.rsplit(".", 1)[0] if safe != name else None,
        }  # fmt: skip
        return {key: value for key, value in attachment.items() if value is not None}

    def link(self, path: str) -> str:
        """An address for a file that works for a day."""
        issued = int(time.time() + self.world.shift)
        query = {"ex": f"{issued + LIFE:x}", "is": f"{issued:x}"}
        query["hm"] = self.signature(path, query["ex"], query["is"])
        return f"{self.base.cdn_url}{quote(path)}?{urlencode(query)}&"

    def signature(self, path: str, expires: str, issued: str) -> str:
        told = f"{path} {expires} {issued}".encode()
        return hmac.new(self.world.secret, told, hashlib.sha256).hexdigest()

    def fetch(self, path: str, query: dict[str, str]) -> bytes | None:
        """A file, for whoever has a link that is signed and not too old."""
        kept = self.world.files.get(path.split("/")[-2])
        expires, issued, given = (query.get(each, "") for each in ("ex", "is", "hm"))
        if kept is None or not re.fullmatch("[0-9a-f]+", expires):
            return None
        genuine = hmac.compare_digest(given, self.signature(path, expires, issued))
        alive = time.time() + self.world.shift < int(expires, 16)
        return kept[1] if genuine and alive else None

    def renewed(self, node: Any) -> Any:
        """A copy in which every link to a file of ours is good from now on."""
        if isinstance(node, dict):
            return {name: self.renewed(value) for name, value in node.items()}
        if isinstance(node, list):
            return [self.renewed(each) for each in node]
        start = f"{self.base.cdn_url}/attachments/"
        if isinstance(node, str) and node.startswith(start):
            return self.link(node.split("?")[0].removeprefix(self.base.cdn_url))
        return node


def sanitized(name: str) -> str:
    """A file's name as Discord keeps it: no spaces, and only plain letters."""
    safe = re.sub(r"[^A-Za-z0-9._-]", "", name.replace(" ", "_")).strip(".")
    stem, dot, extension = safe.rpartition(".")
    return safe if stem or not dot else f"unknown.{extension}"


def dimensions(content: bytes) -> tuple[int | None, int | None]:
    """A picture's width and height; nothing for anything else."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            return picture.size
    except UNREADABLE:
        return None, None
