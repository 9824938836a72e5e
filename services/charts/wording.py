"""What people reply to a chart, read as a change of it: always the same way, and for nothing.

Only whole replies are read: where one of several wishes is not understood, none is, and a language
model may try.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from core.errors import InvalidParams
from core.text import shorten
from services.charts.spec import COLORS, HEIGHT, NAMES, WIDTH, ChartChange, ChartSpec

Change = dict[str, Any]

EXAMPLES = (
    "“make it a pie”, “log scale”, “drop 2019”, “only North”, “title: Sales”, “dark”, “wider”"
)
UNREAD = f"I did not understand that change of the chart. Say it like this: {EXAMPLES}."

POLITE = re.compile(
    r"^(?:(?:please|pls|now|and|then|also|but|can you|could you|make it|make this|make them|turn it "
    r"into|turn this into|change it to|change to|switch to|convert (?:it )?to|convert (?:it )?into|"
    r"show it as|show as|draw it as|draw as|i want|use|set|put|as|into|to|with|have it|let it be|"
    r"make the chart|it should be|add)\s+)*",
    re.IGNORECASE,
)
BREAK = re.compile(
    r"\s*(?:[;\n]+|[.!](?=\s|$)|,?\s+(?:and|then|but|also)\s+|,\s*|\s+&\s+)\s*", re.I
)
TITLE = re.compile(
    r"(?:^|(?<=[,;\n])\s*|\band\s+)(?P<which>title|x[ -]?axis(?: title| label)?|"
    r"y[ -]?axis(?: title| label)?|x[ -]title|y[ -]title|x[ -]label|y[ -]label|call it|"
    r"name it)\s*(?:[:=]\s*|\s+(?=[\"“«]))(?P<words>[\"“«][^\"”»]*[\"”»]|[^;\n]*)",
    re.IGNORECASE,
)
QUOTES = "\"'“”‘’«»„"  # noqa: RUF001
LEAD = r"(?:an?\s+|the\s+)?"
TAIL = r"(?:\s+(?:charts?|graphs?|plots?|diagrams?))?"
COLOR = (
    "|".join(sorted(map(re.escape, COLORS), key=len, reverse=True)) + r"|#[0-9a-f]{6}|#[0-9a-f]{3}"
)

TYPES = {
    r"horizontal\s+bars?": "horizontal bar",
    r"stacked\s+(?:bars?|columns?)": "stacked bar",
    r"(?:vertical\s+)?(?:bars?|columns?)": "bar",
    r"lines?": "line",
    r"areas?": "area",
    r"scatter(?:ed)?(?:\s+points)?|points|dots": "scatter",
    r"pies?": "pie",
    r"(?:do(?:ugh)?nuts?|rings?)": "doughnut",
    r"histograms?": "histogram",
    r"heat\s*maps?": "heat map",
}
ON = r"(?:with\s+|show\s+(?:the\s+)?|add\s+)?"
OFF = r"(?:no|without|hide|remove|drop|turn off)\s+(?:the\s+|any\s+)?"
PLAIN: dict[str, Change] = {
    r"(?:stacked|stack(?: them| the (?:bars|areas|series))?)": {"stacked": True},
    r"(?:stacked)\s+areas?": {"type": "area", "stacked": True},
    r"(?:un-?stacked|side by side|grouped|not stacked)": {"stacked": False},
    r"(?:horizontal|lying|sideways)": {"horizontal": True},
    r"(?:vertical|upright|standing)": {"horizontal": False},
    r"(?:y[ -]?axis\s+)?log(?:arithmic)?(?:\s*(?:scale|y|y[ -]?axis|axis))?": {"scale": "log"},
    r"(?:x[ -]?axis\s+log(?:arithmic)?|log(?:arithmic)?\s*x(?:[ -]?axis)?)(?:\s+scale)?": {
        "x_scale": "log"
    },
    r"linear(?:\s+(?:scale|axis|y[ -]?axis))?": {"scale": "linear", "x_scale": "linear"},
    r"(?:start|begin|starting|beginning|axis)?\s*(?:at|from)\s+(?:zero|0)": {"zero": True},
    r"(?:do not|don't|not|never)\s+(?:start|begin|starting)\s+(?:at|from)\s+(?:zero|0)": {
        "zero": False
    },
    r"(?:in\s+)?(?:percent|percentages?|%|shares?)": {"percent": True},
    r"(?:in\s+)?(?:absolute|real)(?:\s+(?:numbers?|values?))?|no\s+percent(?:ages?)?": {
        "percent": False
    },
    r"(?:swap|exchange|flip)\s+(?:the\s+)?(?:rows\s+(?:and|with)\s+columns|axes|series)|transposed?": {
        "transpose": True
    },
    r"(?:smooth(?:ed|er)?|curved)(?:\s+lines?)?": {"smooth": True},
    r"(?:straight|not smooth)(?:\s+lines?)?": {"smooth": False},
    rf"{ON}(?:markers|points on (?:the )?lines?)": {"points": True},
    rf"{OFF}(?:markers|points|dots)": {"points": False},
    rf"{ON}(?:values|labels|numbers|data labels)": {"labels": True},
    rf"{OFF}(?:values|labels|numbers|data labels)": {"labels": False},
    rf"{ON}(?:grid(?:\s*lines)?)": {"grid": True},
    rf"{OFF}(?:grid(?:\s*lines)?)": {"grid": False},
    rf"{ON}legend": {"legend": "auto"},
    rf"{OFF}legend": {"legend": "hidden"},
    rf"{ON}(?:{LEAD}trend(?:\s*line)?)": {"trend": True},
    rf"{OFF}(?:trend(?:\s*line)?)": {"trend": False},
    rf"{OFF}title|untitled": {"title": ""},
    r"dark(?:er)?(?:\s+(?:mode|theme|background))?|night mode": {"theme": "dark"},
    r"(?:light|white|bright)(?:\s+(?:mode|theme|background))?": {"theme": "light"},
    r"(?:an?\s+)?svg(?:\s+file)?|vector": {"format": "svg"},
    r"(?:an?\s+)?png(?:\s+file)?": {"format": "png"},
    r"sort(?:ed)?(?:\s+(?:it|them|by\s+(?:value|size)))?\s*(?:descending|downwards?|desc)?|"
    r"(?:largest|biggest|highest)\s+first|descending": {"sort": "descending"},
    r"sort(?:ed)?(?:\s+(?:it|them|by\s+(?:value|size)))?\s*(?:ascending|upwards?|asc)|"
    r"(?:smallest|lowest|least)\s+first|ascending": {"sort": "ascending"},
    r"(?:sort(?:ed)?\s+)?(?:by\s+name|alphabetical(?:ly)?(?:\s+order)?|by\s+label)": {
        "sort": "name"
    },
    r"(?:in\s+)?(?:the\s+)?(?:original|given)\s+order|unsorted|do not sort": {"sort": "given"},
    r"(?:bring|get|show|put)?\s*(?:everything|all(?: of (?:it|them))?)(?:\s+(?:back|again))?|reset": {
        "restore": ["everything"]
    },
}
RULES: list[tuple[re.Pattern[str], Change]] = [
    *((re.compile(LEAD + words + TAIL, re.I), {"type": kind}) for words, kind in TYPES.items()),
    *((re.compile(words, re.I), change) for words, change in PLAIN.items()),
]


LISTS = {"drop", "restore", "only"}


@dataclass
class Reading:
    """A reply while its wishes are read."""

    spec: ChartSpec
    names: Sequence[str]
    """What the chart's places and series are called."""
    change: Change = field(default_factory=dict[str, Any])
    listing: str | None = None
    """The wish that a bare name goes on with: "drop 2018, 2019 and 2020"."""

    def note(self, change: Change) -> bool:
        for name, value in change.items():
            if name in LISTS:
                self.change.setdefault(name, []).extend(value)
            elif name == "colors":
                self.change.setdefault(name, {}).update(value)
            else:
                self.change[name] = value
        return True


