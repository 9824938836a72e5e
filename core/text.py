"""Text from people made safe in one place, without changing what it says."""

from __future__ import annotations

import re
import unicodedata

BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
MARKS_PER_LETTER = 4
"""Vietnamese, Hebrew and Thai stack up to three; beyond that it is decoration that hides text."""

UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\ufeff" + BIDI_CONTROLS + "]"
)
MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
STACKED = re.compile(f"({MARK}{{{MARKS_PER_LETTER}}}){MARK}+")


def clean(text: str) -> str:
    """Remove what cannot be seen or stored: null bytes, controls, lone surrogates, bidi overrides.

    Line breaks become `\\n`; letters are composed (NFC), so that equal text compares equal.
    """
    text = UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return STACKED.sub(r"\1", unicodedata.normalize("NFC", text)).strip()


def shorten(text: str, limit: int) -> str:
    """Cut to `limit` characters at a word's end where there is one near, and mark the cut."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    word = cut.rfind(" ", limit * 2 // 3)
    return (cut[:word] if word > 0 else cut).rstrip(" ,.;:") + "…"


def file_name(text: str, extension: str, limit: int = 60) -> str:
    """Make a file name that every system accepts: letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:limit].strip("-")
    return f"{stem or 'picture'}.{extension}"
