"""Pages, files and the API: who gets in, what they see, what nobody may do."""

from __future__ import annotations

import asyncio
import io

import httpx
import pytest
from PIL import Image

from core.viewer import Viewer
from services.generations import Origin, submit
from services.studio import Studio
from tests.conftest import working
from web.auth import issue_link
from web.server import NotListening, check_host
from worker.worker import Worker


async def finished(api: httpx.AsyncClient, generation_id: str) -> dict[str, object]:
    async with asyncio.timeout(30):
        while True:
            found = (await api.get(f"/api/generations/{generation_id}")).json()
            if found["finished_at"]:
                return found
            await asyncio.sleep(0.05)


async def drawn(api: httpx.AsyncClient, prompt: str = "a lake") -> dict[str, object]:
    body = {"tool": "image", "params": {"prompt": prompt}}
    answer = await api.post("/api/generations", json=body)
    assert answer.status_code == 202
    return await finished(api, answer.json()["id"])


async def test_nothing_is_shown_to_strangers(client: httpx.AsyncClient) -> None:
    for path in ("/", "/sessions/1", "/files/generated/aa/x.png", "/api/generations", "/api/tools"):
        answer = await client.get(path)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
    page = await client.get("/", headers={"accept": "text/html"})
    assert page.status_code == 401
    assert "Sign in" in page.text
    for path in ("/healthz", "/readyz"):
        assert (await client.get(path)).json() == {"status": "ok"}


async def test_the_printed_link_works_once(studio: Studio, client: httpx.AsyncClient) -> None:
    token = await issue_link(studio)
    assert (await client.get(f"/login/link?token={token}")).status_code == 303
    assert (await client.get("/")).status_code == 200
    client.cookies.clear()
    assert (await client.get(f"/login/link?token={token}")).status_code == 401
    assert (await client.get("/")).status_code == 401


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:1"]
)
async def test_signing_in_leads_nowhere_else(
    studio: Studio, client: httpx.AsyncClient, path: str
) -> None:
    token = await issue_link(studio)
    answer = await client.get("/login/link", params={"token": token, "next": path})
    assert answer.headers["location"] == "/"


async def test_signing_out_ends_the_session(browser: httpx.AsyncClient) -> None:
    cookie = dict(browser.cookies)
    await browser.post("/logout")
    browser.cookies.update(cookie)
    assert (await browser.get("/")).status_code == 401


async def test_a_form_becomes_a_session_with_its_picture(
    browser: httpx.AsyncClient, worker: Worker
) -> None:
    answer = await browser.post("/generations", data={"prompt": "a lake at dawn", "count": "2"})
    assert answer.status_code == 303
    page = answer.headers["location"]
    async with asyncio.timeout(30):
        while "it understood lake, dawn" not in (shown := (await browser.get(page)).text):
            await asyncio.sleep(0.05)
    assert "a lake at dawn" in shown
    assert shown.count("/files/generated/") >= 2
    changed = await browser.post("/generations/1/iterate", data={"instruction": "at night"})
    assert changed.headers["location"] == "/sessions/1?step=2"
    assert "from #1" in (await browser.get("/sessions/1?step=2")).text
    assert "a lake at dawn" in (await browser.get("/")).text


