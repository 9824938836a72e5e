"""Looking for what a provider keeps of an earlier call.

A look is free, so it is tried more than once; and whatever is wrong with looking says nothing of
what was drawn: that is still there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from core.errors import OutOfReach, ProviderError
from providers.wire import Answer, Translate

SILENCE = 60.0
"""Seconds that one look may be silent."""
PATIENCE = 900.0
"""Seconds of looking until somebody else may go on."""
MISSES = 3
"""Looks in a row that may fail."""
LONG = 10.0
"""Seconds that are better waited for outside of a call."""


class NotThere(ProviderError):
    """The provider has no such call, or not any more."""


async def look(
    who: str, ask: Callable[[], Awaitable[dict[str, Any]]], pause: float
) -> dict[str, Any]:
    """What a call is like now; `pause` is in seconds, between a look that failed and the next.

    Raises `NotThere`, or `OutOfReach` for whatever is wrong with looking.
    """
    wait = pause
    for miss in range(1, MISSES + 1):
        try:
            return await ask()
        except NotThere:
            raise
        except ProviderError as error:
            wait = error.retry_after or pause
            if miss == MISSES or wait > LONG:
                raise away(who, wait) from error
        await asyncio.sleep(wait)
    raise away(who, wait)


def away(who: str, wait: float) -> OutOfReach:
    return OutOfReach(
        f"{who} has this and cannot be reached just now. I will look for it again.",
        retry_after=wait,
    )


def still_drawing(who: str) -> OutOfReach:
    return OutOfReach(f"{who} is still drawing. I will look for it again.")


def not_there(otherwise: Translate) -> Translate:
    """The same failures where a call is looked for: 404 and 410 are not about a model here."""

    def translate(answer: Answer) -> ProviderError | None:
        return NotThere() if answer.status in (404, 410) else otherwise(answer)

    return translate
