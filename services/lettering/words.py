"""Text from people made ready to letter: safe, showable, in its script's letters and direction."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Literal

import pyphen

from core.text import clean
from services.lettering import faces

Face = Literal["comic", "sans"]

LONGEST = 2_000
"""Characters; a full page of a comic has about 1,500."""
SILENCE = "…"
"""What stands where there is nothing to read, as comics letter a silence."""
UNSHOWABLE = "?"
SOFT_HYPHEN = "\u00ad"
KEPT = frozenset("\n\u00ad\u200b\u200c\u200d\u2060\ufe0e\ufe0f")
"""Invisible, yet they decide how their neighbors look or where a line may end."""
FLAG = re.compile("(\U0001f3f4[\U000e0030-\U000e007a]{1,6}\U000e007f)|[\U000e0000-\U000e0fff]")
"""Tag characters hide text, except within a flag such as Scotland's."""
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
UPPERCASE = {"tr": {"i": "İ"}, "az": {"i": "İ"}}
ACUTE = "\u0301"
TELLING_LETTERS = {"uk": "іїєґ", "be": "ўі", "ru": "", "de": "ß", "pl": "łąęś", "tr": "ğı"}
TELLING_WORDS = {
    "en": "the and is you of to it that not what we",
    "de": "der die das und ist nicht ich ein zu mit wir sie den auf",
    "fr": "le les des est et une je pas vous nous que dans",
    "es": "el los es y una no por qué con está para",
    "it": "il gli è che non una per sono con della",
    "pt": "os não uma é você com para do da em",
    "nl": "het een en ik niet van je dat zijn wij",
    "sv": "och att det inte jag är som en på",
    "pl": "nie to się jest na że w z co",
}
"""Enough to hyphenate by: the commonest words that few other languages share."""


@dataclass(frozen=True)
class Wording:
    """What will be lettered, and how its script wants it."""

    text: str
    face: Face
    bold: bool
    italic: bool
    language: str
    direction: Literal["ltr", "rtl"]
    cut: bool
    """Whether there was more than `LONGEST`."""

    @property
    def leading(self) -> float:
        """From one baseline to the next, in letter sizes: tall scripts need more."""
        return max(leading_of(kind) for kind in kinds(self.text) | {"latin"})


def wording(
    text: str,
    *,
    face: Face = "comic",
    bold: bool = False,
    italic: bool = False,
    upper: bool = False,
    language: str | None = None,
) -> Wording:
    """Make anyone's text safe to letter; an unknown language is guessed."""
    whole = FLAG.sub(lambda found: found[1] or "", clean(text))
    shown = "".join(filter(None, map(showable, whole[:LONGEST])))
    shown = "\n".join(" ".join(line.split()) for line in shown.split("\n") if line.strip())
    if not any(map(visible, shown)):
        shown = SILENCE
    known = language.replace("_", "-") if language else ""
    language = known if LANGUAGE.fullmatch(known) else guessed(shown)
    shown = uppercase(shown, language) if upper else shown
    return Wording(
        shown,
        face if comic(shown) else "sans",
        bold,
        italic,
        language,
        direction(shown),
        len(whole) > LONGEST,
    )


def showable(character: str) -> str:
    """The character, or what stands for one that no font of ours has."""
    kind = unicodedata.category(character)
    if character in KEPT or character == " ":
        return character
    if kind in ("Zs", "Zl", "Zp", "Cc"):
        return " "
    if kind == "Cf":
        return character if character >= "\U000e0000" else ""
    if faces.covered(character):
        return character
    return "" if kind[0] == "M" else UNSHOWABLE


