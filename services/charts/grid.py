"""From pasted text to rows of cells, whatever the cells are parted by."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from core.errors import InvalidParams
from services.charts.json_grid import Cells, read_json
from services.charts.numerals import GROUPED, looks_numeric, plain

ROWS = 20_000
"""The most rows that are read at all; how many can be drawn is another matter."""
COLUMNS = 200

FENCE = re.compile(r"```[a-z]{0,12}[ \t]*\n?(.*?)```", re.DOTALL | re.IGNORECASE)
RULE = re.compile(r"[\s|:+=-]*-{2,}[\s|:+=-]*")
"""The line under a Markdown table's head, or the frame of one drawn with dashes."""
PAIR = re.compile(
    r"(?P<label>[^\t,;|:=]*[^\W\d_][^\t,;|:=]*?|[^\t,;|:=]+?(?=\s*=|\s*:\s))\s*[:=]\s*(?P<value>.+)"
)
"""Label and value: "Apples: 12", "Q1 = 100"; after a label of digits the colon needs a space."""
PAIRED = 300
"""Characters of a line that may still be a pair: matching takes time by the square of them."""
BULLET = re.compile(r"[-*\u2022\u00b7] +")
DELIMITERS = ("\t", ";", "|", ",")
GROUP_BEGUN = re.compile(r"[-+(]?(?P<money>[$\u20ac\u00a3\u00a5]?)\s*-?\d{1,3}")
GROUP = re.compile(r"\d{3}(?:,\d{3})*(?:\.\d+)?\s*(?:%|[$\u20ac\u00a3\u00a5])?\)?")
"""What a number with separators falls into when it is cut at them."""
AGREEING = 0.8
"""The share of lines that must have as many cells as most do, for a delimiter to be one."""

ANSWER = 60
"""Characters of a line that may still be one of a few answers rather than prose."""


@dataclass(frozen=True)
class Row:
    number: int
    """What to call it in a complaint: its line, or its place in a list."""
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    rows: tuple[Row, ...]
    header: tuple[str, ...] | None = None
    """The columns' names where the form says them; otherwise they are to be found."""
    word: str = "Row"
    """What one of its rows is called."""
    notes: tuple[str, ...] = field(default=())


def read_grid(text: str) -> Grid:
    """Cut pasted text into cells. Raises `InvalidParams` with the row that is wrong."""
    if (fenced := FENCE.search(text)) is not None and fenced[1].strip():
        text = fenced[1]
    text = text.strip("\n\r \u200b")
    if not text.strip():
        raise InvalidParams("There is no table in that. Paste one with a row for each line.")
    if text.lstrip().startswith(("[", "{")):
        return from_json(read_json(text))
    lines = introduced(numbered(text))
    if len(lines) > ROWS:
        raise InvalidParams(f"That has {len(lines):,} rows; up to {ROWS:,} are read.")
    rows = next(filter(None, (reader(lines) for reader in READERS)), None)
    if rows is None:
        raise InvalidParams(
            "I found no table in that. Paste rows of cells with commas or tabs between them, "
            "or lines such as “Apples: 12”."
        )
    if len(rows) > ROWS:
        raise InvalidParams(f"That has {len(rows):,} rows; up to {ROWS:,} are read.")
    return Grid(tuple(checked(rows)))


def from_json(cells: Cells) -> Grid:
    if len(cells.rows) > ROWS:
        raise InvalidParams(f"That has {len(cells.rows):,} rows; up to {ROWS:,} are read.")
    rows = [Row(number, tuple(each)) for number, each in enumerate(cells.rows, 1)]
    header = tuple(cells.header) if cells.header is not None else None
    return Grid(tuple(checked(rows, header)), header, word="Item")


def numbered(text: str) -> list[tuple[int, str]]:
    """The lines that say something, each with its number."""
    return [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]


