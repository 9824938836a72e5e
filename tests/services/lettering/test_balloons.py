"""Balloons in twelve kinds of writing: every letter is there, whole and on the paper."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from PIL import Image

from services.lettering import engine
from services.lettering.balloons import Arranged, arrange, balloon
from services.lettering.bodies import sized
from services.lettering.setting import Setting, lines_of
from services.lettering.words import KEPT, clusters, wording
from services.pictures.pool import PicturePool
from tests.services.lettering.prompts import MANNERS, PROMPTS

LETTER = 20
ROOM = (220, 170)


def arranged(text: str, manner: str) -> Arranged:
    words = wording(text, bold=manner == "shout")
    return arrange(words, manner, *ROOM, LETTER, "down-left", ("white", "black"))  # type: ignore[arg-type]


def opacity(image: Image.Image) -> np.ndarray:
    return np.asarray(image.getchannel("A"))


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("script", PROMPTS)
def test_all_ink_lies_on_the_paper(script: str, manner: str) -> None:
    for text in PROMPTS[script]:
        made = arranged(text, manner)
        paper = made.drawn(outline=False)
        ink = Image.new("RGBA", paper.size)
        ink.paste(made.text, made.text_corner)
        assert opacity(ink).sum() == opacity(made.text).sum() > 0, text
        assert (opacity(paper)[opacity(ink) > 0] == 255).all(), text
        assert not made.cut, text


@pytest.mark.parametrize("script", PROMPTS)
def test_nothing_is_clipped_and_no_line_touches_another(script: str) -> None:
    for text in PROMPTS[script]:
        words = wording(text)
        size, found = sized(words, "say", *ROOM, LETTER)
        lines = lines_of(found.words, found.division)
        setting = Setting(words, lines, size, "#000000")
        whole = opacity(painted(setting))
        alone = np.zeros_like(whole, dtype=int)
        for number in range(len(lines)):
            blank = ("",) * number
            rest = ("",) * (len(lines) - number - 1)
            line = Setting(words, (*blank, lines[number], *rest), size, "#000000")
            alone += opacity(painted(line)) > 128
        assert alone.max() == 1, text
        fitting = setting.paint(ROOM[0], ROOM[1])
        assert fitting is not None
        assert math.isclose(opacity(fitting).sum(), whole.sum(), rel_tol=0.01), text


def painted(setting: Setting) -> Image.Image:
    return engine.paint(setting.markup(400, 60, 60), 520, 400)


@pytest.mark.parametrize("script", PROMPTS)
def test_no_character_is_a_missing_glyph(script: str) -> None:
    for text in PROMPTS[script]:
        words = wording(text)
        assert words.text == text, "Nothing stands for what no font has."
        css = engine.style(words, 30)
        missing = alone("\U00012000", css)
        assert missing.getbbox()
        for character in set(clusters(text)) - {" "}:
            shown = alone(character, css)
            assert shown.getbbox(), character
            assert shown.tobytes() != missing.tobytes(), character
            if len(character) == 2 and character[1] not in KEPT:
                assert shown.tobytes() != alone(character[0], css).tobytes(), character


def alone(character: str, css: str) -> Image.Image:
    return engine.paint(f'<p style="{css};padding:20px">{character}</p>', 100, 100)


@pytest.mark.parametrize("manner", MANNERS)
def test_the_body_keeps_to_its_limits_and_the_tail_leaves_it(manner: str) -> None:
    made = balloon(
        "Nobody has ever come back from there.",
        manner=manner,  # type: ignore[arg-type]
        max_width=200,
        max_height=150,
        letter=18,
        tail=(30, 160),
    )
    left, top, right, bottom = made.body
    assert right - left <= 200
    assert bottom - top <= 150
    x, y = (left + right) / 2, (top + bottom) / 2
    if manner == "caption":
        assert made.image.height <= bottom + 2
    else:
        assert abs(made.anchor[0] - x - 30) <= 1.5
        assert abs(made.anchor[1] - y - 160) <= 1.5
        assert made.image.getpixel((made.anchor[0], made.anchor[1] - 4))[3] > 0  # type: ignore[index]


def test_the_body_does_not_depend_on_the_tail() -> None:
    bodies = {
        (made.body[2] - made.body[0], made.body[3] - made.body[1])
        for tail in (None, "up", "down-left", (300.0, -90.0))
        for made in [balloon("Over there!", max_width=200, max_height=200, letter=20, tail=tail)]
    }
    assert len(bodies) == 1


def test_letters_shrink_before_words_are_cut() -> None:
    short = balloon("All is well.", max_width=150, max_height=100, letter=20)
    longer = balloon("All is well " * 4, max_width=150, max_height=100, letter=20)
    endless = balloon("All is well " * 900, max_width=150, max_height=100, letter=20)
    assert (short.size, short.cut) == (20, False)
    assert longer.size < 20
    assert not longer.cut
    assert endless.cut
    assert endless.image.height <= 102


async def test_a_balloon_is_drawn_where_memory_is_bounded() -> None:
    pool = PicturePool(processes=1)
    job = partial(balloon, "Ζωή 😀 生命 жизнь", max_width=300, max_height=200, letter=24)
    there = await pool.run(job)
    assert there.image.tobytes() == job().image.tobytes()
