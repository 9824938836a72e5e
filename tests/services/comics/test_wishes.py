"""What people reply to a page, and what becomes of it."""

from __future__ import annotations

import pytest

from core.errors import InvalidParams
from core.writing import Script
from services.comics.script import format_script, parse_script
from services.comics.wishes import Change, chosen, read_wish

PAGE = parse_script(
    """Title: The sock

Panel 1: Maya looks under the bed.
Caption: Monday
Maya: Where is it?

Panel 2: The dog runs.
Dog (shouts): Woof!

Panel 3: They meet.
Maya: You!
Dog: Me."""
)


def read(words: str, script: Script = PAGE) -> Change:
    return read_wish(words, script, ["Maya", "Tom"])


def panel(change: Change, number: int) -> str:
    return format_script(Script(title="", panels=(change.script.panels[number - 1],)))


@pytest.mark.parametrize(
    ("words", "numbers", "wish"),
    [
        ("panel 3: make the dog bigger", (3,), "make the dog bigger"),
        ("Panel #3 - make the dog bigger", (3,), "make the dog bigger"),
        ("panel 3:make the dog bigger", (3,), "make the dog bigger"),
        ("in panel 3, make the dog bigger", (3,), "make the dog bigger"),
        ("in the third panel make the dog bigger", (3,), "make the dog bigger"),
        ("the last panel: make the dog bigger", (3,), "make the dog bigger"),
        ("make the dog bigger in panel 3", (3,), "make the dog bigger"),
        ("make the dog in panel 3 bigger", (3,), "make the dog bigger"),
        ("make the dog of the last panel bigger", (3,), "make the dog bigger"),
        ("panels 1 and 3: it rains", (1, 3), "it rains"),
        ("panels 1-3: it rains", (1, 2, 3), "it rains"),
        ("panel 1, 2: it rains", (1, 2), "it rains"),
        ("panel 2: the sign says stop", (2,), "the sign says stop"),
        ("make it night", (1, 2, 3), "make it night"),
        ("two more dogs", (1, 2, 3), "two more dogs"),
    ],
)
def test_a_wish_for_pictures_draws_just_those_again(
    words: str, numbers: tuple[int, ...], wish: str
) -> None:
    change = read(words)
    assert (change.redraw, change.wish, change.kept) == (numbers, wish, (1, 2, 3))
    for number, (old, new) in enumerate(zip(PAGE.panels, change.script.panels, strict=True), 1):
        assert (wish in new.action) == (number in numbers)
        assert (old.lines, old.caption) == (new.lines, new.caption)


@pytest.mark.parametrize(
    ("words", "number", "text"),
    [
        ("panel 1: Maya says: Gone!", 1, "Maya: Gone!"),
        ("panel 1: Maya thinks “Gone?”", 1, "Maya (thinks): Gone?"),
        ("panel 1: maya: Gone!", 1, "Maya: Gone!"),
        ("panel 1: Maya (whispers): Gone…", 1, "Maya (whispers): Gone…"),
        ("panel 2: the dog says: Meow", 2, "Dog: Meow"),
        ("panel 2: Tom shouts: Stop!", 2, "Dog (shouts): Woof!\nTom (shouts): Stop!"),
        ("panel 2: a cat says: Hm.", 2, "Dog (shouts): Woof!\nCat: Hm."),
        ("panel 3: no words", 3, "They meet."),
        ("panel 1: caption: Tuesday", 1, "Caption: Tuesday"),
        ("caption 3: “Later”", 3, "Caption: Later"),
        ("panel 1: no caption", 1, "bed.\nMaya: Where"),
    ],
)
def test_a_wish_for_words_draws_nothing(words: str, number: int, text: str) -> None:
    change = read(words)
    assert (change.redraw, change.kept) == ((), (1, 2, 3))
    assert text in panel(change, number)
    others = [each for each in (1, 2, 3) if each != number]
    assert all(change.script.panels[n - 1] == PAGE.panels[n - 1] for n in others)


def test_the_title_is_changed_and_taken_away() -> None:
    assert read("title: “Lost & found”").script.title == "Lost & found"
    assert read("Title:").script == Script(title="", panels=PAGE.panels)


def test_panels_are_taken_away_swapped_and_added() -> None:
    assert read("remove panel 2").kept == (1, 3)
    assert read("panel 2: delete it").kept == (1, 3)
    swapped = read("swap panels 1 and 3")
    assert swapped.kept == (3, 2, 1)
    assert swapped.script.panels == PAGE.panels[::-1]
    more = read("add a panel: They hug.")
    assert (more.kept, more.redraw) == ((1, 2, 3, None), ())
    assert more.script.panels[3].action == "They hug."


def test_a_whole_script_keeps_what_is_seen_as_before() -> None:
    text = format_script(PAGE).replace("The dog runs.", "The dog flies.").replace("Woof", "Wow")
    change = read(text.split("\n\n", 1)[1])
    assert (change.kept, change.redraw) == ((1, None, 3), ())
    assert change.script.panels[1].lines[0].text == "Wow!"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("panel 4: rain", "There are 3 panels; say a number from 1 to 3"),
        ("panel 12: rain", "There are 3 panels"),
        ("remove panel 0", "There are 3 panels"),
        ("the sixth panel: rain", "There are 3 panels"),
        ("panel 1: Maya says: " + "no " * 120, "up to 300 fit in a balloon"),
        ("panel 1: Maya says: “”", "Say what is to be said"),
        ("panel 1: caption: " + "x" * 201, "a caption of 200"),
        ("title: " + "x" * 101, "up to 100 fit"),
        ("add a panel: " + "x" * 1001, "up to 1,000 fit"),
    ],
)
def test_what_cannot_be_is_explained(words: str, sentence: str) -> None:
    with pytest.raises(InvalidParams, match=sentence):
        read(words)


def test_a_page_is_never_empty_nor_too_full() -> None:
    one = Script(title="", panels=PAGE.panels[:1])
    with pytest.raises(InvalidParams, match="That is the only panel"):
        read("remove panel 1", one)
    with pytest.raises(InvalidParams, match="up to 6 panels"):
        read("add another panel: More.", Script(title="", panels=PAGE.panels * 2))


def test_what_a_panel_shows_stays_within_its_limit() -> None:
    script = Script(title="", panels=(PAGE.panels[0].model_copy(update={"action": "a " * 499}),))
    action = read("panel 1: " + "b " * 400, script).script.panels[0].action
    assert len(action) <= 1000
    assert {"a", "b"} <= set(action)


@pytest.mark.parametrize(
    ("words", "choice"),
    [
        ("noir", "noir"), ("make it noir!", "noir"), ("in Ligne Claire", "ligne claire"),
        ("style: pixel", "pixel"), ("ligne-claire style", "ligne claire"), ("noir please", "noir"),
        ("as a noir comic", "noir"), ("a noir hat", None), ("pixelate the face", None), ("", None),
    ],
)  # fmt: skip
def test_a_choice_is_only_read_where_nothing_else_is_said(words: str, choice: str | None) -> None:
    assert chosen(words, ["noir", "ligne claire", "pixel"], "style") == choice
