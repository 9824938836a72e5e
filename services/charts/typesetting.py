"""Text in a drawing set in fonts that have its letters.

The library falls back for a whole text at once and to any font of the host; so each run of a script
names its own font here, and one without a bold cut is made bold by its outline. What turns the
drawing into pixels shapes a text in each of its fonts and mixes the results, which loses letters or
ends in a panic where a font joins them ("Sales 🇩🇪"), and gives a syllable of several letters the
room of one; so for it each run, and in such scripts each syllable, is put in its place by us.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence

from services.charts import fonts
from services.charts.fonts import BASE, CJK, EMOJI

SCRIPTS = (
    (0x0000, BASE),
    (0x0530, "Noto Sans Armenian"),
    (0x0590, "Noto Sans Hebrew"),
    (0x0600, "Noto Sans Arabic"),
    (0x0700, BASE),
    (0x0750, "Noto Sans Arabic"),
    (0x0780, BASE),
    (0x08A0, "Noto Sans Arabic"),
    (0x0900, BASE),
    (0x0980, "Noto Sans Bengali"),
    (0x0A00, "Noto Sans Gurmukhi"),
    (0x0A80, "Noto Sans Gujarati"),
    (0x0B00, BASE),
    (0x0B80, "Noto Sans Tamil"),
    (0x0C00, "Noto Sans Telugu"),
    (0x0C80, "Noto Sans Kannada"),
    (0x0D00, "Noto Sans Malayalam"),
    (0x0D80, "Noto Sans Sinhala"),
    (0x0E00, "Noto Sans Thai"),
    (0x0E80, "Noto Sans Lao"),
    (0x0F00, BASE),
    (0x1000, "Noto Sans Myanmar"),
    (0x10A0, "Noto Sans Georgian"),
    (0x1100, CJK),
    (0x1200, "Noto Sans Ethiopic"),
    (0x13A0, BASE),
    (0x1780, "Noto Sans Khmer"),
    (0x1800, BASE),
    (0x1C90, "Noto Sans Georgian"),
    (0x1CC0, BASE),
    (0x2600, EMOJI),
    (0x27C0, BASE),
    (0x2E80, CJK),
    (0xA000, BASE),
    (0xAC00, CJK),
    (0xD7B0, BASE),
    (0xF900, CJK),
    (0xFB00, BASE),
    (0xFB1D, "Noto Sans Hebrew"),
    (0xFB50, "Noto Sans Arabic"),
    (0xFE00, BASE),
    (0xFE30, CJK),
    (0xFE70, "Noto Sans Arabic"),
    (0xFF00, CJK),
    (0xFFF0, BASE),
    (0x1F000, EMOJI),
    (0x1FB00, BASE),
    (0x20000, CJK),
    (0x30000, BASE),
)
"""Where in Unicode each font begins to be the right one."""
STARTS = [start for start, _ in SCRIPTS]

ELEMENT = re.compile(r"<text ([^>]*)>(.*?)</text>", re.DOTALL)
TEXT = re.compile(r">([^<]+)<")
SIZE = re.compile(r'font-size="([\d.]+)px"')
ANCHOR = re.compile(r'text-anchor="(\w+)"')
SHARES = {"start": 0.0, "middle": 0.5, "end": 1.0}
"""How much of a text lies before its place."""
Run = tuple[str, str]
"""A font, and what is set in it."""
RIGHT_TO_LEFT = {"Noto Sans Hebrew", "Noto Sans Arabic"}
BOLD = re.compile(
    r'<text (?=[^>]*font-weight="bold")(?=[^>]*font-size="(?P<size>[\d.]+)px")'
    r'(?=[^>]*fill="(?P<fill>[^"]+)")'
)
EMBOLDEN = 0.035
"""Width of the outline that makes a letter bold, in parts of its size."""


def typeset(svg: str, *, placed: bool = False) -> str:
    """Name each run's font; `placed` puts each where it belongs, whatever is drawn before it."""

    def set_in_fonts(found: re.Match[str]) -> str:
        if found[0].isascii():
            return found[0]
        text = TEXT.sub(lambda t: f">{in_fonts(t[1], found[1], placed=placed)}<", f">{found[2]}<")
        return f"<text {found[1]}>{text[1:-1]}</text>"

    return ELEMENT.sub(set_in_fonts, BOLD.sub(embolden, svg))


