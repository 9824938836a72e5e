"""Text in a drawing set in fonts that have its letters.

The library falls back for a whole text at once and to any font of the host; so each run of a script
names its own font here, and one without a bold cut is made bold by its outline.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right

BASE = "Noto Sans"
CJK = "Noto Sans CJK JP"
EMOJI = "Noto Color Emoji"
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

TEXT = re.compile(r">([^<]+)<")
BOLD = re.compile(
    r'<text (?=[^>]*font-weight="bold")(?=[^>]*font-size="(?P<size>[\d.]+)px")'
    r'(?=[^>]*fill="(?P<fill>[^"]+)")'
)
EMBOLDEN = 0.035
"""Width of the outline that makes a letter bold, in parts of its size."""


def typeset(svg: str) -> str:
    return TEXT.sub(lambda found: f">{in_fonts(found[1])}<", BOLD.sub(embolden, svg))


def embolden(found: re.Match[str]) -> str:
    width = float(found["size"]) * EMBOLDEN
    return f'<text stroke="{found["fill"]}" stroke-width="{width:.2f}" stroke-linejoin="round" '


def in_fonts(text: str) -> str:
    """A text with each run of another script in a span of its own."""
    if text.isascii():
        return text
    return "".join(
        run if font == BASE else f'<tspan font-family="{font}" stroke="none">{run}</tspan>'
        for font, run in runs(text)
    )


def runs(text: str) -> list[tuple[str, str]]:
    """Cut a text where the font changes; spaces, joiners and marks stay with what they follow."""
    found: list[tuple[str, str]] = []
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
    if "\U0001f3fb" <= letter <= "\U0001f3ff":
        return EMOJI
    return SCRIPTS[bisect_right(STARTS, ord(letter)) - 1][1]
