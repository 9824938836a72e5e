"""AUTOMATIC1111 and its kin: what is sent, whose progress is shown, who is interrupted."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from PIL import Image

from core.errors import BadRequest, Canceled, Transient
from core.pictures import Event, Picture, PictureRequest, Progress, Queued
from core.settings import Settings
from providers import Reattaching, given
from providers.a1111 import A1111, open_provider
from tests.providers.test_faults import Told
from tests.providers.vendors.a1111 import A1111Vendor
from tests.providers.vendors.vendor import png

SOURCE = Picture(png("navy", (96, 64)), "image/png", 96, 64)
FOX = PictureRequest(prompt="a fox", key="our-own")


@contextlib.asynccontextmanager
async def speaking(**options: Any) -> AsyncIterator[tuple[A1111Vendor, A1111]]:
    async with A1111Vendor().running() as vendor:
        provider = A1111(vendor.base, **{"reading": 5.0, "pause": 0.02, **options})
        try:
            yield vendor, provider
        finally:
            vendor.holding = vendor.busy = False
            await provider.close()
    assert vendor.wrong == []


async def until(claim: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not claim():
            await asyncio.sleep(0.01)


async def test_words_are_drawn_and_each_picture_says_its_seed() -> None:
    async with speaking() as (vendor, provider):
        request = PictureRequest(
            prompt="a fox", negative_prompt="rain", aspect="16:9", count=3, seed=41, key="our-own"
        )
        drawing = await provider.generate(request, Told())
    [body] = vendor.asked
    assert (body["width"], body["height"], body["n_iter"]) == (1368, 768, 3)
    assert (body["negative_prompt"], body["force_task_id"]) == ("rain", "our-own")
    assert [each.seed for each in drawing.pictures] == [41, 42, 43]
    assert (drawing.model, drawing.cost, drawing.cost_source) == ("juggernaut_xl", 0, "free")


async def test_a_source_goes_with_its_strength_and_a_mask_is_white_where_it_may_change() -> None:
    image = Image.new("L", (96, 64), 0)
    image.paste(255, (0, 0, 48, 64))
    mask = Picture(given.as_png(image), "image/png", 96, 64)
    async with speaking(size=512) as (vendor, provider):
        request = PictureRequest(
            prompt="a hat", source=SOURCE, mask=mask, strength=0.3, aspect="3:2"
        )
        await provider.generate(request, Told())
    [body] = vendor.asked
    assert base64.b64decode(body["init_images"][0]) == SOURCE.data
    sent = Image.open(io.BytesIO(base64.b64decode(body["mask"])))
    assert (sent.getpixel((10, 10)), sent.getpixel((90, 10))) == (255, 0)
    assert (body["denoising_strength"], body["width"], body["height"]) == (0.3, 624, 416)


async def test_a_model_that_was_named_is_loaded_for_the_call() -> None:
    async with speaking(models=("dreamshaper_8", "gone")) as (vendor, provider):
        assert list(provider.models) == ["current", "dreamshaper_8", "gone"]
        named = PictureRequest(prompt="x", model="dreamshaper_8")
        assert (await provider.generate(named, Told())).model == "dreamshaper_8"
        current = PictureRequest(prompt="x", model="current")
        await provider.generate(current, Told())
        with pytest.raises(BadRequest, match="does not have that model"):
            await provider.generate(PictureRequest(prompt="x", model="gone"), Told())
    assert [each.get("override_settings") for each in vendor.asked] == [
        {"sd_model_checkpoint": "dreamshaper_8"},
        None,
    ]


async def test_a_grid_is_no_picture_of_ours() -> None:
    async with speaking() as (vendor, provider):
        vendor.grid = True
        drawing = await provider.generate(PictureRequest(prompt="x", count=2), Told())
    assert [each.data for each in drawing.pictures] == [png("teal"), png("navy")]  # type: ignore[union-attr]


async def test_too_few_are_said() -> None:
    async with speaking() as (vendor, provider):
        vendor.fault = "too few"
        drawing = await provider.generate(PictureRequest(prompt="x", count=2), Told())
    assert drawing.notes == ("The Stable Diffusion web UI drew 1 of 2.",)


async def test_progress_is_ours_with_a_preview() -> None:
    told = Told()
    async with speaking() as (vendor, provider):
        vendor.holding = True
        drawing = asyncio.create_task(provider.generate(FOX, told))
        await until(lambda: bool(told))
        vendor.holding = False
        await drawing
    assert told[0] == Progress(0.4, png("gray"))
    assert set(vendor.looks) == {"our-own"}


async def test_somebody_elses_drawing_is_waited_for_and_never_shown() -> None:
    told = Told()
    async with speaking() as (vendor, provider):
        vendor.busy = True
        drawing = asyncio.create_task(provider.generate(FOX, told))
        await until(lambda: Queued(1) in told)
        await asyncio.sleep(0.1)
        assert told == [Queued(1)]
        vendor.busy, vendor.holding = False, True
        await until(lambda: isinstance(told[-1], Progress))
        vendor.holding = False
        await drawing
    assert told[:2] == [Queued(1), Queued(0)]


@pytest.mark.parametrize("names_tasks", [True, False])
async def test_a_server_without_pages_shows_only_what_it_says_is_ours(names_tasks: bool) -> None:
    told = Told()
    async with speaking() as (vendor, provider):
        vendor.without_pages, vendor.names_tasks, vendor.holding = True, names_tasks, True
        drawing = asyncio.create_task(provider.generate(FOX, told))
        await until(lambda: vendor.current == "our-own")
        await asyncio.sleep(0.1)
        vendor.holding = False
        await drawing
    assert bool(told) is names_tasks


async def test_calling_it_off_interrupts_ours() -> None:
    async with speaking() as (vendor, provider):
        vendor.holding = True
        drawing = asyncio.create_task(provider.generate(FOX, Told()))
        await until(lambda: vendor.current == "our-own")
        drawing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await drawing
        assert vendor.interrupted == 1


async def test_who_is_told_may_call_it_off() -> None:
    async def report(event: Event) -> None:
        raise Canceled

    async with speaking() as (vendor, provider):
        vendor.holding = True
        with pytest.raises(Canceled):
            await provider.generate(FOX, report)
        assert vendor.interrupted == 1


async def test_calling_it_off_while_it_waits_interrupts_nobody() -> None:
    async with speaking() as (vendor, provider):
        vendor.busy = True
        drawing = asyncio.create_task(provider.generate(FOX, Told()))
        await until(lambda: bool(vendor.waiting))
        drawing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await drawing
        assert vendor.interrupted == 0


async def test_an_answer_that_never_comes_is_interrupted_and_may_be_asked_for_again() -> None:
    async with speaking(reading=0.2) as (vendor, provider):
        vendor.holding = True
        with pytest.raises(Transient, match="costs nothing"):
            await provider.generate(FOX, Told())
        assert vendor.interrupted == 1


async def test_memory_that_ran_out_is_said_plainly() -> None:
    async with speaking() as (vendor, provider):
        vendor.fault = "memory"
        with pytest.raises(BadRequest, match="ran out of memory") as raised:
            await provider.generate(FOX, Told())
    assert "CUDA" in str(raised.value.__cause__)


async def test_the_operator_is_told_what_is_wrong() -> None:
    async with speaking(models=("dreamshaper_8",)) as (vendor, provider):
        assert await provider.check() is None
        gone = A1111(vendor.base, ("nope",))
        assert "does not have nope: set A1111_MODELS" in str(await gone.check())
        elsewhere = A1111(f"{vendor.base}/elsewhere")
        assert "start it with --api" in str(await elsewhere.check())
        for each in (gone, elsewhere):
            await each.close()
    assert "cannot be reached" in str(await provider.check())
    await provider.close()


def test_it_is_there_with_a_url() -> None:
    def opened(**values: Any) -> A1111 | None:
        return open_provider(Settings(_env_file=None, **values))  # type: ignore[call-arg]

    assert opened() is None
    found = opened(a1111_url="http://x", a1111_models="a, b", a1111_size=512)
    assert found is not None
    assert (list(found.models), found.size) == (["current", "a", "b"], 512)
    assert found.repeatable
    assert not isinstance(found, Reattaching)
    assert found.estimate(FOX) == 0
