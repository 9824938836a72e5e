"""Tables as they come out of chats and tills: sentences above them, separators unquoted."""

from __future__ import annotations

import pytest

from services.charts.table import read_table


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Item,Cost\nA,$1,200.50\nB,$900", (1200.5, 900)),
        ("Item,Cost\nA,$1,200\nB,$2,900", (1200, 2900)),
        ("City,Count\nA,1,200\nB,900\nC,12,345", (1200, 900, 12345)),
        ("Item,Cost,Note\nA,$1,200,300,good\nB,$900,bad", (1200300, 900)),
    ],
)
def test_separators_of_thousands_need_no_quotation_marks(
    text: str, values: tuple[float, ...]
) -> None:
    [numbers] = read_table(text).of("number")
    assert numbers.values == values


def test_numbers_between_commas_stay_apart() -> None:
    found = read_table("North,South\nQ1,100,200\nQ2,120,240").of("number")
    assert [each.values for each in found] == [(100, 120), (200, 240)]


@pytest.mark.parametrize("text", ["Mon 12\nTue 15\nWed 9", "Mon, 12\nTue, 15\nWed, 9"])
def test_a_sentence_that_leads_to_a_table_is_none_of_it(text: str) -> None:
    with_sentence = read_table(f"Sales this week:\n{text}")
    assert [each.texts for each in with_sentence.columns] == [
        ("Mon", "Tue", "Wed"),
        tuple(line.split()[-1] for line in text.splitlines()),
    ]
