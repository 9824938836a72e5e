"""How wide text will be, near enough to choose a layout; and values as labels."""

from __future__ import annotations

import math
import unicodedata

NARROW = set("iljtfr.,:;'|!()[]I1 ")
WIDE = set("mwMW@%")
ELLIPSIS = "\u2026"


def width(text: str, size: float) -> float:
    """Pixels, of Noto Sans at `size`; a little more than it will be rather than less."""
    return size * sum(map(advance, text))


def advance(letter: str) -> float:
    if letter in NARROW:
        return 0.34
    if letter in WIDE:
        return 0.9
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    if unicodedata.combining(letter):
        return 0.0
    return 0.66 if letter.isupper() else 0.58


def cut(text: str, size: float, room: float) -> str:
    """As much of a text as there is room for, the cut marked."""
    if width(text, size) <= room:
        return text
    while text and width(text + ELLIPSIS, size) > room:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


def wrapped(text: str, size: float, room: float, lines: int) -> list[str]:
    """A text on up to `lines` lines, the last of them cut where it must be."""
    found: list[str] = []
    words = pieces(text, size, room)
    while words and len(found) < lines:
        line = words.pop(0)
        while words and width(f"{line} {words[0]}", size) <= room:
            line = f"{line} {words.pop(0)}"
        found.append(line)
    if words:
        found[-1] = cut(f"{found[-1]} {' '.join(words)}", size, room)
    return [cut(line, size, room) for line in found] or [""]


def pieces(text: str, size: float, room: float) -> list[str]:
    """The words of a text; what is written without spaces may break anywhere."""
    found: list[str] = []
    for word in text.split():
        while width(word, size) > room and unicodedata.east_asian_width(word[0]) in "WF":
            fitting = max(1, int(room / size))
            found.append(word[:fitting])
            word = word[fitting:]
            if not word:
                break
        found += [word] if word else []
    return found


def value(number: float, unit: str = "") -> str:
    """A value as a label: separators, and no more digits than it takes to tell values apart."""
    size = abs(number)
    if size >= 1e15 or (number and size < 1e-4):
        text = f"{size:.3g}"
    elif size >= 1e9:
        text = f"{trimmed(size / 1e9, 2)}B"
    else:
        text = trimmed(size, 0 if size >= 1e5 else decimals(size))
    sign = "\u2212" if number < 0 and text.strip("0.,") else ""
    return f"{sign}{text}{unit}" if unit == "%" else f"{sign}{unit}{text}"


def decimals(size: float) -> int:
    """Digits after the point that leave about four that count."""
    return 2 if size == 0 else min(max(3 - math.floor(math.log10(size)), 0), 6)


def trimmed(number: float, places: int) -> str:
    text = f"{number:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
