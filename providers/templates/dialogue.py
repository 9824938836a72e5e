"""Who is in a story and what a person has them say, word for word."""

# Other languages' punctuation and letters are meant as they stand.
# ruff: noqa: RUF001

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.text import shorten
from core.writing import Manner
from providers.templates.reading import (
    QUOTED,
    WORD,
    hide_quotes,
    inside,
    lexicon,
    sentences,
    show_quotes,
    words_of,
)

SPEAKER = 40
"""Characters of a speaker's name, as scripts allow."""
LINE = 300
TURN = re.compile(r"^\s*[-–—*•]?\s*([^\W\d_][^\n:：.!?\"“”]{0,38})\s*[:：]\s+(\S.*)$")
MANNERS: tuple[tuple[Manner, frozenset[str]], ...] = (
    ("think", lexicon("thinks thinking thought thoughts wonders denkt pense piensa pensa думает")),
    ("whisper", lexicon("whispers whispering whispered murmurs flüstert chuchote susurra sussurra "
                          "шепчет")),
    ("shout", lexicon("shouts shouting shouted yells screams cries roars ruft schreit crie grita "
                        "urla кричит")),
)  # fmt: skip
ARTICLES = lexicon("a an the my our his her two three ein eine einen der die das un une le la los "
                     "las una uno um uma o il lo")  # fmt: skip
STOPS = lexicon(
    "and or but who that which with in on at of to from by for into onto under over near is are was "
    "were has have had do does can tries try wants want goes go gets get finds find makes make meets "
    "meet sees see loses lose sits sit stands stand runs run eats eat learns learn discovers "
    "discover argues argue argued says said asks asked tells told looks look takes take falls fall "
    "opens builds buys steals plays dreams decides thinks whispers shouts yells orders "
    "und oder mit im in auf am der die das ist sind et ou avec dans sur est qui y o con en es e che "
    "com no na"
)
SAYS = (
    r"(?:says|said|asks|asked|shouts|shouted|yells|whispers|whispered|thinks|thought|replies|replied|"
    r"answers|answered|sagt|fragt|ruft|flüstert|denkt|dit|demande|crie|dice|pregunta|grita|diz|"
    r"pergunta|chiede|urla)"
)
NAMED = re.compile(
    rf"\b([A-ZÀ-ÖØ-Þ][\w'’-]{{0,30}})\s+{SAYS}\b|\b{SAYS}\s+([A-ZÀ-ÖØ-Þ][\w'’-]{{0,30}})"
)
SPEAKS = re.compile(rf"\s+{SAYS}$", re.IGNORECASE)
SAID_BY = re.compile(
    rf"^\W*{SAYS}\s+(?:(?:the|an?|der|die|das|le|la|el|il|lo)\s+|l['’])?([^\W\d_][\w’-]{{0,30}})",
    re.IGNORECASE,
)
"""Who said it, right after what was said."""
MARK = r"\ue000\d+\ue001"
PLAYED = re.compile(
    rf"(?:^|(?<=\ue001))[\s,]*((?:[^\W_][\w'’-]*\s+){{0,2}}[^\W_][\w'’-]*(?:\s*\([^()\ue000]*\))?"
    rf"\s*[:：]\s*|[\u30a0-\u30ff\u4e00-\u9fff\uac00-\ud7af]{{1,8}})({MARK})"
)
"""A name, a colon and a quotation; Chinese, Japanese and Korean plays have no colon there."""
ACTING = re.compile(
    r"(?:^|[.!?:]\s+)([A-Z][a-z]{1,20})\s+(?:[a-z]{2,}s|and [A-Z][a-z]+)\b", re.MULTILINE
)
NOBODY = lexicon(
    "it he she they we you this that there what who when where why how everyone everybody nobody "
    "someone somebody one all then suddenly the each another here now but and so er sie es il elle "
    "on der die das ein eine la le un una el"
)
TOKEN = re.compile(rf"{WORD.pattern}|[.,;:!?]")
HEADINGS = lexicon(
    "panel scene page title caption note setting style panels format story prompt idea steps http "
    "https expected actual version bild szene titel case scène titre escena título"
)


@dataclass(frozen=True)
class Spoken:
    """A line of the person's own; who says it may be open."""

    text: str
    speaker: str = ""
    manner: Manner = "say"


def beats(text: str) -> list[str]:
    """A text's sentences, and each line of a play that it holds as one of its own."""
    return [part for each in sentences(text) for part in played(each)]


def played(sentence: str) -> list[str]:
    hidden, kept = hide_quotes(sentence)
    found: list[str] = []
    at = 0
    for each in PLAYED.finditer(hidden):
        label = each[1].strip()
        colon = "" if label.endswith((":", "：")) else ":"
        found += [hidden[at : each.start()], f"{label}{colon} {each[2]}"]
        at = each.end()
    shown = [show_quotes(each, kept).strip() for each in [*found, hidden[at:]]]
    return [each for each in shown if WORD.search(each)]


