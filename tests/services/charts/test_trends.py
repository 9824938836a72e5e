"""Trends and labels of lines."""

from __future__ import annotations

from typing import Any

import pytest

from services.charts.composing import Composed, compose
from services.charts.spec import ChartSpec
from services.charts.trends import trend

DATA = "Year,North,South\n2019,10,8\n2020,100,9\n2021,1000,"


def test_a_trend_is_straight_on_its_own_scale() -> None:
    found = trend([(1, 10), (2, 100), (3, 1000)], up="log")
    assert found is not None
    assert found[0] == pytest.approx((1, 10))
    assert found[-1] == pytest.approx((3, 1000))
    assert trend([(1, 5), (1, 7)]) is None
    assert trend([(1, 5)]) is None


def layers(composed: Composed, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = composed.chart["spec"]["layer"]
    return [each for each in found if each["mark"]["type"] == kind]


@pytest.mark.parametrize("axis", ["Year", "Place"])
def test_each_line_has_its_trend(axis: str) -> None:
    data = DATA if axis == "Year" else DATA.replace("20", "P")
    drawn = compose(data, ChartSpec(type="line", trend=True))
    dashed = [each for each in layers(drawn, "line") if "strokeDash" in each["mark"]]
    assert [[row["v"] for row in each["data"]["values"]] for each in dashed] == [
        pytest.approx([-125, 865], rel=1e-3), pytest.approx([8, 9]),
    ]  # fmt: skip


def test_labels_at_the_ends_of_a_line_grow_inwards() -> None:
    texts = layers(compose(DATA, ChartSpec(type="line", labels=True)), "text")
    said = {each["mark"]["align"]: [row["t"] for row in each["data"]["values"]] for each in texts}
    assert said == {"left": ["10", "8"], "center": ["100", "9"], "right": ["1,000"]}
