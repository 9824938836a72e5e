"""A comic's script as plain text that people read and change.

Title: The lost sock

Panel 1: Maya looks under the bed.
Caption: Monday, seven o'clock
Maya: Where is it?
Maya (thinks): I had two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from core.errors import InvalidParams
from core.text import clean, shorten
from core.writing import LINES, PANELS, Manner, PanelScript, Script, SpokenLine

NOBODY = "Voice"
"""Who speaks where a writer named nobody."""
MANNERS: dict[Manner, str] = {
    "say": "say says said asks answers",
    "think": "think thinks thought",
    "shout": "shout shouts shouted yell yells scream screams",
    "whisper": "whisper whispers whispered",
}
SUFFIX: dict[Manner, str] = {
    "say": "",
    "think": " (thinks)",
    "shout": " (shouts)",
    "whisper": " (whispers)",
}
MANNER_OF: dict[str, Manner] = {
    word: manner for manner, words in MANNERS.items() for word in words.split()
}

COLON = "[:\uff1a]"
"""A colon, or the wide one of Chinese and Japanese."""
PANEL = re.compile(r"^panel\s*#?\s*\d+\s*(?:[:\uff1a.)\u2013\u2014-]\s*(.*))?$", re.IGNORECASE)
LABEL = re.compile(
    rf"^(?P<name>[^:\uff1a(]{{1,60}})(?:\((?P<manner>[^)]{{0,40}})\)\s*)?{COLON}\s*(?P<text>.*)$"
)
BULLET = re.compile(r"^(?:[-*•>#]+\s+)+")
BOLD = re.compile(r"^(\*\*|__)(.{1,70}?)\1")
"""Markup that chat programs and language models put before such lines."""


def format_script(script: Script) -> str:
    """Write a script as text; `parse_script` reads the same script back."""
    parts = [f"Title: {one_line(script.title)}"] if script.title else []
    parts += [format_panel(number, each) for number, each in enumerate(script.panels, 1)]
    return "\n\n".join(parts)


def format_panel(number: int, panel: PanelScript) -> str:
    lines = [f"Panel {number}: {one_line(panel.action)}"]
    if panel.caption:
        lines.append(f"Caption: {one_line(panel.caption)}")
    for each in panel.lines:
        lines.append(f"{name_of(each.speaker)}{SUFFIX[each.manner]}: {one_line(each.text)}")
    return "\n".join(lines)


def one_line(text: str) -> str:
    return " ".join(text.split())


def name_of(speaker: str) -> str:
    """A speaker's name as a label: without what would end one."""
    return one_line(re.sub(r"[:\uff1a()*_]", " ", speaker)).lstrip("-•># ") or NOBODY


@dataclass
class Draft:
    """A panel while its lines are read."""

    line: int
    action: list[str] = field(default_factory=list[str])
    caption: list[str] = field(default_factory=list[str])
    spoken: list[tuple[int, str, Manner, list[str]]] = field(
        default_factory=list[tuple[int, str, Manner, list[str]]]
    )


def parse_script(text: str) -> Script:
    """Read a script from text. Raises `InvalidParams` with the line and what to change there."""
    title = ""
    panels: list[Draft] = []
    words: list[str] = []
    """Where a line without a label goes on."""
    for number, raw in enumerate(clean(text).split("\n"), 1):
        line = BOLD.sub(r"\2", BULLET.sub("", raw.strip())).strip()
        if not line:
            continue
        if begun := PANEL.match(line):
            panels.append(Draft(number))
            words = panels[-1].action
            words.append(begun[1] or "")
        elif not panels and (named := LABEL.match(line)) and named["name"].lower() == "title":
            title = named["text"]
        elif not panels:
            raise InvalidParams(
                f"Line {number} comes before the first panel. "
                "Begin with “Panel 1: ” and what is seen there."
            )
        else:
            words = read_line(panels[-1], number, line, words)
    return finished(title, panels)


