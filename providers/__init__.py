"""Image providers. One module each; every module here that offers a `Provider` is found."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from core.pictures import Drawing, PictureRequest, Report
from core.settings import Settings


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


class Provider(Protocol):
    """Draws pictures. Raises `ProviderError` and nothing else on purpose."""

    name: str
    label: str
    """What people are shown, for example "Offline"."""
    models: Mapping[str, Capabilities]
    """By model ID, the default first."""
    repeatable: bool
    """Whether asking twice for the same thing costs nothing, so that a lost answer may be."""

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        """Draw `request.count` pictures, telling `report` how it goes. Cancelling stops it."""
        ...

    async def check(self) -> str | None:
        """What is wrong and what to do about it, for the operator; None when all is well."""
        ...

    async def close(self) -> None: ...


def discover(settings: Settings) -> dict[str, Provider]:
    """Open every provider that is configured: each module's `open_provider(settings)`, by name."""
    found: dict[str, Provider] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        provider: Provider | None = module.open_provider(settings)
        if provider is not None:
            found[provider.name] = provider
    return found