def introduced(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The lines without a sentence that only leads to them: "Sales this week:"."""
    first = lines[0][1].strip()
    leads = first.endswith(":") and first.count(":") == 1 and not re.search(r"[\t,;|]", first)
    return lines[1:] if leads and " " in first and len(lines) > 2 else lines


Lines = Sequence[tuple[int, str]]


def from_rules(lines: Lines) -> list[Row] | None:
    """A Markdown table, or one drawn with dashes and bars; the text around it is not of it."""
    if not any(RULE.fullmatch(line) for _, line in lines) or "|" not in "".join(
        line for _, line in lines
    ):
        return None
    barred = [(n, line) for n, line in lines if "|" in line and not RULE.fullmatch(line)]
    return [Row(n, tuple(bar_cells(line))) for n, line in barred] or None


def bar_cells(line: str) -> list[str]:
    line = line.strip().removeprefix("|").removesuffix("|")
    cells = re.split(r"(?<!\\)\|", line)
    return [cell.strip().strip("*`").replace("\\|", "|").strip() for cell in cells]


def from_one_line(lines: Lines) -> list[Row] | None:
    """Pairs one after another, "Q1=100, Q2=150", or just numbers."""
    text = " ".join(line for _, line in lines)
    if len(lines) == 1 and len(re.findall(r"[:=]", text)) > 1:
        parts = re.split(r"[;,]\s*(?=[^=:;,]{1,200}[=:])", text)
        return from_pairs([(1, part) for part in parts])
    return from_numbers(text) if len(text) < 200_000 else None


def from_rows_of_numbers(lines: Lines) -> list[Row] | None:
    """Numbers in columns, or 1 234 on each line; a list that is wrapped is in no columns."""
    if len(lines) < 2:
        return None
    for split, spaced in ((r"\s*;\s*", False), (r",\s+", False), (r"\s+", True), (r",", False)):
        rows = [Row(n, tuple(re.split(split, line.strip()))) for n, line in lines]
        width = len(rows[0].cells)
        if width < 2 or any(len(row.cells) != width or not all_numbers(row) for row in rows):
            continue
        if not in_steps(rows) and all(GROUPED.fullmatch(plain(line)) for _, line in lines):
            return [Row(n, (line.strip(),)) for n, line in lines]
        wrapped = spaced and len(rows) < width > 2
        decimals = split == "," and width == 2 and all(map(may_be_decimal, rows))
        return None if wrapped or (decimals and not in_steps(rows)) else rows
    return None


def may_be_decimal(row: Row) -> bool:
    """Whether 1,5 or 1.234,5 is one number as well as two."""
    whole, rest = row.cells
    return rest.isdecimal() and ("." not in whole or GROUPED.fullmatch(whole) is not None)


def all_numbers(row: Row) -> bool:
    return bool(row.cells[0]) and all(looks_numeric(cell) for cell in row.cells if cell)


def in_steps(rows: Sequence[Row]) -> bool:
    """Whether the first column counts: 1, 2, 3 or 2020, 2021; then it is a column of its own."""
    firsts = [row.cells[0] for row in rows]
    if not all(first.isdecimal() and len(first) < 10 for first in firsts):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(firsts)}
    years = all(1800 <= int(first) <= 2100 for first in firsts)
    return len(steps) == 1 and steps != {0} and (len(rows) > 2 or years)


def from_numbers(text: str) -> list[Row] | None:
    """A list of numbers in any arrangement of one column."""
    for split in (r"[\s;]*[;\n][\s;]*", r",\s+|\s+", r","):
        cells = [cell.rstrip(",") for cell in re.split(split, text.strip(" \t\n,;")) if cell]
        if len(cells) > 1 and all(looks_numeric(cell) for cell in cells):
            return [Row(n, (cell,)) for n, cell in enumerate(cells, 1)]
    return None


def from_pairs(lines: Lines) -> list[Row] | None:
    """Lines such as "Apples: 12"; a line of prose above or below them does not matter."""
    bare = [(n, BULLET.sub("", line.strip(), count=1)) for n, line in lines]
    found = [(n, PAIR.fullmatch(line) if len(line) <= PAIRED else None) for n, line in bare]
    rows = [
        Row(n, (pair["label"].strip(" *`\"'"), pair["value"].strip(" *`;,")))
        for n, pair in found
        if pair is not None
    ]
    numeric = [row for row in rows if looks_numeric(row.cells[1])]
    return rows if len(numeric) >= max(1, 0.5 * len(lines)) else None


def from_delimited(lines: Lines) -> list[Row] | None:
    """Comma, semicolon, tab or bar, quoted as spreadsheets do."""
    text = "\n".join(line for _, line in lines)
    numbers = [n for n, _ in lines]
    for delimiter in DELIMITERS:
        if delimiter not in text:
            continue
        rows = split_by(delimiter, text, numbers)
        rows = regrouped(rows) if delimiter == "," else rows
        usual, agreeing = usual_width(rows)
        if usual > 1 and agreeing >= AGREEING * len([r for r in rows if len(r.cells) > 1]):
            return trimmed(rows)
    return None


def split_by(delimiter: str, text: str, numbers: Sequence[int]) -> list[Row]:
    reader = csv.reader(text.split("\n"), delimiter=delimiter, skipinitialspace=True)
    rows: list[Row] = []
    begins = 0
    try:
        for cells in reader:
            rows.append(Row(numbers[begins], tuple(cell.strip() for cell in cells)))
            begins = min(reader.line_num, len(numbers) - 1)
    except csv.Error as error:
        raise InvalidParams(
            f"Row {numbers[begins]} cannot be read; look for a quotation mark that is not closed."
        ) from error
    return rows


def regrouped(rows: Sequence[Row]) -> list[Row]:
    """The rows with "$1,200.50" in one cell again, where nobody put it in quotation marks.

    Only where the first row has fewer cells than some but as many as others, or there is money:
    otherwise 100,200 are two numbers.
    """
    width = len(rows[0].cells)
    mixed = any(len(row.cells) == width for row in rows[1:])
    whole: list[Row] = []
    for row in rows:
        cells = list(row.cells)
        for n in range(len(cells) - 2, -1, -1):
            begun = GROUP_BEGUN.fullmatch(cells[n]) if len(cells) > width else None
            if begun and (mixed or begun["money"]) and GROUP.fullmatch(cells[n + 1]):
                cells[n : n + 2] = [f"{cells[n]},{cells[n + 1]}"]
        whole.append(Row(row.number, tuple(cells)) if len(cells) == width else row)
    return whole


def usual_width(rows: Sequence[Row]) -> tuple[int, int]:
    """How many cells most rows have, and how many rows have as many or fewer but not one."""
    widths = Counter(len(row.cells) for row in rows if len(row.cells) > 1)
    if not widths:
        return 0, 0
    usual, _ = widths.most_common(1)[0]
    return usual, sum(count for width, count in widths.items() if width >= usual - 1)


def trimmed(rows: list[Row]) -> list[Row]:
    """Without the lines of prose before and after the table."""
    while rows and filled(rows[0]) <= 1 and len(rows) > 2:
        rows = rows[1:]
    while rows and filled(rows[-1]) <= 1 and len(rows[-1].cells) == 1 and len(rows) > 2:
        rows = rows[:-1]
    return rows


def filled(row: Row) -> int:
    return sum(bool(cell) for cell in row.cells)


def from_spaced(lines: Lines) -> list[Row] | None:
    """Columns set apart by spaces: by two or more everywhere, else numbers after a label."""
    wide = [Row(n, tuple(re.split(r"\s{2,}", line.strip()))) for n, line in lines]
    usual, agreeing = usual_width(wide)
    if usual > 1 and agreeing >= AGREEING * len(wide):
        return trimmed(wide)
    words = [line.split() for _, line in lines]
    trailing = [count for each in words if (count := numbers_at_end(each))]
    if len(trailing) < max(1, len(lines) - 2):
        return None
    columns = min(trailing)
    return trimmed([
        Row(n, tuple(line.strip().rsplit(None, columns))) for n, line in lines
    ])  # fmt: skip


def numbers_at_end(words: Sequence[str]) -> int:
    """How many of the last words are numbers, the first word never counted."""
    count = 0
    for word in reversed(words[1:]):
        if not looks_numeric(word):
            break
        count += 1
    return count


def from_column(lines: Lines) -> list[Row] | None:
    """One value on each line: numbers, perhaps below a name, or answers that come again."""
    cells = [line.strip() for _, line in lines]
    if len(cells) < 2:
        return None
    numbers = sum(map(looks_numeric, cells[1:]))
    again = len(set(cells)) <= 0.7 * len(cells) and max(map(len, cells)) <= ANSWER
    if numbers < AGREEING * (len(cells) - 1) and not again:
        return None
    return [Row(n, (line.strip(),)) for n, line in lines]


READERS: tuple[Callable[[Lines], list[Row] | None], ...] = (
    from_rules, from_rows_of_numbers, from_one_line, from_pairs, from_delimited, from_spaced, from_column,
)  # fmt: skip


def checked(rows: Sequence[Row], header: Sequence[str] | None = None) -> list[Row]:
    """The rows at one width: missing cells at the end are empty, surplus ones are a mistake."""
    width = len(header) if header is not None else len(rows[0].cells)
    body = Counter(len(row.cells) for row in rows[1:])
    if header is None and body and body.most_common(1)[0][0] == width + 1:
        # The empty corner of a table is lost when its text is trimmed.
        rows = [Row(rows[0].number, ("", *rows[0].cells)), *rows[1:]]
        width += 1
    if width > COLUMNS:
        raise InvalidParams(f"That has {width:,} columns; up to {COLUMNS} are read.")
    for row in rows:
        surplus = [cell for cell in row.cells[width:] if cell]
        if surplus:
            raise InvalidParams(
                f"Row {row.number} has {len(row.cells)} cells, but the first row has {width}. "
                "Put cells that contain the separator in quotation marks."
            )
    return [
        Row(row.number, (*row.cells[:width], *("",) * (width - len(row.cells)))) for row in rows
    ]
