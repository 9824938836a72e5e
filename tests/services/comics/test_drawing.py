"""Panels one by one: what is asked for each, what stays, and what becomes of a refusal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import numpy as np
import pytest

from core.settings import Settings
from db.models import Status
from services.images import keep_upload
from tests.bot.helpers import png
from tests.services.comics.artist import ANNA, Artist, Table, drawing_table

STORY = "Maya opens the door. Rex barks. It snows inside. They laugh."


@pytest.fixture
async def table(settings: Settings, database: str) -> AsyncIterator[Table]:
    async with drawing_table(settings, database) as table:
        yield table


async def test_only_the_wished_panel_is_drawn_again(table: Table) -> None:
    page = await table.make("comic", prompt=STORY, layout="grid")
    before = await table.panels(page)
    old = await table.assets(page, "panel")
    child = await table.reply(page, "panel 3: make the dog bigger")
    after = await table.panels(child)
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, True, False, True]
    assert len(table.artist.requests) == 5
    asked = table.artist.requests[-1]
    assert asked.source
    assert asked.source.sha256 == before[2]
    assert asked.prompt.startswith("make the dog bigger. Keep everything else as it is")
    assert asked.strength is None
    assert [each.sha256 for each in asked.references] == [before[0]]
    assert "make the dog bigger" in child.meta["script"]
    kept = await table.assets(child, "panel")
    assert [each.prompt for each in kept if each.position != 2] == [
        each.prompt for each in old if each.position != 2
    ]
    one, other = await table.page(page), await table.page(child)
    assert not np.array_equal(np.asarray(one), np.asarray(other))


async def test_what_came_with_a_wish_is_shown_to_who_draws(table: Table) -> None:
    page = await table.make("comic", prompt=STORY, panels=2)
    hat = await keep_upload(table.studio, png("purple"), ANNA, "hat.png")
    child = await table.reply(page, "panel 1: she wears this hat", references=[str(hat.id)])
    assert table.artist.requests[-1].references[0].sha256 == hat.sha256
    again = await table.reply(child, "panel 2: brighter")
    assert hat.sha256 not in {each.sha256 for each in table.artist.requests[-1].references}
    assert again.params["added"] == []


async def test_a_declined_panel_leaves_the_rest(settings: Settings, database: str) -> None:
    artist = Artist(refuses="snows")
    async with drawing_table(settings, database, artist) as table:
        page = await table.make("comic", prompt=STORY)
        assert len(await table.panels(page)) == 3
        assert page.meta["drawn"] == [1, 2, 4]
        [note] = [each for each in page.meta["notes"] if "declined" in each]
        assert note.startswith("Panel 3 was declined, so it is empty. Reply “panel 3: …”")
        before = await table.panels(page)
        artist.refuses = ""
        child = await table.reply(page, "panel 3: It rains.")
        after = await table.panels(child)
        assert [after[0], after[1], after[3]] == before
        assert table.artist.requests[-1].source is None
        assert "It rains." in table.artist.prompts[-1]


async def test_nothing_drawn_is_a_failure_that_says_why(settings: Settings, database: str) -> None:
    async with drawing_table(settings, database, Artist(refuses="Maya")) as table:
        prompt = "Maya waits. Maya runs."
        page = await table.make("comic", prompt=prompt, panels=2, status=Status.FAILED)
        assert page.error_class == "refused"
        assert "declined" in (page.error or "")
        assert await table.assets(page) == []


async def test_a_panel_that_may_not_be_changed_stays(settings: Settings, database: str) -> None:
    artist = Artist()
    async with drawing_table(settings, database, artist) as table:
        page = await table.make("comic", prompt=STORY, panels=3)
        artist.refuses = "a crown"
        failed = await table.reply(page, "panel 2: add a crown", status=Status.FAILED)
        assert failed.error_class == "refused"
        artist.refuses = "on the left" if "on the left" in artist.prompts[0] else "snows"
        child = await table.reply(page, "make it night")
        stays = [each for each in child.meta["notes"] if "stays as it was" in each]
        assert len(stays) in (1, 2)
        assert len(await table.panels(child)) == 3


async def test_words_change_without_drawing(table: Table) -> None:
    page = await table.make("comic", prompt=STORY, panels=3)
    child = await table.reply(page, "panel 2: Maya says: Stop that!")
    assert len(table.artist.requests) == 3
    assert await table.panels(child) == await table.panels(page)
    assert child.cost == Decimal(0)
    assert "nothing was drawn" in " ".join(child.meta["notes"])
    [before], [after] = await table.assets(page), await table.assets(child)
    assert before.sha256 != after.sha256
    assert "Maya: “Stop that!”" in (after.alt or "")


async def test_panels_are_moved_taken_away_and_added(table: Table) -> None:
    page = await table.make("comic", prompt=STORY, panels=4)
    one, two, three, four = await table.panels(page)
    swapped = await table.reply(page, "swap panels 1 and 4")
    assert await table.panels(swapped) == [four, two, three, one]
    fewer = await table.reply(swapped, "remove panel 2")
    assert await table.panels(fewer) == [four, three, one]
    assert fewer.params["panels"] == 3
    assert len(table.artist.requests) == 4
    more = await table.reply(fewer, "add a panel: Everybody sleeps.")
    assert (await table.panels(more))[:3] == [four, three, one]
    assert "Everybody sleeps." in table.artist.prompts[-1]
    assert len(table.artist.requests) == 5


async def test_a_seed_repeats_a_page_and_differs_between_panels(table: Table) -> None:
    await table.make("comic", prompt=STORY, panels=3, seed=7)
    assert [each.seed for each in table.artist.requests] == [7, 8, 9]


async def test_later_panels_are_shown_an_earlier_one(table: Table) -> None:
    await table.make("comic", prompt=STORY, panels=3)
    shown = [[each.sha256 for each in one.references] for one in table.artist.requests]
    assert shown[0] == []
    assert len(shown[1]) == len(shown[2]) == 1
    assert "another panel of this page" in table.artist.prompts[2]


async def test_without_a_source_a_panel_is_drawn_from_its_words(
    settings: Settings, database: str
) -> None:
    async with drawing_table(settings, database, Artist(source=False)) as table:
        page = await table.make("comic", prompt=STORY, panels=2)
        await table.reply(page, "panel 1: a red door")
        asked = table.artist.requests[-1]
        assert asked.source is None
        assert "Maya opens the door." in asked.prompt
        assert "a red door" in asked.prompt


async def test_no_more_panels_are_drawn_than_were_asked_for(table: Table) -> None:
    table.author.panels = 6
    page = await table.make("comic", prompt=STORY, panels=2)
    assert len(table.artist.requests) == len(await table.panels(page)) == 2
    table.author.panels = 1
    await table.make("comic", prompt=STORY, panels=3)
    assert len(table.artist.requests) == 3
