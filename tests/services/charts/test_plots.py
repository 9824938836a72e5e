"""What a table becomes: the type that suits it, gaps, sums, limits, and refusals with their place."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import InvalidParams
from services.charts.composing import Composed, compose
from services.charts.spec import ChartSpec
from services.charts.table import read_table


def composed(text: str, **spec: Any) -> Composed:
    return compose(text, ChartSpec.model_validate(spec))


def rows(found: Composed) -> list[dict[str, Any]]:
    return found.chart["spec"]["data"]["values"]


def wide(series: int, places: int) -> str:
    head = ",".join(["name", *(f"s{n}" for n in range(series))])
    return "\n".join([head, *(f"p{n}" + ",1" * series for n in range(places))])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Apples: 12\nPears: 7", "bar"),
        ("Yes: 60%\nNo: 40%", "pie"),
        ("year,v\n2020,1\n2021,2\n2022,4", "line"),
        ("x,y\n3,1\n1,4\n2,2", "scatter"),
        ("\n".join(str(n % 7) for n in range(40)), "histogram"),
        ("\n".join(f"a rather long answer {n}: {n}" for n in range(1, 6)), "horizontal bar"),
    ],
)
def test_the_type_suits_the_table(text: str, kind: str) -> None:
    assert composed(text).spec.type == kind


@pytest.mark.parametrize(
    ("text", "kind", "sentence"),
    [
        (wide(21, 2), "bar", "That has 21 series; up to 20 can be drawn"),
        (wide(1, 61), "bar", "That has 61 categories; up to 60 can be drawn in a bar chart"),
        (wide(1, 61), "heat map", "61 categories; up to 60"),
        (wide(3, 1667), "line", "That has 5,001 points; up to 5,000 can be drawn"),
        (wide(1, 20_001), "line", "That has 20,002 rows; up to 20,000 are read"),
        (wide(200, 2), "line", "That has 201 columns; up to 200 are read"),
    ],
)
def test_limits_are_said(text: str, kind: str, sentence: str) -> None:
    with pytest.raises(InvalidParams, match=sentence):
        composed(text, type=kind)


@pytest.mark.parametrize(
    ("series", "places", "kind"), [(20, 60, "bar"), (1, 5000, "line"), (20, 250, "line")]
)
def test_as_much_as_the_limits_is_drawn(series: int, places: int, kind: str) -> None:
    assert len(rows(composed(wide(series, places), type=kind))) == series * places


def test_the_largest_may_be_kept_of_too_many() -> None:
    text = "name,v\n" + "\n".join(f"p{n},{n}" for n in range(100))
    found = rows(composed(text, type="bar", top=20, sort="descending"))
    assert [row["v"] for row in found] == list(range(99, 79, -1))


def test_a_missing_cell_is_a_gap_in_a_line_and_no_bar() -> None:
    text = "year,v\n2020,1\n2021,\n2022,n/a\n2023,4"
    line = composed(text, type="line")
    assert [row["v"] for row in rows(line)] == [1, None, None, 4]
    assert [row["v"] for row in rows(composed(text, type="bar"))] == [1, 4]


def test_one_row_is_drawn_as_its_columns() -> None:
    found = composed("North,South\n3,5", type="bar")
    assert [(row["k"], row["v"]) for row in rows(found)] == [("North", 3), ("South", 5)]
    assert rows(composed("Apples: 12", type="bar"))[0]["v"] == 12
    assert "one value" in composed("Apples: 12", type="bar").description


def test_rows_of_one_name_are_added_up_and_that_is_said() -> None:
    found = composed("what,v\ntea,2\ncoffee,5\ntea,3", type="bar")
    assert [(row["k"], row["v"]) for row in rows(found)] == [("tea", 5), ("coffee", 5)]
    assert any("“tea”" in note and "added up" in note for note in found.notes)


def test_values_below_zero_are_bars_and_never_slices() -> None:
    assert [row["v"] for row in rows(composed("a: -3\nb: 4", type="bar"))] == [-3, 4]
    with pytest.raises(InvalidParams, match=r"a, .*: -3 is below zero.*Make it a bar chart"):
        composed("a: -3\nb: 4", type="pie")
    with pytest.raises(InvalidParams, match="nothing to slice"):
        composed("a: 0\nb: 0", type="pie")


@pytest.mark.parametrize("kind", ["bar", "line", "area", "heat map"])
def test_zero_has_no_place_on_a_log_scale(kind: str) -> None:
    with pytest.raises(InvalidParams, match=r"b, v: 0 has no place on a log scale.*Leave it out"):
        composed("k,v\na,1\nb,0\nc,100", type=kind, scale="log")


def test_a_stack_on_a_log_scale_stands_side_by_side() -> None:
    found = composed("k,v,w\na,1,10\nb,5,100", type="stacked bar", scale="log")
    assert found.chart["spec"]["encoding"]["y"]["stack"] is None


def test_an_x_axis_of_powers_begins_above_zero() -> None:
    with pytest.raises(InvalidParams, match="x goes down to 0; log needs above 0"):
        composed("x,y\n0,1\n10,2\n5,3", type="scatter", x_scale="log")


def test_a_trend_over_words_minds_no_log_axis_of_numbers() -> None:
    assert composed("k,v\na,1\nb,2\nc,5", type="line", trend=True, x_scale="log").chart


def test_shares_add_up_to_a_hundred() -> None:
    found = rows(composed("k,v,w\na,1,3\nb,5,5", type="stacked bar", percent=True))
    assert [(row["k"], row["s"], row["v"]) for row in found] == [
        ("a", "v", 25), ("b", "v", 50), ("a", "w", 75), ("b", "w", 50),
    ]  # fmt: skip


def test_the_smallest_of_many_slices_are_one_and_that_is_said() -> None:
    text = "\n".join(f"thing {n}: {n}" for n in range(1, 41))
    found = composed(text, type="pie")
    assert "17 others" in str(found.chart)
    assert "The 17 smallest slices are drawn as one." in found.notes


def test_long_labels_are_kept_apart() -> None:
    same = "a label that goes on and on until it is cut somewhere near here, " * 2
    found = composed(f'k,v\n"{same}1",1\n"{same}2",2', type="bar")
    assert len({row["k"] for row in rows(found)}) == len(rows(found))


@pytest.mark.parametrize("size", ["1e101", "1e-101", "9" * 110, "1e999"])
def test_numbers_beyond_drawing_are_said_with_their_place(size: str) -> None:
    with pytest.raises(InvalidParams, match=r"Row 3, column v: “.*” is (beyond what can be|not a)"):
        composed(f"k,v\na,1\nb,{size}\nc,2\nd,3")


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("2020,1\n2021,2\n2022,\n2023,4", 2),
        ("1, 5\n2, 6\n4, 9", 2),
        ("1 2\n3 4\n5 6", 2),
        ("0.5,1.2\n0.7,1.4", 2),
        ("1;2\n3;4", 2),
        ("1,2,3\n4,5,6", 3),
        ("1,5\n2,75\n4,25", 1),
        ("1.234,5\n2.345,6", 1),
        ("1,234\n2,345", 1),
        ("1 234\n5 678", 1),
        ("1,5 2,5 3,5", 1),
        ("1 2 3 4 5 6 7 8\n9 1 2 3 4 5 6 7\n3 4", 1),
    ],
)
def test_numbers_alone_are_columns_or_a_list(text: str, columns: int) -> None:
    assert len(read_table(text).columns) == columns


def test_a_group_named_in_a_column_is_a_series() -> None:
    found = composed("day,who,v\n2024-01-01,a,1\n2024-01-01,b,2\n2024-01-02,a,3\n2024-01-02,b,4")
    assert [(row["s"], row["v"]) for row in rows(found)] == [("a", 1), ("a", 3), ("b", 2), ("b", 4)]


def test_answers_are_counted() -> None:
    found = composed("yes\nno\nyes\nyes", type="bar")
    assert [(row["k"], row["v"]) for row in rows(found)] == [("yes", 3), ("no", 1)]


def test_every_value_is_in_one_range_of_a_histogram() -> None:
    found = rows(composed("1 2 2 3 3 3 4 4 10", type="histogram"))
    assert sum(row["v"] for row in found) == 9
    assert all(row["a"] < row["b"] for row in found)


def test_what_is_said_of_a_chart_names_its_ends() -> None:
    said = composed("Month,Sales\nJan,1200\nFeb,950\nMar,1500", type="bar").description
    assert "3 points, Jan, Feb, Mar" in said
    assert "from 950 (Feb) to 1,500 (Mar)" in said


def test_data_never_becomes_an_expression_or_a_name_of_a_field() -> None:
    hostile = "datum.v = 1; fetch('http://127.0.0.1')"
    spec = composed(f'"{hostile}",b\nx,1\ny,2', title=hostile, type="bar").chart["spec"]

    def walk(value: Any, under: str = "") -> None:
        if isinstance(value, dict):
            for key, each in value.items():
                walk(each, key)
        elif isinstance(value, list):
            for each in value:
                walk(each, under)
        elif isinstance(value, str) and "datum" in value:
            assert under in ("title", "text", "values", "k", "s", "domain"), under

    walk(spec)


def test_the_least_bar_on_a_log_scale_can_be_seen() -> None:
    upward = composed("k,v\na,1\nb,100", type="bar", scale="log").chart["spec"]["encoding"]["y"]
    assert upward["scale"]["domainMin"] == 0.1


def test_a_log_axis_of_many_powers_has_a_line_for_each() -> None:
    upward = composed("k,v\na,3\nb,18000\nc,40", type="line", scale="log")
    [layer, *_] = upward.chart["spec"]["layer"]
    assert layer["encoding"]["y"]["axis"]["values"] == [1, 10, 100, 1000, 10_000, 100_000]


def test_the_value_of_the_least_bar_stays_off_the_names_below() -> None:
    upward = composed("k,v\na,3\nb,-2.9", type="bar").chart["spec"]["encoding"]
    assert upward["y"]["scale"]["domainMin"] < -2.9
    assert upward["x"]["axis"]["domain"] is False


def test_points_above_zero_have_no_axis_below_it() -> None:
    encoding = composed("x,y\n0.2,0.1\n5,9", type="scatter").chart["spec"]["layer"][0]["encoding"]
    assert encoding["y"]["scale"] == {"zero": True, "nice": False, "padding": 8}


def test_numbers_along_an_axis_keep_their_name() -> None:
    layer = composed("Day,v\n1,1\n2,2\n3,5", type="line").chart["spec"]["layer"][0]
    assert layer["encoding"]["x"]["axis"]["title"] == "Day"
    dated = composed("Day,v\n2024-01-01,1\n2024-01-02,2\n2024-01-03,5", type="line").chart
    assert dated["spec"]["layer"][0]["encoding"]["x"]["axis"]["title"] is None
