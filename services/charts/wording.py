"""What people reply to a chart, read as a change of it: always the same way, and for nothing.

Only whole replies are read: where one of several wishes is not understood, none is, and a language
model may try.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from core.errors import InvalidParams
from core.text import shorten
from services.charts.naming import LISTS, QUOTES, About, Change, colored, listed, masking, named
from services.charts.phrases import ASIDE, HEAD, TAIL, phrase
from services.charts.spec import HEIGHT, WIDTH, ChartChange, ChartSpec

EXAMPLES = (
    "“make it a pie”, “log scale”, “drop 2019”, “only North”, “title: Sales”, “dark”, “wider”"
)
UNREAD = f"I did not understand that change of the chart. Say it like this: {EXAMPLES}."

LONGEST = 600
"""Characters of a reply, its titles aside, that may still be wishes rather than prose."""
WORDS = 12
"""Words of one clause that are tried in pieces."""
BREAK = re.compile(
    r"\s*(?:[;\n]+|[.!?](?=\s|$)|,?\s+(?:and|then|but|also|plus)\s+|,\s*|\s+[&+]\s+)\s*", re.I
)
AXIS = r"[xy](?:[ -]?axis)?(?:[ -]?(?:title|label|name))?"
TITLE = re.compile(
    rf"(?:^|(?<=[,;.!\n])\s*|\b(?:and|then|with|set|add|the|an?)\s+)(?:"
    rf"(?P<which>title|heading|{AXIS})\s*(?:[:=]\s*|\s+[-\u2013]\s+|\s+(?:to\s+|is\s+)?(?=[\"“«]))|"
    # Without a colon it takes a capital to tell a title from what happens to one.
    rf"(?P<loose>title|heading|{AXIS.removesuffix('?')})\s+(?=(?-i:[^\sa-z:=\"“«\u2013-]))|"
    rf"(?:(?:change|set)\s+)?(?:the\s+)?(?P<set>title|heading|{AXIS})\s+(?:to|is|should be|as)\s+|"
    rf"(?:call|name|label)\s+(?:the\s+)?(?P<named>it|this|title|chart|the chart|{AXIS})\s*:?\s+|"
    rf"(?P<renamed>rename|retitle)\s+(?:it|this|the chart|(?:the\s+)?(?P<axis>{AXIS}))\s+(?:to|as)\s*:?\s+)"
    r"(?P<words>[\"“«][^\"”»]*[\"”»]|[^;\n]*)",
    re.IGNORECASE,
)
ORDER = re.compile(
    r"(?:,|\.)?\s+(?:and\s+|then\s+|also\s+)*(?=(?:make|turn|use|set|drop|remove|hide|show|add|sort|"
    r"put|bring|without|no|only|swap|start|stack|keep|switch|change)\s)",
    re.IGNORECASE,
)
"""Where a title may end, if what follows is a wish."""


@dataclass
class Reading:
    """A reply while its wishes are read."""

    about: About
    nested: bool = False
    """Whether this is what follows a title, where no title is looked into again."""
    change: Change = field(default_factory=dict[str, Any])
    listing: str | None = None
    """The wish that a bare name goes on with: "drop 2018, 2019 and 2020"."""

    def note(self, change: Change) -> None:
        self.listing = next((name for name in change if name in LISTS), None)
        for name, value in change.items():
            if name in LISTS:
                self.change.setdefault(name, []).extend(value)
            elif name == "colors":
                self.change.setdefault(name, {}).update(value)
            else:
                self.change[name] = value


def read_words(
    words: str, spec: ChartSpec, names: Sequence[str] = (), *, trusting: bool = False
) -> ChartChange | None:
    """Read a reply; None where it is not understood. Raises `InvalidParams` for what cannot be.

    `names` are the places and the series of the chart, whose own commas and "and" are no breaks.
    Only what may be a name is taken for one, unless the reader is `trusting`.
    """
    own = dict.fromkeys((*names, *spec.drop, *spec.only))
    about = About(spec, tuple(sorted(own, key=len, reverse=True)), trusting=trusting)
    change = read_all(words.strip(), about)
    return checked(change) if change else None


def checked(change: Change) -> ChartChange:
    try:
        return ChartChange.model_validate(change)
    except ValidationError as error:
        complaint = error.errors()[0]
        raise InvalidParams(
            f"That {str(complaint['loc'][0]).replace('_', ' ')} cannot be: {complaint['msg']}."
        ) from error


def read_all(words: str, about: About, *, nested: bool = False) -> Change | None:
    reading = Reading(about, nested)
    rest = TITLE.sub(lambda found: entitled(reading, found), words)
    rest = re.sub(r"(rows|columns)\s+and\s+(rows|columns)", r"\1 with \2", rest, flags=re.I)
    rest = re.sub(r"(between\s+\d{4})\s+and\s+(?=\d{4})", r"\1 to ", rest, flags=re.I)
    if len(rest) > LONGEST:
        return None
    masked, hidden = masking(rest, about.names)
    reading.about = replace(about, hidden=hidden)
    for clause in BREAK.split(masked):
        if (own := bare(clause)) and not read_clause(reading, own):
            return None
    return reading.change


def bare(clause: str) -> str:
    """A clause without what only decorates it: stops, smileys, emoji."""
    decoration = r"(?:[^\w%#\"“«”»\ue000-\uf8ff-]|[:;]-?[)D])+"
    return re.sub(rf"^{decoration}|{decoration}$", "", clause)


def entitled(reading: Reading, found: re.Match[str]) -> str:
    """Take a title in whole: what is in it is no wish, but for an order at its end."""
    which = next(
        filter(None, (found[n] for n in ("which", "loose", "set", "named", "axis", "renamed")))
    )
    axis = which[0].lower() if re.fullmatch(AXIS, which, re.I) else ""
    text, more = ordered_after(reading, found["words"].strip())
    if not text:
        return found[0]
    title = shorten(text.strip(QUOTES).strip(), 120 if axis else 200)
    reading.note({f"{axis}_title" if axis else "title": title} | more)
    return ";"


def ordered_after(reading: Reading, text: str) -> tuple[str, Change]:
    """The title, and what is ordered behind it: "Sales and make it dark"."""
    if reading.nested or len(text) > LONGEST:
        return text, {}
    for end in ORDER.finditer(text):
        if more := read_all(text[end.end() :], reading.about, nested=True):
            return text[: end.start()].strip(), more
    return text, {}


def read_clause(reading: Reading, clause: str) -> bool:
    """Read one clause, whole or in pieces: "dark pie without grid" is three wishes."""
    if not HEAD.sub("", clause):
        return True
    kind = reading.listing
    if kind and (own := reading.about.known(clause)) is not None:
        reading.note({kind: [own]})
        return True
    if (change := wish(reading.about, clause)) is not None:
        reading.note(change)
        return True
    if kind and (more := listed(reading.about, clause)):
        reading.note({kind: more})
        return True
    changes = pieces(reading.about, TAIL.sub("", HEAD.sub("", clause)).split())
    for each in changes or ():
        reading.note(each)
    return changes is not None


def pieces(about: About, words: Sequence[str]) -> list[Change] | None:
    """The wishes that a clause without commas is made of; None where some words are of none."""
    if not 1 < len(words) <= WORDS:
        return None
    best: list[list[Change] | None] = [*[None] * len(words), []]
    for start in range(len(words) - 1, -1, -1):
        for end in range(len(words), start, -1):
            rest = best[end]
            if rest is None:
                continue
            change = wish(about, " ".join(words[start:end]))
            if change is not None:
                best[start] = [change, *rest]
                break
    return best[0]


def wish(about: About, text: str) -> Change | None:
    """Read one wish; None where it is none that is known."""
    shorter = TAIL.sub("", text)
    switched = re.sub(r"^(.+)\s+(off|on)$", lambda each: f"turn {each[2]} {each[1]}", shorter)
    bare = (HEAD.sub("", each) for each in (text, shorter))
    for words in dict.fromkeys((text, shorter, *bare, switched)):
        for read in READERS:
            if words and (change := read(about, words)) is not None:
                return change
    return {} if ASIDE.fullmatch(text) else None


def stated(about: About, text: str) -> Change | None:
    """Read a phrase that always means the same, unless the chart has something of that name."""
    return named(replace(about, only_known=True), text) or phrase(text)


def sized(about: About, text: str) -> Change | None:
    """Read "800x400", "width 1000", "wider", "twice as wide"."""
    if found := re.fullmatch(
        r"(?:size\s*:?\s+)?(\d{3,4})\s*(?:px\s*)?(?:x|\u00d7|by)\s*(\d{3,4})(?:\s*(?:px|pixels))?",
        text, re.I,
    ):  # fmt: skip
        return {"width": int(found[1]), "height": int(found[2])}
    if found := re.fullmatch(
        r"(width|height)\s*(?:[:=]|is|of|to)?\s*(\d{3,4})(?:\s*(?:px|pixels))?|"
        r"(\d{3,4})(?:\s*(?:px|pixels))?\s+(wide|high|tall)",
        text, re.I,
    ):  # fmt: skip
        side = (found[1] or {"w": "width"}.get(found[4][0].lower(), "height")).lower()
        return {side: int(found[2] or found[3])}
    for pattern, (across, down) in STRETCHED.items():
        if re.fullmatch(pattern, text, re.I):
            return stretched(about.spec, across, down)
    return {"height": min(about.spec.width, HEIGHT[1])} if text.lower() == "square" else None


MORE = 1.3
STRETCHED = {
    r"wider|more wid(?:e|th)": (MORE, 1.0),
    r"narrower|less wide|thinner": (1 / MORE, 1.0),
    r"taller|higher": (1.0, MORE),
    r"flatter|lower|shorter|less (?:tall|high)": (1.0, 1 / MORE),
    r"larger|bigger": (MORE, MORE),
    r"smaller": (1 / MORE, 1 / MORE),
    r"(?:twice|2x|two times) as wide|(?:double|twice) the width": (2.0, 1.0),
    r"half as wide|half the width": (0.5, 1.0),
    r"(?:twice|2x|two times) as (?:high|tall)|(?:double|twice) the height": (1.0, 2.0),
    r"half as (?:high|tall)|half the height": (1.0, 0.5),
    r"(?:twice|2x|two times) as (?:large|big)|(?:double|twice) the size": (2.0, 2.0),
    r"half as (?:large|big)|half the size": (0.5, 0.5),
}
"""How far words widen and heighten a chart."""


def stretched(spec: ChartSpec, across: float, down: float) -> Change:
    sides = (("width", spec.width, across, WIDTH), ("height", spec.height, down, HEIGHT))
    return {
        name: min(max(round(size * factor), low), high)
        for name, size, factor, (low, high) in sides
        if factor != 1
    }


def counted(about: About, text: str) -> Change | None:
    """Read "top 5", "the smallest 3", "20 bins"."""
    if found := re.fullmatch(
        r"(?:the\s+)?(?:top|largest|biggest|highest|limit(?: it)? to)\s+(\d{1,4})", text, re.I
    ):
        return {"top": int(found[1])}
    if found := re.fullmatch(r"(?:the\s+)?(?:bottom|smallest|lowest)\s+(\d{1,4})", text, re.I):
        return {"top": int(found[1]), "sort": "ascending"}
    if found := re.fullmatch(
        r"(\d{1,3})\s+(?:bins|classes|buckets)|(?:bins|classes|buckets)\s*[:=]?\s*(\d{1,3})",
        text, re.I,
    ):  # fmt: skip
        return {"bins": int(found[1] or found[2])}
    return None


def placed(about: About, text: str) -> Change | None:
    """Read where the legend is, and which column lies along the axis."""
    if found := re.fullmatch(
        r"(?:move\s+)?(?:the\s+)?legend\s+(?:(?:on|at|to)\s+)?(?:the\s+)?"
        r"(right|top|bottom|left|below|above|underneath)(?:\s+side)?",
        text, re.I,
    ):  # fmt: skip
        where = {"below": "bottom", "underneath": "bottom", "above": "top"}
        return {"legend": where.get(found[1].lower(), found[1].lower())}
    if found := re.fullmatch(
        r"(?:x(?:[ -]axis)?|along)\s+(?:from|by|the column)\s+(.{1,120})|"
        r"(.{1,120}?)\s+(?:along|on|as) the x[ -]?axis",
        text, re.I,
    ):  # fmt: skip
        return {"x": about.plain(found[1] or found[2])}
    return None


READERS: tuple[Callable[[About, str], Change | None], ...] = (
    stated, sized, counted, placed, colored, named,
)  # fmt: skip
