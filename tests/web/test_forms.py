"""Every tool as a form, from its one declaration."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from PIL import Image
from pydantic import Field
from starlette.datastructures import FormData, Headers, UploadFile

import tools
from core.settings import Settings
from core.tool import Tool, ToolParams
from core.viewer import Viewer
from services.generations import read
from services.studio import Studio
from tests.conftest import opened
from tests.web.sample_tool import sample
from web import forms
from web.auth import OWNER

LISTED = [each for each in tools.discover().values() if each.listed]
NEEDED = {
    "chart": {"data": "month,sales\nJan,3\nFeb,5"},
    "avatar": {"description": "a kind owl"},
    "comic": {"prompt": "a cat on the moon"},
}
"""What a tool wants where any one of several parameters will do."""


@pytest.fixture
async def studio(settings: Settings, database: str) -> AsyncIterator[Studio]:
    offered = {**tools.discover(), "sample": sample}
    async with opened(settings, database, tools=offered) as studio:
        yield studio


class Odd(ToolParams):
    where: dict[str, int] = Field(description="Somewhere.")


class Controls(HTMLParser):
    """What a page's form asks for: each control with what names and describes it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []
        self.ids: set[str] = set()
        self.labels: set[str] = set()
        self.inside = False
        self.feed(
            page[
                page.index('action="/generations"') : page.index(
                    "</form>", page.index('action="/generations"')
                )
            ]
        )

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids.add(given.get("id", ""))
        if tag == "label":
            self.inside = True
            self.labels.add(given.get("for", ""))
        if tag in ("input", "select", "textarea") and given.get("type") != "hidden":
            self.found.append({**given, "wrapped": "yes" if self.inside else ""})

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self.inside = False

    def named(self, control: dict[str, str]) -> bool:
        return bool(
            control["wrapped"] or control.get("aria-label") or control.get("id", "-") in self.labels
        )


def shown(each: Tool) -> set[str]:
    return {name for name, schema in each.fields().items() if not schema.get("hidden")}


