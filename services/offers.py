"""What the providers here offer, in words: models, what they can do, what they cost, how they are."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from core.errors import Forbidden
from core.viewer import Viewer
from providers import Capabilities, Provider
from services import gates
from services.studio import Studio

log = logging.getLogger(__name__)

CHECKING = 20.0
"""Seconds for a provider to say how it is."""


@dataclass(frozen=True)
class Condition:
    """How one provider is."""

    provider: Provider
    wrong: str | None
    """What is wrong and what to do about it; None when all is well."""


def price_of(can: Capabilities) -> str:
    """What a picture costs, in a few characters."""
    if can.price is None:
        return "price unknown"
    return f"${can.price:.3f}" if can.price else "free"


def abilities(can: Capabilities) -> str:
    """What a model can do, as a list in words."""
    known = {
        "edits": can.source,
        "masks": can.mask,
        f"{can.references} references": can.references > 0,
        f"{can.count} at once": can.count > 1,
        "seeds": can.seed != "none",
        "negative prompts": can.negative_prompt,
        "transparency": can.transparent,
        "previews": can.previews,
    }
    return ", ".join(name for name, has in known.items() if has) or "draws from words"


async def examine(studio: Studio, viewer: Viewer) -> list[Condition]:
    """Ask every provider how it is, at once; one that is well may be asked again by all.

    Raises `Forbidden` for anybody but the operator: it spends their requests.
    """
    if not viewer.admin:
        raise Forbidden("Only whoever runs the studio can test its providers.")
    found = await asyncio.gather(*(condition(each) for each in studio.providers.values()))
    for each in found:
        if each.wrong is None:
            await gates.succeeded(studio, each.provider.name)
    return list(found)


async def condition(provider: Provider) -> Condition:
    try:
        return Condition(provider, await asyncio.wait_for(provider.check(), CHECKING))
    except TimeoutError:
        return Condition(provider, f"{provider.label} does not answer. Check its address.")
    except Exception:
        log.exception("provider %s cannot be examined", provider.name)
        return Condition(provider, f"{provider.label} cannot be examined; the log says why.")