def turn(sentence: str) -> Spoken | None:
    """A line given as in a play: `Name: words`."""
    found = TURN.match(sentence)
    if found is None or len(found[1].split()) > 3:
        return None
    name, words = found[1].strip(), found[2].strip()
    if not words_of(name) or words_of(name)[0] in HEADINGS:
        return None
    manner: Manner = "say"
    if paren := re.search(r"\(([^()]*)\)\s*$", name):
        manner = manner_of(paren[1], words)
        name = name[: paren.start()].strip() or name
    if spoken := SPEAKS.search(name):
        manner = manner_of(spoken[0], words)
        name = named(name[: spoken.start()])
    quoted = QUOTED.fullmatch(words)
    text = inside(quoted) if quoted else words
    said = manner if manner != "say" else manner_of("", text)
    return Spoken(text[:LINE], shorten(name, SPEAKER), said)


def quoted(sentence: str, characters: Sequence[str], earlier: str = "") -> list[Spoken]:
    """The quotations in a sentence, each with the character named nearest to it.

    Where the sentence names nobody ("she shouts"), it is the one named last `earlier`.

    A short quotation in the middle of things ("the sign says OPEN") is spoken all the same: a
    balloon with it is what was meant more often than not.
    """
    lines: list[Spoken] = []
    for found in QUOTED.finditer(sentence):
        before, after = sentence[: found.start()], sentence[found.end() :]
        around = f"{QUOTED.sub(' ', before)[-60:]} {QUOTED.split(after)[0][:40]}"
        text = inside(found)
        if text:
            said_by = SAID_BY.match(QUOTED.split(after)[0])
            name = named(said_by[1]) if said_by and said_by[1].lower() not in NOBODY else ""
            name = name or nearest(before, after, characters) or nearest(earlier, "", characters)
            lines.append(Spoken(ended(text)[:LINE], name, manner_of(around, text)))
    return lines


def named(words: str) -> str:
    """A name as a speaker has it: "the robot" is Robot."""
    first, _, rest = words.strip().partition(" ")
    name = rest if rest and first.lower() in ARTICLES else words.strip()
    return f"{name[:1].upper()}{name[1:]}"


def ended(text: str) -> str:
    """A line whose sentence went on after it, as it stands in a balloon."""
    return f"{text[:-1]}." if text.endswith(",") else text


def nearest(before: str, after: str, characters: Sequence[str]) -> str:
    """The character named last before a quotation, else first after it."""
    earlier = [(before.lower().rfind(name.lower()), name) for name in characters if name]
    at, name = max(earlier, default=(-1, ""))
    if at >= 0:
        return name
    later = [(after.lower().find(name.lower()), name) for name in characters if name]
    return min(((at, name) for at, name in later if at >= 0), default=(0, ""))[1]


def manner_of(around: str, text: str) -> Manner:
    """How a line is spoken, by what is said of it, else by its own looks."""
    words = set(words_of(around))
    for manner, known in MANNERS:
        if not words.isdisjoint(known):
            return manner
    loud = text.endswith(("!", "！")) and (text.isupper() or len(text) <= 12)
    return "shout" if loud or text.endswith("!!") else "say"


def cast(text: str, named: Sequence[str], fallback: Sequence[str]) -> list[str]:
    """Who speaks: those who were named, those who speak in the text, or the story's own subjects."""
    names = [shorten(name, SPEAKER) for name in named if name.strip()]
    if not names:
        names = [line.speaker for each in beats(text) if (line := turn(each))]
        names += named_in(QUOTED.sub(" . ", text[:8000]))
        names = list(dict.fromkeys(names or subjects(text)))[:4]
    for other in fallback:
        if len(names) < 2 and other not in names:
            names.append(other)
    return names


def named_in(text: str) -> list[str]:
    """The people a text calls by name, where it says what they say or do."""
    said = [one or other for one, other in NAMED.findall(text)]
    acting = [name for name in ACTING.findall(text) if name.lower() not in NOBODY]
    return [name for name in dict.fromkeys([*said, *acting]) if name.lower() not in NOBODY]


def subjects(text: str) -> list[str]:
    """What the story is about, as names: "a red fox and an owl argue" gives Fox and Owl."""
    words = TOKEN.findall(QUOTED.sub(" . ", text)[:2000])
    found: list[str] = []
    for at, word in enumerate(words[:-1]):
        if word.lower() in ARTICLES:
            found += noun(words[at + 1 : at + 5])
        if len(found) >= 2:
            break
    return list(dict.fromkeys(found))[:2]


def noun(words: Sequence[str]) -> list[str]:
    """The last word before something is done or said of it; nothing where that is unclear."""
    taken: list[str] = []
    for word in words:
        low = word.lower()
        described = bool(taken) and low.endswith(("ing", "ed", "ly"))
        if described or low in STOPS or low in ARTICLES or not WORD.fullmatch(word):
            break
        taken.append(word)
    if not taken or len(taken) > 3:
        return []
    return [taken[-1][:SPEAKER].capitalize()]
