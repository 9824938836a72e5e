"""Every adapter with the vendor it speaks to; a new one is a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import (
    AuthFailed,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    Refused,
    Transient,
)
from core.pictures import PictureRequest
from providers import Provider
from providers.a1111 import A1111
from providers.comfyui import ComfyUI
from providers.comfyui.workflow import read
from providers.gemini import Gemini, GeminiInBackground
from providers.openai import OpenAI
from providers.prices import TABLE
from providers.stability import Stability
from providers.xai import XAI
from tests.providers.vendors.a1111 import A1111Vendor
from tests.providers.vendors.comfyui import ComfyVendor
from tests.providers.vendors.gemini import MODELS, GeminiVendor, InteractionsVendor
from tests.providers.vendors.openai import OpenAIVendor
from tests.providers.vendors.stability import StabilityVendor
from tests.providers.vendors.vendor import KEY, Vendor
from tests.providers.vendors.xai import MODELS as XAI_MODELS, XAIVendor

Expected = tuple[type[ProviderError] | None, int | None]
"""What is raised, None where it succeeds all the same; and how many calls are billed, None where
the vendor cannot tell either."""


@dataclass(frozen=True)
class Case:
    vendor: Callable[[], Vendor]
    opened: Callable[[str], Provider]
    """From the server's address; reading times out after a moment."""
    own: dict[str, Expected] = field(default_factory=dict[str, Expected])
    """Faults that go otherwise than elsewhere, or that only this one has."""
    never: frozenset[str] = frozenset()
    """Faults that cannot happen here."""
    request: PictureRequest = field(default_factory=lambda: PictureRequest(prompt="a fox", count=2))


def openai(base: str) -> Provider:
    models = ("gpt-image-2.6-flare", "gpt-image-2.6-sunburst", "gpt-image-2")
    return OpenAI(f"{base}/v1", KEY, models, TABLE, official=True, reading=0.4)


def gemini(base: str) -> Provider:
    return Gemini(base, KEY, tuple(MODELS), TABLE, reading=0.4)


def interactions(base: str) -> Provider:
    return GeminiInBackground(base, KEY, tuple(MODELS), TABLE, reading=0.4, pause=0.01)


def comfyui(base: str) -> Provider:
    return ComfyUI(base, [read(WORKFLOWS / "everything.json")], reading=0.4, pause=0.02)


def a1111(base: str) -> Provider:
    return A1111(base, reading=0.4, pause=0.02)


def xai(base: str) -> Provider:
    return XAI(f"{base}/v1", KEY, XAI_MODELS, TABLE, reading=0.4, pause=0.01)


def stability(base: str) -> Provider:
    return Stability(base, KEY, TABLE, reading=0.4)


WORKFLOWS = Path(__file__).parents[3] / "docs" / "comfyui"
# Whether it has what was asked for is looked up by our own name for it, so no answer is ever lost.
LOOKED_UP: dict[str, Expected] = {
    "hang": (None, 1),
    "reset before": (Transient, 0),
    "reset after": (None, 1),
    "truncated": (None, 1),
    "broken json": (None, 1),
}
# What was lost is drawn again: that costs nothing but time.
FREE: dict[str, Expected] = {
    "hang": (Transient, 1),
    "reset before": (Transient, 0),
    "reset after": (Transient, 1),
    "truncated": (Transient, 1),
    "broken json": (Transient, 1),
    "broken base64": (Transient, 1),
}
# Nobody there minds what is drawn, and pictures come as they are.
LOCAL = frozenset({"refused", "refused after"})
GOOGLE: dict[str, Expected] = {
    "400": (AuthFailed, 0),
    "429 day": (QuotaExceeded, 0),
    "429 delay": (RateLimited, 0),
}
# It says in words alone what other vendors have statuses or codes for.
SAID_BY_XAI: dict[str, Expected] = {
    "400 key": (AuthFailed, 0),
    "403 guidelines": (Refused, 0),
    "403 credits": (QuotaExceeded, 0),
    "429 credits": (QuotaExceeded, 0),
}
# Its answer is the picture itself: half of one is told by whoever takes it in hand.
BARE: dict[str, Expected] = {
    "broken json": (None, 1),
    "403": (Refused, 0),
    "403 key": (AuthFailed, 0),
    "422": (Refused, 0),
}
ONE = PictureRequest(prompt="a fox")
CASES: dict[str, Case] = {
    "openai": Case(OpenAIVendor, openai),
    "gemini": Case(GeminiVendor, gemini, GOOGLE, frozenset({"too few"}), ONE),
    "gemini in background": Case(
        InteractionsVendor, interactions, GOOGLE, frozenset({"too few"}), ONE
    ),
    # A deferred request leaves its pictures at addresses, so there is no base64 to break; what can
    # be lost is the answer with its name, which the other faults are about.
    "xai": Case(XAIVendor, xai, SAID_BY_XAI, frozenset({"broken base64"})),
    "stability": Case(
        StabilityVendor, stability, BARE, frozenset({"broken base64", "too few"}), ONE
    ),
    "comfyui": Case(ComfyVendor, comfyui, LOOKED_UP, LOCAL | {"broken base64"}),
    "a1111": Case(A1111Vendor, a1111, FREE, LOCAL),
}
