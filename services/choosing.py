"""Who draws: whoever was asked for, else whoever was chosen before, else the default.

Where nobody asked for somebody in particular, another one may take over, but only while nothing
can have been charged: before a call, or after one that is known to have failed for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import (
    AuthFailed,
    InvalidParams,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    Transient,
)
from core.text import shorten
from db import choices
from db.models import Generation
from providers import Provider
from services import gates
from services.studio import Studio

FREE_FAILURES = (AuthFailed, QuotaExceeded, RateLimited, Transient)
"""Failures after which nothing was charged, and that another provider need not have."""


async def noted(
    tx: AsyncSession, tool: str, params: Any, user_id: int, guild_id: int | None
) -> dict[str, Any]:
    """What to remember with a new generation of who was chosen before, where nobody is named."""
    if getattr(params, "provider", None) or getattr(params, "model", None):
        return {}
    found = await choices.find(tx, tool, user_id, guild_id)
    if found is None:
        return {}
    return {"provider": found.provider, "model": found.model}


def is_named(generation: Generation) -> bool:
    """Whether somebody asked for this provider or this model."""
    return bool(generation.params.get("provider") or generation.params.get("model"))


def preferred(studio: Studio, generation: Generation) -> Provider:
    """The one that was asked for, the one that has the model asked for, or the default."""
    params, noted = generation.params, generation.meta
    wanted = params.get("provider") or (None if is_named(generation) else noted.get("provider"))
    if isinstance(wanted, str) and wanted in studio.providers:
        return studio.providers[wanted]
    model = params.get("model")
    for provider in studio.providers.values():
        if model in provider.models:
            return provider
    return next(iter(studio.providers.values()))


def model_of(generation: Generation, provider: Provider) -> str:
    """The model that draws: the one asked for, the one chosen before, or its provider's first."""
    for wanted in (generation.params.get("model"), generation.meta.get("model")):
        if wanted in provider.models:
            return str(wanted)
    return next(iter(provider.models))


def candidates(studio: Studio, generation: Generation) -> list[Provider]:
    """Those who may draw it, the preferred one first."""
    first = preferred(studio, generation)
    if is_named(generation):
        return [first]
    avoided = generation.meta.get("avoid", [])
    others = [studio.providers.get(each) for each in studio.settings.fallback_providers]
    found = [first, *(each for each in others if each is not None and each is not first)]
    return [each for each in found if each.name not in avoided] or [first]


async def whoever_is_there(studio: Studio, generation: Generation) -> Provider:
    """The first of them whose gate is open; the preferred one where all are closed."""
    found = candidates(studio, generation)
    if len(found) == 1:
        return found[0]
    closed = await gates.closed(studio)
    return next((each for each in found if each.name not in closed), found[0])


async def another(studio: Studio, generation: Generation, who: Provider, error: Exception) -> bool:
    """Whether somebody else can take over after a failure that charged nothing."""
    if not isinstance(error, FREE_FAILURES) or error.by_writer or not error_is_free(error):
        return False
    left = [each for each in candidates(studio, generation) if each.name != who.name]
    if not left:
        return False
    closed = await gates.closed(studio)
    return any(each.name not in closed for each in left)


def error_is_free(error: ProviderError) -> bool:
    """Whether the provider has nothing of it: it was not charged, and cannot still be drawing."""
    return error.cost == 0 and error.error_class != "out_of_reach"


async def choose(
    studio: Studio, scope: str, scope_id: int, tool: str, provider: str | None, model: str | None
) -> None:
    """Note who is to draw from now on; None forgets it. Raises `InvalidParams` for nobody's name."""
    async with studio.transaction() as tx:
        if provider is None and model is None:
            await choices.forget(tx, scope, scope_id, tool)
            return
        name = provider or owner_of(studio, str(model))
        check(studio.providers, name, "provider")
        if model is not None:
            check(studio.providers[name].models, model, "model")
        await choices.choose(tx, scope, scope_id, tool, name, model)


def owner_of(studio: Studio, model: str) -> str:
    """Whose model it is."""
    for provider in studio.providers.values():
        if model in provider.models:
            return provider.name
    every = [name for each in studio.providers.values() for name in each.models]
    check(every, model, "model")
    raise AssertionError


def check(known: Iterable[str], name: str, kind: str) -> None:
    """Raise `InvalidParams` with those there are."""
    if name not in (names := list(known)):
        raise InvalidParams(
            f"There is no {kind} called {shorten(name, 40)}: try {', '.join(names[:10])}."
        )
