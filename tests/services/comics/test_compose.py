"""Pages as they are seen: every word inside its balloon, every balloon inside its panel."""

# Other languages' letters are meant as they stand.
# ruff: noqa: RUF001

from __future__ import annotations

import io
from itertools import combinations, pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.errors import UnusableFile
from core.writing import Script
from services.comics.compose import Composed, Composition, compose, placeholder, reflected
from services.comics.layout import Box, Kind, Page, lay_out
from services.comics.script import parse_script
from services.comics.styles import COMIC, MANGA, Finish, Style
from tests.services.comics.artist import COLORS, scene

TALK = parse_script(
    """Title: The supervisor

Panel 1: A cat finds a laptop.
Caption: Monday morning, much too early
Cat: At last, something warm.
Maya: That is my thesis!

Panel 2: The cat sits down.
Cat (thinks): She will thank me one day.

Panel 3: Maya screams.
Maya (shouts): Off the keyboard, you beast!
Cat: I am supervising.
Maya (whispers): I cannot even be angry at you…

Panel 4: The cat sleeps.
Caption: Later
Maya: Fine. Five more minutes, then I really need to finish it before the deadline."""
)
WORDS = {
    "Cyrillic": "Где мой второй носок? Я же положила его сюда!",
    "Greek": "Πού είναι η κάλτσα μου; Την είχα εδώ!",
    "Arabic": "أين جوربي الثاني؟ لقد وضعته هنا قبل قليل!",
    "Hebrew": "איפה הגרב השנייה שלי? שמתי אותה כאן!",
    "Chinese": "我的另一只袜子在哪里\uff1f我刚刚放在这里的\uff01",
    "Japanese": "もう片方の靴下はどこ\uff1fさっきここに置いたのに\uff01",
    "Korean": "내 다른 양말 한 짝은 어디 있지? 방금 여기 두었는데!",
    "emoji": "🧦👀 👩‍🚀🇫🇷👍🏽 ❤️‍🔥",
}
KINDS: tuple[Kind, ...] = ("strip", "page", "grid", "manga")


def page_of(script: Script, kind: Kind, style: Style, *, right_to_left: bool = False) -> Page:
    letters = [
        len(each.caption) + sum(len(line.text) for line in each.lines) for each in script.panels
    ]
    look = style.look
    return lay_out(
        kind,
        letters,
        titled=bool(script.title),
        right_to_left=right_to_left,
        margin=look.margin,
        gutters=look.gutters,
    )


def composed(
    script: Script = TALK,
    kind: Kind = "grid",
    style: Style = COMIC["newspaper"],
    *,
    right_to_left: bool = False,
    finish: Finish | None = None,
    panels: list[bytes] | None = None,
) -> tuple[Page, Composed]:
    page = page_of(script, kind, style, right_to_left=right_to_left)
    drawn = panels or [scene(each.aspect, COLORS[n]) for n, each in enumerate(page.frames)]
    parts = Composition(
        page=page,
        script=script,
        panels=tuple(drawn),
        look=style.look,
        finish=finish or style.look.finish,
        right_to_left=right_to_left,
    )
    return page, compose(parts)


def image(made: Composed) -> Image.Image:
    return Image.open(io.BytesIO(made.data)).convert("RGB")


def within(box: Box, outer: Box, slack: int = 0) -> bool:
    return (
        box[0] >= outer[0] - slack
        and box[1] >= outer[1] - slack
        and box[2] <= outer[2] + slack
        and box[3] <= outer[3] + slack
    )


def disjoint(one: Box, other: Box) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def check_words(page: Page, made: Composed, script: Script) -> None:
    """Whole words in whole balloons, none over another, in the order they are read in."""
    assert not made.cut
    wanted = [len(each.lines) + bool(each.caption) for each in script.panels]
    for number, (frame, count) in enumerate(zip(page.frames, wanted, strict=True), 1):
        there = [each for each in made.lettered if each.panel == number]
        assert len(there) == count
        for each in there:
            assert within(each.text, each.body)
            assert within(each.body, frame.bounds)
            corners = [(each.body[x], each.body[y]) for x in (0, 2) for y in (1, 3)]
            assert all(inside(page, number, corner) for corner in corners)
        for one, other in combinations(there, 2):
            assert disjoint(one.body, other.body)
        for one, other in pairwise(there):
            assert other.body[1] >= one.body[1] - 1


