"""From a tool's question to the ledger, against a writer that counts what it bills."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any, cast

import pytest
from sqlalchemy import select

from core.errors import Transient
from core.pictures import Drawing, PictureRequest, Report
from core.settings import Settings
from core.viewer import Viewer
from db.base import CallStatus
from db.models import Generation, Status
from db.provider_models import ProviderCall
from providers.offline import Offline
from providers.openai_writer import OpenAIWriter
from providers.prices import TABLE
from providers.templates import Templates
from services import proposals
from services.generations import Origin, retry, submit
from services.iterate import iterate
from services.studio import Studio
from tests.conftest import opened, working
from tests.providers.vendors.chat import COST, MODEL, ChatVendor
from tests.providers.vendors.vendor import KEY
from tests.waiting import ended, until

ANNA = Viewer(7, "Anna")
BETTER = "a fox in a misty wood at dawn, soft light, wide composition"
BAD = ["not JSON at all", {"prompt": 7}]
NOT_USED = "The writer's answer could not be used, so a template wrote it."


class Fickle(Offline):
    """Draws, but fails first as often as it is told to."""

    def __init__(self, *errors: Exception) -> None:
        super().__init__(megapixels=0.02)
        self.errors = list(errors)

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        if self.errors:
            raise self.errors.pop()
        return await super().generate(request, report)


@contextlib.asynccontextmanager
async def served(
    settings: Settings, database: str, **changes: Any
) -> AsyncIterator[tuple[Studio, ChatVendor]]:
    """A studio whose words OpenAI writes; nobody works in it yet."""
    async with ChatVendor().running() as vendor:
        assert isinstance(vendor, ChatVendor)
        vendor.answers = [{"prompt": BETTER}]
        writer = OpenAIWriter(f"{vendor.base}/v1", KEY, MODEL, TABLE, official=True, reading=0.5)
        writers = {"openai": writer, "templates": Templates()}
        parts = {"providers": {"offline": Fickle()}, "writers": writers, **changes}
        async with opened(settings, database, **parts) as studio:
            yield studio, vendor
    assert vendor.wrong == []


@contextlib.asynccontextmanager
async def writing(
    settings: Settings, database: str, **changes: Any
) -> AsyncIterator[tuple[Studio, ChatVendor]]:
    """The same with a worker."""
    async with served(settings, database, **changes) as (studio, vendor), working(studio):
        yield studio, vendor


def origin(request: str = "w1", *, confirm: bool = False) -> Origin:
    return Origin(viewer=ANNA, request_id=request, confirm=confirm)


async def enhance(studio: Studio, request: str = "w1", *, confirm: bool = False) -> Generation:
    asked = {"prompt": "a fox", "enhance": True, "seed": 1}
    return await submit(studio, "image", asked, origin(request, confirm=confirm))


async def asks(
    studio: Studio, generation: Generation
) -> list[tuple[int, str, str, Decimal | None]]:
    """What the ledger has of words: step, who, how it ended, and what it cost."""
    query = (
        select(ProviderCall)
        .where(ProviderCall.generation_id == generation.id, ProviderCall.step < 0)
        .order_by(ProviderCall.id)
    )
    async with studio.transaction() as tx:
        found = (await tx.scalars(query)).all()
    return [
        (each.step, each.provider, each.error_class or each.status.value, each.cost)
        for each in found
    ]


def notes(row: Generation) -> str:
    return " ".join(cast("list[str]", row.meta["notes"]))


async def test_a_better_prompt_is_drawn_and_paid_for_to_the_cent(
    settings: Settings, database: str
) -> None:
    async with writing(settings, database) as (studio, vendor):
        done = await ended(studio, await enhance(studio))
        assert done.status is Status.SUCCEEDED, done.cause
        assert (done.full_prompt or "").startswith(BETTER)
        assert "template" not in notes(done)
        assert done.cost == Decimal(COST)
        assert await asks(studio, done) == [(-1, "openai", "succeeded", Decimal(COST))]
    assert len(vendor.billed) == 1


async def test_a_plan_is_made_step_by_step(settings: Settings, database: str) -> None:
    async with writing(settings, database) as (studio, vendor):
        vendor.answers = [{"steps": ["make it night", "add a boat"]}]
        first = await ended(studio, await submit(studio, "image", {"prompt": "sea"}, origin()))
        wishes = {"source": str(first.assets[0].id), "request": "night please and a boat"}
        whole = await ended(studio, await submit(studio, "context-edit", wishes, origin("w2")))
        assert whole.status is Status.SUCCEEDED, whole.cause
        assert whole.full_prompt == "1. make it night\n2. add a boat"
        assert whole.cost == Decimal(COST)
        assert await asks(studio, whole) == [(-1, "openai", "succeeded", Decimal(COST))]
    assert len(vendor.billed) == 1


async def test_a_bad_answer_is_asked_for_once_more_with_what_is_wrong(
    settings: Settings, database: str
) -> None:
    async with writing(settings, database) as (studio, vendor):
        vendor.answers = [BAD[1], {"prompt": BETTER}]
        done = await ended(studio, await enhance(studio))
        assert (done.full_prompt or "").startswith(BETTER)
        assert "template" not in notes(done)
        assert done.cost == 2 * Decimal(COST)
        assert await asks(studio, done) == [
            (-1, "openai", "bad_answer", Decimal(COST)),
            (-2, "openai", "succeeded", Decimal(COST)),
        ]
    assert "prompt: Input should be a valid string" in vendor.asked[1]["messages"][2]["content"]
    assert len(vendor.billed) == 2


async def test_after_two_bad_answers_a_template_writes_and_that_is_said(
    settings: Settings, database: str
) -> None:
    async with writing(settings, database) as (studio, vendor):
        vendor.answers = [*BAD, {"prompt": BETTER}]
        done = await ended(studio, await enhance(studio))
        assert done.status is Status.SUCCEEDED, done.cause
        assert (done.full_prompt or "").startswith("a fox")
        assert notes(done).count(NOT_USED) == 1
        assert (done.cost, done.attempts) == (2 * Decimal(COST), 1)
        assert await asks(studio, done) == [
            (-1, "openai", "bad_answer", Decimal(COST)),
            (-2, "openai", "bad_answer", Decimal(COST)),
            (-3, "templates", "succeeded", Decimal(0)),
        ]
    assert len(vendor.billed) == 2


async def test_a_plan_nobody_can_read_is_made_by_a_template(
    settings: Settings, database: str
) -> None:
    async with writing(settings, database) as (studio, vendor):
        vendor.answers = [{"steps": []}]
        first = await ended(studio, await submit(studio, "image", {"prompt": "sea"}, origin()))
        wishes = {"source": str(first.assets[0].id), "request": "make it night and add a boat"}
        whole = await ended(studio, await submit(studio, "context-edit", wishes, origin("w2")))
        assert whole.status is Status.SUCCEEDED, whole.cause
        assert whole.full_prompt == "1. make it night\n2. add a boat"
        assert NOT_USED in notes(whole)
        assert [each[2] for each in await asks(studio, whole)] == [
            "bad_answer", "bad_answer", "succeeded"]  # fmt: skip
    assert len(vendor.billed) == 2


@pytest.mark.parametrize(("fault", "error", "billed", "said"), [
    ("401", "authentication", 0, "does not let the studio in"),
    ("402", "quota", 0, "budget is used up"),
    ("404", "bad_request", 0, "is not available"),
    ("refused", "refused", 1, "The writer declined this"),
    ("reset after", "unknown_outcome", 1, "answer was lost"),
    ("truncated", "unknown_outcome", 1, "answer was lost"),
    ("hang", "unknown_outcome", 1, "answer was lost"),
])  # fmt: skip
async def test_whatever_a_writer_does_wrong_a_template_takes_its_place(
    settings: Settings, database: str, fault: str, error: str, billed: int, said: str
) -> None:
    async with writing(settings, database) as (studio, vendor):
        vendor.fault = fault
        done = await ended(studio, await enhance(studio))
        assert (done.status, done.attempts) == (Status.SUCCEEDED, 1), done.cause
        assert said in notes(done)
        assert "so a template wrote it." in notes(done)
        cost = {"refused": Decimal(COST), "unknown_outcome": None}.get(error, Decimal(0))
        assert await asks(studio, done) == [
            (-1, "openai", error, cost), (-3, "templates", "succeeded", Decimal(0))]  # fmt: skip
        assert done.cost == (cost or 0)
    assert len(vendor.billed) == billed


async def test_what_no_database_can_hold_is_left_out_of_what_a_writer_said(
    settings: Settings, database: str
) -> None:
    async with writing(settings, database) as (studio, vendor):
        said = {"content": None, "refusal": "no\x00no\ud800no"}
        vendor.completion = lambda: {"choices": [{"message": said}]}  # type: ignore[method-assign]
        done = await ended(studio, await enhance(studio))
        assert done.status is Status.SUCCEEDED, done.cause
        assert [each[:3] for each in await asks(studio, done)] == [
            (-1, "openai", "refused"), (-3, "templates", "succeeded")]  # fmt: skip


async def test_a_writer_that_does_not_let_us_in_is_not_asked_again_meanwhile(
    settings: Settings, database: str
) -> None:
    async with writing(settings, database) as (studio, vendor):
        vendor.fault = "401"
        await ended(studio, await enhance(studio))
        vendor.fault = None
        second = await ended(studio, await enhance(studio, "w2"))
        assert second.status is Status.SUCCEEDED
        assert await asks(studio, second) == [(-3, "templates", "succeeded", Decimal(0))]
        assert "does not let the studio in" in notes(second)
    assert vendor.billed == []


async def test_a_busy_writer_is_waited_for(settings: Settings, database: str) -> None:
    async with writing(settings, database) as (studio, vendor):
        vendor.fault = "429 soon"
        row = await enhance(studio)
        await until(studio, row.id, lambda each: each.attempts and each.status is Status.QUEUED)
        vendor.fault = None
        done = await ended(studio, row)
        assert (done.full_prompt or "").startswith(BETTER)
        assert "template" not in notes(done)
        assert [each[:3] for each in await asks(studio, done)] == [
            (-1, "openai", "rate_limited"), (-1, "openai", "succeeded")]  # fmt: skip
    assert len(vendor.billed) == 1


async def test_trouble_of_its_own_is_met_once_more_and_no_other_artist_is_fetched(
    settings: Settings, database: str
) -> None:
    other = Fickle()
    other.name = "other"
    settings = settings.model_copy(update={"fallback_providers": ("other",)})
    artists = {"offline": Fickle(), "other": other}
    async with writing(settings, database, providers=artists) as (studio, vendor):
        vendor.fault = "500 page"
        done = await ended(studio, await enhance(studio))
        assert (done.status, done.attempts, done.provider) == (Status.SUCCEEDED, 2, "offline")
        assert "The writer is not available just now" in notes(done)
        assert [each[:3] for each in await asks(studio, done)] == [
            (-1, "openai", "server_failed"), (-1, "openai", "server_failed"),
            (-3, "templates", "succeeded")]  # fmt: skip
    assert vendor.billed == []


@pytest.mark.parametrize(("answers", "billed"), [([*BAD, {"prompt": BETTER}], 2), ([BETTER], 2),
                                                 ([{"prompt": BETTER}], 1)])  # fmt: skip
async def test_another_attempt_asks_for_nothing_again_and_says_the_same(
    settings: Settings, database: str, answers: list[Any], billed: int
) -> None:
    artist = {"offline": Fickle(Transient(), Transient())}
    async with writing(settings, database, providers=artist) as (studio, vendor):
        vendor.answers = list(answers)
        done = await ended(studio, await enhance(studio))
        assert (done.status, done.attempts) == (Status.SUCCEEDED, 3), done.cause
        assert notes(done).count(NOT_USED) == (billed == 2)
        assert done.cost == billed * Decimal(COST)
        assert len(await asks(studio, done)) == (3 if billed == 2 else 1)
    assert len(vendor.billed) == billed


async def test_a_retry_costs_nothing_more_for_words_that_were_paid_for(
    settings: Settings, database: str
) -> None:
    artist = {"offline": Fickle(*[Transient() for _ in range(4)])}
    async with writing(settings, database, providers=artist) as (studio, vendor):
        failed = await ended(studio, await enhance(studio))
        assert (failed.status, failed.cost) == (Status.FAILED, Decimal(COST))
        await retry(studio, failed.id, ANNA)
        done = await until(studio, failed.id, lambda row: row.status is Status.SUCCEEDED)
        assert done.cost == Decimal(COST)
    assert len(vendor.billed) == 1


async def test_a_worker_that_died_while_it_asked_does_not_ask_again(
    settings: Settings, database: str
) -> None:
    async with served(settings, database) as (studio, vendor):
        row = await enhance(studio)
        async with studio.transaction() as tx:
            tx.add(ProviderCall(generation_id=row.id, step=-1, attempt=1, provider="openai"))
        async with working(studio):
            done = await ended(studio, row)
        assert "The writer's answer was lost" in notes(done)
        assert await asks(studio, done) == [
            (-1, "openai", "interrupted", None), (-3, "templates", "succeeded", Decimal(0))]  # fmt: skip
    assert vendor.billed == []


async def test_who_is_asked_for_a_yes_is_told_who_wrote(settings: Settings, database: str) -> None:
    async with writing(settings, database) as (studio, vendor):
        vendor.answers = [*BAD]
        row = await enhance(studio, confirm=True)
        held = await until(studio, row.id, lambda each: each.proposal)
        assert held.proposal is not None
        assert held.proposal["summary"].startswith(NOT_USED)
        assert held.cost == 2 * Decimal(COST)
        await proposals.approve(studio, row.id, ANNA)
        done = await ended(studio, row)
        assert done.status is Status.SUCCEEDED
        assert done.cost == 2 * Decimal(COST)
    assert len(vendor.billed) == 2


async def test_where_there_is_no_template_the_writer_s_own_failure_is_shown(
    settings: Settings, database: str
) -> None:
    async with writing(settings, database) as (studio, vendor):
        vendor.answers = ["no idea"]
        data = {"data": "Quarter,North\nQ1,3\nQ2,4", "type": "bar"}
        first = await ended(studio, await submit(studio, "chart", data, origin()))
        wish = await iterate(studio, origin("w2"), first.id, "tell it like my mother would")
        done = await ended(studio, wish)
        assert (done.status, done.error_class) == (Status.FAILED, "bad_answer")
        assert done.error == "The writer's answer could not be used. Try other words."
        assert done.cost == 2 * Decimal(COST)
        async with studio.transaction() as tx:
            statuses = (await tx.scalars(select(ProviderCall.status).where(
                ProviderCall.generation_id == done.id, ProviderCall.provider == "openai"
            ))).all()  # fmt: skip
        assert set(statuses) == {CallStatus.FAILED}
    assert len(vendor.billed) == 2
