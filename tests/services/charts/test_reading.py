"""Tables as people paste them, and what is said where one is wrong."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings, strategies

from core.errors import InvalidParams
from services.charts.composing import compose
from services.charts.spec import ChartSpec
from services.charts.table import read_table

SAME = [
    "Month,Sales\nJan,1200\nFeb,1350",
    "Month\tSales\nJan\t1200\nFeb\t1350",
    "Month;Sales\nJan;1200\nFeb;1350",
    "| Month | Sales |\n|-------|------:|\n| Jan | 1,200 |\n| Feb | 1,350 |",
    "```\nMonth, Sales\nJan, 1200\nFeb, 1350\n```",
    "Month   Sales\nJan     1200\nFeb     1350",
    '[{"Month": "Jan", "Sales": 1200}, {"Month": "Feb", "Sales": 1350}]',
    '{"Month": ["Jan", "Feb"], "Sales": [1200, 1350]}',
    '{"labels": ["Jan", "Feb"], "datasets": [{"label": "Sales", "data": [1200, 1350]}]}',
    'Month,Sales\n"Jan","1,200"\n"Feb","1,350"',
]


@pytest.mark.parametrize("text", SAME)
def test_the_same_table_in_every_form(text: str) -> None:
    table = read_table(text)
    [numbers] = table.of("number")
    assert (numbers.name, numbers.values) == ("Sales", (1200, 1350))
    assert next(each for each in table.columns if each is not numbers).texts == ("Jan", "Feb")


@pytest.mark.parametrize(
    "text", ["Apples: 12\nPears: 7", "Apples=12, Pears=7", "- Apples: 12\n- Pears: 7"]
)
def test_pairs_are_a_table(text: str) -> None:
    [numbers] = read_table(text).of("number")
    assert numbers.values == (12, 7)


@pytest.mark.parametrize(
    ("cells", "values", "unit"),
    [
        (["1.234,5", "99,25"], (1234.5, 99.25), ""),
        (["1 234,5", "99,25"], (1234.5, 99.25), ""),
        (["1,234.5", "99.25"], (1234.5, 99.25), ""),
        (["$1,200", "$900"], (1200, 900), "$"),
        (["12 %", "88 %"], (12, 88), "%"),
        (["(5)", "7"], (-5, 7), ""),
        (["1.5M", "2k"], (1_500_000, 2000), ""),
        (["\u221212", "3e2"], (-12, 300), ""),
        (["", "n/a", "4"], (None, None, 4), ""),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(
    cells: list[str], values: tuple[float | None, ...], unit: str
) -> None:
    text = "name;v\n" + "\n".join(f"r{n};{cell}" for n, cell in enumerate(cells))
    [numbers] = read_table(text).of("number")
    assert (numbers.values, numbers.unit) == (values, unit)


@pytest.mark.parametrize(
    "cells",
    [
        ["2024-01-31", "2024-02-29"], ["31.01.2024", "29.02.2024"], ["Jan 2024", "Feb 2024"],
        ["2024-Q1", "2024-Q2"], ["1/31/2024", "2/29/2024"], ["31 January 2024", "1 March 2024"],
        ["2023", "2024"], ["2024-01-31 10:00", "2024-01-31 11:00"],
    ],
)  # fmt: skip
def test_dates_are_recognized(cells: list[str]) -> None:
    table = read_table("when,v\n" + "\n".join(f"{each},{n}" for n, each in enumerate(cells)))
    [dates] = table.of("date")
    assert dates.values[0] is not None
    assert dates.values[1] is not None
    assert dates.values[0] < dates.values[1]


def test_an_order_of_day_and_month_that_was_guessed_is_said() -> None:
    found = compose("when,v\n03/04/2024,1\n05/06/2024,2", ChartSpec())
    assert any("with the month first" in note for note in found.notes)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,b\nx,1\ny,2\nz,oops\nw,4", "Row 4, column b: “oops” is not a number"),
        ("a,b\nx,1\ny,2,3\nz,4", "Row 3 has 3 cells, but the first row has 2"),
        ("when,v\n2024-01-01,1\n2024-01-02,2\n2024-13-45,3", "Row 4, column when: “2024-13-45”"),
        ("a,b\nx,$1\ny,€2", "is in €, those above in \\$"),
        ('[{"a": "x", "b": 1}, {"a": "y", "b": [2]}]', "Item 2, column b: a list is not a value"),
        ('[{"a": 1},', "broken at line 1"),
        ('{"a": [1, 2], "b": [1]}', "“b” has 1 values, but “a” has 2"),
        ("a,b", "no column of numbers"),
        ("", "no table in that"),
        ('a,b\n"x,1\ny,2', "“x,1y,2” is not a number"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(InvalidParams, match=sentence):
        compose(text, ChartSpec(type="bar"))


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ({"scale": "log"}, "zero|above|positive|log"),
        ({"x": "nobody"}, "There is no column “nobody”. The table has a, b"),
        ({"series": ("a",)}, "holds no numbers"),
        ({"drop": ("nobody",)}, "There is no “nobody” in this chart"),
        ({"only": ("x",), "drop": ("x",)}, "Nothing would be left|There is no"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_said(spec: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidParams, match=sentence):
        compose("a,b\nx,0\ny,5\nz,-2", ChartSpec.model_validate(spec))


CELL = strategies.one_of(
    strategies.text(max_size=12),
    strategies.sampled_from(
        ["1", "2.5", "-3", "1,000", "€5", "7%", "", "2024-01-01", "Q1", "1e308"]
    ),
)
TABLE = strategies.lists(strategies.lists(CELL, min_size=1, max_size=4), min_size=1, max_size=8)
TYPES = strategies.sampled_from([
    "auto", "bar", "horizontal bar", "stacked bar", "line", "area", "scatter", "pie", "doughnut",
    "histogram", "heat map",
])  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(TABLE, strategies.sampled_from([",", "\t", ";", "|"]), TYPES)
def test_any_table_is_drawn_or_answered_with_a_sentence(
    rows: list[list[str]], separator: str, kind: str
) -> None:
    text = "\n".join(separator.join(row) for row in rows)
    try:
        found = compose(text, ChartSpec.model_validate({"type": kind}))
    except InvalidParams as error:
        assert str(error).endswith((".", "”"))
    else:
        assert found.description


@settings(max_examples=150, deadline=None)
@given(strategies.text(max_size=300))
def test_any_text_is_a_table_or_answered_with_a_sentence(text: str) -> None:
    try:
        compose(text, ChartSpec())
    except InvalidParams as error:
        assert str(error)


def test_an_empty_list_of_datasets_is_no_table() -> None:
    with pytest.raises(InvalidParams, match="There are no values in that"):
        compose('{"labels": [], "datasets": []}', ChartSpec())
    with pytest.raises(InvalidParams, match="There are no values in that"):
        compose('{"datasets": []}', ChartSpec())


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["£1.5bn", "£20m"], (1.5e9, 2e7)),
        (["1'234.50", "99.25"], (1234.5, 99.25)),
        (["12,34,567", "1,00,000"], (1234567, 100000)),
        (["+7", "-3"], (7, -3)),
        (["\u0663", "\uff11\uff12"], (3, 12)),
    ],
)
def test_numbers_of_other_places(cells: list[str], values: tuple[float, ...]) -> None:
    [numbers] = read_table("name;v\n" + "\n".join(f"r;{cell}" for cell in cells)).of("number")
    assert numbers.values == values


@settings(max_examples=40, deadline=None)
@given(TABLE, TYPES)
def test_what_is_composed_holds_only_numbers_that_are(rows: list[list[str]], kind: str) -> None:
    text = "\n".join("\t".join(row) for row in rows)
    with contextlib.suppress(InvalidParams):
        json.dumps(compose(text, ChartSpec.model_validate({"type": kind})).chart, allow_nan=False)
