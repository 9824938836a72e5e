"""A page of a comic: a person's idea as a small story that is set up, turns and ends in a joke.

What they told is told in its order and their words; what they had somebody say is said word for
word. Only what is open is filled: reactions and stock lines in the page's language.
"""

# Other languages' punctuation and letters are meant as they stand.
# ruff: noqa: RUF001

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from core.text import clean, shorten
from core.writing import LINES, PANELS, Script
from providers.templates.dialogue import Spoken, beats, cast, quoted, turn
from providers.templates.issue import Report, report_of
from providers.templates.phrases import CREW, PHRASES, ROLES
from providers.templates.reading import (
    QUOTED,
    inside,
    language_code,
    pick,
    sentences,
)

ARCS = {
    1: ("punch",),
    2: ("setup", "punch"),
    3: ("setup", "turn", "punch"),
    4: ("setup", "rising", "turn", "punch"),
    5: ("setup", "rising", "turn", "reaction", "punch"),
    6: ("setup", "rising", "rising", "turn", "reaction", "punch"),
}
BUG_ARCS = {
    1: ("fix",),
    2: ("report", "fix"),
    3: ("report", "hunt", "fix"),
    4: ("report", "hunt", "fix", "merged"),
    5: ("report", "rising", "hunt", "fix", "merged"),
    6: ("report", "rising", "hunt", "turn", "fix", "merged"),
}
BUG_BEATS = frozenset(beat for arc in BUG_ARCS.values() for beat in arc) - {"rising", "turn"}
STAGING = {
    "setup": "Wide view that shows the place and who is there.",
    "rising": "Closer, something draws every eye.",
    "turn": "Close and dramatic, at a tilted angle: the moment it all changes.",
    "reaction": "Close-up of the faces as it sinks in.",
    "punch": "A calm, wide view: everybody lives with how it turned out.",
    "report": "Somebody points at a screen, surprised; a small cheeky beetle peeks out behind it.",
    "hunt": "At night, with a flashlight among towering cables; the beetle sits just out of sight.",
    "fix": "Triumph: the beetle is caught under a glass, one line of code glows on the screen.",
    "merged": "Relief and cake; behind everybody's back two more beetles wave.",
}
HUNTERS = {"report": 0, "hunt": 1, "fix": 1}
"""Whose line it is in a bug's story: who reports it says it first, who hunts it finds it."""
ASIDE = re.compile(r"\([^()]*\)")
"""What was said, as scenes have it."""
SHORT = 90
"""Characters of a line or a caption that a balloon holds comfortably."""


@dataclass(frozen=True)
class Before:
    """What matters of the page before this one."""

    people: Sequence[str] = ()
    scene: str = ""
    """Where it ended."""
    said: Sequence[str] = ()


@dataclass
class Panel:
    """One panel as it is put together."""

    beat: str
    told: list[str] = field(default_factory=list[str])
    lines: list[Spoken] = field(default_factory=list[Spoken])
    caption: str = ""


def script(data: Mapping[str, Any]) -> dict[str, Any]:
    """Write a page with exactly the panels asked for; see the module."""
    prompt = clean(str(data.get("prompt") or ""))
    count = min(max(int(data.get("panels") or 4), 1), PANELS)
    named = [clean(str(each)) for each in data.get("characters") or ()]
    report = report_of(data)
    before = before_of(data)
    told = " ".join(report.told) if report else prompt or before.scene
    language = language_code(data.get("language"), prompt or " ".join(before.said) or told)
    roles = CREW if report else ROLES
    who = cast(
        "" if report else told,
        named or (report.people if report else before.people),
        roles.get(language, roles["en"]),
    )
    arc = (BUG_ARCS if report else ARCS)[count]
    panels = [Panel(beat) for beat in arc]
    if report:
        follow(report, panels)
    else:
        tell(told, panels, who)
    speak(panels, who, language, told, before.said)
    title = report.title if report else title_of(prompt, clean(str(data.get("title") or "")))
    return {"title": title, "panels": shown(panels, who)}


def before_of(data: Mapping[str, Any]) -> Before:
    """The page that this one goes on from; nothing where it is a story's first."""
    try:
        page = Script.model_validate(data.get("before"))
    except ValidationError:
        return Before()
    lines = [line for panel in page.panels for line in panel.lines]
    scene = page.panels[-1].action
    for staging in STAGING.values():
        scene = scene.removesuffix(staging)
    ends = sentences(ASIDE.sub(" ", scene))
    return Before(
        people=list(dict.fromkeys(line.speaker for line in lines if line.speaker))[:4],
        scene=ends[-1] if ends else "",
        said=[line.text for line in lines],
    )