def embolden(found: re.Match[str]) -> str:
    width = float(found["size"]) * EMBOLDEN
    return f'<text stroke="{found["fill"]}" stroke-width="{width:.2f}" stroke-linejoin="round" '


def in_fonts(text: str, attributes: str, *, placed: bool) -> str:
    """A text with each run of another script in a span of its own."""
    found = runs(html.unescape(text))
    if placed and (len(found) > 1 or is_syllabic(text)):
        return in_places(found, attributes)
    return "".join(span(run, font) for font, run in found)


def span(run: str, font: str, place: str = "") -> str:
    named = "" if font == BASE else f' font-family="{font}" stroke="none"'
    text = html.escape(run, quote=False)
    return f"<tspan{place}{named}>{text}</tspan>" if place or named else text


def in_places(found: Sequence[Run], attributes: str) -> str:
    """Runs one after another as they are seen, each begun at a place of its own."""
    size, anchor = SIZE.search(attributes), ANCHOR.search(attributes)
    pixels, bold = float(size[1]) if size else 0.0, 'font-weight="bold"' in attributes
    pieces = as_seen([piece for run in found for piece in apart(run)])
    widths = [fonts.width(text, font, pixels, bold=bold) for font, text in pieces]
    x = -sum(widths) * SHARES[anchor[1] if anchor else "start"]
    spans: list[str] = []
    for (font, text), wide in zip(pieces, widths, strict=True):
        if not text.isspace():
            spans.append(span(text, font, f' x="{x:.2f}" text-anchor="start"'))
        x += wide
    return "".join(spans)


def apart(run: Run) -> list[Run]:
    """A run without its spaces, and those before and after it; or its syllables."""
    font, text = run
    if is_syllabic(text):
        return [(font, each) for each in syllables(text)]
    core = text.strip()
    before, _, after = text.partition(core) if core else (text, "", "")
    return [(name, part) for name, part in ((BASE, before), (font, core), (BASE, after)) if part]


def is_syllabic(text: str) -> bool:
    """Whether its script writes vowels as letters of their own around a consonant."""
    return any(unicodedata.category(each) == "Mc" or is_joining(each) for each in text)


def is_joining(letter: str) -> bool:
    """Whether it is a virama, which makes one syllable of the consonants on both sides."""
    return unicodedata.combining(letter) == 9


def syllables(text: str) -> list[str]:
    found: list[str] = []
    for letter in text:
        marks = unicodedata.category(letter)[0] == "M" or letter in "\u200c\u200d"
        before = found[-1].rstrip("\u200d")[-1:] if found else " "
        joined = before and is_joining(before) and letter.isalpha()
        if (marks or joined) and not before.isspace():
            found[-1] += letter
        else:
            found.append(letter)
    return found


def as_seen(pieces: list[Run]) -> list[Run]:
    """From the order of reading to that from left to right, in a text that begins at the left."""
    seen = list(pieces)
    begin = end = None
    for n, (font, text) in enumerate([*pieces, (BASE, "a")]):
        if font in RIGHT_TO_LEFT:
            begin, end = n if begin is None else begin, n
        elif begin is not None and end is not None and any(map(str.isalpha, text)):
            seen[begin : end + 1] = reversed(pieces[begin : end + 1])
            begin = end = None
    return seen


def runs(text: str) -> list[Run]:
    """Cut a text where the font changes; spaces, joiners and marks stay with what they follow."""
    found: list[Run] = []
    for letter in text:
        font = font_of(letter)
        if found and (font is None or font == found[-1][0]):
            found[-1] = (found[-1][0], found[-1][1] + letter)
        else:
            found.append((font or BASE, letter))
    return found


def font_of(letter: str) -> str | None:
    """The font for a character; None where it has none of its own."""
    if letter in " \u200c\u200d\ufe0e\ufe0f" or unicodedata.combining(letter):
        return None
    if "\U000e0020" <= letter <= "\U000e007f":  # The letters of a flag such as England's.
        return None
    if "\U0001f3fb" <= letter <= "\U0001f3ff":
        return EMOJI
    return SCRIPTS[bisect_right(STARTS, ord(letter)) - 1][1]