async def test_a_complaint_comes_back_with_the_words(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/generations", data={"prompt": "a lake", "seed": "99999999999"})
    assert answer.status_code == 422
    assert "The seed must be at most 4,294,967,295." in answer.text
    assert "a lake" in answer.text
    files = {"source": ("x.png", b"<html>", "image/png")}
    answer = await browser.post("/generations", data={"prompt": "a lake"}, files=files)
    assert answer.status_code == 415
    assert "a web page, not a picture" in answer.text


async def test_what_people_write_is_never_markup(
    browser: httpx.AsyncClient, worker: Worker
) -> None:
    evil = "<script>alert(1)</script>"
    answer = await browser.post("/generations", data={"prompt": evil})
    page = (await browser.get(answer.headers["location"])).text
    assert evil not in page
    assert "&lt;script&gt;" in page


async def test_files_are_kept_by_browsers_and_sent_in_parts(
    api: httpx.AsyncClient, worker: Worker
) -> None:
    asset = (await drawn(api))["assets"][0]  # type: ignore[index]
    whole = await api.get(asset["url"])
    assert Image.open(io.BytesIO(whole.content)).size == (asset["width"], asset["height"])
    assert whole.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert whole.headers["content-security-policy"] == "default-src 'none'; sandbox"
    again = await api.get(asset["url"], headers={"if-none-match": whole.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    part = await api.get(asset["url"], headers={"range": "bytes=8-15"})
    assert (part.status_code, part.content) == (206, whole.content[8:16])
    assert (await api.get(asset["thumbnail_url"])).headers["content-type"] == "image/webp"


@pytest.mark.parametrize(
    "key",
    ["../postgres/PG_VERSION", "generated/../../secret", "%2e%2e/%2e%2e/etc/passwd", "generated/aa/x.png",
     "/etc/passwd", "generated/aa/" + "a" * 64 + ".png", "answers/1/1-0", "thumbnails/%00.webp"],
)  # fmt: skip
async def test_no_path_leads_out(api: httpx.AsyncClient, key: str) -> None:
    assert (await api.get(f"/files/{key}")).status_code == 404


async def test_another_site_cannot_make_a_browser_ask(browser: httpx.AsyncClient) -> None:
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
    ):
        answer = await browser.post("/generations", data={"prompt": "x"}, headers=headers)
        assert answer.status_code == 403
    same = {"origin": "http://127.0.0.1:8080", "sec-fetch-site": "same-origin"}
    answer = await browser.post("/generations", data={"prompt": "x"}, headers=same)
    assert answer.status_code == 303
    assert (await browser.get("/", headers={"host": "evil.example"})).status_code == 400


async def test_pages_run_no_script_but_ours(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "style=" not in page.text
    assert "<script>" not in page.text
    assert "://" not in page.text.replace("http://127.0.0.1", "")


async def test_the_api_asks_lists_cancels_and_explains(
    api: httpx.AsyncClient, worker: Worker
) -> None:
    made = await drawn(api)
    assert (made["status"], made["tags"]) == ("succeeded", ["txt2img"])
    child = await api.post(f"/api/generations/{made['id']}/iterate", json={"words": "at night"})
    assert (await finished(api, child.json()["id"]))["parent_id"] == made["id"]
    first = (await api.get("/api/generations?limit=1")).json()
    second = (await api.get(f"/api/generations?limit=1&after={first['next']}")).json()
    assert [each["id"] for each in first["items"] + second["items"]] == ["2", "1"]
    assert second["next"] is None
    offered = (await api.get("/api/tools")).json()["items"]
    assert {"edit", "image"} <= {each["name"] for each in offered}
    for body, sentence in (
        ({"tool": "nothing", "params": {}}, "There is no tool called nothing."),
        ({"tool": "image", "params": {}}, "Please give a prompt."),
    ):
        refused = await api.post("/api/generations", json=body)
        assert refused.status_code == 422
        assert refused.json()["detail"] == sentence
    late = await api.post(f"/api/generations/{made['id']}/cancel")
    assert late.json()["detail"] == "That has already ended."
    assert (await api.get("/api/generations/77")).status_code == 404
    assert (await api.get("/api/generations/x")).status_code == 422


async def test_the_same_key_is_the_same_request(api: httpx.AsyncClient) -> None:
    body = {"tool": "image", "params": {"prompt": "a lake"}}
    answers = [
        await api.post("/api/generations", json=body, headers={"idempotency-key": "k"})
        for _ in range(2)
    ]
    assert answers[0].json()["id"] == answers[1].json()["id"]


async def test_progress_is_streamed_to_the_end(api: httpx.AsyncClient, studio: Studio) -> None:
    body = {"tool": "image", "params": {"prompt": "rehearse-slow dunes"}}
    asked = (await api.post("/api/generations", json=body)).json()
    seen: list[str] = []
    events = f"/api/generations/{asked['id']}/events"
    async with working(studio), api.stream("GET", events) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                seen.append(line)
    assert '"status": "queued"' in seen[0] or '"status": "running"' in seen[0]
    assert '"status": "succeeded"' in seen[-1]
    assert len(seen) >= 3


async def test_the_owner_sees_what_is_made_in_discord(
    api: httpx.AsyncClient, studio: Studio
) -> None:
    origin = Origin(viewer=Viewer(77, "Anna"), request_id="d", guild_id=5, visibility="guild")
    made = await submit(studio, "image", {"prompt": "a lake"}, origin)
    assert (await api.get(f"/api/generations/{made.id}")).status_code == 200


def test_an_unlocked_studio_is_not_shown_to_the_network(studio: Studio) -> None:
    for host in ("127.0.0.1", "localhost", "::1"):
        check_host(studio.settings.model_copy(update={"host": host}))
    for host in ("0.0.0.0", "192.168.1.2", "example.org"):
        with pytest.raises(NotListening, match="no sign-in"):
            check_host(studio.settings.model_copy(update={"host": host}))
