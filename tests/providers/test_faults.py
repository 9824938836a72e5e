"""Every adapter against every fault: the right error, the right sentence, nothing billed twice."""

from __future__ import annotations

import pytest

from core.errors import (
    AuthFailed,
    BadRequest,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    Refused,
    ServerFailed,
    Transient,
    UnknownOutcome,
)
from core.pictures import Drawing, Event
from providers import Provider
from tests.providers.vendors.cases import CASES, Case, Expected
from tests.providers.vendors.vendor import KEY, Vendor

EXPECTED: dict[str, Expected] = {
    "": (None, 1),
    "401": (AuthFailed, 0),
    "402": (QuotaExceeded, 0),
    "404": (BadRequest, 0),
    "429": (RateLimited, 0),
    "429 later": (RateLimited, 0),
    "500": (ServerFailed, 0),
    "500 page": (ServerFailed, 0),
    "503": (ServerFailed, 0),
    "hang": (UnknownOutcome, 1),
    "drip": (None, 1),
    "reset before": (UnknownOutcome, 0),
    "reset after": (UnknownOutcome, 1),
    "truncated": (UnknownOutcome, 1),
    "broken json": (UnknownOutcome, 1),
    "broken base64": (UnknownOutcome, 1),
    "refused": (Refused, 0),
    "refused after": (Refused, 1),
    "too few": (None, 1),
}
SENTENCES: dict[type[ProviderError], str] = {
    AuthFailed: "does not accept the studio's key. The operator has been told.",
    QuotaExceeded: "is used up. The operator has been told.",
    BadRequest: "hoose another",
    RateLimited: "is busy. I will try again.",
    ServerFailed: "has trouble of its own. I will try again.",
    Transient: "I will try again.",
    UnknownOutcome: "It may have been charged, so I did not ask again.",
    Refused: "declined this",
}
MATRIX = [
    pytest.param(name, fault, id=f"{name}-{fault or 'well'}")
    for name, case in CASES.items()
    for fault in {**EXPECTED, **case.own}
    if fault not in case.never
]


class Told(list[Event]):
    """Reports as they come."""

    async def __call__(self, event: Event) -> None:
        self.append(event)


async def asked(case: Case, vendor: Vendor, provider: Provider) -> Drawing | ProviderError:
    try:
        return await provider.generate(case.request, Told())
    except ProviderError as error:
        return error
    finally:
        await provider.close()


@pytest.mark.parametrize(("name", "fault"), MATRIX)
async def test_a_fault_is_told_apart_and_never_paid_twice(name: str, fault: str) -> None:
    case = CASES[name]
    async with case.vendor().running() as vendor:
        vendor.fault = fault or None
        found = await asked(case, vendor, case.opened(vendor.base))
    wanted, billed = {**EXPECTED, **case.own}[fault]
    assert vendor.wrong == []
    assert len(vendor.asked) <= 1
    if billed is not None:
        assert len(vendor.billed) == billed
    if wanted is None:
        assert isinstance(found, Drawing)
        assert found.pictures
        return
    assert type(found) is wanted, repr(found)
    assert SENTENCES[wanted] in str(found)
    told = f"{found} {found.__cause__!r}"
    assert KEY not in told
    assert "html" not in str(found)
    if fault == "429 later":
        assert found.retry_after == 7


@pytest.mark.parametrize("name", CASES)
async def test_a_server_that_is_away_was_sent_nothing(name: str) -> None:
    case = CASES[name]
    async with case.vendor().running() as vendor:
        base = vendor.base
    found = await asked(case, vendor, case.opened(base))
    assert type(found) is Transient
    assert "cannot be reached" in str(found)


@pytest.mark.parametrize("name", CASES)
async def test_nothing_of_a_key_is_in_a_repr(name: str) -> None:
    provider = CASES[name].opened("http://127.0.0.1:9")
    assert KEY not in repr(provider)
    assert KEY not in str(vars(provider).get("models"))
