"""Who is looking."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Viewer:
    """Somebody who reads or acts, with what they may do, checked by the front end that knows."""

    user_id: int
    name: str = "somebody"
    guild_ids: frozenset[int] = frozenset()
    """Servers they are known to be in."""
    moderates: frozenset[int] = frozenset()
    """Servers in which they may delete what others made."""
    admin: bool = False
    """May see and do everything, everywhere."""
