"""The writer that is always there keeps a person's words and fills what they left open."""

# Greek is meant.
# ruff: noqa: RUF001

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings as examples, strategies as st

import providers
from core.errors import BadRequest
from core.settings import Settings
from core.writing import Enhanced, Likeness, Plan, Script, Writing
from providers.templates import Templates
from providers.templates.phrases import CREW, PHRASES, ROLES
from providers.templates.plan import plan
from providers.templates.reading import words_of
from providers.templates.script import script

ANSWERS: dict[str, Any] = {
    "enhance": Enhanced,
    "script": Script,
    "plan": Plan,
    "likeness": Likeness,
}
LANGUAGES = ["en", "de", "fr", "es", "pt", "it", "ru", "ja", "zh", "ko", "ar", "he"]
JOINING = {"and", "then", "also", "finally", "first", "next", "please", "und", "et", "y"}


async def answer(task: str, **data: Any) -> Any:
    asked = Writing(task=task, instruction="", data=data, answer=ANSWERS[task])
    return (await Templates().write(asked)).answer


async def enhanced(prompt: str, **data: Any) -> str:
    return (await answer("enhance", prompt=prompt, **data)).prompt


async def planned(request: str, most: int = 5) -> list[str]:
    return list((await answer("plan", request=request, max_steps=most)).steps)


async def written(**data: Any) -> Script:
    return await answer("script", **data)


def spoken(page: Script) -> list[tuple[str, str, str]]:
    return [(line.speaker, line.manner, line.text) for panel in page.panels for line in panel.lines]


def test_it_is_found_without_any_key(settings: Settings) -> None:
    assert "templates" in providers.discover_writers(settings)


async def test_it_is_free_and_says_the_same_twice() -> None:
    asked = Writing(task="enhance", instruction="", data={"prompt": "a fox"}, answer=Enhanced)
    first, second = await Templates().write(asked), await Templates().write(asked)
    assert (first.cost, first.cost_source) == (0, "free")
    assert first.answer == second.answer


async def test_a_task_without_a_template_is_refused_with_a_sentence() -> None:
    with pytest.raises(BadRequest, match="language model"):
        await Templates().write(Writing(task="poem", instruction="", data={}, answer=Enhanced))


@pytest.mark.parametrize(
    "prompt",
    [
        "a red fox",
        "logo for a bakery.",
        "Ein roter Fuchs im Schnee",
        "猫が窓辺で寝ている",
        "שועל אדום ביער",
        "a fox\nin the snow, no people",
    ],
)
async def test_a_better_prompt_begins_with_the_persons_own(prompt: str) -> None:
    better = await enhanced(prompt)
    assert better.startswith(prompt)
    assert len(better) > len(prompt)


@pytest.mark.parametrize(
    ("prompt", "unsaid"),
    [
        ("a castle at night", ["golden", "daylight", "sun"]),
        ("a cup, flat shadowless light, plain", ["shadow", "bright", "grain"]),
        ("portrait of a woman, close-up, candlelight", ["upper third", "window"]),
        ("a foggy harbor", ["golden", "raking", "long shadows"]),
        ("a minimal mountain, no haze", ["haze", "detail"]),
    ],
)
async def test_nothing_is_added_that_the_prompt_has_settled(prompt: str, unsaid: list[str]) -> None:
    added = (await enhanced(prompt)).removeprefix(prompt).lower()
    assert [word for word in unsaid if word in added] == []


async def test_what_a_refinement_says_is_not_said_again() -> None:
    plain = await enhanced("a red fox")
    lit = await enhanced("a red fox", lighting="candlelight", shot="close-up")
    assert len(lit) < len(plain)
    assert "light" not in lit


async def test_a_prompt_in_another_language_gets_no_english() -> None:
    assert "light" not in await enhanced("Ein roter Fuchs im Schnee")
    assert not any(char.isascii() and char.isalpha() for char in await enhanced("猫が寝ている"))
    assert await enhanced("Μια κόκκινη αλεπού") == "Μια κόκκινη αλεπού"


async def test_a_very_long_prompt_is_left_alone() -> None:
    assert await enhanced("fox " * 1900) == ("fox " * 1900).strip()


@pytest.mark.parametrize(
    ("request_", "steps"),
    [
        ("make it night", ["make it night"]),
        ("make the photo black and white", ["make the photo black and white"]),
        ("add salt and pepper shakers", ["add salt and pepper shakers"]),
        (
            "put a cat between the tree and the house",
            ["put a cat between the tree and the house"],
        ),
        ("add a man with a hat and a beard", ["add a man with a hat and a beard"]),
        (
            "add three people and a dog, make it night",
            ["make it night", "add three people", "add a dog"],
        ),
        (
            "add a dog in the foreground, then remove the car; change the sky to a sunset",
            ["change the sky to a sunset", "remove the car", "add a dog in the foreground"],
        ),
        (
            "turn it into a watercolor, add a dog and give it a hat",
            ["add a dog", "give it a hat", "turn it into a watercolor"],
        ),
        (
            'write "salt, and then pepper" on the sign and brighten the picture',
            ["brighten the picture", 'write "salt, and then pepper" on the sign'],
        ),
        ("change the hat to red and blue", ["change the hat to red and blue"]),
        (
            "Füge einen Hund hinzu und entferne das Auto",
            ["entferne das Auto", "Füge einen Hund hinzu"],
        ),
        ("1. remove the bin\n2. add a bench", ["remove the bin", "add a bench"]),
    ],
)
async def test_a_request_becomes_single_changes_in_a_painters_order(
    request_: str, steps: list[str]
) -> None:
    assert await planned(request_) == steps


