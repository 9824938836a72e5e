"""Every tool in the API, and what its pages and the API tell of what it makes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jsonschema
import pytest

import tools
from core.settings import Settings
from core.tool import Tool
from services.studio import Studio
from tests.conftest import opened
from tests.web.sample_tool import SVG, sample
from web.sessions import difference
from worker.worker import Worker

LISTED = [each for each in tools.discover().values() if each.listed]
ASKED = {"tool": "sample", "params": {"prompt": "a lake"}}


@pytest.fixture
async def studio(settings: Settings, database: str) -> AsyncIterator[Studio]:
    offered = {**tools.discover(), "sample": sample}
    async with opened(settings, database, tools=offered) as studio:
        yield studio


async def until(client: httpx.AsyncClient, generation: str, state: str) -> dict[str, Any]:
    """Wait until a generation is held, or has ended in a state."""
    async with asyncio.timeout(30):
        while True:
            found = (await client.get(f"/api/generations/{generation}")).json()
            if state == ("held" if found["proposal"] else found["status"]):
                return found
            await asyncio.sleep(0.03)


async def shown(browser: httpx.AsyncClient, words: str) -> str:
    """Wait until the first session's page says something."""
    async with asyncio.timeout(30):
        while words not in (page := (await browser.get("/sessions/1")).text):
            await asyncio.sleep(0.03)
    return page


async def test_the_api_describes_every_tool(api: httpx.AsyncClient) -> None:
    offered = {each["name"]: each for each in (await api.get("/api/tools")).json()["items"]}
    described = (await api.get("/api/openapi.json")).json()
    asked = described["components"]["schemas"]["Asked"]
    assert asked["discriminator"]["propertyName"] == "tool"
    for each in LISTED:
        assert offered[each.name]["summary"] == each.summary
        assert offered[each.name]["params"] == each.schema()
        name = asked["discriminator"]["mapping"][each.name].rpartition("/")[2]
        shape = described["components"]["schemas"][name]
        params = described["components"]["schemas"][
            shape["properties"]["params"]["$ref"].rpartition("/")[2]
        ]
        assert set(params["properties"]) == set(each.fields())


async def test_the_description_takes_what_the_api_takes(api: httpx.AsyncClient) -> None:
    described = (await api.get("/api/openapi.json")).json()
    schema = {"$ref": "#/components/schemas/Asked", "components": described["components"]}
    good = {"tool": "image", "params": {"prompt": "a lake"}, "confirm": True, "parent_id": None}
    jsonschema.validate(good, schema)
    for bad in (
        {**good, "tool": "nothing"},
        {**good, "params": {}},
        {**good, "params": {"prompt": "a lake", "colour": "red"}},
        {**good, "when": "now"},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, schema)
        assert (await api.post("/api/generations", json=bad)).status_code == 422


@pytest.mark.parametrize("each", LISTED, ids=lambda each: each.name)
async def test_a_request_without_anything_is_answered_with_what_is_missing(
    api: httpx.AsyncClient, each: Tool
) -> None:
    answer = await api.post("/api/generations", json={"tool": each.name, "params": {}})
    assert answer.status_code == 422
    assert re.match(r"[A-Z].*\.$", answer.json()["detail"])


async def test_the_api_is_asked_only_when_it_wants_to_be(
    api: httpx.AsyncClient, worker: Worker
) -> None:
    unasked = (await api.post("/api/generations", json=ASKED)).json()
    assert (await until(api, unasked["id"], "succeeded"))["proposal"] is None
    asked = (await api.post("/api/generations", json={**ASKED, "confirm": True})).json()
    held = await until(api, asked["id"], "held")
    assert held["status"] == "queued"
    assert held["proposal"] == {
        "field": "script",
        "text": "One picture of a lake",
        "summary": "1 picture, free",
        "alternatives": {"In short": "a lake, in short"},
    }
    approve = f"/api/generations/{asked['id']}/approve"
    long = await api.post(approve, json={"text": "x" * 101})
    assert long.status_code == 422
    assert re.search(r"\b100\b.*\bscript\b|\bscript\b.*\b100\b", long.json()["detail"])
    assert (await api.post(approve, json={"text": "Two pictures"})).status_code == 202
    done = await until(api, asked["id"], "succeeded")
    assert done["params"]["script"] == "Two pictures"
    assert (await api.post(approve)).json()["detail"] == (
        "That has already begun, or was called off."
    )