def png(size: tuple[int, int] = (64, 48), mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.effect_noise(size, 60).convert(mode).save(file, "PNG")
    return file.getvalue()


def minimal(each: Tool) -> tuple[dict[str, Any], dict[str, Any]]:
    """The least that makes a valid request: texts, and files."""
    required = each.schema().get("required", [])
    data: dict[str, Any] = {"tool": each.name, **NEEDED.get(each.name, {})}
    files = {}
    for control in forms.build(each, {}).controls:
        if control.name not in required:
            continue
        if control.picture:
            files[control.name] = ("a.png", png(), "image/png")
        elif control.options:
            data[control.name] = control.options[0][0]
        else:
            data.setdefault(control.name, "a lake at dawn")
    return data, files


@pytest.mark.parametrize("each", [*LISTED, sample], ids=lambda each: each.name)
async def test_a_form_asks_for_every_parameter_and_the_least_of_them_is_enough(
    studio: Studio, browser: httpx.AsyncClient, each: Tool
) -> None:
    page = (await browser.get("/", params={"tool": each.name})).text
    controls = Controls(page)
    assert {control["name"] for control in controls.found} == shown(each)
    for control in controls.found:
        assert controls.named(control), control
        described = control.get("aria-describedby", f"f-{control['name']}-help").split()
        assert set(described) <= controls.ids, control
    data, files = minimal(each)
    answer = await browser.post("/generations", data=data, files=files or None)
    assert answer.status_code == 303, re.findall(r'role="alert">(.*?)<', answer.text)
    made = await read(studio, 1, OWNER)
    assert made.tool == each.name
    assert made.meta["confirm"] is True


async def test_a_form_offers_every_tool(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/")).text
    links = re.findall(r'class="tool" href="/\?tool=([\w-]+)"', page)
    assert links[0] == "image"
    assert set(links) == {each.name for each in LISTED} | {"sample"}
    assert (await browser.get("/?tool=nothing")).text.count('value="image"') == 1


async def test_everything_entered_reaches_the_row(
    studio: Studio, browser: httpx.AsyncClient
) -> None:
    data = {
        "tool": "sample", "prompt": " a lake\r\nat dawn ", "shape": "tall", "rows": "2", "title": "Hello",
        "width": "1200", "strength": "0.4", "grid": "false", "story": "It rains.", "style": "ink",
        "cast": ["Ann", "", "Bo: tall"], "script": "ignored",
    }  # fmt: skip
    files = [
        ("source", ("boat.png", png(), "image/png")),
        ("mask", ("mask.png", png(mode="L"), "image/png")),
        ("references", ("one.png", png(), "image/png")),
        ("references", ("two.png", png((32, 32)), "image/png")),
        ("file", ("sales.CSV", b"a,b\n1,2", "application/vnd.ms-excel")),
    ]
    answer = await browser.post("/generations", data=data, files=files)
    assert answer.status_code == 303, answer.text
    params = (await read(studio, 1, OWNER)).params
    pictures = [params.pop("source"), params.pop("mask"), *params.pop("references")]
    assert len(set(pictures)) == 4
    assert params == {
        "prompt": "a lake\nat dawn", "shape": "tall", "rows": 2, "title": "Hello", "width": 1200,
        "strength": 0.4, "grid": False, "story": "It rains.", "style": "ink",
        "cast": ["Ann", "Bo: tall"], "file": "data:text/csv;base64,YSxiCjEsMg==",
    }  # fmt: skip


async def test_a_complaint_stands_beside_its_control_and_everything_is_still_there(
    browser: httpx.AsyncClient,
) -> None:
    data = {
        "tool": "sample", "prompt": "a lake", "shape": "tall", "width": "9999", "title": "<Hi>",
        "cast": ["Ann", "Bo"], "grid": ["false"], "strength": "much",
    }  # fmt: skip
    files = {"source": ("boat.png", png(), "image/png")}
    answer = await browser.post("/generations", data=data, files=files)
    assert answer.status_code == 422
    page = answer.text
    assert 'id="f-width-error">The width must be at most 2,000.' in page
    assert 'id="f-strength-error">The strength cannot be used' in page
    assert 'aria-describedby="f-width-help f-width-error" aria-invalid="true"' in page
    assert "a lake</textarea>" in page
    assert '<option value="tall" selected>' in page
    assert 'value="&lt;Hi&gt;"' in page
    assert 'value="Ann"' in page and 'value="Bo"' in page
    assert not re.search(r'name="grid"[^>]*checked', page)
    kept = re.search(r'name="kept:source" value="([\w-]+)"', page)
    assert kept is not None
    again = {**data, "width": "900", "strength": "", "kept:source": kept[1]}
    assert (await browser.post("/generations", data=again)).status_code == 303


@pytest.mark.parametrize(
    ("name", "files", "sentence", "status"),
    [
        ("source", [("x.png", b"<html>")], "a web page, not a picture", 415),
        ("mask", [("m.png", png())], "A mask needs the picture it is for: choose that, too.", 422),
        ("references", [("a.png", png())] * 3, "Up to 2 references are possible.", 422),
        ("file", [("big.csv", b"1" * 1_200_000)], "big.csv is 1.2 MB; a file of data may have up to 1 MB.", 422),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)  # fmt: skip
async def test_what_is_wrong_with_a_file_is_said_beside_it(
    browser: httpx.AsyncClient,
    name: str,
    files: list[tuple[str, bytes]],
    sentence: str,
    status: int,
) -> None:
    data = {"tool": "sample", "prompt": "a lake"}
    answer = await browser.post("/generations", data=data, files=[(name, each) for each in files])
    assert answer.status_code == status
    found = re.search(rf'id="f-{name}-error">(.*?)</p>', answer.text)
    assert found is not None
    assert sentence in found[1]
    assert "a lake</textarea>" in answer.text


async def test_a_file_of_data_is_handed_on_as_it_is(studio: Studio) -> None:
    table = b"name\tvalue\n\xc3\xa4\t1\n"
    upload = UploadFile(io.BytesIO(table), size=len(table), filename="t.tsv", headers=Headers())
    entered = await forms.read(studio, sample, FormData([("file", upload)]), Viewer(1))
    head, _, body = entered.values["file"].partition(",")
    assert head == "data:text/tab-separated-values;base64"
    assert base64.b64decode(body) == table


async def test_a_link_fills_a_form_and_the_result_continues_the_picture(
    studio: Studio, browser: httpx.AsyncClient
) -> None:
    await browser.post("/generations", data={"prompt": "a lake"})
    page = (await browser.get("/?tool=sample&prompt=a+hill&parent=1&source=nonsense")).text
    assert "a hill</textarea>" in page
    assert "nonsense" not in page
    assert '<input type="hidden" name="parent" value="1">' in page
    sent = {"tool": "sample", "prompt": "a hill", "parent": "1"}
    assert (await browser.post("/generations", data=sent)).headers[
        "location"
    ] == "/sessions/1?step=2"
    assert (await read(studio, 2, OWNER)).parent_id == 1
    stray = await browser.post("/generations", data={**sent, "parent": "77"})
    assert stray.status_code == 404


def test_what_cannot_be_asked_is_found_when_a_form_is_made() -> None:
    with pytest.raises(TypeError, match="cannot ask for 'where'"):
        forms.build(replace(sample, params=Odd), {})