def visible(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNPS"


def comic(text: str) -> bool:
    """Whether the comic face has every letter: one word in two faces looks broken."""
    letters = {each for each in text if unicodedata.category(each)[0] in "LM"} - KEPT
    return all(faces.covered(each, faces.COMIC) for each in letters)


def uppercase(text: str, language: str) -> str:
    """Capital letters as the language writes them, as far as our fonts have them."""
    special = UPPERCASE.get(language[:2], {})
    capitals = [special.get(each) or each.upper() for each in unaccented(text)]
    fit = [all(map(faces.covered, capital)) for capital in capitals]
    return "".join(
        capital if covered else each
        for each, capital, covered in zip(unaccented(text), capitals, fit, strict=True)
    )


def unaccented(text: str) -> str:
    """Greek capitals drop the acute accent of small letters; other scripts keep theirs."""
    if "greek" not in kinds(text):
        return text
    apart = unicodedata.normalize("NFD", text)
    kept = [
        each
        for before, each in zip(" " + apart, apart, strict=False)
        if each != ACUTE or kind_of(before) != "greek"
    ]
    return unicodedata.normalize("NFC", "".join(kept))


def direction(text: str) -> Literal["ltr", "rtl"]:
    """The paragraph's direction, from its first strong character (UAX 9, rules P2 and P3)."""
    for each in text:
        strong = unicodedata.bidirectional(each)
        if strong in ("L", "R", "AL"):
            return "ltr" if strong == "L" else "rtl"
    return "ltr"


KINDS = (
    ("greek", 0x370, 0x3FF),
    ("cyrillic", 0x400, 0x52F),
    ("hebrew", 0x590, 0x5FF),
    ("arabic", 0x600, 0x77F),
    ("indic", 0x900, 0xDFF),
    ("thai", 0xE00, 0xEFF),
    ("burmese", 0x1000, 0x109F),
    ("hangul", 0x1100, 0x11FF),
    ("khmer", 0x1780, 0x17FF),
    ("stacked", 0x1EA0, 0x1EF9),
    ("kana", 0x3040, 0x30FF),
    ("han", 0x3400, 0x9FFF),
    ("hangul", 0xAC00, 0xD7AF),
    ("han", 0xF900, 0xFAFF),
    ("arabic", 0xFB50, 0xFDFF),
    ("arabic", 0xFE70, 0xFEFC),
    ("kana", 0xFF00, 0xFFEF),
    ("emoji", 0x1F000, 0x1FAFF),
    ("han", 0x20000, 0x3FFFF),
)
"""What letters have in common when they are set; first and last code point. "stacked": Vietnamese."""


def kind_of(character: str) -> str:
    point = ord(character)
    return next((name for name, first, last in KINDS if first <= point <= last), "latin")


def kinds(text: str) -> set[str]:
    return {kind_of(each) for each in set(text)}


def leading_of(kind: str) -> float:
    return {
        "latin": 1.12,
        "cyrillic": 1.2,
        "greek": 1.2,
        "hebrew": 1.22,
        "kana": 1.26,
        "han": 1.26,
        "hangul": 1.26,
        "emoji": 1.26,
        "stacked": 1.36,
        "arabic": 1.5,
        "indic": 1.45,
        "thai": 1.5,
        "khmer": 1.6,
        "burmese": 1.7,
    }[kind]


def guessed(text: str) -> str:
    """A language to shape and hyphenate by, from its script, telling letters and common words."""
    found = kinds(text)
    if "kana" in found or "hangul" in found or "han" in found:
        return "ja" if "kana" in found else "ko" if "hangul" in found else "zh"
    for kind, language in (
        ("greek", "el"),
        ("arabic", "ar"),
        ("hebrew", "he"),
        ("thai", "th"),
        ("indic", "hi"),
    ):
        if kind in found:
            return language
    small = text.lower()
    if "cyrillic" in found:
        return next(each for each in ("uk", "be", "ru") if telling(each, small))
    for language in ("de", "pl", "tr"):
        if telling(language, small):
            return language
    words = re.findall(r"\w+", small)
    scores = {
        language: sum(word in common.split() for word in words)
        for language, common in TELLING_WORDS.items()
    }
    return max(scores, key=lambda language: scores[language])


def telling(language: str, text: str) -> bool:
    letters = TELLING_LETTERS[language]
    return not letters or any(letter in text for letter in letters)


@cache
def hyphenator(language: str) -> pyphen.Pyphen | None:
    """The language's dictionary; None where there is none."""
    known = pyphen.language_fallback(language.replace("-", "_"))
    return pyphen.Pyphen(lang=known, left=3, right=3) if known else None


WORD = re.compile(r"[^\W\d_]{6,}")
"""Shorter words are never hyphenated in lettering."""


def hyphenated(text: str, language: str) -> str:
    """The text with soft hyphens where its language divides words."""
    dictionary = hyphenator(language)
    if dictionary is None or language[:2] == "th":  # Thai's dictionary divides without a mark.
        return text

    def divided(found: re.Match[str]) -> str:
        word = found[0]
        cuts = [0, *dictionary.positions(word.lower()), len(word)]
        return SOFT_HYPHEN.join(word[a:b] for a, b in pairwise(cuts))

    return WORD.sub(divided, text)


JOINERS = frozenset("\u200d\u200c\u2060\ufe0e\ufe0f")


def clusters(text: str) -> list[str]:
    """Divide into what a reader sees as one character (after UAX 29, without its rare rules)."""
    found: list[str] = []
    for each in text:
        if found and joins(found[-1], each):
            found[-1] += each
        else:
            found.append(each)
    return found


def joins(before: str, each: str) -> bool:
    """Whether a character belongs to the cluster before it."""
    if before[-1] in "\n " or each in "\n ":
        return False
    if unicodedata.category(each)[0] == "M" or each in JOINERS or skin_or_tag(each):
        return True
    if before[-1] == "\u200d" or unicodedata.combining(before[-1]) == 9:  # A virama.
        return True
    if regional(each):
        return regional(before[-1]) and sum(map(regional, before)) % 2 == 1
    return "\u1160" <= each <= "\u11ff"  # The rest of a Korean syllable in parts.


def regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def skin_or_tag(character: str) -> bool:
    return "\U0001f3fb" <= character <= "\U0001f3ff" or "\U000e0020" <= character <= "\U000e007f"
