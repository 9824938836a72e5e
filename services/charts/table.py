"""From cells to columns: which hold numbers, which dates, and what a column is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.errors import InvalidParams
from core.text import clean, shorten
from services.charts import dates
from services.charts.dates import Date, Grain
from services.charts.grid import Grid, Row, read_grid
from services.charts.numerals import (
    LEAST,
    MOST,
    NotANumber,
    decimal_mark,
    drawable,
    is_empty,
    looks_numeric,
    plain,
    read_number,
)

Kind = Literal["number", "date", "text"]

MOSTLY = 0.6
"""The share of a column's cells from which on the others are mistakes rather than words."""
NAME = 120
"""Characters of a name or a label that are kept."""
YEAR_NAMES = {"year", "years", "date", "jahr", "année", "año", "anno", "ano", "год", "rok", "年"}


@dataclass(frozen=True)
class Column:
    name: str
    kind: Kind
    values: tuple[float | None, ...]
    """Numbers, or milliseconds of UTC; nothing but None for words. None is a gap."""
    texts: tuple[str, ...]
    """The cells as they were written."""
    unit: str = ""
    grain: Grain = "day"
    named: bool = True
    """Whether the name is the table's own."""


@dataclass(frozen=True)
class Table:
    columns: tuple[Column, ...]
    rows: tuple[int, ...]
    """What each row is called in a complaint."""
    word: str = "Row"
    notes: tuple[str, ...] = ()

    def of(self, kind: Kind) -> list[Column]:
        return [column for column in self.columns if column.kind == kind]

    def place(self, row: int, column: Column) -> str:
        """Where a cell is, for a complaint."""
        return f"{self.word} {self.rows[row]}, column {column.name}"


def read_table(text: str) -> Table:
    """Read a pasted table. Raises `InvalidParams` with the row and the column that is wrong."""
    grid = read_grid(text)
    names, rows = headed(grid)
    if not rows:
        raise InvalidParams("That table has a head and no rows below it.")
    columns = [column_of(grid, rows, names, n) for n in range(len(names))]
    notes = tuple(note for column in columns if (note := ambiguity(column)))
    filled = tuple(column for column in columns if any(column.texts))
    table = Table(filled, tuple(row.number for row in rows), grid.word, notes)
    if not table.columns:
        raise InvalidParams("All cells of that table are empty.")
    return table


def headed(grid: Grid) -> tuple[list[tuple[str, bool]], Sequence[Row]]:
    """The columns' names, each with whether the table says it, and the rows below."""
    rows = grid.rows
    if grid.header is not None:
        return named(grid.header), rows
    if has_header(rows):
        return named(rows[0].cells), rows[1:]
    return named([""] * len(rows[0].cells)), rows


def named(header: Sequence[str]) -> list[tuple[str, bool]]:
    """Names on one line, each of them once."""
    names: list[tuple[str, bool]] = []
    taken: set[str] = set()
    for number, cell in enumerate(header, 1):
        own = shorten(clean(cell), NAME)
        base = own or ("Value" if len(header) == 1 else f"Column {number}")
        name, copy = base, 2
        while name.casefold() in taken:
            name, copy = f"{base} ({copy})", copy + 1
        taken.add(name.casefold())
        names.append((name, bool(own)))
    return names


def has_header(rows: Sequence[Row]) -> bool:
    """Whether the first row names the columns: words over numbers, or a row of years."""
    first, rest = rows[0].cells, rows[1:]
    if not rest:
        return False
    columns = [
        [row.cells[n] for row in rest if not is_empty(row.cells[n])] for n in range(len(first))
    ]
    for cell, below in zip(first, columns, strict=True):
        if cell and not is_empty(cell) and kind_below(below) != "text" and not is_value(cell):
            return True
    others = first[1:]
    if len(others) > 1 and not is_value(first[0]):
        years = [dates.read_year(cell) for cell in others]
        if all(years) and len(set(others)) == len(others):
            return True
    if any(kind_below(below) != "text" for below in columns):
        return not first[0] and all(others)
    return all(first) and not any(cell in below for cell, below in zip(first, columns, strict=True))


def is_value(cell: str) -> bool:
    return looks_numeric(cell) or dates.read_date(cell) is not None


