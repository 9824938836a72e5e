"""Dividing measured words into lines, within a shape; all lengths in letter sizes."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

from services.lettering import engine
from services.lettering.words import SILENCE, SOFT_HYPHEN, Wording, clusters, hyphenated, kind_of

BOX = float("inf")
ELLIPSE = 2.0
"""Exponents of |x|^e + |y|^e = 1: what outline the lines have to stay within."""

WHOLE_WORDS, DIVIDED_WORDS, ANYWHERE = 0, 1, 2
"""Where lines may end, from the best to the last resort."""
REACH = 0.36
"""How far a line's letters reach above and below its middle, in leadings."""
LINE = 0.9
"""The height of a single line's letters, in leadings."""
LOOSE = 1.01
"""Kerning between pieces is not measured; lines are taken a little longer than told."""


LEAST_SPACE = 0.2
GAUGES = ("-", "a a", "aa")
"""Measured with every text, to know a hyphen's and a space's width."""


@dataclass(frozen=True)
class Cut:
    """A piece not yet measured."""

    text: str
    after: str
    """What followed: a space, a soft hyphen, or the piece's own last letter."""
    last: bool


@dataclass(frozen=True)
class Piece:
    """Letters that stay together."""

    text: str
    advance: float
    space: float
    """What follows unless the line ends here."""
    mark: str
    """A hyphen, or nothing, where the line does end here."""
    mark_advance: float
    last: bool
    """Whether the line ends here in any case."""


@dataclass(frozen=True)
class Copy:
    """A wording cut into measured pieces."""

    pieces: tuple[Piece, ...]
    leading: float

    @cached_property
    def ends(self) -> list[float]:
        """Where each piece would end on one endless line, with its space; begins with 0."""
        return list(accumulate((each.advance + each.space for each in self.pieces), initial=0.0))

    @cached_property
    def stops(self) -> list[int]:
        """For each piece, how many pieces there are to the end of its paragraph."""
        found = [len(self.pieces)] * len(self.pieces)
        for index in range(len(self.pieces) - 1, -1, -1):
            if self.pieces[index].last:
                found[index] = index + 1
            elif index + 1 < len(found):
                found[index] = found[index + 1]
        return found

    @property
    def widest(self) -> float:
        return max(each.advance + each.mark_advance for each in self.pieces) * LOOSE

    def width(self, start: int, end: int) -> float:
        last = self.pieces[end - 1]
        return (self.ends[end] - self.ends[start] - last.space + last.mark_advance) * LOOSE

    def text(self, start: int, end: int) -> str:
        pieces = self.pieces[start:end]
        return "".join(
            each.text + (each.mark if at == len(pieces) else " " if each.space else "")
            for at, each in enumerate(pieces, start=1)
        ).rstrip(" ")

    def fill(self, start: int, room: float) -> int:
        """How far one line from `start` can reach; `start` itself when not even a piece fits."""
        limit = self.stops[start]
        end = min(limit, bisect_right(self.ends, self.ends[start] + room) + 1)
        while end > start and self.width(start, end) > room:
            end -= 1
        return end

    def until(self, count: int) -> Copy:
        """The first pieces, and an ellipsis."""
        kept = self.pieces[:count]
        *before, last = kept
        trimmed = unpunctuated(last.text)
        end = Piece(trimmed + SILENCE, last.advance + 1, 0, "", 0, True)  # "…" is at most 1 wide.
        return Copy((*before, end), self.leading)


def unpunctuated(text: str) -> str:
    """Without the punctuation at the end, unless there is nothing else."""
    end = len(text)
    while end and unicodedata.category(text[end - 1])[0] == "P":
        end -= 1
    return text[:end] or text


def copy(wording: Wording, level: int, limit: float = engine.ENDLESS) -> Copy:
    """Cut a wording where lines may end, and measure it.

    Words wider than `limit` letter sizes are divided as their language does, from `DIVIDED_WORDS`
    on, and with `ANYWHERE` between any two characters if need be.
    """
    cuts = [cut for line in wording.text.split("\n") for cut in paragraph(line, wording)]
    sizes = advances(cuts, wording)
    for reached, parts_of in ((DIVIDED_WORDS, syllables), (ANYWHERE, characters)):
        wide = {cut for cut in cuts if sizes[cut.text] > limit}
        if level < reached or not wide:
            break
        parts = {cut: parts_of(cut, wording.language) for cut in wide}
        cuts = [part for cut in cuts for part in parts.get(cut, [cut])]
        sizes = advances(cuts, wording)
    space = max(LEAST_SPACE, sizes["a a"] - sizes["aa"])
    return Copy(tuple(measured(cut, sizes, space) for cut in cuts), wording.leading)


def advances(cuts: list[Cut], wording: Wording) -> dict[str, float]:
    return engine.advances([*(cut.text for cut in cuts), *GAUGES], wording)


def measured(cut: Cut, sizes: dict[str, float], space: float) -> Piece:
    hyphen = "-" if cut.after == SOFT_HYPHEN else ""
    return Piece(
        cut.text,
        sizes[cut.text],
        space if cut.after == " " else 0,
        hyphen,
        sizes["-"] if hyphen else 0,
        cut.last,
    )


def paragraph(line: str, wording: Wording) -> list[Cut]:
    """Cut a paragraph wherever the engine would end a line and readers would, too."""
    starts = engine.breaks(line, wording)
    edges = [0, *(at for at in starts if at and may_begin(line, at)), len(line)]
    parts = [line[a:b] for a, b in pairwise(edges)]
    return [
        Cut(part.rstrip(" ").replace(SOFT_HYPHEN, ""), part[-1], number == len(parts))
        for number, part in enumerate(parts, start=1)
    ]