WISHES = [
    "add a tree", "remove the old car", "make it winter", "change her hat to red and gold",
    "turn it into an oil painting", "give the dog a bone", "put a cat between the bed and the door",
    "add two ducks in the foreground", 'write "go, and win"', "make the wall black and white",
    "brighten the picture", "swap the sun and the moon",
]  # fmt: skip


@examples(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(WISHES), min_size=1, max_size=12),
    st.lists(
        st.sampled_from([" and ", ", ", "; ", ". ", ", then ", "\n"]), min_size=12, max_size=12
    ),
    st.integers(1, 5),
)
def test_no_word_of_a_request_is_lost_in_its_plan(
    wishes: list[str], joints: list[str], most: int
) -> None:
    request = "".join(f"{wish}{joint}" for wish, joint in zip(wishes, joints, strict=False))
    steps = plan({"request": request, "max_steps": most})["steps"]
    assert set(words_of(request)) - JOINING <= set(words_of(" ".join(steps)))
    assert len(steps) <= most


@examples(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.integers(1, 6), st.sampled_from(["", *LANGUAGES, "xx"]))
def test_any_words_make_a_page_with_the_panels_asked_for(
    words: str, panels: int, language: str
) -> None:
    page = Script.model_validate(script({"prompt": words, "panels": panels, "language": language}))
    assert len(page.panels) == panels


@pytest.mark.parametrize("language", LANGUAGES)
async def test_characters_speak_the_pages_language(language: str) -> None:
    page = await written(prompt="", panels=4, language=language)
    own = {text for options in PHRASES[language].values() for _, text in options}
    assert {text for _, _, text in spoken(page)} <= own
    assert {speaker for speaker, _, _ in spoken(page)} == set(ROLES[language])


def test_every_language_has_every_phrase() -> None:
    assert set(PHRASES) == set(ROLES) == set(CREW) == set(LANGUAGES)
    shapes = {
        tuple((beat, tuple(manner for manner, _ in options)) for beat, options in each.items())
        for each in PHRASES.values()
    }
    assert len(shapes) == 1


async def test_an_unknown_language_falls_back_to_english_lines() -> None:
    page = await written(prompt="Μια αλεπού γελάει", panels=3, language="el")
    english = {text for options in PHRASES["en"].values() for _, text in options}
    assert {text for _, _, text in spoken(page)} <= english
    assert "αλεπού" in page.panels[0].action


async def test_what_a_person_has_somebody_say_is_said_word_for_word() -> None:
    page = await written(
        prompt='Mia opens the fridge. "Who ate my cake?" she shouts. Tom whispers "It was the cat".',
        panels=3,
    )
    assert spoken(page) == [
        ("Mia", "shout", "Who ate my cake?"),
        ("Tom", "whisper", "It was the cat"),
    ]


async def test_a_play_is_spoken_by_its_own_people() -> None:
    page = await written(prompt="Ann: Hi\nBen: Hello.\nAnn (thinking): He is odd.", panels=3)
    assert spoken(page) == [
        ("Ann", "say", "Hi"),
        ("Ben", "say", "Hello."),
        ("Ann", "think", "He is odd."),
    ]


async def test_more_lines_than_a_page_holds_are_all_still_there() -> None:
    lines = [f"line{n}" for n in range(20)]
    page = await written(prompt="\n".join(f"Ann: {each}" for each in lines), panels=2)
    said = " ".join(text for _, _, text in spoken(page))
    assert [each for each in lines if each not in said.split()] == []


async def test_the_storys_subjects_speak_where_nobody_is_named() -> None:
    page = await written(prompt="a red fox and an owl argue about a cookie", panels=4)
    assert {speaker for speaker, _, _ in spoken(page)} == {"Fox", "Owl"}
    assert all("cookie" in panel.action for panel in page.panels)


async def test_a_story_is_told_in_its_own_order() -> None:
    page = await written(prompt="A dog digs. It finds a bone. It is a dinosaur's!", panels=3)
    assert [panel.action.split(".")[0] for panel in page.panels[:2]] == [
        "A dog digs",
        "It finds a bone",
    ]
    assert "dinosaur" in page.panels[2].action


async def test_an_issue_becomes_the_story_of_its_bug() -> None:
    page = await written(
        prompt="## Steps\n1. Open it\n2. Save\nIt dies with a TypeError.\n```py\nsecret = 1\n```",
        title="Crash when saving",
        discussion=["ana: I can reproduce it.", "kim: It is because the name is empty."],
        panels=4,
    )
    whole = " ".join(panel.action for panel in page.panels)
    assert page.title == page.panels[0].caption == "Crash when saving"
    assert ("kim", "say", "It is because the name is empty.") in spoken(page)
    assert {speaker for speaker, _, _ in spoken(page)} <= {"ana", "kim"}
    assert "TypeError" in whole
    assert "secret" not in whole


async def test_a_likeness_shows_interests_and_quotes_nothing() -> None:
    shown = (await answer("likeness", words=[["coffee", 9], ["python", 3]], name="Zed")).description
    assert "coffee cup" in shown
    assert "laptop" in shown
    assert "python" not in shown
    assert "Zed" not in shown


async def test_a_likeness_never_touches_what_is_private() -> None:
    private = (
        "church cancer gay republican socialist mosque jewish depression overweight tall african"
    )
    nothing = (await answer("likeness", words=[], name="Zed")).description
    assert (await answer("likeness", words=private.split(), name="Zed")).description == nothing


@examples(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=20), st.tuples(st.text(max_size=9), st.integers()))))
async def test_any_words_make_a_likeness(words: list[Any]) -> None:
    assert (await answer("likeness", words=words, name="x")).description
