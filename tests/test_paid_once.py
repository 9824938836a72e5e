"""Workers killed at any moment of a call: each picture is billed once, and found again.

`KILLS=20 pytest tests/test_paid_once.py` is the long campaign (`make paid-once`).
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import select

from core.settings import Settings
from core.viewer import Viewer
from db.base import CallStatus
from db.models import Generation, Status
from db.provider_models import ProviderCall
from services import generations
from services.generations import Origin, submit
from services.studio import Studio
from tests.conftest import opened
from tests.providers.vendors.comfyui import ComfyVendor
from tests.providers.vendors.gemini import InteractionsVendor
from tests.providers.vendors.vendor import KEY, Vendor
from tests.waiting import ended

ANNA = Viewer(7, "Anna")
KILLS = int(os.environ.get("KILLS", "2"))
"""Moments of a call at which its worker is killed; each costs the 12 seconds of a takeover."""
CALL = 1.2
"""Seconds that a call takes here, from the first byte to the picture."""


class SlowInteractions(InteractionsVendor):
    """Takes its time with every answer, and shows a picture only after some looks."""

    async def create(self, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(CALL / 6)
        answer = await super().create(request)
        await asyncio.sleep(CALL / 6)
        return answer

    async def look(self, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(CALL / 6)
        return await super().look(request)


class SlowComfy(ComfyVendor):
    """Takes its time to take a graph, and to draw it."""

    async def prompt(self, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(CALL / 6)
        answer = await super().prompt(request)
        await asyncio.sleep(CALL / 6)
        return answer

    async def show(self, client: str, handle: str, node: str) -> None:
        await super().show(client, handle, node)
        await asyncio.sleep(CALL / 6)


WORKFLOW = Path(__file__).parents[1] / "docs" / "comfyui" / "everything.json"


@dataclass(frozen=True)
class Kept:
    """A provider that can be asked again for what it drew."""

    vendor: Callable[[], Vendor]
    environment: Callable[[str], Mapping[str, str]]
    own_names: bool = False
    """Whether we name the call, so that even one whose answer was lost can be found."""


PROVIDERS = {
    "gemini": Kept(
        SlowInteractions,
        lambda base: {
            "GEMINI_API_KEY": KEY, "GOOGLE_GEMINI_BASE_URL": base, "GEMINI_MODE": "background",
            "GEMINI_TEXT_MODEL": "", "DEFAULT_PROVIDER": "gemini",
        },
    ),
    "comfyui": Kept(
        SlowComfy,
        lambda base: {
            "COMFYUI_URL": base, "COMFYUI_WORKFLOW": str(WORKFLOW), "DEFAULT_PROVIDER": "comfyui",
        },
        own_names=True,
    ),
}  # fmt: skip


def started(environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """A worker, as `atelier worker` starts it."""
    command = [sys.executable, "-m", "cli.main", "worker"]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, env=dict(environment), stdout=quiet, stderr=quiet)


async def killed_after(
    studio: Studio, vendor: Vendor, environment: Mapping[str, str], moment: float, number: int
) -> Generation:
    """Ask for a picture, and kill its worker some seconds after it has begun."""
    worker = started(environment)
    origin = Origin(viewer=ANNA, request_id=f"kill {number}")
    asked = await submit(studio, "image", {"prompt": f"a fox, number {number}"}, origin)
    try:
        async with asyncio.timeout(60):
            while not await begun(studio, asked):
                await asyncio.sleep(0.01)
        await asyncio.sleep(moment)
    finally:
        worker.send_signal(signal.SIGKILL)
        await asyncio.to_thread(worker.wait)
    return asked


async def begun(studio: Studio, generation: Generation) -> bool:
    return (await generations.read(studio, generation.id, ANNA)).started_at is not None


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_worker_killed_at_any_moment_pays_once(
    name: str, settings: Settings, database: str
) -> None:
    kept = PROVIDERS[name]
    async with kept.vendor().running() as vendor:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "DATABASE_URL": database,
            "DATA_DIR": str(settings.data_dir),
            **kept.environment(vendor.base),
        }
        async with opened(settings, database) as studio:
            asked = [
                await killed_after(studio, vendor, environment, CALL * 1.2 * number / KILLS, number)
                for number in range(KILLS)
            ]
            worker = started(environment)
            try:
                done = [await ended(studio, each, 120) for each in asked]
            finally:
                worker.terminate()
                await asyncio.to_thread(worker.wait)
            async with studio.transaction() as tx:
                calls = (await tx.scalars(select(ProviderCall))).all()
    assert vendor.wrong == []
    # One that was killed between our note and the vendor's answer may have been charged or not:
    # nobody asks again. All others are found and kept.
    lost = [each for each in done if each.status is not Status.SUCCEEDED]
    assert all(each.error_class == "unknown_outcome" for each in lost)
    assert not lost or not kept.own_names
    assert len(lost) <= 1 + KILLS // 3
    assert len(done) - len(lost) <= len(vendor.billed) <= len(done)
    assert len([each for each in calls if each.status is CallStatus.SUCCEEDED]) == len(done) - len(
        lost
    )
