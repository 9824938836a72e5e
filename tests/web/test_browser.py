"""A real browser, a real server, desktop and phone, light and dark."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
         "--disable-component-update", "--no-first-run"]  # fmt: skip
SCREENS = os.environ.get("SCREENS")
"""A folder to keep pictures of the pages in."""
LOOKS = [("desk", 1440, 900), ("phone", 390, 844)]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("CI"),
        reason="NO BROWSER: these tests did NOT run; install chromium or set CHROMIUM",
    ),
]


@pytest.fixture(scope="module")
def studio_url() -> Iterator[str]:
    """The whole studio as its own process, as `make run` starts it."""
    with tempfile.TemporaryDirectory(prefix="atelier-studio-") as folder:
        yield from serve(Path(folder))


def serve(folder: Path) -> Iterator[str]:
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "DATA_DIR": str(folder),
        "PORT": "8917", "STUDIO_TOKEN": "open-sesame", "OFFLINE_MEGAPIXELS": "0.3",
    }  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "run"], env=environment, stdout=log, stderr=log
        )
        url = "http://127.0.0.1:8917"
        wait_for(f"{url}/readyz", process, folder / "log")
        yield url
        process.terminate()
        assert process.wait(15) == 0


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


@pytest.fixture(scope="module")
def signed_in(chromium: Browser, studio_url: str) -> dict[str, object]:
    context = chromium.new_context()
    context.new_page().goto(f"{studio_url}/login/link?token=open-sesame")
    state = dict(context.storage_state())
    context.close()
    return state


@pytest.fixture(params=LOOKS, ids=[name for name, _, _ in LOOKS])
def page(
    request: pytest.FixtureRequest, chromium: Browser, signed_in: dict[str, object]
) -> Iterator[Page]:
    _, width, height = request.param
    context: BrowserContext = chromium.new_context(
        viewport={"width": width, "height": height},
        storage_state=signed_in,  # type: ignore[arg-type]
    )
    page, problems = context.new_page(), []
    page.on("console", lambda told: problems.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


def keep(page: Page, name: str) -> None:
    """Take pictures of a page in both lights, if somebody wants to look at them."""
    if not SCREENS:
        return
    width = page.viewport_size["width"] if page.viewport_size else 0
    for light in ("light", "dark"):
        page.emulate_media(color_scheme=light)  # type: ignore[arg-type]
        page.screenshot(
            path=Path(SCREENS) / f"{name}-{'phone' if width < 600 else 'desk'}-{light}.png"
        )


def test_from_the_first_words_to_a_changed_picture(page: Page, studio_url: str) -> None:
    page.goto(studio_url)
    keep(page, "create")
    prompt = page.get_by_label("Prompt", exact=True)
    expect(prompt).to_be_focused()
    prompt.fill("a lighthouse by the sea at dusk")
    prompt.press("Control+Enter")
    picture = page.locator(".viewer:not(.drawing) img")
    expect(picture).to_be_visible(timeout=20_000)
    assert picture.evaluate("image => image.naturalWidth") > 100
    expect(page.get_by_text("Drawn by the offline provider")).to_be_visible()
    keep(page, "session")
    change = page.get_by_label("What should change in step")
    change.fill("make it night with stars")
    change.press("Control+Enter")
    expect(page.locator(".facts")).to_contain_text("From", timeout=20_000)
    expect(page.locator(".step")).to_have_count(2)
    keep(page, "changed")
    page.goto(studio_url)
    expect(page.get_by_role("link", name="a lighthouse by the sea").first).to_be_visible()
    keep(page, "sessions")


def test_the_page_follows_the_drawing_by_itself(page: Page, studio_url: str) -> None:
    page.goto(studio_url)
    page.get_by_label("Prompt", exact=True).fill("rehearse-slow mountains at dawn")
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_role("progressbar")).to_be_visible(timeout=10_000)
    keep(page, "drawing")
    expect(page.locator(".viewer:not(.drawing) img")).to_be_visible(timeout=20_000)


def test_no_page_is_wider_than_its_screen(page: Page, studio_url: str) -> None:
    for path in ("/", "/sessions/1"):
        page.goto(studio_url + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_without_scripts_the_forms_still_work(
    chromium: Browser, signed_in: dict[str, object], studio_url: str
) -> None:
    context = chromium.new_context(java_script_enabled=False, storage_state=signed_in)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(studio_url)
    page.get_by_label("Prompt", exact=True).fill("dunes at noon")
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_role("heading", name="dunes at noon")).to_be_visible()
    context.close()