def read_line(panel: Draft, number: int, line: str, words: list[str]) -> list[str]:
    """Take in one line of a panel; return where the next one without a label goes on."""
    found = LABEL.match(line)
    if found is None:
        words.append(line)
        return words
    name, text = found["name"].strip(), found["text"]
    if name.lower() == "caption":
        panel.caption.append(text)
        return panel.caption
    manner = manner_of(found["manner"] or "")
    spoken = [text]
    panel.spoken.append((number, name, manner, spoken))
    return spoken


def manner_of(words: str) -> Manner:
    """How something is said, by the words in brackets; said plainly where they name no way."""
    for word in re.findall(r"\w+", words.lower()):
        if word in MANNER_OF:
            return MANNER_OF[word]
    return "say"


def finished(title: str, panels: list[Draft]) -> Script:
    """Check what was read against what fits on a page."""
    if not panels:
        raise InvalidParams("There is no panel yet. Begin with “Panel 1: ” and what is seen there.")
    if len(panels) > PANELS:
        raise InvalidParams(
            f"Line {panels[PANELS].line} begins panel {PANELS + 1}; a page has up to {PANELS}. "
            "Join or delete some."
        )
    limit(title, "title", 100, 1)
    return Script(
        title=one_line(title),
        panels=tuple(finished_panel(number, each) for number, each in enumerate(panels, 1)),
    )


def finished_panel(number: int, draft: Draft) -> PanelScript:
    action, caption = joined(draft.action), joined(draft.caption)
    if not action:
        raise InvalidParams(
            f"Line {draft.line}: panel {number} does not say what is seen. "
            f"Write “Panel {number}: ” and what happens there."
        )
    limit(action, f"action of panel {number}", 1000, draft.line)
    limit(caption, f"caption of panel {number}", 200, draft.line)
    if len(draft.spoken) > LINES:
        raise InvalidParams(
            f"Line {draft.spoken[LINES][0]}: panel {number} has more than {LINES} spoken lines. "
            "Join some, or move them to another panel."
        )
    lines = tuple(finished_line(*each) for each in draft.spoken)
    return PanelScript(action=action, caption=caption, lines=lines)


def finished_line(number: int, speaker: str, manner: Manner, words: list[str]) -> SpokenLine:
    text = joined(words)
    if not text:
        raise InvalidParams(
            f"Line {number}: {shorten(speaker, 40)} says nothing. Add words, or delete the line."
        )
    limit(speaker, "speaker's name", 40, number)
    limit(text, f"speech of {speaker}", 300, number)
    return SpokenLine(speaker=speaker, text=text, manner=manner)


def joined(words: list[str]) -> str:
    return one_line(" ".join(words))


def limit(text: str, what: str, most: int, line: int) -> None:
    if len(text) > most:
        raise InvalidParams(
            f"Line {line}: the {what} is {len(text):,} characters long; up to {most:,} fit."
        )


def changed(panel: PanelScript, **values: Any) -> PanelScript:
    """A panel with something else in it. Raises `InvalidParams` where that does not fit."""
    try:
        return PanelScript.model_validate({**dict(panel), **values})
    except ValidationError as error:
        raise InvalidParams(
            f"A panel has room for {LINES} spoken lines of 300 characters, "
            "and for a caption of 200. Say less, or change what is there."
        ) from error


def told(script: Script, kind: str) -> str:
    """A script as the description of its page, for whoever cannot see it."""
    parts = [f"{kind}: {script.title}." if script.title else f"{kind}."]
    for number, panel in enumerate(script.panels, 1):
        said = [f"{each.speaker or NOBODY}: “{each.text}”" for each in panel.lines]
        told = [panel.action.rstrip(".") + ".", *([f"“{panel.caption}”"] if panel.caption else [])]
        parts.append(" ".join([f"{number}.", *told, *said]))
    return " ".join(parts)
