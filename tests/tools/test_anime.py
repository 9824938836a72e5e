"""/anime: manga pages, from their first to the one after."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest
from PIL import Image

from core.settings import Settings
from core.tool import Parent
from db.models import Generation
from services.comics.layout import lay_out
from services.comics.script import parse_script
from services.comics.styles import COLOR, MANGA, SCREENTONE
from services.images import keep_upload
from tests.bot.helpers import png
from tests.services.comics.artist import ANNA, Artist, Table, drawing_table
from tools.anime import AnimeParams, anime, iterate

RAIN = "Yuki finds a robot in the rain. Yuki: “Are you lost?” Robot: “I am new.” They walk home."
LOOKS = "a girl with short green hair and a yellow raincoat"


@pytest.fixture
async def table(settings: Settings, database: str) -> AsyncIterator[Table]:
    async with drawing_table(settings, database) as table:
        yield table


def test_the_ten_styles_are_offered_and_shonen_is_the_default() -> None:
    offered = anime.fields()["style"]
    assert offered["default"] == "shonen"
    assert set(offered["enum"]) == set(MANGA)
    assert len(MANGA) == 10


@pytest.mark.parametrize("style", list(MANGA))
async def test_a_styles_guidance_reaches_who_draws_and_who_writes(table: Table, style: str) -> None:
    row = await table.make("anime", scenario=RAIN, style=style, panels=1)
    assert MANGA[style].art in table.artist.prompts[0]
    assert SCREENTONE in table.artist.prompts[0]
    assert MANGA[style].story in table.author.asked[0].instruction
    assert row.tags == sorted(["anime", "black-and-white", style])


async def test_every_panel_is_a_picture_of_its_own_and_kept(table: Table) -> None:
    row = await table.make("anime", scenario=RAIN, panels=6, color="color")
    assert len(table.artist.requests) == len(await table.panels(row)) == 6
    [page] = await table.assets(row)
    assert (page.width, page.height) == (1440, 2048)
    assert "Yuki: “Are you lost?”" in (page.alt or "")
    assert all(COLOR in each for each in table.artist.prompts)


async def test_black_and_white_is_ink_on_paper_and_color_is_not(table: Table) -> None:
    toned = await table.page(await table.make("anime", scenario=RAIN, panels=2))
    colored = await table.page(await table.make("anime", scenario=RAIN, panels=2, color="color"))
    assert spread(toned) == 0
    assert spread(colored) > 60
    gray = np.asarray(toned.convert("L"))
    assert np.mean((gray < 40) | (gray > 215)) > 0.8


def spread(page: Image.Image) -> int:
    """How far the strongest color is from gray."""
    values = np.asarray(page, np.int16)
    return int((values.max(axis=2) - values.min(axis=2)).max())


@pytest.mark.parametrize(
    ("direction", "side"), [("right-to-left", "right"), ("left-to-right", "left")]
)
async def test_reading_begins_on_the_side_that_was_asked_for(
    table: Table, direction: str, side: str
) -> None:
    row = await table.make("anime", scenario=RAIN, panels=5, color="color", direction=direction)
    letters = [
        len(each.caption) + sum(len(line.text) for line in each.lines)
        for each in parse_script(row.meta["script"]).panels
    ]
    frames = lay_out("manga", letters, titled=True, right_to_left=side == "right").frames
    first, second = (each.bounds for each in frames[:2])
    assert (first[0] > second[0]) == (side == "right")
    page = await table.page(row)
    for frame, asset in zip(frames[:2], await table.assets(row, "panel"), strict=False):
        left, top, right, bottom = frame.bounds
        at = ((left + right) // 2, bottom - 60)
        drawn = await table.image(asset)
        wanted = color_at(drawn, drawn.width // 2, drawn.height * 8 // 10)
        assert np.abs(color_at(page, *at) - wanted).sum() < 90, top


def color_at(image: Image.Image, x: int, y: int) -> np.ndarray:
    return np.asarray(image, np.int16)[y, x]


async def test_first_speakers_stand_where_reading_begins(table: Table) -> None:
    await table.make("anime", scenario=RAIN, panels=1)
    assert "Yuki on the right, Robot on the left" in table.artist.prompts[0]
    await table.make("anime", scenario=RAIN, panels=1, direction="left-to-right")
    assert "Yuki on the left, Robot on the right" in table.artist.prompts[1]


async def test_characters_are_the_same_in_every_panel(table: Table) -> None:
    portrait = await keep_upload(table.studio, png("teal", (80, 80)), ANNA, "yuki.png")
    row = await table.make(
        "anime",
        scenario="Yuki walks. Yuki runs. Yuki rests. Yuki sleeps.",
        characters=[f"Yuki: {LOOKS}"],
        references=[str(portrait.id)],
    )
    assert len(table.artist.requests) == 4
    for request in table.artist.requests:
        assert f"Yuki: {LOOKS}." in request.prompt
        assert "Reference picture 1 is Yuki." in request.prompt
        assert request.references[0].sha256 == portrait.sha256
    assert row.params["cast"] == [{"name": "Yuki", "description": LOOKS, "pictures": 1}]


async def test_the_next_page_goes_on_from_this_one(table: Table) -> None:
    first = await table.make(
        "anime", scenario=RAIN, characters=[f"Yuki: {LOOKS}"], panels=3, style="mecha"
    )
    [page] = await table.assets(first)
    before = len(table.artist.requests)
    second = await table.reply(first, "next page: They meet a dragon at the bridge.")
    for request in table.artist.requests[before:]:
        assert request.references[0].sha256 == page.sha256
        assert "Reference picture 1 is the page before this one" in request.prompt
        assert MANGA["mecha"].art in request.prompt
    told = table.author.asked[1].data
    assert told["prompt"] == "They meet a dragon at the bridge."
    assert told["story"] == RAIN
    assert told["before"] == parse_script(first.meta["script"]).model_dump(mode="json")
    assert told["looks"] == {"Yuki": LOOKS}
    assert (second.params["page"], second.params["previous"]) == (2, str(page.id))
    assert (second.prompt, second.parent_id) == (told["prompt"], first.id)
    assert "dragon" in second.meta["script"]
    assert not await same_panels(table, first, second)


async def same_panels(table: Table, one: Generation, other: Generation) -> set[str]:
    return set(await table.panels(one)) & set(await table.panels(other))


async def test_without_words_the_story_goes_on_by_itself(table: Table) -> None:
    first = await table.make("anime", scenario=RAIN, panels=2)
    second = await table.reply(first, "next page")
    third = await table.reply(second, "Next page.")
    assert [each.data["prompt"] for each in table.author.asked] == [RAIN, "", ""]
    assert third.params["page"] == 3
    assert third.params["before"] == second.meta["script"]
    scripts = [parse_script(each.meta["script"]) for each in (first, second, third)]
    assert len({each.panels for each in scripts}) == 3
    speakers = {line.speaker for panel in scripts[1].panels for line in panel.lines}
    assert speakers <= {"Yuki", "Robot"}


async def test_a_reply_to_a_later_page_changes_that_page(table: Table) -> None:
    first = await table.make("anime", scenario=RAIN, panels=2)
    second = await table.reply(first, "next page")
    changed = await table.reply(second, "panel 2: make the robot bigger")
    assert changed.params["page"] == 2
    assert changed.params["previous"] == second.params["previous"]
    old, new = await table.panels(second), await table.panels(changed)
    assert (old[0] == new[0], old[1] == new[1]) == (True, False)
    [page] = await table.assets(first)
    assert page.sha256 in {each.sha256 for each in table.artist.requests[-1].references}
    assert (await table.reply(changed, "next page")).params["page"] == 3


async def test_black_and_white_costs_nothing_and_color_is_drawn(table: Table) -> None:
    colored = await table.make("anime", scenario=RAIN, panels=2, color="color")
    toned = await table.reply(colored, "make it black and white")
    assert len(table.artist.requests) == 2
    assert await table.panels(toned) == await table.panels(colored)
    assert spread(await table.page(toned)) == 0
    again = await table.reply(toned, "in color")
    assert len(table.artist.requests) == 4
    assert all(each.source for each in table.artist.requests[2:])
    assert spread(await table.page(again)) > 60


async def test_a_page_is_turned_as_in_a_mirror(table: Table) -> None:
    page = await table.make("anime", scenario=RAIN, panels=2)
    turned = await table.reply(page, "left to right")
    assert turned.params["direction"] == "left-to-right"
    assert len(table.artist.requests) == 2
    for old, new in zip(
        await table.assets(page, "panel"), await table.assets(turned, "panel"), strict=True
    ):
        there, here = await table.image(old), await table.image(new)
        mirrored = here.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        assert np.array_equal(np.asarray(there), np.asarray(mirrored))
    same = await table.reply(turned, "left to right")
    assert await table.panels(same) == await table.panels(turned)


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        ("next page", {"page": 2, "scenario": RAIN}),
        ("Another page: It snows.", {"page": 2, "scenario": "It snows."}),
        ("seinen", {"style": "seinen", "redraw": [1]}),
        ("make it slice of life style", {"style": "slice-of-life", "redraw": [1]}),
        ("in full color!", {"color": "color", "redraw": [1]}),
        ("colour it", {"color": "color", "redraw": [1]}),
        ("black & white", {"color": "black-and-white", "kept_at": [1]}),
        ("screentone", {"color": "black-and-white", "kept_at": [1]}),
        ("read left-to-right", {"direction": "left-to-right", "mirrored": True}),
        ("right to left", {"direction": "right-to-left", "mirrored": False}),
        ("title: Rain", {"script": "Title: Rain\n\nPanel 1: It rains."}),
        ("panel 1: Yuki says: Hello!", {"script": "Panel 1: It rains.\nYuki: Hello!"}),
        ("color the door red", {"redraw": [1], "wish": "color the door red"}),
        ("more action", {"redraw": [1], "wish": "more action"}),
    ],
)
def test_replies_are_understood(words: str, changes: dict[str, object]) -> None:
    params = {"scenario": RAIN, "style": "josei", "panels": 1}
    meta = {"script": "Panel 1: It rains.", "drawn": [1]}
    page, panel = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2))
    parent = Parent("anime", params, [page], 0, {"panel": [panel]}, meta)
    values = iterate(parent, words, ())
    assert {name: values.get(name) for name in changes} == changes
    AnimeParams.model_validate(values)


async def test_a_provider_without_references_says_so_once(
    settings: Settings, database: str
) -> None:
    async with drawing_table(settings, database, Artist(references=0)) as table:
        first = await table.make("anime", scenario=RAIN, panels=3)
        assert first.meta.get("notes", []) == []
        second = await table.reply(first, "next page")
        assert sum("cannot look at other pictures" in each for each in second.meta["notes"]) == 1