def tell(told: str, panels: list[Panel], who: Sequence[str]) -> None:
    """Give every sentence and every line of the person's own to a panel, in order."""
    parts: list[tuple[str, list[Spoken]]] = []
    earlier = ""
    for beat in beats(told):
        line = turn(beat)
        if line is not None:
            parts.append(("", [line]))
        else:
            parts.append((beat, quoted(beat, who, earlier)))
            earlier = beat
    parts = parts or [(told, [])]
    for at, (text, lines) in enumerate(parts):
        panel = panels[at * len(panels) // len(parts) if len(parts) > 1 else 0]
        if text:
            panel.told.append(text)
        panel.lines += lines
    pass_on(panels)


def pass_on(panels: list[Panel]) -> None:
    """Pass lines that a panel has no room for on to the next one that has."""
    for at, panel in enumerate(panels[:-1]):
        panels[at + 1].lines[:0] = panel.lines[LINES:]
        del panel.lines[LINES:]
    last = panels[-1].lines
    while len(last) > LINES:  # More than the page holds: said in one breath, and never dropped.
        other = last.pop()
        joined = f"{last[-1].text} {other.text}"
        last[-1] = replace(last[-1], text=shorten(joined, 300))


def follow(report: Report, panels: list[Panel]) -> None:
    """Put a report's own facts where they belong in its story."""
    telling = [panel for panel in panels if panel.beat in ("report", "rising", "turn")]
    for at, sentence in enumerate(report.told):
        if telling:
            telling[at * len(telling) // len(report.told)].told.append(sentence)
    panels[0].caption = shorten(report.title, SHORT)
    if not telling:
        panels[0].told.append(report.title)
    for panel in panels:
        if panel.beat == "hunt" and report.clue:
            panel.told.append(f"The clue: {report.clue}")
            panel.lines.append(Spoken(shorten(report.clue, SHORT), report.finder))
        if panel.beat == "merged":
            panel.told.append(f"Solved: {report.title}")


def speak(
    panels: Sequence[Panel], who: Sequence[str], language: str, told: str, said: Sequence[str]
) -> None:
    """Name who says what is open, and let somebody say something where nothing else happens.

    Where a person wrote lines of their own, what they left silent stays silent.
    """
    speakers = 0
    used = set(said)
    written = any(panel.lines for panel in panels)
    for panel in panels:
        if not panel.lines and not (written and panel.told and panel.beat not in BUG_BEATS):
            panel.lines.append(stock(panel.beat, language, told, used))
        for at, line in enumerate(panel.lines):
            if not line.speaker:
                turn_of = HUNTERS.get(panel.beat, speakers % len(who))
                panel.lines[at] = replace(line, speaker=who[min(turn_of, len(who) - 1)])
            speakers += 1


def stock(beat: str, language: str, told: str, used: set[str]) -> Spoken:
    """A stock line that neither this page nor the one before it has had."""
    options = PHRASES.get(language, PHRASES["en"])[beat]
    left = [each for each in options if each[1] not in used] or list(options)
    manner, text = pick(left, beat, told)
    used.add(text)
    return Spoken(text, manner=manner)


def shown(panels: Sequence[Panel], who: Sequence[str]) -> list[dict[str, Any]]:
    """The panels as scripts have them. Each is drawn alone, so each says what goes on in it."""
    scene = f"{' and '.join(who[:2])} talk, face to face."
    found: list[dict[str, Any]] = []
    for panel in panels:
        scene = " ".join(ended(without_marks(each)) for each in panel.told) or scene
        found.append(finished(panel, shorten(scene, 800)))
    return found


def without_marks(text: str) -> str:
    """What is said is lettered later; a picture's own letters would be in its way."""
    return QUOTED.sub(lambda found: f"({inside(found)})", text)


def ended(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…", "。", "！", "？")) else f"{text}."


def finished(panel: Panel, scene: str) -> dict[str, Any]:
    return {
        "action": f"{scene} {STAGING[panel.beat]}",
        "caption": panel.caption,
        "lines": [
            {"speaker": line.speaker, "text": line.text, "manner": line.manner}
            for line in panel.lines[:LINES]
        ],
    }


def title_of(prompt: str, given: str) -> str:
    """A title from the idea's first words."""
    if given.strip():
        return shorten(given, 100)
    first = next(iter(sentences(prompt)), "")
    if turn(first):
        return ""
    text = shorten(QUOTED.sub(lambda found: inside(found), first).rstrip(".!?。！？ "), 60)
    return f"{text[:1].upper()}{text[1:]}"
