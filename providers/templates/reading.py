"""Reading what a person wrote: its language, its sentences, what is spoken in it."""

# Other languages' punctuation and letters are meant as they stand.
# ruff: noqa: RUF001

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar
from zlib import crc32

T = TypeVar("T")

WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
QUOTED = re.compile(
    r'"([^"\n]{1,400})"|“([^“”\n]{1,400})”|„([^„“”\n]{1,400})[“”]|«([^«»\n]{1,400})»'
    r"|»([^«»\n]{1,400})«|「([^「」\n]{1,400})」|『([^『』\n]{1,400})』"
)
KEPT = re.compile("\ue000([0-9]+)\ue001")
SPACES = re.compile(r"[^\S\n]+")
LINE_ENDS = re.compile(r" ?\n[\n ]*")
PRIVATE = re.compile("[\ue000-\uf8ff]")
SENTENCE_END = re.compile(r"(?<=[.!?…])[\s]+|(?<=[。！？])\s*|\s*;\s+|\s*；\s*|\s*\n+\s*")
ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|vs|no|e\.g|i\.e|etc|approx)|\b[a-z]|^\d{1,2})\.$", re.I
)


def lexicon(words: str) -> frozenset[str]:
    """The words of a list that is written as one text."""
    return frozenset(words.split())


SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("other", re.compile("[\u0370-\u03ff\u0900-\u0fff\u1000-\u10ff\u1780-\u17ff]")),
)
FUNCTION_WORDS = {
    "en": "the a an of with and in on at is are to from by her his my under into over through who "
    "behind beside without for near above while this that",
    "de": "der die das den dem des ein eine einen einem einer und mit im am auf von zu ist nicht "
    "über unter vor hinter aus bei für mein meine neben",
    "fr": "le la les un une des du et avec dans sur au aux est qui pour sous devant derrière mon ma "
    "sans près d'un d'une",
    "es": "el la los las un una unos unas y con en del al es que para sobre bajo por mi su junto sin",
    "pt": "o a os as um uma e com em no na nos nas do da dos das ao é que para sobre sob meu minha "
    "sem",
    "it": "il lo la gli le un una uno e con in nel nella su sul sulla di del della dei è che per "
    "sotto mio mia senza",
}
WORDS_OF = {name: lexicon(words) for name, words in FUNCTION_WORDS.items()}


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, in order."""
    return [word.lower().replace("’", "'") for word in WORD.findall(text)]


def language_of(text: str) -> str | None:
    """The language a text is most likely in, "other" for a script we have no words in.

    None where a few bare words could be any language's.
    """
    letters = sum(character.isalpha() for character in text) or 1
    for name, pattern in SCRIPTS:
        if len(pattern.findall(text)) * 4 >= letters:
            return name
    words = words_of(text)
    hits = {name: sum(word in known for word in words) for name, known in WORDS_OF.items()}
    best = max(hits, key=lambda name: hits[name])
    return best if hits[best] else None


def language_code(wanted: object, text: str = "") -> str:
    """The two-letter code of a language somebody asked for, else of the text itself."""
    code = str(wanted or "").strip().lower().replace("_", "-").split("-")[0]
    return NAMES.get(code, code[:3]) or language_of(text) or "en"


NAMES = {
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "français": "fr",
    "spanish": "es", "español": "es", "portuguese": "pt", "português": "pt", "italian": "it",
    "italiano": "it", "russian": "ru", "русский": "ru", "japanese": "ja", "日本語": "ja",
    "chinese": "zh", "中文": "zh", "korean": "ko", "한국어": "ko", "arabic": "ar", "العربية": "ar",
    "hebrew": "he", "עברית": "he", "iw": "he",
}  # fmt: skip


def hide_quotes(text: str) -> tuple[str, list[str]]:
    """Put a mark in the place of every quotation, so that nothing inside one is split."""
    kept: list[str] = []

    def mark(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\ue000{len(kept) - 1}\ue001"

    return QUOTED.sub(mark, PRIVATE.sub("", text)), kept


def show_quotes(text: str, kept: Sequence[str]) -> str:
    """The text with its quotations back in place."""
    return KEPT.sub(lambda found: kept[int(found[1])], text)


def spaced(text: str) -> str:
    """Text with single spaces and line ends: long runs of them would make patterns slow."""
    return LINE_ENDS.sub("\n", SPACES.sub(" ", text))


def sentences(text: str) -> list[str]:
    """Split at sentence ends, semicolons and line ends, never within a quotation."""
    hidden, kept = hide_quotes(spaced(text))
    found: list[str] = []
    for part in SENTENCE_END.split(hidden):
        if found and ABBREVIATION.search(found[-1]):
            found[-1] = f"{found[-1]} {part}"
        elif part.strip():
            found.append(part.strip())
    return [show_quotes(each, kept) for each in found]


def inside(quotation: re.Match[str]) -> str:
    """A quotation's words without its marks."""
    return next(group for group in quotation.groups() if group is not None).strip()


def pick(options: Sequence[T], *salt: object) -> T:
    """One of several, always the same for the same salt."""
    return options[crc32("\0".join(map(str, salt)).encode("utf-8", "replace")) % len(options)]
