"""Scripts as text that people change."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from core.errors import InvalidParams
from core.writing import PanelScript, Script, SpokenLine
from services.comics.script import format_script, one_line, parse_script, told

SOCK = """Title: The lost sock

Panel 1: Maya looks under the bed.
Caption: Monday: seven o'clock
Maya: Where is it?
Maya (thinks): I had two.

Panel 2: The dog runs off with it.
Dog (shouts): Woof!"""


def test_a_script_reads_as_a_person_would_write_it() -> None:
    script = parse_script(SOCK)
    assert script == Script(
        title="The lost sock",
        panels=(
            PanelScript(
                action="Maya looks under the bed.",
                caption="Monday: seven o'clock",
                lines=(
                    SpokenLine(speaker="Maya", text="Where is it?"),
                    SpokenLine(speaker="Maya", text="I had two.", manner="think"),
                ),
            ),
            PanelScript(
                action="The dog runs off with it.",
                caption="",
                lines=(SpokenLine(speaker="Dog", text="Woof!", manner="shout"),),
            ),
        ),
    )
    assert format_script(script) == SOCK


names = st.text("abcdefgh ÄЯ日\u06270123'.-", min_size=1, max_size=40).filter(
    lambda name: one_line(name.lstrip("- ")) == name and name.strip(" -") != ""
)
texts = st.text(st.characters(exclude_categories=["C", "Z", "M"]), min_size=1, max_size=60)
sentences = st.lists(texts, min_size=1, max_size=3).map(lambda words: one_line(" ".join(words)))
spoken = st.builds(
    SpokenLine,
    speaker=names,
    text=sentences,
    manner=st.sampled_from(["say", "think", "shout", "whisper"]),
)
panels = st.builds(
    PanelScript,
    action=sentences,
    caption=st.just("") | sentences,
    lines=st.lists(spoken, max_size=4).map(tuple),
)
scripts = st.builds(
    Script,
    title=st.just("") | texts,
    panels=st.lists(panels, min_size=1, max_size=6).map(tuple),
)


@settings(max_examples=200, deadline=None)
@given(scripts)
def test_every_script_is_read_back_as_it_was_written(script: Script) -> None:
    assert parse_script(format_script(script)) == script


@pytest.mark.parametrize(
    "text",
    [
        "**Panel 1:** A cat sits.\n**Maya:** Hello!",
        "### Panel 1 - A cat sits.\n- Maya: Hello!",
        "panel #1. A cat\nsits.\n\nMaya (smiling): Hello!",
        "Panel 7\nA cat sits.\nMaya\uff1a Hello!",
        "> Panel 1: A cat sits.\r\n> Maya says: Hello!".replace(" says", ""),
    ],
)
def test_markup_and_small_liberties_are_forgiven(text: str) -> None:
    [panel] = parse_script(text).panels
    assert panel.action == "A cat sits."
    assert panel.lines == (SpokenLine(speaker="Maya", text="Hello!"),)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "There is no panel yet."),
        ("A cat sits there.", "Line 1 comes before the first panel."),
        ("Title: T\n\nPanel 1:\nMaya: Hi", "Line 3: panel 1 does not say what is seen."),
        ("Panel 1: x\nMaya:", "Line 2: Maya says nothing."),
        ("Panel 1: x\n" + "Maya: Hi\n" * 5, "Line 6: panel 1 has more than 4 spoken lines."),
        ("Panel 1: x\n" * 8, "Line 7 begins panel 7; a page has up to 6."),
        (
            "Panel 1: x\nMaya: " + "a" * 301,
            "Line 2: the speech of Maya is 301 characters long; up to 300 fit.",
        ),
        ("Panel 1: " + "a" * 1001, "Line 1: the action of panel 1 is 1,001 characters long;"),
        (f"Panel 1: x\n{'M' * 41}: Hi", "Line 2: the speaker's name is 41 characters long;"),
    ],
)
def test_a_complaint_names_the_line_and_the_limit(text: str, complaint: str) -> None:
    with pytest.raises(InvalidParams, match="^" + complaint.replace("(", r"\(")):
        parse_script(text)


def test_the_description_of_a_page_tells_its_story() -> None:
    assert told(parse_script(SOCK), "Comic") == (
        "Comic: The lost sock. 1. Maya looks under the bed. “Monday: seven o'clock” "
        "Maya: “Where is it?” Maya: “I had two.” 2. The dog runs off with it. Dog: “Woof!”"
    )
