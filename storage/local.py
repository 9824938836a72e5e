"""Files on a local volume, served by web at /files."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

from core.errors import StorageError

KEY = re.compile(r"[a-z0-9][a-z0-9_-]*(?:[./][a-z0-9_-]+)*", re.ASCII)
UNFINISHED = ".part"
"""No key ends so: `KEY` allows one dot only between names, and we never ask for `part`."""


class LocalVolume:
    """One folder, ours alone."""

    name = "local"

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def path(self, key: str) -> Path:
        """Where a key's file lies. Raises `StorageError` for anything that is not a key."""
        if not KEY.fullmatch(key) or key.endswith(UNFINISHED):
            raise StorageError("That is not the name of a kept file.")
        return self.root / key

    async def put(self, key: str, data: bytes) -> None:
        try:
            await asyncio.to_thread(write, self.path(key), data)
        except OSError as error:
            raise told(error) from error

    async def get(self, key: str) -> bytes:
        try:
            return await asyncio.to_thread(self.path(key).read_bytes)
        except OSError as error:
            raise StorageError("The picture's file cannot be read.") from error

    async def size(self, key: str) -> int | None:
        try:
            return (await asyncio.to_thread(self.path(key).stat)).st_size
        except OSError:
            return None

    async def remove(self, key: str) -> None:
        await asyncio.to_thread(self.path(key).unlink, missing_ok=True)

    async def list_keys(self, prefix: str = "") -> AsyncIterator[str]:
        for path in await asyncio.to_thread(self.files):
            key = path.relative_to(self.root).as_posix()
            if key.startswith(prefix) and not key.endswith(UNFINISHED):
                yield key

    def files(self) -> list[Path]:
        return sorted(path for path in self.root.rglob("*") if path.is_file())

    async def sweep(self) -> int:
        """Remove what a crash left half written; nobody else may be writing. Returns how many."""
        parts = [path for path in await asyncio.to_thread(self.files) if path.suffix == UNFINISHED]
        for path in parts:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        return len(parts)


def told(error: OSError) -> StorageError:
    """What the system says, in a sentence with what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(
            "The studio's disk is full, so the picture could not be kept. "
            "The operator must make room; then ask again."
        )
    return StorageError()


def write(path: Path, data: bytes) -> None:
    """Write beside its place, flush to the disk, then rename: never half a picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{secrets.token_hex(8)}{UNFINISHED}")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
