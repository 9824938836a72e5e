"""What is added to a person's words, what is left out, and what they are told of it."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from core.pictures import Picture, PictureRequest
from providers import Capabilities
from services import guidance
from services.enhancing import added, difference
from services.guidance import Refinements, appended, described, refined, shape, styled, within

WIDE = Picture(b"", "image/png", 1600, 400)
ALL = Capabilities(
    source=True, mask=True, references=4, seed="exact", negative_prompt=True, transparent=True
)
ASKED = PictureRequest(
    prompt="a fox",
    negative_prompt="snow",
    seed=3,
    source=WIDE,
    mask=WIDE,
    references=(WIDE, WIDE, WIDE),
    background="transparent",
)


def test_every_choice_has_its_words() -> None:
    assert set(guidance.AVATARS) == set(get_args(guidance.AvatarStyle))
    assert set(guidance.SHOTS) == set(get_args(guidance.Shot))
    assert set(guidance.ANGLES) == set(get_args(guidance.Angle))
    assert set(guidance.LIGHTINGS) == set(get_args(guidance.Lighting))
    assert set(guidance.WEATHERS) == set(get_args(guidance.Weather))


def test_refinements_follow_the_prompt_as_one_sentence() -> None:
    chosen = Refinements(
        shot="close-up", angle="low", lighting="golden hour", weather="rain", location="Lisbon"
    )
    assert refined("a fox", chosen) == (
        "a fox, close-up, seen from a low angle, in Lisbon, in the rain, in golden hour light"
    )
    assert refined("A fox.", Refinements(shot="wide")) == "A fox. Wide shot."


def test_what_a_prompt_says_is_not_said_twice() -> None:
    assert refined("a fox in the rain", Refinements(weather="rain")) == "a fox in the rain"
    assert appended("A Close-Up of a fox", ["close-up"]) == "A Close-Up of a fox"


@pytest.mark.parametrize(
    ("place", "said"),
    [("Lisbon", "in Lisbon"), ("on the moon", "on the moon"), ("東京", "東京")],
)
def test_a_place_is_put_as_it_is_spoken(place: str, said: str) -> None:
    assert refined("a fox", Refinements(location=place)) == f"a fox, {said}"


def test_a_suggested_style_is_told_in_full_and_only_once() -> None:
    once = styled("a fox", "Watercolor")
    assert once.startswith("a fox. Style: watercolor: ")
    assert styled(once, "watercolor") == once


def test_a_style_of_ones_own_is_told_as_it_is_put() -> None:
    assert styled("a fox!", "my grandma's quilts") == "a fox! Style: my grandma's quilts."
    assert styled("a fox", None) == "a fox"


def test_a_sets_description_joins_once() -> None:
    once = described("a bag", "Acme", "orange stripes.")
    assert once == "a bag. Acme: orange stripes."
    assert described(once, "Acme", "orange stripes.") == once
    assert described("a bag", "Acme", "") == "a bag"


@pytest.mark.parametrize(
    ("words", "aspect"),
    [
        ("a desktop wallpaper of a fox", "16:9"),
        ("a phone wallpaper of a fox", "9:16"),
        ("portrait of a fox", "2:3"),
        ("logo of a fox", "1:1"),
        ("the skyline of Porto", "3:2"),
        ("a fox", "1:1"),
    ],
)
def test_auto_goes_by_the_words(words: str, aspect: str) -> None:
    assert shape("auto", words, None) == aspect
    assert shape("4:3", words, None) == "4:3"


def test_auto_keeps_a_sources_shape_within_what_providers_draw() -> None:
    assert shape("auto", "logo of a fox", WIDE) == "1200:400"


def test_what_a_model_can_do_is_asked_of_it_unchanged() -> None:
    assert within(ASKED, ALL) == (ASKED, [])


@pytest.mark.parametrize(
    ("lacking", "field", "left", "told"),
    [
        ({"source": False}, "source", None, "cannot start from a picture"),
        ({"mask": False}, "mask", None, "no masks"),
        ({"references": 0}, "references", (), "no reference pictures"),
        ({"references": 2}, "references", (WIDE, WIDE), "first 2 of 3"),
        ({"negative_prompt": False}, "negative_prompt", "", "what to avoid"),
        ({"seed": "none"}, "seed", None, "no seed"),
        ({"transparent": False}, "background", None, "/icon"),
    ],
)
def test_what_a_model_cannot_do_is_left_out_and_told(
    lacking: dict[str, object], field: str, left: object, told: str
) -> None:
    request, notes = within(ASKED, replace(ALL, **lacking))  # type: ignore[arg-type]
    assert getattr(request, field) == left
    assert len(notes) == 1
    assert told in notes[0]


def test_a_difference_shows_what_is_new_and_what_is_gone() -> None:
    assert difference("a fox", "a red fox, at dawn") == "a **red** fox, **at dawn**"
    assert difference("a big fox", "a fox") == "a ~~big~~ fox"
    assert added("a fox", "a red fox, at dawn") == "red, at dawn"


def test_a_difference_shows_markup_as_it_was_typed() -> None:
    assert difference("a *fox*", "a *fox* [1]") == r"a \*fox\* **\[1\]**"
