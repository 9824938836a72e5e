"""File stores. One file each; every file offers a `Storage`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol


class Storage(Protocol):
    """Keeps files under keys. Putting the same key twice replaces it.

    A key is lower-case letters, digits, `.`, `-`, `_` and `/`, and of our making.
    """

    name: str

    async def put(self, key: str, data: bytes) -> None:
        """Keep `data` under `key`, whole or not at all, safe from a power cut once this returns.

        Raises `StorageError`.
        """
        ...

    async def get(self, key: str) -> bytes:
        """Read it back. Raises `StorageError` where it is missing."""
        ...

    async def size(self, key: str) -> int | None:
        """How many bytes are kept under `key`; None when there is no such file."""
        ...

    async def remove(self, key: str) -> None:
        """Forget it; nothing happens when it is not there."""
        ...

    def list_keys(self, prefix: str = "") -> AsyncIterator[str]:
        """Every key there is below `prefix`."""
        ...
