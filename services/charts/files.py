"""Files of data as text that a table is read from: CSV, TSV, JSON, and sheets of Excel.

Synchronous and fed by strangers: for a process that can be killed (`PicturePool.run`).
"""

from __future__ import annotations

import base64
import binascii
import csv
import datetime
import io
import re
import zipfile
from collections.abc import Sequence
from urllib.parse import unquote

from core.errors import InvalidParams, UnusableFile
from services.charts.grid import COLUMNS, ROWS

LIMIT = 1_000_000
"""Bytes of a file, and characters of a table."""
UNPACKED = 60_000_000
"""Bytes that a sheet of Excel may unpack to."""
SAMPLE, STRANGE = 4000, 0.02
"""How much of a text is looked at, and the share of it that may be no letter of any kind."""
URL = re.compile(r"data:(?P<kind>[^;,]*)(?P<options>(?:;[^;,]*)*),(?P<data>.*)", re.DOTALL)
TAKEN = "Send CSV, TSV, JSON or XLSX of up to 1 MB."


def read_file(url: str) -> str:
    """The table in a data URL (RFC 2397) as text.

    Raises `UnusableFile` with what is wrong and what is taken instead.
    """
    found = URL.fullmatch(url)
    if found is None or ";base64" not in found["options"]:
        raise UnusableFile(f"That file did not come whole. {TAKEN}")
    try:
        data = base64.b64decode(found["data"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnusableFile(f"That file did not come whole. {TAKEN}") from error
    return text_of(data, name_of(found["options"]))


def name_of(options: str) -> str:
    for each in options.split(";"):
        if each.startswith("name="):
            return unquote(each[5:])[:100]
    return "The file"


def text_of(data: bytes, name: str) -> str:
    """A file's table; what kind of file it is its content says, not its name."""
    if len(data) > LIMIT:
        raise UnusableFile(f"{name} is {len(data) / 1e6:.1f} MB. {TAKEN}")
    if not data.strip():
        raise UnusableFile(f"{name} is empty. {TAKEN}")
    if data.startswith(b"PK\x03\x04"):
        return from_sheet(data, name)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnusableFile(
            f"{name} is of an old kind of Excel, or locked with a password. Save it as XLSX "
            "without one."
        )
    return decoded(data, name)


def decoded(data: bytes, name: str) -> str:
    """Text in the encodings that spreadsheets write."""
    encoding = encoding_of(data)
    text = data.decode(encoding, errors="replace")
    strange = sum(not each.isprintable() and not each.isspace() for each in text[:SAMPLE])
    if data.startswith(b"%PDF") or strange > STRANGE * len(text[:SAMPLE]):
        raise UnusableFile(f"{name} is no table I can read. {TAKEN}")
    return text.removeprefix("\ufeff")


def encoding_of(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    zeros = data[:SAMPLE].count(0), data[1:SAMPLE:2].count(0), data[:SAMPLE:2].count(0)
    if zeros[0] and 0 in zeros[1:]:
        # Every other byte of Latin letters in UTF-16 is zero, and says which half comes first.
        return "utf-16-le" if zeros[1] else "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def from_sheet(data: bytes, name: str) -> str:
    """The first sheet with anything in it, as CSV."""
    check_size(data, name)
    # Only who is sent a sheet pays for what reads one.
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [book.get_sheet_by_name(each) for each in book.sheet_names[:50]]
        found = next((each for each in sheets if each.total_height > 0), None)
        if found is None:
            raise UnusableFile(f"{name} has no sheet with anything in it.")
        rows = found.to_python(skip_empty_area=True, nrows=ROWS + 1)
    except CalamineError as error:
        raise UnusableFile(
            f"{name} cannot be opened: it is damaged, locked with a password, or no Excel file. "
            f"{TAKEN}"
        ) from error
    return as_csv(rows, name)


def check_size(data: bytes, name: str) -> None:
    """Refuse what would unpack to more than a sheet needs, before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(each.file_size for each in packed.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise UnusableFile(f"{name} is damaged. {TAKEN}") from error
    if size > UNPACKED:
        raise UnusableFile(f"{name} unpacks to {size / 1e6:,.0f} MB; that is more than I take.")


def as_csv(rows: Sequence[Sequence[object]], name: str) -> str:
    if len(rows) > ROWS:
        raise InvalidParams(f"{name} has more than {ROWS:,} rows; up to {ROWS:,} are read.")
    if rows and max(map(len, rows)) > COLUMNS:
        raise InvalidParams(f"{name} has more than {COLUMNS} columns; up to {COLUMNS} are read.")
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerows([[cell(each) for each in row] for row in rows])
    if len(text := output.getvalue()) > LIMIT:
        raise InvalidParams(
            f"{name} holds {len(text):,} characters; up to {LIMIT:,} are read. Send fewer columns."
        )
    return text


def cell(value: object) -> str:
    """A cell as people would type it."""
    match value:
        case bool():
            return str(value).lower()
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime.datetime() if value.time() == datetime.time():
            return value.date().isoformat()
        case datetime.datetime() | datetime.date() | datetime.time():
            return (
                value.isoformat(sep=" ")
                if isinstance(value, datetime.datetime)
                else value.isoformat()
            )
        case _:
            return str(value)
