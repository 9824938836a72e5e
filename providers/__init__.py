"""Image providers and writers. One module each, found by scan.

A module offers `open_provider(settings)`, `open_writer(settings)` or both; either may return None
where it is not configured.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, Protocol, runtime_checkable

from core.pictures import Drawing, PictureRequest, Report
from core.settings import Settings
from core.writing import T, Writing, Written


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What one model can do, so that nobody is offered more."""

    source: bool = False
    mask: bool = False
    references: int = 0
    count: int = 1
    seed: Literal["exact", "hint", "none"] = "none"
    negative_prompt: bool = False
    transparent: bool = False
    previews: bool = False
    pages: bool = False
    """Draws a whole lettered page of panels by itself."""
    fidelity: bool = True
    """Takes a word on how closely to keep to the given pictures."""
    strength: bool = True
    """Takes how far to leave the source; others decide that by the words."""
    qualities: tuple[str, ...] | None = None
    """The qualities it tells apart; None where it takes any word."""
    prompt_limit: int = 32_000
    """Characters."""
    price: Decimal | None = None
    """US dollars for one picture of the default size; None where nobody knows beforehand."""


class Provider(Protocol):
    """Draws pictures. Raises `ProviderError` and nothing else on purpose."""

    name: str
    label: str
    """What people are shown, for example "Offline"."""
    models: Mapping[str, Capabilities]
    """By model ID, the default first."""
    repeatable: bool
    """Whether asking twice for the same thing costs nothing, so that a lost answer may be."""
    origin: str | None
    """The scheme, host and port of its server, where it leaves pictures that we may fetch."""

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        """Draw `request.count` pictures, telling `report` how it goes. Cancelling stops it."""
        ...

    def estimate(self, request: PictureRequest) -> Decimal | None:
        """The most that a request should cost, in US dollars; None where nobody knows."""
        ...

    async def check(self) -> str | None:
        """What is wrong and what to do about it, for the operator; None when all is well."""
        ...

    async def close(self) -> None: ...


@runtime_checkable
class Reattaching(Protocol):
    """A provider that still knows what it was asked for when the answer was lost.

    It reports `Accepted` with a handle before it can charge anything.
    """

    async def reattach(
        self, handle: str, request: PictureRequest, report: Report
    ) -> Drawing | None:
        """Go on waiting for an earlier call's answer; None when the provider has no such call."""
        ...

    async def cancel(self, handle: str) -> None:
        """Stop an earlier call, where that is possible."""
        ...


class Writer(Protocol):
    """Writes prompts, scripts and plans. Raises `ProviderError` and nothing else on purpose."""

    name: str
    label: str
    models: Sequence[str]
    """Model IDs, the default first."""
    repeatable: bool
    """Whether asking twice for the same thing costs nothing, so that a lost answer may be."""

    async def write(self, writing: Writing[T]) -> Written[T]: ...

    async def check(self) -> str | None:
        """What is wrong and what to do about it, for the operator; None when all is well."""
        ...

    async def close(self) -> None: ...


LAST = {"offline", "templates"}
"""Those that are always there: the default only where nothing else is configured."""


def discover(settings: Settings) -> dict[str, Provider]:
    """Open every provider that is configured, by name, the default first."""
    found = [*opened("open_provider", settings)]
    found.sort(key=lambda each: (each.name != settings.default_provider, each.name in LAST))
    return {each.name: each for each in found}


def discover_writers(settings: Settings) -> dict[str, Writer]:
    """Open every writer that is configured, by name, the default first."""
    found = sorted(opened("open_writer", settings), key=lambda each: each.name in LAST)
    return {each.name: each for each in found}


def opened(opener: str, settings: Settings) -> Iterator[Any]:
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        offered = getattr(module, opener, None)
        found = offered(settings) if offered is not None else None
        if found is not None:
            yield found
