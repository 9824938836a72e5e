"""Stories in Discord: shown as words first, drawn after a yes, and changed panel by panel."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from services.comics.script import parse_script
from services.studio import Studio
from tests.bot.helpers import ROW, rows
from tests.discord.person import Answer, Person, Seen

STORY = "A cat finds a laptop. Cat: “At last, something warm.” The cat sleeps."
SCRIPT = "Title: The dog\n\nPanel 1: A dog finds a bone.\nDog (shouts): Woof!"


def proposed(message: Seen) -> bool:
    return "Draw it" in message.buttons


def script_in(message: Seen) -> str:
    return str(message.embeds[0]["description"])


def finished(message: Seen) -> bool:
    return bool(message.files) and set(ROW) <= set(message.buttons)


async def agreed(person: Person, answer: Answer) -> Seen:
    """The page, once its script was agreed to as it is."""
    await person.click(await answer.until(proposed), "Draw it")
    return await answer.until(finished)


def picture(message: Seen) -> np.ndarray:
    [file] = message.files
    return np.asarray(Image.open(io.BytesIO(file.data)).convert("RGB"))


@pytest.mark.usefixtures("bot", "worker")
async def test_the_script_is_shown_and_drawn_after_a_yes(
    studio: Studio, anna: Person, ben: Person, general: str
) -> None:
    answer = await anna.slash(general, "comic", prompt=STORY, panels=3)
    shown = await answer.until(proposed)
    assert list(shown.buttons) == ["Draw it", "Edit first…", "Cancel"]
    assert "Panel 1: A cat finds a laptop." in script_in(shown)
    assert "Cat: At last, something warm." in script_in(shown)
    assert "3 pictures, free" in shown.text
    assert not shown.files
    refused = await ben.click(shown, "Draw it")
    assert "Only the person who made it" in (await refused.until(lambda m: m.ephemeral)).text
    page = await agreed(anna, answer)
    assert page.id == shown.id
    assert "Cat: “At last, something warm.”" in (page.files[0].alt or "")
    [row] = await rows(studio)
    assert row.meta["drawn"] == [1, 2, 3]


@pytest.mark.usefixtures("bot", "worker")
async def test_an_amended_script_is_what_is_drawn(
    studio: Studio, anna: Person, general: str
) -> None:
    answer = await anna.slash(general, "comic", prompt=STORY, panels=3)
    form = await anna.click(await answer.until(proposed), "Edit first…")
    wrong = await anna.submit(form, general, {"text": "Panel 1: A dog.\nDog:"})
    told = await wrong.until(lambda message: message.ephemeral)
    assert "Line 2: Dog says nothing" in told.text
    again = await anna.click(await answer.until(proposed), "Edit first…")
    await anna.submit(again, general, {"text": SCRIPT})
    page = await answer.until(finished)
    assert "Dog: “Woof!”" in (page.files[0].alt or "")
    [row] = await rows(studio)
    assert row.meta["script"] == SCRIPT


@pytest.mark.usefixtures("bot", "worker")
async def test_a_message_becomes_a_comic(studio: Studio, anna: Person, general: str) -> None:
    said = await anna.say(general, "I tried to cook rice. The pot exploded.")
    message = anna.look(said)
    assert message
    form = await anna.menu("Make a comic of this", message)
    assert form.modal
    given = {"prompt": "Anna: I cooked rice. The pot exploded.", "style": "noir", "layout": "grid"}
    sent = await anna.submit(form, general, given)
    page = await agreed(anna, sent)
    [row] = await rows(studio)
    assert (row.tool, row.params["style"], row.params["layout"]) == ("comic", "noir", "grid")
    assert "Anna: “I cooked rice.”" in (page.files[0].alt or "")


@pytest.mark.usefixtures("bot", "worker")
async def test_a_message_without_words_is_no_comic(anna: Person, general: str) -> None:
    said = await anna.say(general, "")
    message = anna.look(said)
    assert message
    answer = await anna.menu("Make a comic of this", message)
    assert "no words" in (await answer.until(lambda message: message.ephemeral)).text


@pytest.mark.usefixtures("bot", "worker")
async def test_a_reply_draws_one_panel_again(
    studio: Studio, anna: Person, ben: Person, general: str
) -> None:
    answer = await anna.slash(general, "comic", prompt=STORY, panels=2, layout="grid", seed=3)
    page = await agreed(anna, answer)
    reply = await ben.reply(page, "panel 2: a storm outside the window")
    changed = await reply.until(finished)
    first, second = await rows(studio)
    assert (second.parent_id, second.params["redraw"]) == (first.id, [2])
    before, after = picture(page), picture(changed)
    assert before.shape == after.shape
    middle = before.shape[1] // 2
    assert np.array_equal(before[:, : middle - 30], after[:, : middle - 30])
    assert not np.array_equal(before[:, middle + 30 :], after[:, middle + 30 :])
    wrong = await anna.reply(changed, "panel 5: rain")
    told = await wrong.until(lambda message: "There are 2 panels" in message.text)
    assert not told.files


@pytest.mark.usefixtures("bot", "worker")
async def test_the_next_page_goes_on_with_words_and_without(
    studio: Studio, anna: Person, general: str
) -> None:
    answer = await anna.slash(
        general, "anime", scenario="Yuki meets a robot. Yuki: “Hi!”", panels=2, style="mecha"
    )
    page = await agreed(anna, answer)
    assert "Next page…" in page.buttons
    form = await anna.click(page, "Next page…")
    sent = await anna.submit(form, general, {"words": "They meet a dragon at the bridge."})
    shown = await sent.until(proposed)
    assert "Panel 1: They meet a dragon at the bridge." in script_in(shown)
    second = await agreed(anna, sent)
    assert (second.files[0].alt or "").startswith("Manga page 2")
    empty = await anna.submit(await anna.click(second, "Next page…"), general, {})
    await agreed(anna, empty)
    one, two, three = await rows(studio)
    assert [each.relation for each in (two, three)] == ["page", "page"]
    assert (two.parent_id, three.parent_id) == (one.id, two.id)
    assert [each.params.get("page", 1) for each in (one, two, three)] == [1, 2, 3]
    assert three.params["style"] == "mecha"
    panels = [parse_script(each.meta["script"]).panels for each in (one, two, three)]
    assert len(set(panels)) == 3


@pytest.mark.usefixtures("bot", "worker")
async def test_a_manga_page_is_changed_by_reply(studio: Studio, anna: Person, general: str) -> None:
    answer = await anna.slash(
        general, "anime", scenario="Yuki meets a robot.", panels=1, color="color"
    )
    page = await agreed(anna, answer)
    reply = await anna.reply(page, "black and white")
    toned = picture(await reply.until(finished)).astype(np.int16)
    assert int((toned.max(axis=2) - toned.min(axis=2)).max()) == 0
    assert len((await rows(studio))[-1].meta["drawn"]) == 1
