"""Replies to a chart, read as changes: always the same way."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import InvalidParams
from services.charts.spec import ChartSpec, changed
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
    ("smooth lines", {"smooth": True}),
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
]


@pytest.mark.parametrize(("words", "change"), WISHES, ids=[words for words, _ in WISHES])
def test_a_wish_is_read(words: str, change: dict[str, Any]) -> None:
    found = read_words(words, SPEC, NAMES)
    assert found is not None
    assert found.model_dump(exclude_unset=True) == change


@pytest.mark.parametrize(
    "words",
    ["what does it mean?", "make the trend of the north clearer", "pie and tell me a story", "",
     "🦊", "drop", "title", "dark dark side of the moon"],
)  # fmt: skip
def test_what_is_not_understood_is_left_whole(words: str) -> None:
    assert read_words(words, SPEC, NAMES) is None


def test_limits_are_said() -> None:
    with pytest.raises(InvalidParams, match="width"):
        read_words("9000x400", SPEC, NAMES)


def test_changes_add_up() -> None:
    spec = SPEC
    for words in ("drop 2019", "drop 2020", "dark", "bring 2019 back", "pie"):
        found = read_words(words, spec, NAMES)
        assert found is not None
        spec = changed(spec, found)
    assert (spec.type, spec.theme, spec.drop) == ("pie", "dark", ("2018", "2020"))