def syllables(cut: Cut, language: str) -> list[Cut]:
    """Divide a word as its language does: Korean anywhere, others with a hyphen."""
    if any(kind_of(each) == "hangul" for each in cut.text):
        return characters(cut, language)
    return rejoined(cut, hyphenated(cut.text, language).split(SOFT_HYPHEN), SOFT_HYPHEN)


def characters(cut: Cut, language: str) -> list[Cut]:
    """Divide between any two characters, but begin no line with punctuation."""
    parts = list[str]()
    for each in clusters(cut.text):
        closing = each[0] in CLINGING or unicodedata.category(each[0]) in ("Pe", "Pf", "Po")
        if parts and closing and len(parts[-1]) < MOST_CLOSING:
            parts[-1] += each
        else:
            parts.append(each)
    return rejoined(cut, parts, "")


CLINGING = frozenset("ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶー々ゝゞヽヾ")
"""Japanese characters that belong to the one before them, so that they begin no line."""
MOST_CLOSING = 4
"""Punctuation beyond this is no longer a word's end."""


def rejoined(cut: Cut, parts: list[str], after: str) -> list[Cut]:
    return [*(Cut(part, after, False) for part in parts[:-1]), Cut(parts[-1], cut.after, cut.last)]


def may_begin(line: str, at: int) -> bool:
    """Whether a new line may begin there, beyond what the engine knows."""
    return line[at] not in CLINGING and not within_korean_word(line, at)


def within_korean_word(line: str, at: int) -> bool:
    """Korean may break in any word, and reads better when it does not."""
    return 0 < at < len(line) and kind_of(line[at - 1]) == kind_of(line[at]) == "hangul"


@dataclass(frozen=True)
class Frame:
    """What lines have to stay within."""

    width: float
    height: float
    exponent: float = BOX

    def rooms(self, count: int, leading: float) -> list[float]:
        """The room of each of `count` lines around the middle."""
        found: list[float] = []
        for line in range(count):
            middle = (line - (count - 1) / 2) * leading
            edge = (abs(middle) + REACH * leading) / (self.height / 2)
            found.append(self.width * chord(edge, self.exponent))
        return found


def chord(height: float, exponent: float) -> float:
    """How wide a shape is at a height, as a fraction of its widest."""
    if exponent == BOX:
        return 1.0
    return max(0.0, 1 - min(height, 1.0) ** exponent) ** (1 / exponent)


Division = list[tuple[int, int]]
"""First piece, and the one after the last, of each line."""


def greedy(words: Copy, rooms: Sequence[float]) -> Division | None:
    """Fill line after line; None when there are more words than room."""
    start, found = 0, list[tuple[int, int]]()
    for room in rooms:
        end = words.fill(start, room)
        if end == start:
            return None
        found.append((start, end))
        start = end
        if start == len(words.pieces):
            return found
    return None


def divided(words: Copy, frame: Frame) -> Division | None:
    """The fewest lines that hold all words within a frame, evenly filled; None if none do."""
    most = int(frame.height / words.leading + 1 - LINE)
    if frame.exponent == BOX:
        found = greedy(words, [frame.width] * most)
        return even(words, frame.rooms(len(found), words.leading)) if found else None
    for count in range(1, most + 1):
        rooms = frame.rooms(count, words.leading)
        if greedy(words, rooms):
            return even(words, rooms)
    return None


def height(words: Copy, count: int) -> float:
    return (count - 1 + LINE) * words.leading


def even(words: Copy, rooms: Sequence[float]) -> Division | None:
    """Divide into exactly these lines with the least unevenness; greedy where that cannot be."""
    best: dict[int, tuple[float, Division]] = {0: (0.0, [])}
    for room in rooms:
        after: dict[int, tuple[float, Division]] = {}
        for start, (cost, lines) in best.items():
            for end, more in endings(words, start, room):
                if end not in after or cost + more < after[end][0]:
                    after[end] = (cost + more, [*lines, (start, end)])
        best = after
    whole = best.get(len(words.pieces))
    return whole[1] if whole else greedy(words, rooms)


def endings(words: Copy, start: int, room: float) -> Iterator[tuple[int, float]]:
    """Where one line may end, and how ugly each end is."""
    if start == len(words.pieces):
        return
    furthest = words.fill(start, room)
    for end in range(furthest, start, -1):
        slack = (room - words.width(start, end)) / room
        if slack > TOO_EMPTY and end < furthest:
            return
        yield end, slack**2 + (HYPHEN_COST if words.pieces[end - 1].mark else 0)


TOO_EMPTY = 0.75
"""The part of a line left over beyond which shorter lines are not worth trying."""
HYPHEN_COST = 0.3


def largest(
    low: float, high: float, fits: Callable[[float], bool], precision: float = 0.02
) -> float | None:
    """The largest size that fits, to a relative precision, when fitting ends with growth."""
    if fits(high):
        return high
    if not fits(low):
        return None
    while high - low > precision * low:
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def most_words(words: Copy, fits: Callable[[Copy], bool]) -> int:
    """How many pieces fit with an ellipsis after them, ending at a word; 0 when none do."""
    ends = [at for at, piece in enumerate(words.pieces, start=1) if not piece.mark]
    low, high = 0, len(ends)  # The first `low` ends fit; those beyond `high` do not.
    while low < high:
        middle = (low + high + 1) // 2
        if fits(words.until(ends[middle - 1])):
            low = middle
        else:
            high = middle - 1
    return ends[low - 1] if low else 0
