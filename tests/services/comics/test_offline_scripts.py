"""The offline writer's pages: what somebody wrote is told in order and said by who says it."""

from __future__ import annotations

from typing import Any

import pytest

from providers.templates.script import script

Lines = list[tuple[str, str]]


def lines(prompt: str, panels: int = 4, **data: Any) -> list[Lines]:
    written = script({"prompt": prompt, "panels": panels, **data})
    return [[(each["speaker"], each["text"]) for each in one["lines"]] for one in written["panels"]]


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        (
            "Yuki finds a robot. Yuki: “Are you lost?” Robot: “I am new.” They walk home.",
            [[], [("Yuki", "Are you lost?")], [("Robot", "I am new.")], []],
        ),
        (
            "A cat finds a laptop. The screen says: updating. Cat (whispers): “Mine.” It sleeps.",
            [[], [("Screen", "updating.")], [("Cat", "Mine.")], []],
        ),
        (
            "She gives it tea. “Thank you,” says the robot. “Why?” asks Mia. It smiles.",
            [[], [("Robot", "Thank you.")], [("Mia", "Why?")], []],
        ),
        (
            "Mina : « Une étoile ! » Leo : « Un vœu. » Elle sourit. Il pleut.",
            [[("Mina", "Une étoile !")], [("Leo", "Un vœu.")], [], []],
        ),
        (
            "ミカ「どこ」 ケン「ここ」 二人は笑った。 夜になった。",
            [[("ミカ", "どこ")], [("ケン", "ここ")], [], []],
        ),
    ],
)
def test_who_says_what_is_read_as_it_was_written(prompt: str, said: list[Lines]) -> None:
    assert lines(prompt) == said


def test_a_page_goes_on_where_the_one_before_it_ends() -> None:
    first = script({"prompt": "Mia meets a dragon. Mia: “Hello!” Dragon: “Hm.”", "panels": 3})
    second = script({"prompt": "", "panels": 3, "before": first})
    third = script({"prompt": "", "panels": 3, "before": second})
    assert second["panels"][0]["action"].startswith("Mia meets a dragon.")
    said = [
        {line["text"] for panel in page["panels"] for line in panel["lines"]}
        for page in (first, second, third)
    ]
    assert all(said)
    assert not said[0] & said[1]
    assert not said[1] & said[2]
    speakers = {line["speaker"] for panel in second["panels"] for line in panel["lines"]}
    assert speakers == {"Mia", "Dragon"}


def test_what_happens_next_is_told_where_somebody_says_it() -> None:
    first = script({"prompt": "Mia meets a dragon.", "panels": 2})
    second = script({"prompt": "They fly to the moon.", "panels": 2, "before": first})
    assert "They fly to the moon." in second["panels"][0]["action"]
    assert second["title"] == "They fly to the moon"


@pytest.mark.parametrize("before", [None, "a page", {"panels": []}, {"panels": [{"action": ""}]}])
def test_a_page_before_that_is_none_changes_nothing(before: object) -> None:
    prompt = "Mia meets a dragon."
    assert script({"prompt": prompt, "before": before}) == script({"prompt": prompt})
