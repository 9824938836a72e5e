"""Pictures in memory: what a tool asks a provider for, and what comes back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal

CostSource = Literal["provider", "usage", "table", "unknown", "free"]
"""Who says what a call cost: the provider itself, its usage times a price, a price alone, nobody."""
Aspect = Literal["1:1", "3:2", "2:3", "16:9", "9:16", "4:3", "3:4", "21:9"]
"""Width to height."""


@dataclass(frozen=True)
class Picture:
    """Encoded image bytes that have been checked: they decode, and within our limits.

    `width` and `height` are in pixels, as a viewer shows it (orientation already applied).
    """

    data: bytes = field(repr=False)
    mime_type: str
    width: int
    height: int

    @property
    def sha256(self) -> str:
        return sha256(self.data).hexdigest()


@dataclass(frozen=True, kw_only=True)
class PictureRequest:
    """One call to a provider, in the field's words rather than any vendor's."""

    prompt: str = field(repr=False)
    negative_prompt: str = field(default="", repr=False)
    model: str | None = None
    aspect: str = "1:1"
    """Width to height as `"w:h"`; any ratio from 1:3 to 3:1. The provider picks the pixels."""
    count: int = 1
    seed: int | None = None
    """0 to 2**32 - 1. Picture `n` of one request uses `seed + n`. None lets the provider choose."""
    style: str | None = None
    quality: str | None = None
    background: str | None = None
    """"transparent" or "opaque"; None leaves it to the provider."""
    fidelity: str | None = None
    """"low" or "high": how closely to keep to the given pictures."""
    strength: float | None = None
    """How far to leave the source, 0 (keep it) to 1 (ignore it). Only with a source."""
    source: Picture | None = None
    references: tuple[Picture, ...] = ()
    mask: Picture | None = None
    """Where the source may change: single-channel, white (255) = repaint, of the source's size."""
    key: str = ""
    """Our own ID of this one call: a UUID. For providers that let the client name a call."""
    user: str = ""
    """Who asks, as a hash that tells nobody who that is. For providers that want to know."""


@dataclass(frozen=True)
class Accepted:
    """The provider took the request and can be asked about it later by `handle`."""

    handle: str


@dataclass(frozen=True)
class Queued:
    """The provider draws others first: `ahead` of them."""

    ahead: int


@dataclass(frozen=True)
class Progress:
    """How much is done, 0 to 1, with an encoded preview of what there is so far, if any."""

    fraction: float
    preview: bytes | None = field(default=None, repr=False)


Event = Accepted | Queued | Progress
Report = Callable[[Event], Awaitable[None]]
"""What a provider calls as it draws. May raise, to stop the drawing."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One picture as a provider sent it: encoded bytes nobody has checked yet."""

    data: bytes = field(repr=False)
    seed: int | None = None
    revised_prompt: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Linked:
    """One picture that a provider drew and left at an address, which only lives for a while."""

    url: str = field(repr=False)
    seed: int | None = None
    revised_prompt: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A provider's whole answer to one request."""

    pictures: tuple[Drawn | Linked, ...]
    model: str
    notes: tuple[str, ...] = ()
    """Sentences for the person: what was understood, what could not be honored."""
    usage: Mapping[str, Any] = field(default_factory=dict[str, Any])
    cost: Decimal = Decimal(0)
    """US dollars."""
    cost_source: CostSource = "unknown"