def inside(page: Page, number: int, point: tuple[float, float]) -> bool:
    corners = page.frames[number - 1].corners
    x, y = point
    return all(
        (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) >= -2 * (abs(x1 - x0) + abs(y1 - y0))
        for (x0, y0), (x1, y1) in pairwise([*corners, corners[0]])
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("right_to_left", [False, True])
def test_words_are_whole_and_inside_on_every_layout(kind: Kind, right_to_left: bool) -> None:
    style = MANGA["shonen"] if kind == "manga" else COMIC["superhero"]
    page, made = composed(TALK, kind, style, right_to_left=right_to_left)
    check_words(page, made, TALK)


@pytest.mark.parametrize("writing", list(WORDS))
def test_every_script_is_set_whole(writing: str) -> None:
    said = WORDS[writing]
    text = f"Title: {said}\n\nPanel 1: A.\nCaption: {said}\nMaya: {said}\nRex (thinks): {said}"
    script = parse_script(f"{text}\n\nPanel 2: B.\nMaya (shouts): {said}")
    page, made = composed(script, "strip")
    check_words(page, made, script)
    assert page.title is not None
    assert ink(image(made).crop(page.title), COMIC["newspaper"]) > 300


def ink(title: Image.Image, style: Style) -> int:
    """How many pixels are not paper."""
    paper = np.array(Image.new("RGB", (1, 1), style.look.paper), np.int16)
    return int((np.abs(np.asarray(title, np.int16) - paper).max(axis=2) > 60).sum())


@pytest.mark.parametrize("count", [1, 4, 6])
def test_long_speeches_get_smaller_letters_and_stay_whole(count: int) -> None:
    speech = "I have thought about it for a long time, and I still do not know what to say. " * 2
    lines = "\n".join(f"{who}: {speech.strip()}" for who in ("Maya", "Rex"))
    script = parse_script("\n\n".join(f"Panel {n}: A.\n{lines}" for n in range(1, count + 1)))
    page, made = composed(script, "page")
    check_words(page, made, script)
    assert min(each.size for each in made.lettered) >= 13


def test_more_words_than_fit_are_cut_and_said() -> None:
    line = "word " * 59
    said = "\n".join(f"{who}: {line}" for who in ("Ann", "Ben", "Cid", "Dan"))
    script = parse_script("\n\n".join(f"Panel {n}: A.\nCaption: {'c ' * 99}\n{said}"
                                      for n in range(1, 7)))  # fmt: skip
    page, made = composed(script, "strip")
    for each in made.lettered:
        assert within(each.body, page.frames[each.panel - 1].bounds)
        assert within(each.text, each.body)
    assert set(made.cut) <= set(range(1, 7))


def test_tails_point_at_who_speaks() -> None:
    for right_to_left in (False, True):
        page, made = composed(TALK, "grid", right_to_left=right_to_left)
        left, _, right, _ = page.frames[0].bounds
        cat, maya = (each for each in made.lettered if each.panel == 1 and each.tip)
        assert cat.tip
        assert maya.tip
        middle = (left + right) / 2
        assert (cat.tip[0] < middle) != right_to_left
        assert (maya.tip[0] > middle) != right_to_left
        for each in (cat, maya):
            assert each.tip
            assert each.tip[1] > each.body[3]


def test_captions_have_no_tail_and_keep_to_where_reading_begins() -> None:
    for right_to_left in (False, True):
        page, made = composed(TALK, "grid", right_to_left=right_to_left)
        left, top, right, _ = page.frames[0].bounds
        caption = next(each for each in made.lettered if each.panel == 1)
        assert caption.tip is None
        assert caption.body[1] - top < 12
        edge = right - caption.body[2] if right_to_left else caption.body[0] - left
        assert edge < 12


@pytest.mark.parametrize("corner", [0, 1, 2, 3])
def test_a_free_corner_is_where_balloons_go(corner: int) -> None:
    script = parse_script("Panel 1: Faces everywhere.\nMaya: Where is it?\nRex: Here!")
    page = page_of(script, "page", COMIC["webcomic"])
    width, height = page.frames[0].size
    free = (
        (corner % 2) * width // 2, (corner // 2) * height // 2,
        (corner % 2 + 1) * width // 2, (corner // 2 + 1) * height // 2,
    )  # fmt: skip
    page, made = composed(script, "page", COMIC["webcomic"], panels=[faces(width, height, free)])
    left, top, _, _ = page.frames[0].bounds
    there = (free[0] + left, free[1] + top, free[2] + left, free[3] + top)
    check_words(page, made, script)
    for each in made.lettered:
        assert within(each.body, there, slack=24), (corner, each)


def faces(width: int, height: int, free: Box) -> bytes:
    """A picture full of faces but for one corner."""
    art = Image.new("RGB", (width, height), "#a9c7e8")
    pen = ImageDraw.Draw(art)
    for x in range(0, width, 60):
        for y in range(0, height, 60):
            if disjoint((x, y, x + 60, y + 60), free):
                pen.ellipse((x + 4, y + 4, x + 56, y + 56), fill="#f5cba7", outline="#000000")
                pen.ellipse((x + 16, y + 20, x + 24, y + 28), fill="#000000")
                pen.ellipse((x + 36, y + 20, x + 44, y + 28), fill="#000000")
    output = io.BytesIO()
    art.save(output, "PNG")
    return output.getvalue()


@pytest.mark.parametrize("style", list(COMIC))
def test_every_style_frames_and_finishes_in_its_own_way(style: str) -> None:
    page, made = composed(TALK, "strip", COMIC[style])
    shown = image(made)
    look = COMIC[style].look
    assert shown.size == (page.width, page.height)
    assert "#{:02x}{:02x}{:02x}".format(*pixel(shown, 3, 3)) == look.paper
    left, top, right, _ = page.frames[0].bounds
    ink_there = pixel(shown, (left + right) // 2, top)
    assert "#{:02x}{:02x}{:02x}".format(*ink_there) == look.ink


def pixel(shown: Image.Image, x: int, y: int) -> list[int]:
    return [int(each) for each in np.asarray(shown)[y, x]]


def test_only_what_is_wished_changes_on_a_page() -> None:
    script = parse_script("\n\n".join(f"Panel {n}: A.\nMaya: Hello." for n in range(1, 5)))
    page = page_of(script, "grid", COMIC["webcomic"])
    drawn = [scene(each.aspect, COLORS[n]) for n, each in enumerate(page.frames)]
    other = [*drawn[:2], scene(page.frames[2].aspect, COLORS[6]), drawn[3]]
    before = image(composed(script, style=COMIC["webcomic"], panels=drawn)[1])
    after = image(composed(script, style=COMIC["webcomic"], panels=other)[1])
    changed = np.asarray(before) != np.asarray(after)
    down, across = np.nonzero(changed.any(axis=2))
    box = (int(across.min()), int(down.min()), int(across.max()), int(down.max()))
    assert within(box, page.frames[2].bounds, slack=8)


def test_noir_and_screentone_know_no_color() -> None:
    noir = composed(TALK, "strip", COMIC["noir"])
    manga = composed(TALK, "manga", MANGA["josei"], finish="screentone")
    for _, made in (noir, manga):
        values = np.asarray(image(made), np.int16)
        assert int((values.max(axis=2) - values.min(axis=2)).max()) <= 10


def test_a_mirror_shows_a_panel_the_other_way_round() -> None:
    drawn = scene("3:2", "#b03a2e")
    once = np.asarray(Image.open(io.BytesIO(reflected(drawn))))
    assert np.array_equal(once, np.asarray(Image.open(io.BytesIO(drawn)))[:, ::-1])


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(UnusableFile):
        composed(panels=[b"no picture"] * 4)
    assert Image.open(io.BytesIO(placeholder((300, 200)))).size == (300, 200)


def test_words_are_where_they_are_said_to_be() -> None:
    _, made = composed(TALK, "grid", COMIC["webcomic"])
    shown = np.asarray(image(made).convert("L"), np.int16)
    for each in made.lettered:
        left, top, right, bottom = each.text
        words = shown[top:bottom, left:right]
        assert words.max() > 230
        assert words.min() < 90
