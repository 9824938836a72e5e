"""Replies to a chart, read as changes: always the same way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from core.errors import InvalidParams
from services.charts.fitting import FITS, refuse_idle
from services.charts.spec import ChartChange, ChartSpec, changed
from services.charts.wording import read_words

NAMES = ["North", "South", "Food and drink", "Wages, gross", "2019", "2020", "2021", "Q1"]
SPEC = ChartSpec(type="bar", drop=("2018",))

WISHES: list[tuple[str, dict[str, Any]]] = [
    ("make it a pie", {"type": "pie"}),
    ("Please turn it into a line chart!", {"type": "line"}),
    ("donut", {"type": "doughnut"}),
    ("as a heatmap", {"type": "heat map"}),
    ("stacked bars", {"type": "stacked bar"}),
    ("stacked", {"stacked": True}),
    ("horizontal", {"horizontal": True}),
    ("a horizontal bar chart", {"type": "horizontal bar"}),
    ("log scale", {"scale": "log"}),
    ("logarithmic", {"scale": "log"}),
    ("linear", {"scale": "linear", "x_scale": "linear"}),
    ("drop 2019", {"drop": ("2019",)}),
    ("drop 2019, 2020 and 2021", {"drop": ("2019", "2020", "2021")}),
    ("remove the Food and drink", {"drop": ("Food and drink",)}),
    ("without Wages, gross and North", {"drop": ("Wages, gross", "North")}),
    ("only North and South", {"only": ("North", "South")}),
    ("bring 2018 back", {"restore": ("2018",)}),
    ("everything back", {"restore": ("everything",)}),
    ("title: Sales, costs and more", {"title": "Sales, costs and more"}),
    ("title: Sales; dark", {"title": "Sales", "theme": "dark"}),
    ('title "Sales" and make it dark', {"title": "Sales", "theme": "dark"}),
    ("no title", {"title": ""}),
    ("y axis: Dollars", {"y_title": "Dollars"}),
    ("x-axis label: Year", {"x_title": "Year"}),
    ("dark mode", {"theme": "dark"}),
    ("light", {"theme": "light"}),
    ("800x400", {"width": 800, "height": 400}),
    ("1200 \u00d7 700 pixels", {"width": 1200, "height": 700}),
    ("width 1000", {"width": 1000}),
    ("wider", {"width": 1040}),
    ("a bit smaller", {"width": 615, "height": 462}),
    ("sort descending", {"sort": "descending"}),
    ("largest first", {"sort": "descending"}),
    ("alphabetically", {"sort": "name"}),
    ("original order", {"sort": "given"}),
    ("top 5", {"top": 5}),
    ("the smallest 3", {"top": 3, "sort": "ascending"}),
    ("20 bins", {"bins": 20}),
    ("swap rows and columns", {"transpose": True}),
    ("in percent", {"percent": True}),
    ("North in red", {"colors": {"North": "#d12f2f"}}),
    ("make south #0a0", {"colors": {"South": "#00aa00"}}),
    ("as svg", {"format": "svg"}),
    ("smooth lines", {"type": "line", "smooth": True}),
    ("without grid", {"grid": False}),
    ("no legend", {"legend": "hidden"}),
    ("legend at the bottom", {"legend": "bottom"}),
    ("start at zero", {"zero": True}),
    ("don't start at zero", {"zero": False}),
    ("with a trend line", {"trend": True}),
    ("show values", {"labels": True}),
    ("no labels", {"labels": False}),
    (
        "make it a pie, drop 2019 and title: Sales",
        {"type": "pie", "drop": ("2019",), "title": "Sales"},
    ),
    ("line chart. dark. log scale", {"type": "line", "theme": "dark", "scale": "log"}),
    ("Could you make this a pie chart, please?", {"type": "pie"}),
    ("Make it a pie 🥧", {"type": "pie"}),
    ("pls turn it into a line chart thx", {"type": "line"}),
    ("I'd like a scatter plot", {"type": "scatter"}),
    ("a pie instead of bars", {"type": "pie"}),
    ("same but dark", {"theme": "dark"}),
    ("use a log scale on the y axis", {"scale": "log"}),
    ("no log scale", {"scale": "linear", "x_scale": "linear"}),
    ("x axis log", {"x_scale": "log"}),
    ("a bar chart without grid", {"type": "bar", "grid": False}),
    ("a dark pie without a legend", {"type": "pie", "theme": "dark", "legend": "hidden"}),
    ("line chart with markers and a trend line", {"type": "line", "points": True, "trend": True}),
    ("100% stacked bars", {"stacked": True, "percent": True}),
    ("stack them", {"stacked": True}),
    ("side by side", {"stacked": False}),
    ("not stacked", {"stacked": False}),
    ("stacked area chart", {"type": "area", "stacked": True}),
    ("sort from largest to smallest", {"sort": "descending"}),
    ("show the top 5 only", {"top": 5}),
    ("drop the year 2019", {"drop": ("2019",)}),
    ("can you drop 2019?", {"drop": ("2019",)}),
    ("drop the South series please", {"drop": ("South",)}),
    ("drop 2019-2020", {"drop": ("2019", "2020")}),
    ("drop everything before 2020", {"drop": ("2018", "2019")}),
    ("only show since 2020", {"only": ("2020", "2021")}),
    ("between 2019 and 2020 only", {"only": ("2019", "2020")}),
    ('drop "something else"', {"drop": ("something else",)}),
    ("drop March 2024", {"drop": ("March 2024",)}),
    ("bring back 2018", {"restore": ("2018",)}),
    ("2018 back", {"restore": ("2018",)}),
    ("red for North and South in blue", {"colors": {"North": "#d12f2f", "South": "#2463d1"}}),
    ("Food and drink in green", {"colors": {"Food and drink": "#1f8a4c"}}),
    ("change the title to Sales by region", {"title": "Sales by region"}),
    ("call it Sales", {"title": "Sales"}),
    ("title Sales", {"title": "Sales"}),
    ("title: Sales and make it dark", {"title": "Sales", "theme": "dark"}),
    ("title: Bars and pies", {"title": "Bars and pies"}),
    ("title: Ours. Drop 2019", {"title": "Ours", "drop": ("2019",)}),
    ("label the y axis Dollars", {"y_title": "Dollars"}),
    (
        "x axis: Year; y axis: US$; title: Ours",
        {"x_title": "Year", "y_title": "US$", "title": "Ours"},
    ),
    ("no y axis title", {"y_title": ""}),
    ("start the y axis at zero", {"zero": True}),
    ("smooth it out", {"smooth": True}),
    ("twice as wide", {"width": 1600}),
    ("square", {"height": 800}),
    ("ascending order", {"sort": "ascending"}),
    ("could you sort this by value, descending", {"sort": "descending"}),
    ("change North to orange", {"colors": {"North": "#d97706"}}),
    ("change the color of North to orange", {"colors": {"North": "#d97706"}}),
    ("legend off, labels on", {"legend": "hidden", "labels": True}),
    ("add a title: Hello", {"title": "Hello"}),
    ('give it the title "Ours, all"', {"title": "Ours, all"}),
    ("Title - Sales", {"title": "Sales"}),
    ("rename the x axis to Month", {"x_title": "Month"}),
    ("limit it to 5", {"top": 5}),
    ("back to normal scale", {"scale": "linear", "x_scale": "linear"}),
    ("move the legend to the bottom", {"legend": "bottom"}),
    ("Month along the x axis", {"x": "Month"}),
]


@pytest.mark.parametrize(("words", "change"), WISHES, ids=[words for words, _ in WISHES])
def test_a_wish_is_read(words: str, change: dict[str, Any]) -> None:
    found = read_words(words, SPEC, NAMES)
    assert found is not None
    assert found.model_dump(exclude_unset=True) == change


@pytest.mark.parametrize(
    "words",
    ["what does it mean?", "make the trend of the north clearer", "pie and tell me a story", "",
     "🦊", "drop", "title", "dark dark side of the moon", "not dark", "don't make it a pie",
     "drop outliers", "drop Nort", "drop Food and drink to North", "draw North as a line", "pie " * 400],
)  # fmt: skip
def test_what_is_not_understood_is_left_whole(words: str) -> None:
    assert read_words(words, SPEC, NAMES) is None


def test_limits_are_said() -> None:
    with pytest.raises(InvalidParams, match="width"):
        read_words("9000x400", SPEC, NAMES)


def test_without_a_writer_any_words_may_be_a_name() -> None:
    found = read_words("drop Nort, dark", SPEC, NAMES, trusting=True)
    assert found is not None
    assert (found.drop, found.theme) == (("Nort",), "dark")


def test_a_name_wins_over_a_phrase() -> None:
    found = read_words("drop legend and labels", SPEC, ["Legend", "Labels"])
    assert found is not None
    assert found.model_dump(exclude_unset=True) == {"drop": ("Legend", "Labels")}


@pytest.mark.parametrize(
    ("replies", "drop", "only"),
    [
        (["drop North", "only North and South"], ("2018",), ("North", "South")),
        (["only North", "only South"], ("2018",), ("South",)),
        (["only North", "bring South back"], ("2018",), ("North", "South")),
        (["only North and South", "drop South"], ("2018", "South"), ("North",)),
        (["only North", "everything back"], (), ()),
        (["bring 2018 back"], (), ()),
    ],
)
def test_the_last_word_about_a_name_counts(
    replies: list[str], drop: tuple[str, ...], only: tuple[str, ...]
) -> None:
    spec = SPEC
    for words in replies:
        found = read_words(words, spec, NAMES)
        assert found is not None
        spec = changed(spec, found)
    assert (spec.drop, spec.only) == (drop, only)


def test_what_was_not_away_cannot_come_back() -> None:
    with pytest.raises(InvalidParams, match="“South” was not left out"):
        changed(SPEC, ChartChange(restore=("South",)))


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("smooth", "Smoothing means nothing to a bar chart. Say “make it a smooth line”"),
        ("20 bins", "Say “make it a histogram with 20 bins”"),
        ("trend line", "Say “make it a line with a trend line”"),
        ("a pie on a log scale", "A log scale means nothing to a pie chart"),
    ],
)
def test_what_would_change_nothing_is_said(words: str, complaint: str) -> None:
    found = read_words(words, SPEC, NAMES)
    assert found is not None
    with pytest.raises(InvalidParams) as refused:
        refuse_idle(changed(SPEC, found), found)
    assert complaint in str(refused.value)


@pytest.mark.parametrize(("types", "way"), [(types, way) for types, _, way in FITS.values()])
def test_the_way_out_is_understood_and_fits(types: Sequence[str], way: str) -> None:
    found = read_words(f"make it {way}", SPEC, NAMES)
    assert found is not None
    spec = changed(SPEC, found)
    refuse_idle(spec, found)
    assert spec.type in types


def test_changes_add_up() -> None:
    spec = SPEC
    for words in ("drop 2019", "drop 2020", "dark", "bring 2019 back", "pie"):
        found = read_words(words, spec, NAMES)
        assert found is not None
        spec = changed(spec, found)
    assert (spec.type, spec.theme, spec.drop) == ("pie", "dark", ("2018", "2020"))
