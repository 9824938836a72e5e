"""What models cost: one dated table with its sources, which the operator may override.

A vendor's own usage figures are always preferred; the table multiplies them, and estimates before.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

MILLION = Decimal(1_000_000)
CENT_OF_CENT = Decimal("0.000001")
"""The ledger's smallest amount, in US dollars."""


@dataclass(frozen=True, kw_only=True)
class Price:
    """One model's price in US dollars. A rate is for a million tokens."""

    as_of: date
    source: str
    each: Decimal | None = None
    """For one picture of the default size and quality."""
    input_picture: Decimal = Decimal(0)
    """For one picture given."""
    text_in: Decimal | None = None
    image_in: Decimal | None = None
    text_out: Decimal | None = None
    image_out: Decimal | None = None
    cached_text_in: Decimal | None = None
    cached_image_in: Decimal | None = None
    factors: Mapping[str, int] | None = None
    """For estimates by size: the factor of each quality."""


OPENAI = Price(
    as_of=date(2026, 11, 10),
    source="OpenAI's model page of gpt-image-2.6: dollars per million tokens",
    text_in=Decimal(5),
    image_in=Decimal(8),
    image_out=Decimal(30),
    cached_text_in=Decimal("1.25"),
    cached_image_in=Decimal(2),
    factors={"low": 16, "medium": 24, "high": 48, "xhigh": 64, "max": 96},
)
GEMINI = Price(
    as_of=date(2026, 10, 31),
    source="Google's price list by way of litellm 1.109.1",
    each=Decimal("0.0336"),
    text_in=Decimal("0.3"),
    image_in=Decimal("0.3"),
    text_out=Decimal("7.5"),
    image_out=Decimal(30),
)
XAI = Price(
    as_of=date(2026, 10, 13),
    source="docs.x.ai by way of a reseller; the answer itself says the exact cost",
    each=Decimal("0.06"),
    input_picture=Decimal("0.01"),
)
STABILITY = Price(
    as_of=date(2025, 8, 31),
    source="Stability's price page: a credit is a cent",
    each=Decimal("0.03"),
)
GPT_LUNA = Price(
    as_of=date(2026, 9, 22),
    source="OpenAI's model page of gpt-6-luna: dollars per million tokens",
    text_in=Decimal("0.1"),
    cached_text_in=Decimal("0.01"),
    text_out=Decimal("0.5"),
)
GEMINI_FLASH = Price(
    as_of=date(2026, 9, 2),
    source="Vercel's list of what Google's models cost: dollars per million tokens",
    text_in=Decimal("0.75"),
    text_out=Decimal("3.75"),
)
TABLE: dict[str, Price] = {
    "gpt-image-2.6-flare": OPENAI,
    "gpt-image-2.6-sunburst": OPENAI,
    "gpt-image-2.5-flare": OPENAI,
    "gpt-image-2.5-sunburst": OPENAI,
    "gpt-image-2": replace(OPENAI, factors={"low": 16, "medium": 48, "high": 96}),
    "gemini-nano-banana-2.1": GEMINI,
    "gemini-3-pro-image": replace(
        GEMINI, each=Decimal("0.134"), text_in=Decimal(2), image_in=Decimal(2),
        text_out=Decimal(12), image_out=Decimal(120),
    ),
    "gemini-3.1-flash-lite-image": GEMINI,
    "gemini-2.5-flash-image": replace(GEMINI, each=Decimal("0.039")),
    "grok-imagine-image": replace(XAI, each=Decimal("0.02"), input_picture=Decimal("0.002")),
    "grok-imagine-image-2.0": XAI,
    "stable-image-core": STABILITY,
    "stable-image-ultra": replace(STABILITY, each=Decimal("0.08")),
    "stability-inpaint": replace(STABILITY, each=Decimal("0.05")),
    "stability-outpaint": replace(STABILITY, each=Decimal("0.04")),
    "stability-remove-background": replace(
        STABILITY, each=Decimal("0.05"), as_of=date(2026, 9, 22),
        source="Stability's description of its API: 5 credits",
    ),
    "gpt-6-luna": GPT_LUNA,
    "gemini-3.8-flash": GEMINI_FLASH,
    "stability-upscale": replace(STABILITY, each=Decimal("0.02")),
    "stability-upscale-conservative": replace(
        STABILITY, each=Decimal("0.40"), as_of=date(2026, 9, 22),
        source="Stability's description of its API: 40 credits",
    ),
}  # fmt: skip


class BadPrices(Exception):
    """The file of prices cannot be used; says why."""


@cache
def table(override: Path | None = None) -> Mapping[str, Price]:
    """The prices by model, with the operator's own in place of ours.

    `override` is JSON: `{"model": {"as_of": "2026-11-24", "source": "…", "each": 0.05}}`; a field
    that is not said stays ours. Raises `BadPrices`.
    """
    if override is None:
        return TABLE
    try:
        said: dict[str, dict[str, Any]] = json.loads(override.read_text(), parse_float=Decimal)
        own = {model: overridden(TABLE.get(model), values) for model, values in said.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadPrices(f"{override} cannot be read as prices: {error}.") from error
    return {**TABLE, **own}


def overridden(price: Price | None, values: Mapping[str, Any]) -> Price:
    known = dict(values)
    known["as_of"] = date.fromisoformat(known["as_of"])
    known.setdefault("source", "the operator")
    for name, value in known.items():
        if isinstance(value, (int, float)):
            known[name] = Decimal(str(value))
    return replace(price, **known) if price else Price(**known)


def rounded(amount: Decimal) -> Decimal:
    """US dollars as the ledger keeps them."""
    return amount.quantize(CENT_OF_CENT, ROUND_HALF_UP)


def output_tokens(width: int, height: int, factor: int, previews: int = 0) -> int:
    """Tokens of one picture of OpenAI's models from gpt-image-2 on, in pixels and by quality.

    ceil(f * round(f * short / long) * (2,000,000 + w * h) / 4,000,000) + 100 for each preview, as
    two independent calculators have it.
    """
    short, long = sorted((width, height))
    cells = factor * round(factor * short / long)
    return math.ceil(cells * (2_000_000 + width * height) / 4_000_000) + 100 * previews