def kind_below(cells: Sequence[str]) -> Kind:
    if not cells:
        return "text"
    if sum(map(looks_numeric, cells)) >= MOSTLY * len(cells):
        return "number"
    order = dates.slash_order(cells) or "month"
    if sum(dates.read_date(cell, order) is not None for cell in cells) >= MOSTLY * len(cells):
        return "date"
    return "text"


def column_of(grid: Grid, rows: Sequence[Row], names: list[tuple[str, bool]], n: int) -> Column:
    name, own = names[n]
    texts = tuple(
        "" if is_empty(row.cells[n]) else shorten(clean(row.cells[n]), NAME) for row in rows
    )
    filled = [text for text in texts if text]
    kind = kind_below(filled)
    if are_years(filled, name, first=n == 0):
        found = [dates.read_year(text) if text else None for text in texts]
        return dated(name, texts, found, own=own)
    if kind == "number" and n == 0 and len(names) > 1 and not all(map(looks_numeric, filled)):
        kind = "text"
    if kind == "date":
        return dated(name, texts, read_dates(grid, rows, name, texts), own=own)
    if kind == "number":
        return numeric(grid, rows, name, texts, own=own)
    return Column(name, "text", (None,) * len(texts), texts, named=own)


def are_years(cells: Sequence[str], name: str, *, first: bool) -> bool:
    """Whole numbers from 1000 to 2999, in the first column or in one called a year."""
    called = name.casefold() in YEAR_NAMES or name.casefold().endswith(" year")
    if not cells or not (first or called) or not all(map(dates.read_year, cells)):
        return False
    # A first column of amounts around a thousand is no calendar: those are near our time.
    return called or (len(cells) > 1 and all(1800 <= int(float(cell)) <= 2100 for cell in cells))


def dated(name: str, texts: tuple[str, ...], found: Sequence[Date | None], *, own: bool) -> Column:
    grain = dates.finest([each.grain for each in found if each is not None])
    values = tuple(each.when if each is not None else None for each in found)
    return Column(name, "date", values, texts, grain=grain, named=own)


def read_dates(
    grid: Grid, rows: Sequence[Row], name: str, texts: Sequence[str]
) -> list[Date | None]:
    order = dates.slash_order(texts) or "month"
    found: list[Date | None] = []
    for row, text in zip(rows, texts, strict=True):
        date = dates.read_date(text, order) if text else None
        if text and date is None:
            raise InvalidParams(
                f"{grid.word} {row.number}, column {name}: “{shorten(text, 40)}” is not a date."
            )
        found.append(date)
    return found


def ambiguity(column: Column) -> str | None:
    """The sentence that says how dates were read where only a rule decided."""
    slashed = [text for text in column.texts if text and dates.is_slashed(text)]
    if column.kind != "date" or not slashed or dates.slash_order(slashed) is not None:
        return None
    when = dates.written(next(v for v in column.values if v is not None), "day")
    return f"I read {slashed[0]} as {when}, with the month first; write 2024-12-31 to be sure."


def numeric(
    grid: Grid, rows: Sequence[Row], name: str, texts: tuple[str, ...], *, own: bool
) -> Column:
    mark = decimal_mark(texts) or "."
    values: list[float | None] = []
    units: list[str] = []
    for row, text in zip(rows, texts, strict=True):
        if not text:
            values.append(None)
            continue
        place = f"{grid.word} {row.number}, column {name}"
        try:
            number = read_number(text, mark)
        except NotANumber as error:
            raise InvalidParams(f"{place}: “{shorten(text, 40)}” {why(text, mark)}.") from error
        if not drawable(number.value):
            raise InvalidParams(
                f"{place}: “{shorten(text, 40)}” is beyond what can be drawn, {LEAST:g} to {MOST:g}."
            )
        if number.unit and units and number.unit != units[-1]:
            raise InvalidParams(
                f"{place}: “{shorten(text, 40)}” is in {number.unit}, those above in {units[-1]}."
            )
        units += [number.unit] if number.unit else []
        values.append(number.value)
    return Column(name, "number", tuple(values), texts, units[0] if units else "", named=own)


def why(text: str, mark: str) -> str:
    """What is wrong with a cell that is no number."""
    other = "comma" if mark == "." else "point"
    if looks_numeric(text) and re.search(r"\d[.,]\d", plain(text)):
        return f"has a decimal {other}, unlike the rest of the column"
    return "is not a number"
