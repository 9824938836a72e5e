"""Brackets in a prompt: what they stand for, what is ordinary text, and how many are too many."""

from __future__ import annotations

import pytest
from hypothesis import given, settings as examples, strategies as st

from core.errors import InvalidParams
from services.expand import CAP, alternatives


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a fox", ["a fox"]),
        ("a [red, blue] fox", ["a red fox", "a blue fox"]),
        ("[a fox, two owls, a bear]", ["a fox", "two owls", "a bear"]),
        (
            "[red, blue] fox at [dawn, night]",
            ["red fox at dawn", "red fox at night", "blue fox at dawn", "blue fox at night"],
        ),
        ("a [small [red, blue], big] fox", ["a small red fox", "a small blue fox", "a big fox"]),
        ("a [fox,fox] in snow", ["a fox in snow"]),
        ("一只[红,蓝]狐狸", ["一只红狐狸", "一只蓝狐狸"]),
        ("[赤い、青い]狐", ["赤い狐", "青い狐"]),
    ],
)
def test_each_choice_makes_a_prompt(prompt: str, expected: list[str]) -> None:
    assert alternatives(prompt) == expected


@pytest.mark.parametrize(
    "prompt", ["a [] fox", "a [red] fox", "[ , ]", "a fox]", "a [fox", "][", "[only,]", "[[red]]"]
)
def test_brackets_without_a_choice_are_text(prompt: str) -> None:
    assert alternatives(prompt) == [prompt]


def test_a_backslash_makes_a_bracket_or_a_comma_itself() -> None:
    assert alternatives(r"a sign \[red, blue\]") == ["a sign [red, blue]"]
    assert alternatives(r"[Paris\, Texas, Rome] at C:\new") == [
        r"Paris, Texas at C:\new",
        r"Rome at C:\new",
    ]


def test_a_choice_inside_plain_brackets_is_still_made() -> None:
    assert alternatives("[a [red, blue] fox]") == ["[a red fox]", "[a blue fox]"]


def test_too_many_are_refused_with_the_number_and_the_limit() -> None:
    with pytest.raises(InvalidParams, match=rf"12 prompts; up to {CAP}"):
        alternatives("[a, b, c] [d, e] [f, g]")


def test_an_endless_number_is_counted_without_being_written() -> None:
    with pytest.raises(InvalidParams, match="up to 10"):
        alternatives("[a, b]" * 2000)


def test_very_deep_brackets_are_read_to_a_depth() -> None:
    assert alternatives("[" * 5000 + "]" * 5000) == ["[" * 5000 + "]" * 5000]


@examples(max_examples=300, deadline=None)
@given(st.text(alphabet="ab[],\\ ,", max_size=60))
def test_whatever_is_typed_makes_prompts_or_a_sentence(prompt: str) -> None:
    try:
        found = alternatives(prompt)
    except InvalidParams as error:
        assert "Take some out" in str(error)
    else:
        assert 1 <= len(found) <= CAP
