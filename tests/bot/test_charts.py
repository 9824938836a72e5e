"""Charts in Discord: by command, by form, by menu, and changed by reply."""

from __future__ import annotations

import pytest

from bot.client import Bot
from services.studio import Studio
from tests.bot.helpers import done, rows, sizes
from tests.discord.person import Person
from tests.discord.seen import File
from worker.worker import Worker

TABLE = "Month, Sales\nJanuary, 120\nFebruary, 140\nMarch, 90"


@pytest.mark.usefixtures("bot", "worker")
async def test_without_data_a_form_asks_for_it_and_keeps_what_was_chosen(
    studio: Studio, anna: Person, general: str
) -> None:
    form = await anna.slash(general, "chart", theme="dark", width=1000)
    assert form.modal is not None
    answer = await anna.submit(
        form, general, {"data": TABLE, "title": "Sales", "type": "horizontal bar"}
    )
    shown = await answer.until(done)
    assert sizes(shown) == (1000, 600)
    [row] = await rows(studio)
    assert (row.params["theme"], row.params["type"], row.prompt) == (
        "dark", "horizontal bar", "Sales")  # fmt: skip
    assert (shown.files[0].alt or "").startswith("Horizontal bar chart “Sales”: 3 points")


@pytest.mark.usefixtures("bot", "worker")
async def test_a_file_is_drawn_and_a_reply_changes_it(
    studio: Studio, anna: Person, ben: Person, general: str
) -> None:
    table = File("sales.csv", TABLE.encode(), "text/csv")
    shown = await (await anna.slash(general, "chart", file=table)).until(done)
    answer = await ben.reply(shown, "make it a pie, drop March and title: Spring")
    changed = await answer.until(done)
    assert "Spring" in changed.text
    first, second = await rows(studio)
    assert (second.parent_id, second.relation, second.cost) == (first.id, "reply", 0)
    assert second.meta["spec"]["type"] == "pie"
    puzzled = await ben.reply(changed, "what does it mean?")
    await puzzled.until(lambda m: "“make it a pie”" in m.text)


@pytest.mark.usefixtures("bot", "worker")
async def test_what_is_wrong_with_the_data_is_said(anna: Person, general: str) -> None:
    bad = File("sales.csv", b"Month,Sales\nJan,12\nFeb,13\nMar,lots\nApr,15", "text/csv")
    answer = await anna.slash(general, "chart", file=bad)
    said = await answer.until(lambda m: "Row 4" in m.text)
    assert "Row 4, column Sales: “lots” is not a number." in said.text


@pytest.mark.usefixtures("bot", "worker")
async def test_a_message_is_charted_after_a_look_at_its_words(
    anna: Person, ben: Person, general: str
) -> None:
    message = ben.look(await ben.say(general, f"Here it is:\n{TABLE}"))
    assert message is not None
    form = await anna.menu("Chart this", message)
    assert form.modal is not None
    assert "February, 140" in str(form.modal)
    shown = await (await anna.submit(form, general, {"type": "line"})).until(done)
    assert (shown.files[0].alt or "").startswith("Line chart")


@pytest.mark.usefixtures("bot", "worker")
async def test_a_message_s_file_is_charted_at_once(
    bot: Bot, worker: Worker, anna: Person, ben: Person, general: str
) -> None:
    table = File("sales.tsv", TABLE.replace(", ", "\t").encode(), "text/tab-separated-values")
    message = ben.look(await ben.say(general, "", attachments=(table,)))
    assert message is not None
    shown = await (await anna.menu("Chart this", message)).until(done)
    assert shown.files
    empty = ben.look(await ben.say(general, "", attachments=(File("a.png", b"x"),)))
    assert empty is not None
    refused = await anna.menu("Chart this", empty)
    assert "no table in that message" in (await refused.until(lambda m: m.ephemeral)).text


@pytest.mark.usefixtures("bot", "worker")
async def test_replies_go_on_from_replies_and_an_svg_comes_beside(
    anna: Person, general: str
) -> None:
    data = "Year,North,South\n2019,12,8\n2020,14,9\n2021,17,11"
    table = File("sales.csv", data.encode(), "text/csv")
    first = await (await anna.slash(general, "chart", file=table, type="bar")).until(done)
    assert "North and South by Year" in first.text
    only = await (await anna.reply(first, "drop 2019, only North please")).until(done)
    assert (only.files[0].alt or "").startswith("Bar chart “North by Year”: 2 points")
    back = await (await anna.reply(only, "bring 2019 back; as svg")).until(done)
    assert (back.files[0].alt or "").startswith("Bar chart “North by Year”: 3 points")
    assert [each.name.rpartition(".")[2] for each in back.files] == ["png", "svg"]
    assert back.files[1].data.startswith(b"<svg")


@pytest.mark.usefixtures("bot", "worker")
async def test_a_wish_that_means_nothing_is_answered_with_one_that_does(
    studio: Studio, anna: Person, general: str
) -> None:
    shown = await (await anna.slash(general, "chart", data="Apples: 3, Pears: 5")).until(done)
    for words, said in (
        ("smooth", "Say “make it a smooth line”"),
        ("drop Plums", "There is no “Plums” in this chart. It has Apples, Pears."),
        ("bring Pears back", "“Pears” was not left out"),
        ("log scale, drop Apples and Pears", "Nothing would be left to draw"),
    ):
        answer = await anna.reply(shown, words)
        await answer.until(lambda m, said=said: said in m.text)
    assert len(await rows(studio)) == 1


@pytest.mark.usefixtures("bot", "worker")
async def test_a_form_that_cannot_carry_all_options_says_so(anna: Person, general: str) -> None:
    answer = await anna.slash(general, "chart", series="A, B, C", x_title="W" * 100)
    said = await answer.until(lambda m: "With that many options" in m.text)
    assert said.ephemeral


@pytest.mark.usefixtures("bot", "worker")
async def test_a_form_with_a_bad_table_says_where(anna: Person, general: str) -> None:
    form = await anna.slash(general, "chart", type="line")
    table = "Month,Sales\nJan,12\nFeb,13\nMar,n0ne\nApr,14"
    answer = await anna.submit(form, general, {"data": table})
    await answer.until(lambda m: "Row 4, column Sales: “n0ne” is not a number." in m.text)


@pytest.mark.usefixtures("bot", "worker")
async def test_a_file_that_is_no_table_is_refused_with_what_is_taken(
    studio: Studio, anna: Person, general: str
) -> None:
    locked = File("books.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "application/x")
    answer = await anna.slash(general, "chart", file=locked)
    said = await answer.until(lambda m: "locked with a password" in m.text)
    assert "Save it as XLSX without one" in said.text
    large = File("large.csv", b"a,1\n" * 300_000, "text/csv")
    answer = await anna.slash(general, "chart", file=large)
    await answer.until(lambda m: "1.2 MB" in m.text)
    assert await rows(studio) == []


@pytest.mark.usefixtures("bot", "worker")
async def test_a_chart_is_not_varied(anna: Person, general: str) -> None:
    table = File("sales.csv", TABLE.encode(), "text/csv")
    shown = await (await anna.slash(general, "chart", file=table)).until(done)
    answer = await anna.click(shown, "Vary")
    await answer.until(lambda m: "shows its data and nothing else" in m.text)
