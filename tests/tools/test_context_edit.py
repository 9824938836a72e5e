"""/context-edit: plans, steps, what fails in the middle, and going on from there."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select

from core.errors import InvalidParams, Refused, Transient
from core.pictures import Drawing, PictureRequest, Report
from core.settings import Settings
from core.viewer import Viewer
from db import generations as stored
from db.models import Generation, Status
from db.provider_models import ProviderCall
from providers.offline import Offline
from services import generations, proposals
from services.generations import Origin, submit
from services.studio import Studio
from tests.conftest import opened, working
from tests.waiting import until

ANNA = Viewer(7, "Anna")
BEN = Viewer(8, "Ben")
WISHES = "make it night, add a lighthouse and add three people in front"


class Fickle(Offline):
    """Draws, but for one word it fails as often as it is told to."""

    def __init__(self, word: str, errors: list[Exception]) -> None:
        super().__init__(megapixels=0.05)
        self.word, self.errors = word, errors
        self.asked: list[str] = []

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        self.asked.append(request.prompt)
        if self.word in request.prompt and self.errors:
            raise self.errors.pop()
        return await super().generate(request, report)


def asked(request: str = "c1", *, confirm: bool = False) -> Origin:
    return Origin(viewer=ANNA, request_id=request, confirm=confirm)


def ended(row: Generation) -> bool:
    return row.finished_at is not None


async def drawn(studio: Studio) -> Generation:
    """A picture to change."""
    first = await submit(studio, "image", {"prompt": "a harbor", "seed": 1}, asked("first"))
    return await until(studio, first.id, ended)


async def steps_of(studio: Studio, whole: Generation) -> list[Generation]:
    async with studio.transaction() as tx:
        return list(await stored.steps_of(tx, whole.id))


def change(first: Generation, **values: object) -> dict[str, object]:
    return {"source": str(first.assets[0].id), "request": WISHES, **values}


async def test_every_step_is_a_child_with_its_own_picture(studio: Studio) -> None:
    async with working(studio):
        first = await drawn(studio)
        whole = await submit(studio, "context-edit", change(first), asked(), parent=first)
        whole = await until(studio, whole.id, ended)
    steps = await steps_of(studio, whole)
    assert whole.status is Status.SUCCEEDED, whole.cause
    assert len(steps) == 3
    assert {each.parent_id for each in steps} == {whole.id}
    assert all(each.status is Status.SUCCEEDED and each.assets for each in steps)
    assert steps[1].params["source"] == str(steps[0].assets[0].id)
    assert whole.full_prompt == "\n".join(
        f"{number}. {each.prompt}" for number, each in enumerate(steps, 1)
    )


async def test_the_plan_waits_for_a_yes_and_may_be_changed(studio: Studio) -> None:
    async with working(studio):
        first = await drawn(studio)
        whole = await submit(studio, "context-edit", change(first), asked(confirm=True))
        held = await until(studio, whole.id, lambda row: row.proposal)
        assert held.proposal is not None
        assert held.proposal["alternatives"] == {"One pass": WISHES}
        assert "3 pictures" in held.proposal["summary"]
        assert await steps_of(studio, whole) == []
        with pytest.raises(InvalidParams, match="1 to 5 steps"):
            await proposals.approve(studio, whole.id, ANNA, "\n".join("abcdef"))
        await proposals.approve(studio, whole.id, ANNA, "1. make it night\n2) add a boat")
        whole = await until(studio, whole.id, ended)
    assert [each.prompt for each in await steps_of(studio, whole)] == [
        "make it night",
        "add a boat",
    ]


async def test_a_failing_step_keeps_what_worked_and_a_retry_goes_on_from_there(
    settings: Settings, database: str
) -> None:
    fickle = Fickle("lighthouse", [Refused()])
    async with opened(settings, database, providers={"offline": fickle}) as studio:
        async with working(studio):
            first = await drawn(studio)
            plan = {"plan": "make it night\nadd a lighthouse\nadd a boat"}
            whole = await submit(studio, "context-edit", change(first, **plan), asked())
            failed = await until(studio, whole.id, ended)
            assert (failed.status, failed.error_class) == (Status.FAILED, "refused")
            assert "Step 2 of 3, “add a lighthouse”" in (failed.error or "")
            assert len(failed.assets) == 1
            await generations.retry(studio, whole.id, ANNA)
            again = await until(studio, whole.id, lambda row: row.status is Status.SUCCEEDED)
        steps = await steps_of(studio, again)
        assert [each.attempts for each in steps] == [1, 2, 1]
        night = [each for each in fickle.asked if "make it night" in each]
        assert len(night) == 1


async def test_an_outage_in_the_middle_is_waited_for_without_drawing_anything_twice(
    settings: Settings, database: str
) -> None:
    fickle = Fickle("lighthouse", [Transient(retry_after=0.1), Transient(retry_after=0.1)])
    async with opened(settings, database, providers={"offline": fickle}) as studio:
        async with working(studio):
            first = await drawn(studio)
            plan = {"plan": "make it night\nadd a lighthouse"}
            whole = await submit(studio, "context-edit", change(first, **plan), asked())
            whole = await until(studio, whole.id, ended)
        assert (whole.status, whole.attempts) == (Status.SUCCEEDED, 3)
        async with studio.transaction() as tx:
            paid = await tx.scalar(
                select(func.count()).where(
                    ProviderCall.status == "succeeded", ProviderCall.step > 0
                )
            )
        assert paid == 3


async def test_calling_it_off_ends_the_step_that_is_being_made(studio: Studio) -> None:
    async with working(studio) as worker:
        first = await drawn(studio)
        plan = {"plan": "rehearse-slow make it night\nadd a boat"}
        whole = await submit(studio, "context-edit", change(first, **plan), asked())
        running = await until(studio, whole.id, lambda row: row.stage)
        assert running.stage == "1 of 2: rehearse-slow make it night"
        await generations.cancel(studio, whole.id, ANNA)
        while worker.running:
            await asyncio.sleep(0.02)
    whole = await until(studio, whole.id, ended)
    [step] = await steps_of(studio, whole)
    assert (whole.status, step.status) == (Status.CANCELED, Status.CANCELED)


async def test_a_canceled_step_fails_its_whole(studio: Studio) -> None:
    async with working(studio):
        first = await drawn(studio)
        plan = {"plan": "rehearse-slow make it night\nadd a boat"}
        whole = await submit(studio, "context-edit", change(first, **plan), asked())
        await until(studio, whole.id, lambda row: row.progress)
        [step] = await steps_of(studio, whole)
        await generations.cancel(studio, step.id, ANNA)
        whole = await until(studio, whole.id, ended)
    assert (whole.status, whole.error_class) == (Status.FAILED, "canceled")


async def test_wishes_are_merged_to_fit_and_never_dropped(studio: Studio) -> None:
    async with working(studio):
        first = await drawn(studio)
        whole = await submit(studio, "context-edit", change(first, max_steps=2), asked())
        whole = await until(studio, whole.id, ended)
    steps = await steps_of(studio, whole)
    assert len(steps) == 2
    said = " ".join(each.prompt for each in steps)
    assert all(word in said for word in ("night", "lighthouse", "three people"))


async def test_the_context_is_what_the_asker_may_see_of_the_ancestors(studio: Studio) -> None:
    async with working(studio):
        first = await drawn(studio)
        child = await submit(
            studio,
            "edit",
            {"source": str(first.assets[0].id), "instruction": "in winter"},
            asked("child"),
            parent=first,
        )
        child = await until(studio, child.id, ended)
        whole = await submit(studio, "context-edit", change(child), asked(), parent=child)
    assert whole.params["context"] == ["a harbor", "in winter"]
    assert whole.params["earlier"] == [str(first.assets[0].id)]


async def test_lists_show_the_whole_and_not_its_steps(studio: Studio) -> None:
    async with working(studio):
        first = await drawn(studio)
        whole = await submit(studio, "context-edit", change(first), asked(), parent=first)
        whole = await until(studio, whole.id, ended)
    async with studio.transaction() as tx:
        listed = [each.id for each in await stored.page(tx, ANNA)]
        tree = [each.id for each in await stored.in_session(tx, whole.session_id)]
    assert listed == [whole.id, first.id]
    assert len(tree) == 5
