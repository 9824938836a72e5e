"""Who is in a story: saved characters, new ones, and those a page already has."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import InvalidParams
from core.viewer import Viewer
from core.writing import PanelScript, Script
from services import datasets
from services.comics.cast import CastMember, places, present
from services.comics.casting import look_up
from services.comics.script import parse_script
from services.images import keep_upload
from services.studio import Studio
from tests.bot.helpers import png
from tests.services.comics.artist import ANNA

BEN = Viewer(8, "Ben")
YUKI = "Yuki: a girl in a yellow coat"


async def uploaded(studio: Studio, color: str) -> str:
    return str((await keep_upload(studio, png(color), ANNA, f"{color}.png")).id)


async def looked_up(studio: Studio, viewer: Viewer = ANNA, **values: Any) -> tuple[Any, Any]:
    found = await look_up(studio, values, viewer)
    return [tuple(each.values()) for each in found["cast"]], found["portraits"]


async def save(studio: Studio, name: str, pictures: list[str]) -> None:
    """Save a character that only Anna sees."""
    await datasets.create(
        studio, ANNA, "character", name, description="a tall robot", pictures=pictures
    )


async def test_new_characters_take_the_pictures_in_their_order(studio: Studio) -> None:
    one, two, three = [await uploaded(studio, each) for each in ("red", "green", "blue")]
    cast, portraits = await looked_up(
        studio, characters=[YUKI, "Rex\uff1aa dog", "Mo"], references=[one, two, three]
    )
    assert cast == [("Yuki", "a girl in a yellow coat", 1), ("Rex", "a dog", 1), ("Mo", "", 1)]
    assert portraits == [one, two, three]
    cast, portraits = await looked_up(studio, characters=[YUKI], references=[one, two])
    assert (cast[0][2], portraits) == (1, [one, two])
    cast, portraits = await looked_up(studio, characters=[YUKI, "Rex: a dog"], references=[one])
    assert ([each[2] for each in cast], portraits) == ([1, 0], [one])


async def test_saved_characters_bring_their_own_pictures(studio: Studio) -> None:
    mine, new = await uploaded(studio, "red"), await uploaded(studio, "green")
    await save(studio, "Robo", [mine])
    cast, portraits = await looked_up(studio, characters=["robo", YUKI], references=[new])
    assert cast == [("Robo", "a tall robot", 1), ("Yuki", "a girl in a yellow coat", 1)]
    assert portraits == [mine, new]


async def test_who_is_not_known_is_asked_for(studio: Studio) -> None:
    await save(studio, "Robo", [await uploaded(studio, "red")])
    with pytest.raises(InvalidParams, match="Or say what they look like, for example “Robo: a"):
        await looked_up(studio, BEN, characters=["Robo"])


async def test_a_page_keeps_its_cast_whatever_became_of_it(studio: Studio) -> None:
    portrait = await uploaded(studio, "red")
    before = {"cast": [CastMember(name="Robo", description="tall", pictures=1).model_dump()],
              "portraits": [portrait]}  # fmt: skip
    cast, portraits = await looked_up(studio, BEN, characters=["robo"], **before)
    assert (cast, portraits) == ([("Robo", "tall", 1)], [portrait])


MAYA, REX = CastMember(name="Maya"), CastMember(name="Rex")


def test_only_those_a_panel_names_are_seen_in_it() -> None:
    script = parse_script("Panel 1: Maya waits.\n\nPanel 2: Night.\nrex: Hm.\n\nPanel 3: A maze.")
    seen = [present(each, script, [MAYA, REX]) for each in script.panels]
    assert seen == [[MAYA], [REX], []]


def test_everybody_is_seen_where_no_panel_names_anybody() -> None:
    panel = PanelScript(action="They wait.", caption="", lines=())
    script = Script(title="", panels=(panel,))
    assert present(panel, script, [MAYA, REX]) == [MAYA, REX]


def test_who_speaks_first_stands_where_reading_begins() -> None:
    [panel] = parse_script("Panel 1: Talk.\nMaya: A\nRex: B\nMaya: C").panels
    assert places(panel) == {"maya": 0.25, "rex": 0.75}
    assert places(panel, right_to_left=True) == {"maya": 0.75, "rex": 0.25}
