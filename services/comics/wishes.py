"""What people reply to a page: read as a change of its words, its panels or its form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.errors import InvalidParams
from core.text import shorten
from core.writing import PANELS, PanelScript, Script, SpokenLine
from services.comics.script import MANNER_OF, changed, manner_of, one_line, parse_script

TITLE = re.compile(r"^title\s*[:=]\s*(.*)$", re.IGNORECASE | re.DOTALL)
CAPTION = re.compile(r"^caption\s*#?(\d+)\s*[:=]\s*(.*)$", re.IGNORECASE | re.DOTALL)
NUMBERS = r"panels?\s*#?(?P<numbers>\d+(?:\s*(?:,|and|&|\+|to|-|\u2013)\s*\d+)*)(?!\w)"
IN_PANELS = re.compile(
    rf"^(?:in\s+)?{NUMBERS}(?:\s*[:,.\u2013\u2014-]\s*|\s+)(?P<wish>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
MENTIONED = re.compile(rf"\s*\b(?:in|of|on|for|to)\s+{NUMBERS}", re.IGNORECASE)
"""Panels named at the end of a wish, or within it."""
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "last")
ORDINAL = re.compile(rf"\bthe\s+({'|'.join(ORDINALS)})\s+panel\b", re.IGNORECASE)
ADDED = re.compile(
    r"^add\s+(?:a|one|another|one more)\s+(?:new\s+)?panel(?:\s+at the end)?"
    r"(?:\s*[:,.\u2013\u2014-]\s*|\s+(?:where|in which|with)\s+)(?P<action>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
SCRIPT = re.compile(r"^\W*(?:title\s*:[^\n]*\n\s*)?panel\s*#?\s*1\b.*\n", re.IGNORECASE)
"""A whole script: a first panel and more lines after it."""
OWN_CAPTION = re.compile(r"^caption\s*[:=]\s*(.*)$", re.IGNORECASE | re.DOTALL)
VERBS = "|".join(word for word in MANNER_OF if word.endswith("s") and word != "asks")
SPEECH = re.compile(
    rf"^(?P<name>[^:\uff1a]{{1,60}}?)\s+(?P<verb>{VERBS}|asks)\s*(?P<colon>[:\uff1a,])?\s*(?P<text>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
LABELED = re.compile(
    r"^(?P<name>[^:\uff1a(]{1,60}?)\s*(?:\((?P<verb>[^)]*)\))?\s*[:\uff1a]\s*(?P<text>\S.*)$",
    re.DOTALL,
)
WORDLESS = re.compile(
    r"^(?:(?:no|without|remove|delete)\s+(?:the\s+|any\s+)?"
    r"(?:words?|texts?|balloons?|bubbles?|speech|dialogue|lines?)|silent|wordless)\W*$",
    re.IGNORECASE,
)
UNCAPTIONED = re.compile(r"^(?:no|without|remove|delete)\s+(?:the\s+)?caption\W*$", re.IGNORECASE)
REMOVE = re.compile(r"^(?:remove|delete|drop)\s+panel\s*#?(\d+)\W*$", re.IGNORECASE)
REMOVED = re.compile(r"^(?:remove|delete|drop)(?:\s+(?:it|this|this panel))?\W*$", re.IGNORECASE)
SWAP = re.compile(
    r"^swap\s+(?:panels?\s*)?#?(\d+)\s*(?:and|with|,|&)\s*(?:panel\s*)?#?(\d+)\W*$",
    re.IGNORECASE,
)
QUOTES = "\"'\u201c\u201d\u2018\u2019\u00ab\u00bb\u201e\u300c\u300d"
ARTICLE = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)


@dataclass(frozen=True)
class Change:
    """What becomes of a page."""

    script: Script
    kept: tuple[int | None, ...]
    """Of each panel, which one of the page before it continues, from 1; None is a new one."""
    redraw: tuple[int, ...] = ()
    """The panels to draw again, from 1."""
    wish: str | None = None
    """What to change in those; None draws them as the script says."""


def read_wish(words: str, script: Script, cast: Sequence[str] = ()) -> Change:
    """Read what is wished of a page.

    Words that name no panel are for all of them. Raises `InvalidParams` for a panel there is not.
    """
    words = words.strip()
    same = Change(script, tuple(range(1, len(script.panels) + 1)))
    if SCRIPT.match(words):
        return rewritten(parse_script(words), script)
    if found := TITLE.match(words):
        return replace(same, script=titled(script, found[1]))
    words = ORDINAL.sub(lambda found: f"panel {ordinal(found[1], script)}", words)
    if found := ADDED.match(words):
        return with_another(same, found["action"])
    if found := CAPTION.match(words):
        return captioned(same, panel_number(found[1], script), found[2])
    if found := REMOVE.match(words):
        return without(same, panel_number(found[1], script))
    if found := SWAP.match(words):
        return swapped(same, *(panel_number(each, script) for each in found.groups()))
    if found := IN_PANELS.match(words):
        return in_panels(same, numbers(found["numbers"], script), found["wish"].strip(), cast)
    if found := MENTIONED.search(words):
        wish = f"{words[: found.start()]}{words[found.end() :]}".strip()
        return in_panels(same, numbers(found["numbers"], script), wish or words, cast)
    return everywhere(same, words)


def ordinal(word: str, script: Script) -> int:
    """The number of "the third panel"; the last one is whichever it is."""
    at = ORDINALS.index(word.lower())
    return len(script.panels) if ORDINALS[at] == "last" else at + 1


def chosen(words: str, names: Iterable[str], kind: str) -> str | None:
    """The one that words name and say nothing else of: "noir", "make it noir", "style: noir"."""
    spelled = {re.sub(r"\W+", " ", each): each for each in names}
    named = "|".join(map(re.escape, spelled)).replace(r"\ ", r"[\s-]+")
    found = re.match(
        rf"^(?:{kind}\s*[:=]?\s*|(?:(?:make it|as|in|use)\s+)?)(?:an?\s+|the\s+)?({named})"
        rf"(?:\s+(?:comic|manga))?(?:\s+(?:{kind}|art|please))?\W*$",
        words.strip(),
        re.IGNORECASE,
    )
    return spelled[re.sub(r"\W+", " ", found[1].lower())] if found else None


def numbers(words: str, script: Script) -> list[int]:
    """Read "2", "1 and 3", "2-4"."""
    found: list[int] = []
    for part in re.split(r"\s*(?:,|and|&|\+)\s*", words, flags=re.IGNORECASE):
        ends = [panel_number(each, script) for each in re.findall(r"\d+", part)]
        found += range(ends[0], ends[-1] + 1)
    return list(dict.fromkeys(found))


def panel_number(digits: str, script: Script) -> int:
    number, count = int(digits[:3]), len(script.panels)
    if not 1 <= number <= count:
        there = f"There are {count} panels" if count > 1 else "There is one panel"
        raise InvalidParams(f"{there}; say a number from 1 to {count}.")
    return number


def in_panels(change: Change, which: Sequence[int], wish: str, cast: Sequence[str]) -> Change:
    for number in sorted(which, reverse=True):
        change = in_panel(change, number, wish, cast)
    return change


def with_another(change: Change, action: str) -> Change:
    """A panel more at the end."""
    panels = change.script.panels
    if len(panels) == PANELS:
        raise InvalidParams(f"A page has up to {PANELS} panels. Delete one first.")
    if len(action) > 1000:
        raise InvalidParams(f"That is {len(action):,} characters; up to 1,000 fit. Say less.")
    new = PanelScript(action=action, caption="", lines=())
    script = Script(title=change.script.title, panels=(*panels, new))
    return replace(change, script=script, kept=(*change.kept, None))


def in_panel(change: Change, number: int, wish: str, cast: Sequence[str]) -> Change:
    """Change one panel: its words where the wish is about words, else its picture."""
    panel = change.script.panels[number - 1]
    if found := OWN_CAPTION.match(wish):
        return captioned(change, number, found[1])
    if UNCAPTIONED.match(wish):
        return captioned(change, number, "")
    if WORDLESS.match(wish):
        return with_panel(change, number, changed(panel, lines=()))
    if REMOVED.match(wish):
        return without(change, number)
    if (line := spoken(wish, known_names(change.script, cast))) is not None:
        return with_panel(change, number, says(panel, line))
    wished = with_panel(change, number, acting(panel, wish))
    return replace(wished, redraw=tuple(sorted({*change.redraw, number})), wish=wish)


def everywhere(change: Change, wish: str) -> Change:
    for number in range(1, len(change.script.panels) + 1):
        panel = change.script.panels[number - 1]
        change = with_panel(change, number, acting(panel, wish))
    return replace(change, redraw=tuple(range(1, len(change.script.panels) + 1)), wish=wish)


def acting(panel: PanelScript, wish: str) -> PanelScript:
    """A panel whose action says what was wished, so that it stays when it is drawn again."""
    said = f"{panel.action.rstrip()} {one_line(wish)}"
    if len(said) > 1000:
        said = f"{shorten(panel.action, 500)} {shorten(wish, 499)}"
    return changed(panel, action=said)


def known_names(script: Script, cast: Sequence[str]) -> dict[str, str]:
    names = [*cast, *(line.speaker for panel in script.panels for line in panel.lines)]
    return {each.casefold(): each for each in reversed(names) if each}


def spoken(wish: str, known: dict[str, str]) -> SpokenLine | None:
    """Read "Maya says: Hello!" or "Maya: Hello!"; None where nobody speaks.

    Without a colon somebody must be known, so that "the sign says stop" stays a wish for a picture.
    """
    verbal, labeled = SPEECH.match(wish), LABELED.match(wish)
    found = verbal or labeled
    if found is None:
        return None
    bare = ARTICLE.sub("", found["name"].strip())
    name = known.get(bare.casefold()) or known.get(found["name"].strip().casefold())
    if name is None and not (verbal and verbal["colon"]):
        return None
    text = one_line(found["text"]).strip(QUOTES).strip()
    if not text:
        raise InvalidParams("Say what is to be said, for example “panel 2: Maya says: Hello!”")
    if len(text) > 300:
        raise InvalidParams(
            f"That is {len(text)} characters; up to 300 fit in a balloon. Say less."
        )
    speaker = name or shorten(bare[:1].upper() + bare[1:], 40)
    return SpokenLine(speaker=speaker, text=text, manner=manner_of(found["verb"] or ""))


def says(panel: PanelScript, line: SpokenLine) -> PanelScript:
    """Put a line in place of the first one that its speaker has there, else after the others."""
    lines = list(panel.lines)
    for at, each in enumerate(lines):
        if each.speaker.casefold() == line.speaker.casefold():
            lines[at] = line
            return changed(panel, lines=lines)
    return changed(panel, lines=[*lines, line])


def titled(script: Script, title: str) -> Script:
    title = one_line(title).strip(QUOTES)
    if len(title) > 100:
        raise InvalidParams(f"The title is {len(title)} characters long; up to 100 fit.")
    return Script(title=title, panels=script.panels)


def captioned(change: Change, number: int, caption: str) -> Change:
    panel = change.script.panels[number - 1]
    return with_panel(change, number, changed(panel, caption=one_line(caption).strip(QUOTES)))


def with_panel(change: Change, number: int, panel: PanelScript) -> Change:
    panels = list(change.script.panels)
    panels[number - 1] = panel
    return replace(change, script=Script(title=change.script.title, panels=tuple(panels)))


def without(change: Change, number: int) -> Change:
    """Leave a panel out; the others keep their pictures."""
    panels, kept = list(change.script.panels), list(change.kept)
    if len(panels) == 1:
        raise InvalidParams("That is the only panel; a page needs one.")
    del panels[number - 1], kept[number - 1]
    redraw = tuple(each - (each > number) for each in change.redraw if each != number)
    script = Script(title=change.script.title, panels=tuple(panels))
    return replace(change, script=script, kept=tuple(kept), redraw=redraw)


def swapped(change: Change, one: int, other: int) -> Change:
    order = list(range(len(change.script.panels)))
    order[one - 1], order[other - 1] = order[other - 1], order[one - 1]
    panels = tuple(change.script.panels[at] for at in order)
    script = Script(title=change.script.title, panels=panels)
    return replace(change, script=script, kept=tuple(change.kept[at] for at in order))


def rewritten(script: Script, before: Script) -> Change:
    """A new script in place of the old one: only what is seen anew is drawn anew."""
    known = {one_line(panel.action): n for n, panel in enumerate(before.panels, 1)}
    kept = tuple(known.get(panel.action) for panel in script.panels)
    return Change(script, kept)
