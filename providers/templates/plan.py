"""A plan: one request with several wishes as single changes, in the order to make them.

The order is a painter's. The background, the hour and the weather come first, because everything
later is painted in that light; then what goes away, the middle and the foreground; then what
covers the whole picture (a medium, a color grade, a blur), so that nothing is added over it
unstyled; lettering and frames last. A change that speaks of the one before ("give it a hat") stays
behind it. Where there are more changes than steps, neighbors are merged; no word is dropped.
"""

# Other languages' punctuation and letters are meant as they stand.
# ruff: noqa: RUF001

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.text import clean
from providers.templates.reading import hide_quotes, lexicon, sentences, show_quotes, words_of

MOST_STEPS = 5
DEFAULT_STEPS = 4

VERBS = lexicon(
    "add remove delete erase make change replace put turn give paint move swap crop brighten darken "
    "blur sharpen set draw color colour let place insert take lighten rotate flip resize enlarge "
    "shrink cover fill convert transform apply use keep write include hide show increase decrease "
    "reduce lower raise extend zoom tint recolor dress fix clean cut drop create surround decorate "
    "light bring adjust tilt mirror enhance soften smooth straighten center "
    "füge entferne lösche mach mache ändere ersetze setze setz male verschiebe drehe gib lass nimm "
    "ajoute ajoutez enlève enlevez supprime supprimez change changez remplace remplacez mets mettez "
    "fais faites rends donne dessine "
    "añade agrega quita elimina cambia reemplaza pon haz dale dibuja borra "
    "adiciona adicione remova tira troca mude coloque põe faça "
    "aggiungi togli rimuovi cambia sostituisci metti fai disegna "
    "добавь добавьте убери уберите удали замени измени сделай сделайте поставь нарисуй"
)
DETERMINERS = lexicon(
    "a an the some several many more another one two three four five six seven eight nine ten her "
    "his its their my our your lots few each all every "
    "ein eine einen der die das den zwei drei un une des le la les deux trois una unos unas el los "
    "las dos tres um uma os as dois il lo gli due tre"
)
AND = "and|und|et|y|e|и|plus"
CONNECTIVE = re.compile(
    r"^(?:(?:and|und|et|y|e|и|then|also|finally|lastly|next|first|firstly|second|secondly|third|"
    r"afterwards|after that|please|dann|danach|zuerst|außerdem|bitte|puis|ensuite|d'abord|enfin|"
    r"aussi|luego|después|primero|también|depois|então|primeiro|também|poi|dopo|prima|anche|"
    r"потом|затем|также|сначала)\b[\s,:]*)+",
    re.IGNORECASE,
)
LISTED = re.compile(r"^\s*(?:[-*•]|\(?\d{1,2}[.)])\s+")
JOINT = re.compile(
    rf"\s*,\s*(?:(?:{AND})\s+)?(?:then\s+|dann\s+|puis\s+|luego\s+)?|\s+(?:{AND})\s+(?:then\s+|dann\s+|"
    r"puis\s+|luego\s+)?|\s*,?\s+(?:then|puis|luego|danach|затем|потом)\s+|\s*[、，]\s*",
    re.IGNORECASE,
)
PAIRED = re.compile(
    r"\b(?:black|salt|rock|back|up|now|again|more|old|bread|fish|mix|hide|pros|dos|north|south|"
    r"schwarz|noir|blanco|nero|preto)\s+(?:and|und|et|y|e)\s+(?:white|pepper|roll|forth|down|then|"
    r"again|more|new|butter|chips|match|seek|cons|don'ts|south|north|weiß|weiss|blanc|negro|bianco|"
    r"branco)\b",
    re.IGNORECASE,
)
SPANNING = re.compile(
    r"\b(?:between|both|zwischen|sowohl|entre|tra|fra|между|either|from|combine|mix|blend|merge|swap|"
    r"connect|switch|exchange)\b[^,.;]{1,80}?\s(?:and|und|et|y|e|и)\s",
    re.IGNORECASE,
)
BELONGING = re.compile(
    r"\b(?:with|wearing|holding|carrying|of|made|like|mit|avec|con|com)\b", re.IGNORECASE
)
TOGETHER = re.compile(
    r"\b(?:together|holding hands|each other|one another|side by side|hand in hand|in love|both)\b",
    re.IGNORECASE,
)