async def test_a_generation_tells_of_its_parts_and_of_the_prompt_that_was_sent(
    api: httpx.AsyncClient, worker: Worker
) -> None:
    asked = (await api.post("/api/generations", json=ASKED)).json()
    done = await until(api, asked["id"], "succeeded")
    assert [each["name"] for each in done["parts"]] == ["sheet", "svg"]
    assert len(done["assets"]) == 1
    assert done["full_prompt"] == "a lake, on paper"
    assert done["notes"]
    assert done["stage"] is None
    drawing = await api.get(done["parts"][1]["url"])
    assert drawing.content == SVG
    assert drawing.headers["content-type"] == "image/svg+xml"
    assert drawing.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert drawing.headers["x-content-type-options"] == "nosniff"
    assert drawing.headers["content-disposition"].startswith("attachment; filename=")
    assert "content-disposition" not in (await api.get(done["parts"][0]["url"])).headers


async def test_a_page_asks_before_it_draws_and_shows_all_that_was_made(
    browser: httpx.AsyncClient, worker: Worker
) -> None:
    await browser.post("/generations", data={"tool": "sample", "prompt": "a lake"})
    page = await shown(browser, "Shall I draw this?")
    assert "One picture of a lake</textarea>" in page
    assert "1 picture, free. Nothing is drawn" in page
    assert 'name="alternative" value="In short"' in page
    assert 'formaction="/generations/1/cancel"' in page
    refused = await browser.post("/generations/1/approve", data={"text": "y" * 101})
    assert refused.status_code == 422
    assert re.search(r'id="agreed-error">[^<]*\b100\b', refused.text)
    assert "y" * 101 + "</textarea>" in refused.text
    agreed = await browser.post("/generations/1/approve", data={"text": "Rain\r\non it"})
    assert agreed.headers["location"] == "/sessions/1?step=1"
    page = await shown(browser, 'data-state="succeeded"')
    assert "Download Sheet" in page
    assert "<ins>lake, on paper</ins>" in page
    assert re.search(r"Download SVG, \d+ \u00d7 \d+, SVG, 0\.1 KB", page)


async def test_another_proposal_may_be_chosen_or_none(
    browser: httpx.AsyncClient, api: httpx.AsyncClient, worker: Worker
) -> None:
    for _ in range(2):
        await browser.post("/generations", data={"tool": "sample", "prompt": "a lake"})
    await until(api, "1", "held")
    await browser.post("/generations/1/approve", data={"text": "z", "alternative": "In short"})
    done = await until(api, "1", "succeeded")
    assert done["params"]["script"] == "a lake, in short"
    await until(api, "2", "held")
    await browser.post("/generations/2/cancel", data={"text": "z"})
    assert (await until(api, "2", "canceled"))["assets"] == []


async def test_a_change_in_words_is_made_the_tools_own_way(
    browser: httpx.AsyncClient, api: httpx.AsyncClient, worker: Worker
) -> None:
    asked = (await api.post("/api/generations", json=ASKED)).json()
    await until(api, asked["id"], "succeeded")
    assert 'name="strength"' in await shown(browser, "What should change?")
    answer = await browser.post("/generations/1/iterate", data={"instruction": "in winter"})
    assert answer.headers["location"] == "/sessions/1?step=2"
    child = await until(api, "2", "succeeded")
    assert (child["tool"], child["parent_id"]) == ("sample", "1")
    assert child["params"]["prompt"] == "a lake in winter"


def test_two_prompts_are_compared_word_by_word() -> None:
    assert difference("a red fox", "a small red fox in snow") == (
        ("same", "a"), ("ins", "small"), ("same", "red fox"), ("ins", "in snow"),
    )  # fmt: skip
    assert difference("a fox", "a cat") == (("same", "a"), ("del", "fox"), ("ins", "cat"))
    assert difference("x " * 2000, "y") == (("same", "y"),)
