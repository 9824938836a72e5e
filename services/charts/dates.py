"""Dates as people write them, as milliseconds of UTC.

12/31/2024 is month, day, year unless some day above 12 in the column shows the other order, or it
is written with points (31.12.2024).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

LONGEST = 40
Grain = Literal["year", "quarter", "month", "day", "time"]
GRAINS: tuple[Grain, ...] = ("year", "quarter", "month", "day", "time")
"""From coarse to fine."""
Order = Literal["month", "day"]
"""What comes first between slashes."""

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
CENTURY = 70
"""Two digits from here on are of the last century."""
TIME = (
    r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r"(?: ?(?P<zone>Z|UTC|[-+]\d{2}:?\d{2}))?)?"
)
NTH = r"(?:st|nd|rd|th)?"
NAME = r"(?P<name>[A-Za-z]{3,9})\.?"
DAY, MONTH, YEAR = r"(?P<day>\d{1,2})", r"(?P<month>\d{1,2})", r"(?P<year>\d{4})"
SLASHED = re.compile(
    rf"(?P<first>\d{{1,2}})(?P<mark>[/.-])(?P<then>\d{{1,2}})(?P=mark)(?P<short>\d{{4}}|\d{{2}}){TIME}"
)


@dataclass(frozen=True)
class Date:
    when: float
    """Milliseconds since 1970, UTC."""
    grain: Grain


PATTERNS: tuple[tuple[str, Grain], ...] = (
    (rf"{YEAR}(?P<mark>[-/.]){MONTH}(?P=mark){DAY}{TIME}", "day"),
    (rf"{YEAR}[-/]{MONTH}", "month"),
    (rf"{YEAR}[- /]?Q(?P<quarter>[1-4])", "quarter"),
    (rf"Q(?P<quarter>[1-4])[- /']*{YEAR}", "quarter"),
    (rf"{YEAR}-?W(?P<week>\d{{1,2}})", "day"),
    (rf"{DAY}{NTH}[ .-]+{NAME}[ ,.-]+{YEAR}", "day"),
    (rf"{NAME} +{DAY}{NTH},? +{YEAR}{TIME}", "day"),
    (rf"{NAME}[ ,/-]+{YEAR}", "month"),
    (rf"{NAME} ?[-'](?P<short>\d{{2}})", "month"),
    (rf"{YEAR}[ -]{NAME}", "month"),
)
FORMS: tuple[tuple[re.Pattern[str], Grain], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), grain) for pattern, grain in PATTERNS
)


def slash_order(cells: Sequence[str]) -> Order | None:
    """What comes first between slashes in this column; None where no day shows it."""
    for cell in cells:
        found = SLASHED.fullmatch(cell.strip()) if len(cell) <= LONGEST else None
        if found is None or found["mark"] == ".":
            continue
        if int(found["first"]) > 12:
            return "day"
        if int(found["then"]) > 12:
            return "month"
    return None


def is_slashed(cell: str) -> bool:
    """Whether only a rule says which is the day."""
    found = SLASHED.fullmatch(cell.strip()) if len(cell) <= LONGEST else None
    return found is not None and found["mark"] != "."


def read_date(cell: str, order: Order = "month") -> Date | None:
    """Read one cell; None for anything else, a thirteenth month included."""
    cell = cell.strip()
    if len(cell) > LONGEST:
        return None
    try:
        if found := SLASHED.fullmatch(cell):
            return slashed(found, order)
        for form, grain in FORMS:
            if found := form.fullmatch(cell):
                return built(found, grain)
    except (ValueError, OverflowError):
        return None
    return None


def read_year(cell: str) -> Date | None:
    cell = cell.strip().removesuffix(".0")
    if not re.fullmatch(r"[12]\d{3}", cell):
        return None
    return moment(datetime(int(cell), 1, 1, tzinfo=UTC), "year")


def slashed(found: re.Match[str], order: Order) -> Date:
    first, then = int(found["first"]), int(found["then"])
    day_first = found["mark"] == "." or order == "day"
    month, day = (then, first) if day_first else (first, then)
    return timed(found, full_year(found["short"]), month, day)


def built(found: re.Match[str], grain: Grain) -> Date:
    parts = found.groupdict()
    year = full_year(parts.get("short") or parts["year"])
    if parts.get("week"):
        return moment(datetime.fromisocalendar(year, int(parts["week"]), 1), "day")
    month = 1
    if parts.get("quarter"):
        month = int(parts["quarter"]) * 3 - 2
    elif parts.get("name"):
        month = month_number(parts["name"])
    elif parts.get("month"):
        month = int(parts["month"])
    if grain == "day":
        return timed(found, year, month, int(parts["day"]))
    return moment(datetime(year, month, 1, tzinfo=UTC), grain)


def month_number(name: str) -> int:
    """1 to 12, by the whole name or at least its first three letters. Raises `ValueError`."""
    name = "sep" if name.lower() == "sept" else name.lower()
    for number, month in enumerate(MONTHS, 1):
        if month.startswith(name):
            return number
    raise ValueError(name)


def full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (1900 if year >= CENTURY else 2000)


def timed(found: re.Match[str], year: int, month: int, day: int) -> Date:
    parts = found.groupdict()
    if not parts.get("hour"):
        return moment(datetime(year, month, day, tzinfo=UTC), "day")
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    zone = offset(parts.get("zone") or "Z")
    return moment(datetime(year, month, day, hour, minute, second, tzinfo=zone), "time")


def offset(zone: str) -> timezone:
    if zone.upper() in ("Z", "UTC"):
        return UTC
    sign = -1 if zone[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:])))


def moment(when: datetime, grain: Grain) -> Date:
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return Date(when.timestamp() * 1000, grain)


def finest(grains: Sequence[Grain]) -> Grain:
    return max(grains, key=GRAINS.index)


def at(when: float) -> datetime:
    """The moment itself; milliseconds of any year a date may have."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=when)


WRITTEN: dict[Grain, Callable[[datetime], str]] = {
    "year": lambda when: f"{when.year}",
    "quarter": lambda when: f"Q{(when.month + 2) // 3} {when.year}",
    "month": lambda when: f"{MONTHS[when.month - 1][:3].capitalize()} {when.year}",
    "day": lambda when: f"{MONTHS[when.month - 1][:3].capitalize()} {when.day}, {when.year}",
    "time": lambda when: when.strftime("%Y-%m-%d %H:%M"),
}


def written(when: float, grain: Grain) -> str:
    return WRITTEN[grain](at(when))
