"""Wishes about things by their names: leave out, keep, bring back, color."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.charts import dates
from services.charts.spec import COLORS, NAMES, ChartSpec

Change = dict[str, Any]

QUOTES = "\"'“”‘’«»„"  # noqa: RUF001
LISTS = {"drop", "restore", "only"}
COLOR = (
    "|".join(sorted(map(re.escape, COLORS), key=len, reverse=True)) + r"|#[0-9a-f]{6}|#[0-9a-f]{3}"
)
MASK = 0xE000
MASKS = 400
NAME = r"(?P<name>.{1,120}?)"
WHAT = re.compile(
    r"^(?:(?:the|all|any|series|columns?|rows?|years?|months?|bars?|slices?|lines?|points?)\s+)+"
    r"|\s+(?:series|columns?|rows?|bars?|slices?|lines?)$",
    re.IGNORECASE,
)
"""Words around a name that say what kind of thing it is."""
NAMED: tuple[tuple[str, str], ...] = (
    ("restore", rf"(?:bring|get|put|add|show|want|have)\s+{NAME}\s+(?:back|again)(?:\s+in)?"),
    ("restore", rf"(?:restore|bring back|show again|add back|put back|get back|undrop|unhide)\s+{NAME}"),
    ("restore", rf"{NAME}\s+(?:back|again)(?:\s+in)?"),
    ("only", rf"(?:(?:show|keep|draw|plot|use)(?:\s+me)?\s+)?(?:only|just|nothing but)\s+"
             rf"(?:(?:show|keep|draw|plot|use|for)\s+)?{NAME}"),
    ("only", rf"(?:keep|limit (?:it )?to)\s+{NAME}"),
    ("only", rf"(?:show\s+|keep\s+)?{NAME}\s+(?:only|alone)"),
    ("drop", rf"(?:drop|remove|delete|hide|exclude|omit|skip|ignore|without|except|leave out|cut|no|"
             rf"minus|take out|kick out|get rid of)\s+{NAME}"),
    ("drop", rf"(?:leave|take|cut)\s+{NAME}\s+out"),
)  # fmt: skip
RULED = [(kind, re.compile(rule, re.I)) for kind, rule in NAMED]
COLORED = [
    re.compile(rule, re.I)
    for rule in (
        rf"(?:colou?r|paint|make|draw|show|turn|set)\s+{NAME}\s+(?:in\s+|to\s+|as\s+)?(?P<color>{COLOR})",
        rf"(?:change|turn|set)\s+(?:(?:the\s+)?colou?r\s+(?:of|for)\s+)?{NAME}\s+to\s+(?P<color>{COLOR})",
        rf"{NAME}\s*(?:\s+in\s+|\s+(?:is|should be|to be)\s+|[:=]\s*)(?P<color>{COLOR})",
        rf"{NAME}\s+(?P<color>{COLOR})",
        rf"(?:use\s+)?(?P<color>{COLOR})\s+for\s+{NAME}",
    )
]
YEAR = r"(?:1[5-9]|20|21)\d\d"
RANGES = (
    re.compile(rf"(?:from\s+|between\s+)?(?P<low>{YEAR})\s*(?:-|\u2013|\u2014|to|until|till|with)\s*(?P<high>{YEAR})"),
    re.compile(rf"(?:everything\s+|all\s+|years?\s+)*(?:before|until|earlier than)\s+(?P<below>{YEAR})"),
    re.compile(rf"(?:everything\s+|all\s+|years?\s+)*(?:after|later than)\s+(?P<above>{YEAR})"),
    re.compile(rf"(?:everything\s+|all\s+|years?\s+)*(?:since|from)\s+(?P<low>{YEAR})(?:\s+on(?:wards?)?)?"),
)  # fmt: skip


@dataclass(frozen=True)
class About:
    """The chart that a reply is about."""

    spec: ChartSpec
    names: tuple[str, ...]
    """What its places and series are called, the longest first."""
    hidden: tuple[str, ...] = ()
    """Names and quotations that stand in the words as one letter each."""
    trusting: bool = False
    """Whether any words are taken for a name where a name is expected."""
    only_known: bool = False
    """Whether nothing but the chart's own names is."""

    def plain(self, words: str) -> str:
        """The words with what is hidden in them, without what quotes them."""
        words = re.sub(
            "[\ue000-\uf8ff]",
            lambda found: "".join(self.hidden[ord(found[0]) - MASK :][:1]),
            words,
        )
        return words.strip().strip(QUOTES).strip()

    def known(self, words: str) -> str | None:
        """The chart's own name for something, whatever its case, article or quotation marks."""
        wanted = self.plain(words).casefold()
        bare = WHAT.sub("", wanted)
        own = (*self.names, *self.spec.drop, *self.spec.only)
        for name in own:
            if name.casefold() in (wanted, bare):
                return name
        return None

    def name(self, words: str) -> str | None:
        """The same, and dates and quotations as they are; None for what may be no name."""
        if (own := self.known(words)) is not None:
            return own
        text = self.plain(words)
        bare = WHAT.sub("", text)
        quoted = re.fullmatch("[\ue000-\uf8ff]", words.strip()) is not None
        dated = dates.read_year(bare) or dates.read_date(bare)
        if quoted or dated is not None or re.fullmatch(r"-?\d+(?:\.\d+)?", bare):
            return bare or None
        return (bare or None) if self.trusting else None


def masking(words: str, names: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The words with names and quotations as single letters that break nowhere."""
    hidden: list[str] = []

    def hide(found: re.Match[str]) -> str:
        if len(hidden) >= MASKS:
            return found[0]
        hidden.append(found[0])
        return chr(MASK + len(hidden) - 1)

    words = re.sub("[\ue000-\uf8ff]", "", words)
    words = re.sub(r"[\"“«][^\"”»]{1,120}[\"”»]", hide, words)
    for name in names:
        if re.search(r"\W", name) and name.casefold() in words.casefold():
            words = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", hide, words, flags=re.I)
    return words, tuple(hidden)


def named(about: About, text: str) -> Change | None:
    """Read what is to be left out, kept or brought back."""
    for kind, pattern in RULED:
        if (found := pattern.fullmatch(text)) and (names := listed(about, found["name"])):
            return {kind: names}
    return None


def listed(about: About, words: str) -> list[str]:
    """One name, or the years of a range; empty for neither."""
    if (own := about.known(words)) is not None:
        return [own]
    if about.only_known:
        return []
    if found := years(about, WHAT.sub("", about.plain(words))):
        return found
    name = about.name(words)
    return [] if name is None else [name]


def years(about: About, words: str) -> list[str]:
    """The chart's own years in a range such as "2015-2018", "before 2020", "since 2019"."""
    found = next(filter(None, (rule.fullmatch(words.lower()) for rule in RANGES)), None)
    if found is None:
        return []
    said = {name: int(value) for name, value in found.groupdict().items() if value}
    low = said.get("low", said.get("above", 0) + 1)
    high = said.get("high", said.get("below", 10_000) - 1)
    own = sorted({int(year) for name in about.names for year in re.findall(rf"\b{YEAR}\b", name)})
    kept = [str(year) for year in own if low <= year <= high]
    return kept if len(kept) <= NAMES else []


def colored(about: About, text: str) -> Change | None:
    """Read "North in red", "color North #ff0000", "make North red", "red for North"."""
    for pattern in COLORED:
        found = pattern.fullmatch(text)
        name = about.known(found["name"]) if found else None
        if found and name is not None:
            return {"colors": {name: found["color"]}}
    return None
