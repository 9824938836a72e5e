"""Reading what Gemini says: its JSON, which may hold anything, and its failures and refusals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from core.errors import AuthFailed, ProviderError, QuotaExceeded, RateLimited, Refused
from providers.wire import Answer, Said, bounded, declined, redacted

REFUSALS = {
    "SAFETY": "safety",
    "PROHIBITED_CONTENT": "prohibited content",
    "RECITATION": "too close to an existing work",
    "BLOCKLIST": "a blocked word",
    "SPII": "personal data",
    "JAILBREAK": "an attempt to get around its rules",
    "LANGUAGE": "a language it does not take",
    "ESCALATION": "its rules",
    "PUP_LIMITED_DISABLED": "its rules of use",
    "NO_IMAGE": "it drew no picture",
    "OTHER": "it does not say why",
}
"""What a refusal is about, by its code without `IMAGE_`."""
NO_PICTURE = "NO_IMAGE"


def mapping(found: Any) -> dict[str, Any]:
    """The object that should be there; empty where it is not."""
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def listed(found: Any) -> list[dict[str, Any]]:
    """The objects of the list that should be there."""
    items = cast("list[Any]", found) if isinstance(found, list) else []
    return [cast("dict[str, Any]", each) for each in items if isinstance(each, dict)]


def whole(found: Any) -> int:
    """The count that should be there; 0 where it is not."""
    return found if isinstance(found, int) and found > 0 else 0


def code_in(text: str) -> str | None:
    """The refusal that a code, or the end of a URI for one, means."""
    code = text.rsplit("/", 1)[-1].upper().replace("-", "_")
    code = code if code == NO_PICTURE else code.removeprefix("IMAGE_")
    return code if code in REFUSALS else None


def refusal(who: str, code: str, cost: Decimal, said: str = "") -> Refused:
    """A refusal with what it cost all the same; what was said is for the operator."""
    error = declined(who, REFUSALS[code_in(code) or NO_PICTURE], charged=cost > 0)
    error.cost = cost
    error.__cause__ = Said(redacted(f"{code} {said}"))
    return error


def translate(answer: Answer) -> ProviderError | None:
    """Google's own failures: `{"error": {code, status, message, details}}`."""
    error = mapping(answer.complaint().get("error"))
    details = listed(error.get("details"))
    reasons = {str(each.get("reason")) for each in details}
    who = answer.label
    if "API_KEY_INVALID" in reasons:
        return AuthFailed(f"{who} does not accept the studio's key. The operator has been told.")
    if answer.status == 400 and error.get("status") == "FAILED_PRECONDITION":
        return AuthFailed(f"{who} is not open to the studio's key. The operator has been told.")
    if answer.status == 429:
        return too_much(who, details)
    refused = next((code for each in reasons if (code := code_in(each))), None)
    return refusal(who, refused, Decimal(0)) if refused else None


def too_much(who: str, details: list[dict[str, Any]]) -> ProviderError | None:
    """A limit: of a day, which only the operator can lift, or of a minute, with how long to wait."""
    quotas = [
        str(violation.get("quotaId"))
        for each in details
        for violation in listed(each.get("violations"))
    ]
    if any("PerDay" in each for each in quotas):
        return QuotaExceeded(f"The budget for {who} is used up. The operator has been told.")
    for each in details:
        wait = seconds(each.get("retryDelay"))
        if wait is not None:
            return RateLimited(f"{who} is busy. I will try again.", retry_after=wait)
    return None


def seconds(text: Any) -> float | None:
    """A duration as Google writes it: "17s", "1.5s"."""
    try:
        return bounded(float(str(text).removesuffix("s")))
    except ValueError:
        return None