def read_words(words: str, spec: ChartSpec, names: Sequence[str] = ()) -> ChartChange | None:
    """Read a reply; None where it is not understood. Raises `InvalidParams` for what cannot be.

    `names` are the places and the series of the chart, whose own commas and "and" are no breaks.
    """
    reading = Reading(spec, sorted(names, key=len, reverse=True))
    rest = TITLE.sub(lambda found: entitled(reading, found), words.strip())
    rest = re.sub(r"rows\s+and\s+columns", "rows with columns", rest, flags=re.I)
    masked, hidden = masking(rest, reading.names)
    for clause in BREAK.split(masked):
        own = unmasked(clause, hidden).strip(" .!,;")
        if own and not wish(reading, own):
            return None
    if not reading.change:
        return None
    try:
        return ChartChange.model_validate(reading.change)
    except ValidationError as error:
        complaint = error.errors()[0]
        raise InvalidParams(
            f"That {str(complaint['loc'][0]).replace('_', ' ')} cannot be: {complaint['msg']}."
        ) from error


def entitled(reading: Reading, found: re.Match[str]) -> str:
    """Take a title in whole: whatever is in it is no wish."""
    which = re.sub(r"[^xy]", "", found["which"].lower()[:1])
    text = shorten(found["words"].strip().strip(QUOTES).strip(), 120)
    reading.note({f"{which}_title" if which else "title": text})
    return ";"


