"""Pictures by the API: brought, listed, used and deleted."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import httpx
import pytest
from aiohttp import web
from PIL import Image

from core.viewer import Viewer
from services.fetch import fetch_picture
from services.images import keep_upload
from services.studio import Studio
from web.app import create_app
from web.assets import fetcher
from worker.worker import Worker

PAGE = b"<!doctype html><title>Sign in</title>" * 9


def png(color: str = "navy") -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (96, 64), color).save(output, "PNG")
    return output.getvalue()


def photograph() -> bytes:
    """A JPEG that tells who took it."""
    output = io.BytesIO()
    exif = Image.Exif()
    exif[0x013B] = "Secret Photographer"
    Image.new("RGB", (96, 64), "red").save(output, "JPEG", exif=exif)
    return output.getvalue()


async def sent(api: httpx.AsyncClient, *files: tuple[str, bytes]) -> httpx.Response:
    return await api.post("/api/assets", files=[("file", each) for each in files])


async def brought(api: httpx.AsyncClient, color: str) -> dict[str, Any]:
    answer = await sent(api, (f"{color}.png", png(color)))
    return answer.json()["items"][0]


@pytest.fixture
async def site() -> AsyncIterator[int]:
    """A web server on this host with one picture; its port."""

    async def picture(_: web.Request) -> web.Response:
        return web.Response(body=png("red"))

    app = web.Application()
    app.router.add_get("/red-fox.png", picture)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def test_an_upload_is_kept_without_its_secrets_and_can_be_drawn_from(
    api: httpx.AsyncClient, worker: Worker
) -> None:
    answer = await sent(api, ("My fox.jpg", photograph()))
    assert answer.status_code == 201
    assert answer.json()["errors"] == []
    [fox] = answer.json()["items"]
    told = [fox[each] for each in ("name", "alt", "source", "width", "height", "generation_id")]
    assert told == ["my-fox.jpg", "My fox", "upload", 96, 64, None]
    data = (await api.get(fox["url"])).content
    assert Image.open(io.BytesIO(data)).size == (96, 64)
    assert b"Secret" not in data
    params = {"source": fox["id"], "instruction": "make it blue"}
    asked = await api.post("/api/generations", json={"tool": "edit", "params": params})
    async with asyncio.timeout(30):
        while not (found := (await api.get(f"/api/generations/{asked.json()['id']}")).json())[
            "finished_at"
        ]:
            await asyncio.sleep(0.03)
    assert found["status"] == "succeeded"
    made = (await api.get("/api/assets", params={"source": "generated"})).json()["items"]
    assert [each["generation_id"] for each in made] == [found["id"]]


async def test_bad_files_are_explained_and_lose_no_others(api: httpx.AsyncClient) -> None:
    mixed = await sent(api, ("page.png", PAGE), ("fox.png", png()), ("cut.png", png()[:60]))
    assert mixed.status_code == 201
    assert [each["alt"] for each in mixed.json()["items"]] == ["fox"]
    first, second = mixed.json()["errors"]
    assert (first["name"], first["error_class"]) == ("page.png", "unusable_file")
    assert first["detail"].startswith("That is a web page")
    assert second["name"] == "cut.png"
    refused = await sent(api, ("page.png", PAGE))
    assert refused.status_code == 415
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"] == first["detail"]
    assert (await api.post("/api/assets")).status_code == 422
    many = await sent(api, *[("fox.png", png())] * 11)
    assert many.json()["detail"] == "Bring up to 10 pictures at once."
    large = await sent(api, ("large.png", bytes(25_000_001)))
    assert (large.status_code, large.json()["detail"]) == (
        415,
        "That file is larger than the 25 MB I take.",
    )
    assert len((await api.get("/api/assets")).json()["items"]) == 1


async def test_an_import_fetches_pictures_and_nothing_from_inside(
    studio: Studio, site: int
) -> None:
    app = create_app(studio)
    transport, headers = httpx.ASGITransport(app), {"authorization": "Bearer secret"}
    url = f"http://127.0.0.1:{site}/red-fox.png"
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8080", headers=headers
    ) as api:
        inside = await api.post("/api/assets/import", json={"url": "http://127.0.0.1/x.png"})
        assert (inside.status_code, inside.json()["detail"]) == (
            422,
            "I cannot find 127.0.0.1 on the public internet.",
        )
        assert (await api.post("/api/assets/import", json={"url": ""})).status_code == 422
        here = partial(fetch_picture, allow=lambda each: each.is_loopback, ports={site})
        app.dependency_overrides[fetcher] = lambda: here
        answer = await api.post("/api/assets/import", json={"url": url})
    assert answer.status_code == 201
    assert (answer.json()["source"], answer.json()["name"]) == ("import", "red-fox.png")


async def test_pictures_are_listed_page_by_page_and_deleted_for_good(
    studio: Studio, api: httpx.AsyncClient
) -> None:
    colors = ["red", "green", "blue"]
    kept = [(await brought(api, color))["id"] for color in colors]
    first = (await api.get("/api/assets", params={"limit": 2})).json()
    rest = (await api.get("/api/assets", params={"limit": 2, "after": first["next"]})).json()
    assert [each["id"] for each in (*first["items"], *rest["items"])] == kept[::-1]
    assert rest["next"] is None
    assert (await api.get("/api/assets", params={"source": "import"})).json()["items"] == []
    shown = (await api.get(f"/api/assets/{kept[0]}")).json()
    assert shown == rest["items"][0]
    assert (await api.delete(f"/api/assets/{kept[0]}")).status_code == 204
    for method in ("GET", "DELETE"):
        assert (await api.request(method, f"/api/assets/{kept[0]}")).status_code == 404
    assert (await api.get(shown["url"])).status_code == 404
    assert (await api.get("/api/assets/7")).status_code == 404
    assert len((await api.get("/api/assets")).json()["items"]) == 2


async def test_strangers_bring_and_see_nothing(studio: Studio, client: httpx.AsyncClient) -> None:
    asset = await keep_upload(studio, png(), Viewer(7, "Anna"), "fox.png")
    for method, path in (
        ("GET", ""), ("POST", ""), ("POST", "/import"), ("GET", f"/{asset.id}"),
        ("DELETE", f"/{asset.id}"),
    ):  # fmt: skip
        answer = await client.request(method, f"/api/assets{path}")
        assert answer.status_code == 401
