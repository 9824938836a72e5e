"""What xAI answers: pictures, refusals, failures, and what they cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from core.errors import AuthFailed, ProviderError, QuotaExceeded, Refused
from core.pictures import Drawn, Linked
from providers.prices import rounded
from providers.wire import Answer, Said, declined, from_base64, redacted
from providers.xai.asking import LABEL

TICK = Decimal("1e-10")
"""US dollars."""
MODERATION = ("content moderation", "usage guidelines", "content policy", "safety_check")
SPENT = ("credits", "spending limit", "insufficient balance")


def picture(item: dict[str, Any]) -> Drawn | Linked | None:
    """One picture of an answer; None for a placeholder of what it will not show."""
    if item.get("respect_moderation") is False:
        return None
    revised = item.get("revised_prompt")
    revised = revised if isinstance(revised, str) and revised else None
    if isinstance(url := item.get("url"), str) and url:
        return Linked(url=url, revised_prompt=revised)
    if isinstance(data := item.get("b64_json"), str) and data:
        plain = data.rsplit("base64,", 1)[-1]
        return Drawn(data=from_base64(plain, LABEL), revised_prompt=revised)
    return None


def notes_on(wanted: int, drawn: int, shown: int) -> tuple[str, ...]:
    """What the person should know of pictures that are not there."""
    if shown < drawn:
        return (f"{LABEL} drew {drawn} of {wanted} and declined to show {drawn - shown} of them.",)
    return (f"{LABEL} drew {shown} of {wanted}.",) if shown < wanted else ()


def usage_of(found: dict[str, Any]) -> dict[str, Any]:
    """The usage that should be there; empty where it is not."""
    usage = found.get("usage")
    return cast("dict[str, Any]", usage) if isinstance(usage, dict) else {}


def cost_said(found: dict[str, Any]) -> Decimal | None:
    """US dollars that an answer says it costs."""
    ticks = usage_of(found).get("cost_in_usd_ticks")
    return rounded(ticks * TICK) if isinstance(ticks, int) and ticks > 0 else None


def listed(found: Any) -> list[dict[str, Any]]:
    """The objects of the list that should be there."""
    items = cast("list[Any]", found) if isinstance(found, list) else []
    return [cast("dict[str, Any]", each) for each in items if isinstance(each, dict)]


def words_of(found: dict[str, Any]) -> str:
    """What a failure says: `{code, error}`, where `error` may be an object of the same kind."""
    error = found.get("error")
    inner = cast("dict[str, Any]", error) if isinstance(error, dict) else {"message": error}
    parts = (found.get("code"), inner.get("code"), inner.get("message"))
    return " ".join(str(each) for each in parts if each)


def is_moderation(words: str) -> bool:
    return any(each in words.lower() for each in MODERATION)


def refusal(words: str, cost: Decimal) -> Refused:
    """A refusal with what it cost all the same; what was said is for the operator."""
    drawn = "generated" in words.lower()
    error = declined(LABEL, "content moderation", charged=cost > 0 or drawn)
    error.cost = cost
    error.__cause__ = Said(redacted(words))
    return error


def translate(answer: Answer) -> ProviderError | None:
    """xAI's own failures. Its codes tell too little, so its words are read for three of them."""
    found = answer.complaint()
    words = words_of(found)
    if answer.status in (400, 403, 422) and is_moderation(words):
        return refusal(words, cost_said(found) or Decimal(0))
    if answer.status in (403, 429) and any(each in words.lower() for each in SPENT):
        return QuotaExceeded(f"The budget for {LABEL} is used up. The operator has been told.")
    if answer.status == 400 and "api key" in words.lower():
        return AuthFailed(f"{LABEL} does not accept the studio's key. The operator has been told.")
    return None