def masking(words: str, names: Sequence[str]) -> tuple[str, list[str]]:
    """The words with names and quotations as single letters that break nowhere."""
    hidden: list[str] = []

    def hide(found: re.Match[str]) -> str:
        hidden.append(found[0])
        return chr(0xE000 + len(hidden) - 1)

    words = re.sub(r"[\"“«][^\"”»]{1,120}[\"”»]", hide, words)
    for name in names[: NAMES * 4]:
        if re.search(r"\W", name):
            words = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", hide, words, flags=re.I)
    return words, hidden


def unmasked(clause: str, hidden: Sequence[str]) -> str:
    return re.sub(
        "[\ue000-\uf8ff]",
        lambda found: (
            hidden[ord(found[0]) - 0xE000] if ord(found[0]) - 0xE000 < len(hidden) else ""
        ),
        clause,
    )


def wish(reading: Reading, clause: str) -> bool:
    """Read one wish; False where it is none that is known."""
    bare = POLITE.sub("", clause).strip() or clause
    for text in dict.fromkeys((clause, bare)):
        for pattern, change in RULES:
            if pattern.fullmatch(text):
                reading.listing = None
                return reading.note(change)
        for read in (sized, counted, placed, colored, named):
            if read(reading, text):
                return True
    return continued(reading, bare)


def sized(reading: Reading, text: str) -> bool:
    """Read "800x400", "width 1000", "wider", "larger"."""
    if found := re.fullmatch(
        r"(?:size\s+)?(\d{3,4})\s*(?:x|\u00d7|by)\s*(\d{3,4})(?:\s*(?:px|pixels))?", text, re.I
    ):
        return reading.note({"width": int(found[1]), "height": int(found[2])})
    if found := re.fullmatch(
        r"(width|height)\s*[:=]?\s*(\d{3,4})(?:\s*(?:px|pixels))?", text, re.I
    ):
        return reading.note({found[1].lower(): int(found[2])})
    if found := re.fullmatch(
        r"(?:much\s+|a bit\s+)?(wider|narrower|taller|higher|flatter|lower|larger|bigger|smaller)",
        text,
        re.I,
    ):
        return reading.note(stretched(reading.spec, found[1].lower()))
    return False


def stretched(spec: ChartSpec, how: str) -> Change:
    more, less = 1.3, 1 / 1.3
    across = {"wider": more, "narrower": less, "larger": more, "bigger": more, "smaller": less}
    down = {"taller": more, "higher": more, "flatter": less, "lower": less, "larger": more,
            "bigger": more, "smaller": less}  # fmt: skip
    change: Change = {}
    if how in across:
        change["width"] = min(max(round(spec.width * across[how]), WIDTH[0]), WIDTH[1])
    if how in down:
        change["height"] = min(max(round(spec.height * down[how]), HEIGHT[0]), HEIGHT[1])
    return change


