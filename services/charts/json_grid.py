"""Tables in JSON: a list of objects, an object of lists, label and value, or a chart's own form."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from core.errors import InvalidParams

SHAPES = 'Send a list of objects, such as [{"month": "Jan", "sales": 3}], or an object of lists.'


@dataclass(frozen=True)
class Cells:
    header: Sequence[str] | None
    rows: Sequence[Sequence[str]]


def read_json(text: str) -> Cells:
    """Read a table. Raises `InvalidParams` with the place that is wrong."""
    try:
        value = json.loads(text, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        raise InvalidParams(
            f"That JSON is broken at line {error.lineno}, column {error.colno}: {error.msg}."
        ) from error
    except (RecursionError, ValueError) as error:
        raise InvalidParams(f"That JSON cannot be read. {SHAPES}") from error
    if isinstance(value, dict):
        return from_object(cast(dict[str, Any], value))
    return from_list(cast(list[Any], value))


def refuse_constant(name: str) -> NoReturn:
    raise InvalidParams(f"{name} is not a value JSON knows; leave a gap as null.")


def from_object(value: dict[str, Any]) -> Cells:
    if isinstance(value.get("datasets"), list):
        return from_datasets(value)
    if isinstance(value.get("data"), list) and len(value) <= 2:
        return from_list(value["data"])
    if value and all(isinstance(each, list) for each in value.values()):
        return from_columns(value)
    if value and not any(isinstance(each, (list, dict)) for each in value.values()):
        return Cells(None, [[key, cell(each, 1, key)] for key, each in value.items()])
    raise InvalidParams(f"I do not know this form of JSON. {SHAPES}")


def from_columns(value: Mapping[str, Any]) -> Cells:
    columns = {name: cast(list[Any], each) for name, each in value.items()}
    if not columns:
        raise InvalidParams(f"There are no values in that. {SHAPES}")
    first, length = next((name, len(each)) for name, each in columns.items())
    for name, each in columns.items():
        if len(each) != length:
            raise InvalidParams(f"“{name}” has {len(each):,} values, but “{first}” has {length:,}.")
    rows = [[cell(each[n], n + 1, name) for name, each in columns.items()] for n in range(length)]
    return Cells(list(columns), nonempty(rows))


def from_datasets(value: Mapping[str, Any]) -> Cells:
    """The form of Chart.js: labels, and datasets of a label and data."""
    labels = value.get("labels")
    columns: dict[str, Any] = {"": labels} if isinstance(labels, list) else {}
    for number, each in enumerate(value["datasets"], 1):
        if not isinstance(each, dict) or not isinstance(each.get("data"), list):
            raise InvalidParams(f"Dataset {number} has no list called data.")
        columns[str(each.get("label") or f"Dataset {number}")] = each["data"]  # pyright: ignore[reportUnknownArgumentType]
    return from_columns(columns)


def from_list(value: Sequence[Any]) -> Cells:
    if not value:
        raise InvalidParams(f"That list is empty. {SHAPES}")
    if all(isinstance(each, dict) for each in value):
        items = cast(Sequence[dict[str, Any]], value)
        names = list(dict.fromkeys(name for each in items for name in each))
        rows = [
            [cell(each.get(name), n, name) for name in names] for n, each in enumerate(items, 1)
        ]
        return Cells(names, rows)
    if all(isinstance(each, list) for each in value):
        lists = cast(Sequence[list[Any]], value)
        rows = [
            [cell(each, n, str(place)) for place, each in enumerate(row, 1)]
            for n, row in enumerate(lists, 1)
        ]
        return Cells(None, nonempty(rows))
    return Cells(None, [[cell(each, n, "1")] for n, each in enumerate(value, 1)])


def nonempty(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    if not rows or not rows[0]:
        raise InvalidParams(f"There are no values in that. {SHAPES}")
    return rows


def cell(value: Any, item: int, column: str) -> str:
    """One value as text. Raises `InvalidParams` for a list or an object in its place."""
    if value is None:
        return ""
    if isinstance(value, (list, dict)):
        kind = "a list" if isinstance(value, list) else "an object"
        raise InvalidParams(f"Item {item}, column {column}: {kind} is not a value.")
    try:
        return repr(value) if isinstance(value, float) else str(value)
    except ValueError as error:  # Python refuses to write integers of thousands of digits.
        raise InvalidParams(f"Item {item}, column {column}: that number is too long.") from error
