"""Reading an instruction that needs nobody to draw: "crop to 16:9 and make it black and white".

Only when all of it is understood is anything done; "rotate the car to the left" and "make the sky
black and white" are for a provider. Wishes are read one after another, each up to the next "and",
comma or end.
"""

from __future__ import annotations

import re
from typing import TypeVar

from services.local_rules import LETTERING, RULES, Found
from services.pictures.operations import Operation

T = TypeVar("T")

LONGEST = 1000
"""Characters; a longer instruction is no plain one."""
MOST = 12
"""Operations in one instruction."""

COURTESY = re.compile(
    r"(?:(?:hi|hey|ok(?:ay)?|please|pls|now|just|also|finally|first|can you|could you|would you|"
    r"will you|i want you to|i'd like you to)[, ]+)+"
)
JOINT = r"[ ,;.&+\n]|\band\b|\bthen\b|\balso\b"
BETWEEN = re.compile(rf" *(?:[,;.&+\n]|\band\b|\bthen\b)(?:{JOINT})*")
ENDING = re.compile(r"[ ,]*(?:please|pls|thanks|thank you|too|as well)?[ .!?]*")
SAID = re.compile(
    r"\"([^\"]+)\"|\u201c([^\u201d]+)\u201d|\u00ab([^\u00bb]+)\u00bb|(?<!\w)'([^']+)'(?!\w)"
    r"|(?P<opening>\b(?:caption|text|watermark)(?: (?:at|in|on) the [a-z -]{3,20})?: ?)"
    r"(?P<rest>[^\s\"\u201c\u00ab'].*)",
    re.IGNORECASE | re.DOTALL,
)
"""Words to write: in quotation marks, or all the rest after "caption:"."""


def understand(instruction: str) -> list[Operation] | None:
    """The operations an instruction asks for; None where any of it is not understood."""
    if len(instruction) > LONGEST:
        return None
    text, words = without_quotations(instruction.strip())
    return Reader(plainly(text), words).read()


def without_quotations(text: str) -> tuple[str, list[str]]:
    """Put numbers in the place of the words to write: they say nothing about what to do."""
    words: list[str] = []

    def stand_in(found: Found) -> str:
        said = found["rest"] or next(filter(None, found.groups()))
        words.append(said.strip())
        return f"{found['opening'] or ''}\ue000{len(words) - 1}\ue001"

    return SAID.sub(stand_in, re.sub("[\ue000\ue001]", "", text)), words


def plainly(text: str) -> str:
    """Lower case, single spaces, one spelling."""
    text = re.sub(r"[^\S\n]+", " ", text.lower()).replace("\u2019", "'").replace("\u00d7", "x")
    text = re.sub(r"\b(?:black[ -](?:and|&|n)[ -]white|b ?(?:&|/|and) ?w|bw)\b", "grayscale", text)
    text = re.sub(r"\bgr[ae]y[ -]?scale\b", "grayscale", text)
    return re.sub(r"colour", "color", text)


class Reader:
    """Reads a prepared instruction from its beginning to its end."""

    def __init__(self, text: str, words: list[str]) -> None:
        self.text, self.words = text, words
        self.operations: list[Operation] = []

    def read(self) -> list[Operation] | None:
        at = 0
        while True:
            if courtesy := COURTESY.match(self.text, at):
                at = courtesy.end()
            ended = self.one(at)
            if ended is None or len(self.operations) > MOST:
                return None
            if ENDING.fullmatch(self.text, ended):
                return self.operations
            between = BETWEEN.match(self.text, ended)
            if between is None:
                return None
            at = between.end()

    def one(self, at: int) -> int | None:
        """Read one wish and note what it asks for; return where it ends.

        Of several readings the one that reaches furthest holds.
        """
        best: tuple[int, list[Operation]] | None = None
        for ended, operations in self.readings(at):
            if best is None or ended > best[0]:
                best = ended, operations
        if best is None:
            return None
        self.operations += best[1]
        return best[0]

    def readings(self, at: int) -> list[tuple[int, list[Operation]]]:
        """Every wish that can be read here: where it ends, and what it asks for."""
        readings = [(found, meaning(found)) for found, meaning in self.matches(RULES, at)]
        readings += [
            (found, [meaning(found, self.words[int(found["words"])])])
            for found, meaning in self.matches(LETTERING, at)
        ]
        return [(found.end(), operations) for found, operations in readings if operations]

    def matches(self, rules: list[tuple[re.Pattern[str], T]], at: int) -> list[tuple[Found, T]]:
        matched = [(pattern.match(self.text, at), meaning) for pattern, meaning in rules]
        return [(each, meaning) for each, meaning in matched if each and self.complete(each.end())]

    def complete(self, at: int) -> bool:
        """Whether a wish may end here, so that "blur" is not read out of "blur the sky"."""
        return bool(ENDING.fullmatch(self.text, at) or BETWEEN.match(self.text, at))