def counted(reading: Reading, text: str) -> bool:
    """Read "top 5", "the smallest 3", "20 bins"."""
    if found := re.fullmatch(
        r"(?:only\s+)?(?:the\s+)?(?:top|largest|biggest|first)\s+(\d{1,4})", text, re.I
    ):
        return reading.note({"top": int(found[1])})
    if found := re.fullmatch(
        r"(?:only\s+)?(?:the\s+)?(?:bottom|smallest|lowest|last)\s+(\d{1,4})", text, re.I
    ):
        return reading.note({"top": int(found[1]), "sort": "ascending"})
    if found := re.fullmatch(
        r"(\d{1,3})\s+(?:bins|classes|buckets)|bins\s*[:=]?\s*(\d{1,3})", text, re.I
    ):
        return reading.note({"bins": int(found[1] or found[2])})
    return False


def placed(reading: Reading, text: str) -> bool:
    """Read where the legend is, and which column lies along the axis."""
    if found := re.fullmatch(
        r"(?:the\s+)?legend\s+(?:(?:on|at|to)\s+)?(?:the\s+)?(right|top|bottom|left|below|above)",
        text,
        re.I,
    ):
        where = {"below": "bottom", "above": "top"}.get(found[1].lower(), found[1].lower())
        return reading.note({"legend": where})
    if found := re.fullmatch(
        r"(?:x(?:[ -]axis)?|along)\s+(?:is|from|by|the column)\s+(.{1,120})", text, re.I
    ):
        return reading.note({"x": found[1].strip(QUOTES)})
    return False


def colored(reading: Reading, text: str) -> bool:
    """Read "North in red", "color North #ff0000", "make North red", "North: red"."""
    for pattern in (
        rf"(?:colou?r|paint|make|draw)\s+(?P<name>.{{1,120}}?)\s+(?:in\s+)?(?P<color>{COLOR})",
        rf"(?P<name>.{{1,120}}?)\s*(?:\s+in\s+|\s+(?:is|should be)\s+|:\s*)(?P<color>{COLOR})",
        rf"(?P<name>.{{1,120}}?)\s+(?P<color>{COLOR})",
    ):
        found = re.fullmatch(pattern, text, re.I)
        name = known(reading, found["name"]) if found else None
        if found and name is not None:
            return reading.note({"colors": {name: found["color"]}})
    return False


def known(reading: Reading, words: str) -> str | None:
    """The chart's own name for something, whatever its case, article or quotation marks."""
    wanted = words.strip().strip(QUOTES).casefold()
    bare = re.sub(r"^(?:the|series|column|row)\s+", "", wanted)
    for name in reading.names:
        if name.casefold() in (wanted, bare):
            return name
    return None


NAMED: tuple[tuple[str, str], ...] = (
    ("restore", r"(?:bring|get|put|add|show)\s+(?P<name>.{1,120}?)\s+(?:back|again)"),
    ("restore", r"(?:restore|bring back|show again|add back|undrop)\s+(?P<name>.{1,120})"),
    ("only", r"(?:show\s+)?(?:only|just|nothing but|keep only|keep)\s+(?P<name>.{1,120})"),
    ("drop", r"(?:drop|remove|delete|hide|exclude|omit|skip|without|leave out|no|minus)\s+"
             r"(?P<name>.{1,120})"),
    ("drop", r"leave\s+(?P<name>.{1,120}?)\s+out"),
)  # fmt: skip
RULED: list[tuple[str, re.Pattern[str]]] = [(kind, re.compile(rule, re.I)) for kind, rule in NAMED]


def named(reading: Reading, text: str) -> bool:
    """Read what is to be left out, kept or brought back."""
    for kind, pattern in RULED:
        if found := pattern.fullmatch(text):
            reading.listing = kind
            return reading.note({kind: [name_in(reading, found["name"])]})
    return False


def name_in(reading: Reading, words: str) -> str:
    own = known(reading, words)
    return own if own is not None else re.sub(r"^(?:the|series|column|row|year)\s+", "",
                                              words.strip().strip(QUOTES), flags=re.I)  # fmt: skip


def continued(reading: Reading, text: str) -> bool:
    """Read a bare name that goes on with a list."""
    if reading.listing is None or len(text) > 120:
        return False
    if known(reading, text) is None and not re.fullmatch(r"[\w.-]{1,20}", text):
        return False
    return reading.note({reading.listing: [name_in(reading, text)]})
