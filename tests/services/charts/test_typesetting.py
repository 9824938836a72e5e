"""Labels that mix scripts and emoji, which what draws them would lose letters of or stop at."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies
from PIL import Image

from core.text import clean
from services.charts import fonts
from services.charts.composing import compose
from services.charts.renderer import ChartRenderer
from services.charts.spec import ChartSpec
from services.charts.typesetting import typeset

MIXED = [
    "Sales 🇩🇪", "I ❤️ you", "Tom 👍🏽 ok", "the 👩‍👩‍👧 family", "🏴󠁧󠁢󠁥󠁮󠁧󠁿 win", "abc สวัสดี", "a ភាសាខ្មែរ z",
    "a తెలుగు క్ష", "Q1 தமிழ்", "नमस्ते 日本", "שלום and 日本", "سلام لا x", "a ශ්‍රී", "e\u0301\u0302\u0303 👩‍🚀",
    "മലയാളം x", "မြန်မာ 1", "한국어 (a)",
]  # fmt: skip


@pytest.fixture(scope="module")
async def renderer() -> AsyncIterator[ChartRenderer]:
    renderer = ChartRenderer()
    yield renderer
    await renderer.close()


def table(*labels: str) -> str:
    quoted = [label.replace('"', '""') for label in labels]
    return "\n".join(["name,v", *(f'"{each}",{n + 2}' for n, each in enumerate(quoted))])


@pytest.mark.parametrize("label", MIXED)
async def test_scripts_may_be_mixed(renderer: ChartRenderer, label: str) -> None:
    spec = ChartSpec(type="horizontal bar", title=label)
    drawn = await renderer.render(compose(table(label, "other"), spec).chart)
    texts = [
        each for each in ElementTree.fromstring(drawn.svg).iter() if each.tag.endswith("}text")
    ]
    assert ["".join(each.itertext()) for each in texts].count(clean(label)) == 2
    assert Image.open(io.BytesIO(drawn.png)).size == (800, 600)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(strategies.lists(strategies.sampled_from(MIXED), min_size=2, max_size=4),
       strategies.sampled_from([" ", "", "=", "x", "&<"]))  # fmt: skip
async def test_any_mixture_is_drawn(
    renderer: ChartRenderer, parts: list[str], between: str
) -> None:
    label = between.join(parts)
    drawn = await renderer.render(compose(table(label, "other"), ChartSpec(type="bar")).chart)
    ElementTree.fromstring(drawn.svg)
    assert drawn.png.startswith(b"\x89PNG")


def set_as(text: str, anchor: str = "start") -> list[tuple[float, str]]:
    """The runs as they are placed, from left to right."""
    svg = typeset(f'<text text-anchor="{anchor}" font-size="20px">{text}</text>', placed=True)
    found = re.findall(r'<tspan x="(-?[\d.]+)"[^>]*>([^<]*)</tspan>', svg)
    return sorted((float(x), run) for x, run in found)


def test_runs_follow_one_another() -> None:
    (first, sales), (second, flag) = set_as("Sales 🇩🇪")
    assert (first, sales, flag) == (0, "Sales", "🇩🇪")
    assert second == pytest.approx(fonts.width("Sales ", fonts.BASE, 20), abs=0.5)


def test_what_ends_at_a_place_is_placed_before_it() -> None:
    whole = fonts.width("Sales ", fonts.BASE, 20) + fonts.width("🇩🇪", fonts.EMOJI, 20)
    assert set_as("Sales 🇩🇪", "end")[0][0] == pytest.approx(-whole, abs=0.5)
    assert set_as("Sales 🇩🇪", "middle")[0][0] == pytest.approx(-whole / 2, abs=0.5)


def test_numbers_within_what_is_read_from_the_right_keep_their_place() -> None:
    seen = [run for _, run in set_as("in שלום 12 עולם and")]
    assert seen == ["in", "עולם", "12", "שלום", "and"]
    assert [run for _, run in set_as("שלום 日 עולם")] == ["שלום", "日", "עולם"]
    assert [run for _, run in set_as("😀 שלום 🎉 עולם x")] == ["😀", "עולם", "🎉", "שלום", "x"]


def test_markup_in_a_text_stays_text() -> None:
    svg = typeset('<text font-size="20px">a &lt;b&gt; 日本 &amp; c</text>', placed=True)
    assert "".join(ElementTree.fromstring(svg).itertext()) == "a <b>日本& c"


async def test_syllables_have_the_room_they_need(renderer: ChartRenderer) -> None:
    """The ink of a title is as wide as its letters are."""
    title = "తెలుగు మలయాళం"
    drawn = await renderer.render(
        compose(table("a", "b"), ChartSpec(type="bar", title=title)).chart
    )
    head = np.asarray(Image.open(io.BytesIO(drawn.png)).convert("L"))[:55]
    [columns] = np.nonzero((head < 160).any(axis=0))
    wanted = fonts.width(title, "Noto Sans Telugu", 22)
    assert columns[-1] - columns[0] == pytest.approx(wanted, rel=0.06)
