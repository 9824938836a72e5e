"""What is shown before it is drawn, and going on with what failed half way."""

from __future__ import annotations

import pytest

from bot.client import Bot
from core.errors import Refused
from core.pictures import Drawing, PictureRequest, Report
from core.settings import Settings
from db.models import Status
from providers.offline import Offline
from services.studio import Studio
from tests.bot.conftest import connected
from tests.bot.helpers import done, drawn, rows, until_row
from tests.conftest import opened, working
from tests.discord.person import Person, Seen
from tests.discord.server import SimulatedDiscord
from worker.worker import Worker

WISHES = "make it night, add a lighthouse and add three people in front"


class Refuses(Offline):
    """Will not draw one word, once."""

    def __init__(self, word: str) -> None:
        super().__init__(megapixels=0.05)
        self.word: str | None = word

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        if self.word and self.word in request.prompt:
            self.word = None
            raise Refused
        return await super().generate(request, report)


def proposed(message: Seen) -> bool:
    return "Draw it" in message.buttons


async def test_a_plan_is_shown_and_drawn_after_a_yes(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, ben: Person, general: str
) -> None:
    await drawn(anna, general)
    answer = await anna.slash(general, "context-edit", request=WISHES)
    shown = await answer.until(proposed)
    assert list(shown.buttons) == ["Draw it", "Edit first…", "One pass", "Cancel"]
    assert "3 pictures" in shown.text
    refused = await ben.click(shown, "Draw it")
    assert "Only the person who made it" in (await refused.until(lambda m: m.ephemeral)).text
    again = await anna.slash(general, "show", id=(await rows(studio))[-1].id)
    copy = await again.until(proposed)
    await anna.click(shown, "Draw it")
    final = await answer.until(done)
    assert final.id == shown.id
    assert [each.relation for each in await rows(studio)][2:] == ["step"] * 3
    late = await anna.click(copy, "Draw it")
    assert "already begun" in (await late.until(lambda m: m.ephemeral)).text


async def test_a_plan_is_edited_in_a_form_before_it_is_drawn(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, general: str
) -> None:
    await drawn(anna, general)
    answer = await anna.slash(general, "context-edit", request=WISHES)
    shown = await answer.until(proposed)
    form = await anna.click(shown, "Edit first…")
    await anna.submit(form, general, {"text": "1. make it night\n2. add a boat"})
    await answer.until(done)
    assert [each.prompt for each in (await rows(studio))[2:]] == ["make it night", "add a boat"]


async def test_another_way_is_one_click(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, general: str
) -> None:
    await drawn(anna, general)
    answer = await anna.slash(general, "context-edit", request=WISHES)
    shown = await answer.until(proposed)
    await anna.click(shown, "One pass")
    await answer.until(done)
    assert [each.prompt for each in (await rows(studio))[2:]] == [WISHES]


async def test_a_proposal_can_be_called_off(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, general: str
) -> None:
    await drawn(anna, general)
    answer = await anna.slash(general, "context-edit", request=WISHES)
    shown = await answer.until(proposed)
    await anna.click(shown, "Cancel")
    await answer.until(lambda message: "Canceled" in message.text)
    assert (await until_row(studio, lambda row: row.finished_at)).status is Status.CANCELED


async def test_a_proposal_outlives_the_bot(
    studio: Studio, discord: SimulatedDiscord, worker: Worker, anna: Person, general: str, bot: Bot
) -> None:
    await drawn(anna, general)
    answer = await anna.slash(general, "context-edit", request=WISHES)
    shown = await answer.until(proposed)
    await bot.close()
    async with connected(studio, discord):
        await anna.click(shown, "Draw it")
        await answer.until(done)


async def test_show_brings_a_proposal_back_and_its_answer_comes_there(
    studio: Studio, bot: Bot, worker: Worker, anna: Person, general: str
) -> None:
    await drawn(anna, general)
    answer = await anna.slash(general, "context-edit", request=WISHES)
    await answer.until(proposed)
    again = await anna.slash(general, "show", id=(await rows(studio))[-1].id)
    copy = await again.until(proposed)
    await anna.click(copy, "Draw it")
    assert (await again.until(done)).id == copy.id


@pytest.mark.parametrize("label", ["Retry from here"])
async def test_what_failed_half_way_is_shown_and_goes_on_from_there(
    settings: Settings,
    database: str,
    discord: SimulatedDiscord,
    anna: Person,
    general: str,
    label: str,
) -> None:
    providers = {"offline": Refuses("lighthouse")}
    async with (
        opened(settings, database, providers=providers) as studio,
        working(studio),
        connected(studio, discord),
    ):
        await drawn(anna, general)
        answer = await anna.slash(general, "context-edit", request=WISHES)
        await anna.click(await answer.until(proposed), "Draw it")
        failed = await answer.until(lambda message: label in message.buttons)
        assert "Step 2 of 3" in failed.text
        assert len(failed.files) == 1
        await anna.click(failed, label)
        await answer.until(done)
        steps = [each for each in await rows(studio) if each.relation == "step"]
    assert [each.attempts for each in steps] == [1, 2, 1]
