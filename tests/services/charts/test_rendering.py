"""The process that draws: warm, killable, and shut in."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import InvalidParams
from services.charts.composing import compose
from services.charts.look import LOOKS, contrast
from services.charts.renderer import ChartRenderer
from services.charts.spec import ChartSpec

TABLE = "Quarter,North,South\nQ1,1200,940\nQ2,1380,1010\nQ3,1525,1190"
KINDS = ("bar", "horizontal bar", "stacked bar", "line", "area", "scatter", "pie", "doughnut",
         "histogram", "heat map")  # fmt: skip


@pytest.fixture(scope="module")
async def renderer() -> AsyncIterator[ChartRenderer]:
    renderer = ChartRenderer()
    yield renderer
    await renderer.close()


def chart(text: str = TABLE, **spec: object) -> dict[str, object]:
    return dict(compose(text, ChartSpec.model_validate(spec)).chart)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
async def test_every_type_in_both_themes(renderer: ChartRenderer, kind: str, theme: str) -> None:
    data = "a,b\n1,2\n3,5\n4,4" if kind == "scatter" else TABLE
    drawn = await renderer.render(chart(data, type=kind, theme=theme, width=500, height=400))
    image = Image.open(io.BytesIO(drawn.png)).convert("RGB")
    assert image.size == (500, 400)
    assert image.getpixel((1, 1)) == ((255, 255, 255) if theme == "light" else (22, 24, 29))
    assert len(image.getcolors(1 << 20) or []) > 20


async def test_the_same_is_drawn_the_same(renderer: ChartRenderer) -> None:
    first, second = [await renderer.render(chart()) for _ in range(2)]
    assert (first.svg, first.png) == (second.svg, second.png)


async def test_it_survives_being_killed(renderer: ChartRenderer) -> None:
    await renderer.render(chart())
    assert renderer.process is not None
    os.kill(renderer.process.pid, signal.SIGKILL)
    assert (await renderer.render(chart())).png.startswith(b"\x89PNG")


async def test_what_takes_too_long_is_given_up_with_a_sentence() -> None:
    impatient = ChartRenderer(deadline=0.001)
    with pytest.raises(InvalidParams, match="took too long to draw"):
        await impatient.render(chart())
    assert impatient.process is None


async def test_a_fresh_process_takes_over_now_and_then() -> None:
    renderer = ChartRenderer(charts=2)
    pids = []
    for _ in range(4):
        await renderer.render(chart())
        assert renderer.process is not None
        pids.append(renderer.process.pid)
    await renderer.close()
    assert len(set(pids)) == 2


@pytest.mark.parametrize(
    "label",
    ["<script>alert(1)</script>", "datum['x'] + 1", "\\u0000", "${x}", "]]>", "a" * 10_000,
     "שלום עולם", "日本語", "مرحبا", "👩‍👩‍👧‍👦", "&amp;", "<image x='1'>", "'\"`", "url(http://127.0.0.1/x)"],
)  # fmt: skip
async def test_hostile_labels_are_only_text(renderer: ChartRenderer, label: str) -> None:
    quoted = label.replace('"', '""')
    drawn = await renderer.render(chart(f'name,v\n"{quoted}",5\nother,7', title=label[:100]))
    assert b"<script" not in drawn.svg
    assert b"href" not in drawn.svg
    assert drawn.png.startswith(b"\x89PNG")


@pytest.mark.parametrize("theme", LOOKS)
def test_colors_and_inks_can_be_seen(theme: str) -> None:
    look = LOOKS[theme]  # type: ignore[index]
    assert all(contrast(color, look.paper) >= 3 for color in look.palette)
    assert all(contrast(ink, look.paper) >= 4.5 for ink in (look.ink, look.muted))


LMS = np.array(
    [[0.31399, 0.63951, 0.04649], [0.15537, 0.75789, 0.08670], [0.01775, 0.10944, 0.87257]]
)
BLIND = {
    "protanopia": np.array([[0, 1.05118, -0.05117], [0, 1, 0], [0, 0, 1]]),
    "deuteranopia": np.array([[1, 0, 0], [0.95130, 0, 0.04867], [0, 0, 1]]),
}
"""Viénot, Brettel and Mollon's simulation of dichromats (1999), in linear RGB."""


def seen(color: str, kind: str) -> np.ndarray:
    parts = np.array([int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    back = np.linalg.inv(LMS) @ (BLIND[kind] @ (LMS @ linear))
    return np.clip(back, 0, 1) ** (1 / 2.2)


@pytest.mark.parametrize("kind", BLIND)
@pytest.mark.parametrize("theme", LOOKS)
def test_the_first_five_colors_differ_also_for_who_sees_two(theme: str, kind: str) -> None:
    palette = [seen(color, kind) for color in LOOKS[theme].palette[:5]]  # type: ignore[index]
    assert min(float(np.linalg.norm(one - other)) for one, other in combinations(palette, 2)) > 0.15


@pytest.mark.parametrize("kind", BLIND)
@pytest.mark.parametrize("theme", LOOKS)
def test_neighbors_among_the_first_eight_colors_differ(theme: str, kind: str) -> None:
    palette = [seen(color, kind) for color in LOOKS[theme].palette[:8]]  # type: ignore[index]
    assert min(float(np.linalg.norm(one - other)) for one, other in pairwise(palette)) > 0.15


class Ending(ChartRenderer):
    """One whose process always ends before it answers, as for want of memory."""

    async def start(self) -> Process:
        self.process = await asyncio.create_subprocess_exec("true", stdin=PIPE, stdout=PIPE)
        return self.process


async def test_what_brings_the_process_down_twice_is_refused_with_a_sentence() -> None:
    renderer = Ending()
    with pytest.raises(InvalidParams, match=r"more than I can draw\. Send fewer points"):
        await renderer.render(chart())
    assert renderer.process is None


async def test_no_address_is_asked_for_data(renderer: ChartRenderer) -> None:
    asked: list[str] = []
    server = await asyncio.start_server(lambda *_: asked.append("asked"), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    spec = {"data": {"url": f"http://127.0.0.1:{port}/x.json"}, "mark": "point"}
    images = {
        "data": {"values": [{"u": f"http://127.0.0.1:{port}/x.png"}]},
        "mark": "image", "encoding": {"url": {"field": "u", "type": "nominal"}},
    }  # fmt: skip
    for foreign in (spec, images, {"mark": "nothing of the kind"}):
        with contextlib.suppress(RuntimeError):
            await renderer.render({"spec": foreign, "locale": None})
    server.close()
    assert asked == []
    assert (await renderer.render(chart())).png.startswith(b"\x89PNG")


async def test_no_secret_is_where_charts_are_drawn(
    renderer: ChartRenderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await renderer.close()
    monkeypatch.setenv("DISCORD_TOKEN", "very secret")
    await renderer.render(chart())
    assert renderer.process is not None
    environ = Path(f"/proc/{renderer.process.pid}/environ")
    surroundings = await asyncio.to_thread(environ.read_bytes)
    assert b"secret" not in surroundings
    assert {each.split(b"=")[0] for each in surroundings.split(b"\0") if each} == {
        b"PATH", b"LANG", b"TZ",
    }  # fmt: skip
