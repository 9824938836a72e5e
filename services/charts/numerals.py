"""Numbers as people write them: grouped, with currency, in percent, with a comma for the point."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 60
"""Characters of a cell that may still be a number; the patterns below are quadratic at worst."""
EMPTY = {
    "", "-", "--", "\u2013", "\u2014", "\u2212", "?", ".", "...", "\u2026",
    "n/a", "na", "#n/a", "nan", "null", "none", "nil", "missing", "unknown",
}  # fmt: skip
"""What people write, in small letters, where there is no value."""

SIGNS = "$€£¥₹₩₽₺₴₪₱฿₫₦"
CODES = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "inr": "₹", "chf": "CHF", "cny": "¥"}
SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "b": 1e9, "bn": 1e9, "t": 1e12}
SPACES = str.maketrans(
    {"\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ", "\u2212": "-", "\u2019": "'",
     "\u066b": ".", "\u066c": ",", "\u066a": "%", "\uff0c": ",", "\uff0e": "."}
)  # fmt: skip

UNIT = rf"(?:[{SIGNS}]|US\$|USD|EUR|GBP|JPY|INR|CHF|CNY)"
NUMBER = re.compile(
    rf"(?P<open>\()?(?P<sign>[-+])? ?(?P<before>{UNIT})? ?(?P<inner>[-+])?"
    r"(?P<digits>\d[\d.,' ]*|[.,]\d+)(?P<exponent>e[-+]?\d{1,3})?"
    rf" ?(?P<scale>k|mn|mio|m|bn|b|t)? ?(?P<after>%|{UNIT})?(?P<close>\))?",
    re.IGNORECASE,
)
GROUPED = re.compile(r"\d{1,3}(?:[ ',.]\d{2,3})*[ ',.]\d{3}")
"""Groups of three, or the Indian two and three."""


LEAST, MOST = 1e-100, 1e100
"""How small and how large a number may be: squares and sums of those still are numbers."""


class NotANumber(ValueError):
    """The cell holds something else."""


@dataclass(frozen=True)
class Number:
    value: float
    unit: str = ""
    """A currency's sign, or the percent sign."""


def is_empty(cell: str) -> bool:
    return cell.strip().casefold() in EMPTY


def plain(cell: str) -> str:
    """The same with ASCII digits, spaces and signs, whichever script they came in."""
    cell = cell.strip().translate(SPACES)
    if cell.isascii():
        return cell
    return "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in cell)


def match(cell: str) -> re.Match[str] | None:
    cell = plain(cell)
    return NUMBER.fullmatch(cell) if len(cell) <= LONGEST else None


DOTTED = re.compile(r"\s*\d{1,2}([./-])\d{1,2}\1(?:\d{2}|\d{4})\s*")
"""A day, a month and a year, as most of Europe writes them."""


def looks_numeric(cell: str) -> bool:
    return match(cell) is not None and not DOTTED.fullmatch(cell)


def decimal_mark(cells: Sequence[str]) -> str | None:
    """Which of point and comma ends the whole part here; None where nothing shows it.

    The last of two different ones does; one that is not followed by exactly three digits does;
    one that comes twice does not.
    """
    for cell in cells:
        found = match(cell)
        if found is not None and (mark := shown_mark(found["digits"].strip())) is not None:
            return mark
    return None


def shown_mark(digits: str) -> str | None:
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return "." if digits.rfind(".") > digits.rfind(",") else ","
    if points > 1:
        return ","
    if commas > 1:
        return "."
    if points + commas == 0:
        return None
    mark = "." if points else ","
    whole, _, rest = digits.partition(mark)
    grouped = len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
    return None if grouped else mark


def read_number(cell: str, mark: str = ".") -> Number:
    """Read one cell; `mark` is the column's decimal mark. Raises `NotANumber`."""
    found = match(cell)
    if found is None or (found["open"] is None) != (found["close"] is None):
        raise NotANumber(cell)
    value = float(whole_and_rest(found["digits"].strip(), mark) + (found["exponent"] or ""))
    value *= SCALES.get((found["scale"] or "").lower(), 1)
    negative = (found["open"] is not None) != ("-" in (found["sign"] or "", found["inner"] or ""))
    return Number(-value if negative else value, unit_of(found))


def drawable(value: float) -> bool:
    return value == 0 or LEAST <= abs(value) <= MOST


def unit_of(found: re.Match[str]) -> str:
    unit = (found["after"] or found["before"] or "").removeprefix("US")
    return CODES.get(unit.lower(), unit)


def whole_and_rest(digits: str, mark: str) -> str:
    """The digits as Python reads them. Raises `NotANumber` where the groups are not groups."""
    whole, point, rest = digits.rpartition(mark)
    if not point:
        whole, rest = digits, ""
    if not rest.isdigit() and rest:
        raise NotANumber(digits)
    if whole and not whole.isdigit():
        if not GROUPED.fullmatch(whole) or len(set(whole) - set("0123456789")) > 1 or mark in whole:
            raise NotANumber(digits)
        whole = re.sub(r"\D", "", whole)
    return f"{whole or '0'}.{rest or '0'}"
