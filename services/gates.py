"""A gate before each provider, shared by all processes.

Whoever is told to wait closes it for everybody, so that a hundred requests do not each learn the
same; a key that is not accepted, or a budget that is used up, closes it until the operator acts.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.errors import AuthFailed, ProviderError, QuotaExceeded, RateLimited
from db import gates
from db.provider_models import ProviderGate
from db.queue import TELL, enqueue

if TYPE_CHECKING:
    from services.studio import Studio

log = logging.getLogger(__name__)

BUSY = 5.0
"""Seconds to wait where a provider is busy and does not say for how long."""
BREAK = 600.0
"""Seconds after which a provider that the operator must put right is tried again."""
CLOSING: dict[str, type[ProviderError]] = {
    each.error_class: each for each in (RateLimited, AuthFailed, QuotaExceeded)
}


async def closed(studio: Studio) -> Mapping[str, ProviderGate]:
    """Those nobody is to ask just now, by name."""
    async with studio.transaction() as tx:
        return {each.provider: each for each in await gates.closed(tx)}


async def passing(studio: Studio, provider: str) -> None:
    """Let a call through, or raise what closed the gate: `RateLimited` with the time to wait,
    `AuthFailed` or `QuotaExceeded`.
    """
    async with studio.transaction() as tx:
        gate = await gates.find(tx, provider)
    wait = seconds_left(gate)
    if gate is not None and wait > 0:
        raise CLOSING[gate.error_class](gate.said, retry_after=wait)


def seconds_left(gate: ProviderGate | None) -> float:
    return 0.0 if gate is None else (gate.closed_until - datetime.now(UTC)).total_seconds()


async def failed(studio: Studio, provider: str, generation_id: int, error: BaseException) -> None:
    """Close the gate where an error says so, and let the operator be told where they must act."""
    if not isinstance(error, (RateLimited, AuthFailed, QuotaExceeded)):
        return
    seconds = (error.retry_after or BUSY) if isinstance(error, RateLimited) else BREAK

    async def write() -> bool:
        async with studio.transaction() as tx:
            anew = await gates.close(tx, provider, error.error_class, str(error), seconds)
            if anew and not isinstance(error, RateLimited):
                await enqueue(tx, TELL, generation_id)
        return anew

    if await studio.patiently(write):
        log.warning("provider %s is not asked for %.0f s: %s", provider, seconds, error.error_class)


async def succeeded(studio: Studio, provider: str) -> None:
    """Open a gate for good once a call went through."""

    async def write() -> None:
        async with studio.transaction() as tx:
            if await gates.find(tx, provider) is not None:
                await gates.open_again(tx, provider)

    await studio.patiently(write)