PREPOSITION = re.compile(
    r"\b(?:in front of|in|on|at|near|behind|under|with|over|above|below|beside|next to|by|around|"
    r"between|inside|into|to|through|across|for|so|that|of)\b",
    re.IGNORECASE,
)
PRONOUN = lexicon("it its they them their theirs he him his she her hers itself there")

BACKGROUND, REMOVAL, MIDDLE, FOREGROUND, WHOLE, LETTERING = range(6)
PLACES = (
    (re.compile(r"\bbackground|\bbackdrop|\bhorizon|\bfar away|\bin the distance", re.I), BACKGROUND),
    (re.compile(r"\bforeground|\bin front\b|\bclose to the (?:camera|viewer)|\bup front", re.I),
     FOREGROUND),
)  # fmt: skip
HEADS = {
    BACKGROUND: lexicon(
        "background backdrop sky skies clouds sun moon stars sunset sunrise night nighttime day "
        "daytime dusk dawn evening morning noon weather rain rainy rainbow snow snowy fog foggy mist "
        "misty storm stormy season winter summer spring autumn fall mountains mountain horizon scene "
        "scenery setting landscape sea ocean city skyline wall walls room lighting light sunlight "
        "sunny aurora hintergrund himmel nacht fond ciel nuit fondo cielo noche fundo céu noite "
        "sfondo notte фон небо ночь"
    ),
    FOREGROUND: lexicon("foreground vordergrund"),
}
GRADES = lexicon(
    "style contrast saturation brightness exposure filter vignette grain grade colors colours quality "
    "mood tone resolution"
)
OVERALL = re.compile(
    r"\b(?:style|watercolou?r|oil painting|painting|cartoon|anime|manga|sketch|pixel art|comic|"
    r"black and white|black-and-white|grayscale|greyscale|monochrome|sepia|vintage|retro|contrast|"
    r"saturation|saturated|brightness|exposure|filter|vignette|grain|colou?r grade|colors|colours|"
    r"vivid|warmer|cooler|brighter|darker|blurry|sharper|resolution|quality|mood|tone)\b",
    re.IGNORECASE,
)
EVERYTHING = re.compile(
    r"^\w+\s+(?:it|everything|all of it|(?:the|this|that)?\s*(?:whole|entire)?\s*"
    r"(?:picture|photo|image|drawing|painting|scene|result|thing))\b",
    re.IGNORECASE,
)
LETTERS = re.compile(
    r"\b(?:text|caption|title|words?|lettering|letters|writing|write|says?|saying|frame|border|"
    r"watermark|signature|logo)\b",
    re.IGNORECASE,
)
REMOVES = re.compile(
    r"^(?:remove|delete|erase|take away|get rid|hide|entferne|lösche|enlève|supprime|quita|elimina|"
    r"remova|togli|rimuovi|убери|удали)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Step:
    """One change and where it belongs in the order."""

    text: str
    rank: int
    follows: bool = False
    """Whether it speaks of the change before it and must come right after."""


def plan(data: Mapping[str, Any]) -> dict[str, Any]:
    """Split, order and fit a request; see the module."""
    request = clean(str(data.get("request") or ""))
    most = min(max(int(data.get("max_steps") or DEFAULT_STEPS), 1), MOST_STEPS)
    steps = fitted(ordered([ranked(each) for each in wishes(request)]), most)
    return {"steps": steps or [request or "Leave it as it is."]}


def wishes(request: str) -> list[str]:
    """The single changes a request asks for, in its own order and words."""
    found: list[str] = []
    for sentence in sentences(request):
        text = LISTED.sub("", sentence)
        found += [tidy(each) for each in split(text)]
    return list(dict.fromkeys(each for each in found if words_of(each)))


def split(sentence: str) -> list[str]:
    """Split a sentence where a new change begins: at a verb, or at the next thing in a list."""
    hidden, quotes = hide_quotes(sentence)
    safe = PAIRED.sub(lambda found: found[0].replace(" ", "\u00a0"), hidden)
    safe = SPANNING.sub(lambda found: found[0].replace(" ", "\u00a0"), safe)
    pieces = [safe]
    for joint in reversed(list(JOINT.finditer(safe))):
        if "\u00a0" in joint[0]:
            continue
        pieces[0:1] = [pieces[0][: joint.start()], joint[0], pieces[0][joint.end() :]]
    parts = gathered(pieces)
    return [show_quotes(each.replace("\u00a0", " "), quotes) for each in parts]


def gathered(pieces: Sequence[str]) -> list[str]:
    """Put pieces that begin no change of their own back behind the joint they were cut at."""
    parts = [pieces[0]]
    for joint, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        before = parts[-1]
        if starts_change(piece) or not words_of(before):
            parts.append(piece)
        elif continues_list(before, joint, piece):
            parts.append(f"{verb_of(before)} {piece}")
        else:
            parts[-1] = f"{before}{joint}{piece}"
    return parts


def starts_change(piece: str) -> bool:
    """Whether a piece tells somebody to do something."""
    words = words_of(CONNECTIVE.sub("", piece))[:2]
    if not words:
        return False
    adverb = words[0].endswith("ly") and len(words) > 1
    return words[0] in VERBS or (adverb and words[1] in VERBS)


def continues_list(before: str, joint: str, piece: str) -> bool:
    """Whether a piece is the next thing that the verb before it asks for."""
    words = words_of(piece)
    if not words or verb_of(before) is None or TOGETHER.search(piece):
        return False
    if words[0] not in DETERMINERS or len(words) < 2:
        return False
    return "," in joint or not BELONGING.search(before)


def verb_of(text: str) -> str | None:
    """The word that says what to do, as it was written."""
    bare = CONNECTIVE.sub("", text.strip())
    first = bare.split(" ", 1)[0]
    return first if first.lower() in VERBS else None


def tidy(text: str) -> str:
    """A change without the words that only joined it to another."""
    bare = CONNECTIVE.sub("", text.strip()).strip().rstrip(",;. ")
    return bare if bare else text.strip()


def ranked(text: str) -> Step:
    rank = rank_of(text)
    speaks_of = not PRONOUN.isdisjoint(words_of(text))
    return Step(text, rank, follows=speaks_of and rank not in (BACKGROUND, WHOLE))


def rank_of(text: str) -> int:
    """Where a change belongs: what it says of its place decides, then what it is about."""
    head = PREPOSITION.split(text, maxsplit=1)[0]
    words = set(words_of(head))
    if LETTERS.search(head):
        return LETTERING
    if last_of(head) in GRADES or (OVERALL.search(text) and EVERYTHING.search(text)):
        return WHOLE
    for pattern, rank in PLACES:
        if pattern.search(text):
            return rank
    for rank, known in HEADS.items():
        if not words.isdisjoint(known):
            return rank
    return REMOVAL if REMOVES.match(text) else MIDDLE


def last_of(head: str) -> str:
    return next(reversed(words_of(head)), "")


def ordered(steps: Sequence[Step]) -> list[Step]:
    """The steps by rank, each with those behind it that speak of it."""
    chains: list[list[Step]] = []
    for step in steps:
        if step.follows and chains:
            chains[-1].append(step)
        else:
            chains.append([step])
    chains.sort(key=lambda chain: chain[0].rank)
    return [step for chain in chains for step in chain]


def fitted(steps: Sequence[Step], most: int) -> list[str]:
    """Merge neighbors, those of one kind and the shortest first, until there are few enough."""
    left = list(steps)
    while len(left) > most:
        pairs = range(len(left) - 1)
        at = min(pairs, key=lambda n: merging_cost(left[n], left[n + 1]))
        one, other = left[at], left[at + 1]
        left[at : at + 2] = [Step(merged(one.text, other.text), one.rank, one.follows)]
    return [each.text for each in left]


def merging_cost(one: Step, other: Step) -> tuple[bool, int]:
    apart = one.rank != other.rank and not other.follows
    return apart, len(one.text) + len(other.text)


def merged(one: str, other: str) -> str:
    """Two changes as one."""
    lowered = other if other[:2].isupper() else f"{other[:1].lower()}{other[1:]}"
    return f"{one.rstrip('.!? ')}; {lowered}"
