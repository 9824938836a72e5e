"""Stability: which service does what, what it is sent, and what that costs."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from core.errors import BadRequest, ProviderError, RateLimited, Refused
from core.pictures import Drawing, Picture, PictureRequest
from core.settings import Settings
from core.viewer import Viewer
from db.base import CallStatus
from db.models import Generation, Status
from db.provider_models import ProviderCall
from providers import Reattaching, given, stability as adapter
from providers.prices import TABLE
from providers.stability import SERVICES, Stability, open_provider
from services import generations
from services.generations import Origin, submit
from tests.conftest import opened, working
from tests.providers.test_faults import Told
from tests.providers.vendors.cases import stability
from tests.providers.vendors.stability import (
    ASPECTS,
    SEED,
    SERVICES as REAL,
    StabilityVendor,
)
from tests.providers.vendors.vendor import KEY, png

SOURCE = Picture(png("navy", (96, 64)), "image/png", 96, 64)
FOX = PictureRequest(prompt="a fox")
ANNA = Viewer(7, "Anna")


def mask() -> Picture:
    image = Image.new("L", (96, 64), 0)
    image.paste(255, (0, 0, 48, 64))
    return Picture(given.as_png(image), "image/png", 96, 64)


@contextlib.asynccontextmanager
async def speaking() -> AsyncIterator[tuple[StabilityVendor, Stability]]:
    async with StabilityVendor().running() as vendor:
        assert isinstance(vendor, StabilityVendor)
        provider = stability(vendor.base)
        assert isinstance(provider, Stability)
        try:
            yield vendor, provider
        finally:
            await provider.close()
    assert vendor.wrong == []


async def sent(**values: Any) -> tuple[str, dict[str, Any], Drawing]:
    request = PictureRequest(**{"prompt": "a fox", **values})
    async with speaking() as (vendor, provider):
        drawing = await provider.generate(request, Told())
        assert drawing.cost == provider.estimate(request)
    [body], [path] = vendor.asked, vendor.paths
    assert drawing.cost == Decimal(vendor.billed[0]) / 100
    assert drawing.cost_source == "table"
    return path, body, drawing


async def test_words_are_drawn_by_core_and_the_answer_says_the_seed() -> None:
    path, body, drawing = await sent(negative_prompt="rain", aspect="4:3", seed=41)
    assert path == "generate/core"
    assert body == {
        "output_format": "png", "prompt": "a fox", "negative_prompt": "rain", "seed": "41",
        "aspect_ratio": "5:4",
    }  # fmt: skip
    [picture] = drawing.pictures
    assert (picture.data, picture.seed) == (png("teal"), 41)  # type: ignore[union-attr]
    assert (drawing.model, drawing.notes) == ("stable-image-core", ())
    path, body, drawing = await sent(model="stable-image-ultra")
    assert (path, drawing.pictures[0].seed) == ("generate/ultra", SEED)
    assert "seed" not in body


@pytest.mark.parametrize("seed", [0, 2**32 - 1])
async def test_a_seed_it_has_not_is_said(seed: int) -> None:
    _, body, drawing = await sent(seed=seed)
    assert body["seed"] == "4294967294"
    assert drawing.notes == (f"Stability has no seed {seed}, so it took 4294967294.",)


async def test_a_source_is_drawn_on_by_ultra_with_its_strength() -> None:
    path, body, drawing = await sent(source=SOURCE, strength=0.3, aspect="96:64")
    assert (path, body["strength"], body["image"].size) == ("generate/ultra", "0.3", (96, 64))
    assert "aspect_ratio" not in body
    assert drawing.model == "stable-image-ultra"
    assert "Stable Image Ultra drew this" in drawing.notes[0]
    _, body, drawing = await sent(model="stable-image-ultra", source=SOURCE)
    assert (body["strength"], drawing.notes) == ("0.7", ())


async def test_a_mask_goes_to_the_inpainting_service_white_where_it_may_change() -> None:
    path, body, drawing = await sent(source=SOURCE, mask=mask(), strength=0.5, seed=7)
    assert path == "edit/inpaint"
    assert (body["mask"].getpixel((10, 10)), body["mask"].getpixel((90, 10))) == (255, 0)
    assert (body["mask"].size, body["seed"]) == ((96, 64), "7")
    assert drawing.model == "stability-inpaint"
    assert [note.split(",")[0] for note in drawing.notes] == [
        "Stability has a service of its own for masks",
        "Stability repaints all that is under a mask",
    ]
    path, _, drawing = await sent(model="stability-inpaint", source=SOURCE, mask=mask())
    assert (path, drawing.notes) == ("edit/inpaint", ())


@pytest.mark.parametrize(
    ("size", "aspect", "added"),
    [
        ((96, 64), "16:9", {"left": "9", "right": "9"}),
        ((96, 64), "1:1", {"up": "16", "down": "16"}),
        ((64, 96), "1:1", {"left": "16", "right": "16"}),
        ((65, 96), "1:1", {"left": "15", "right": "16"}),
    ],
)
async def test_a_picture_is_widened_to_a_shape_and_stays_whole(
    size: tuple[int, int], aspect: str, added: dict[str, str]
) -> None:
    source = Picture(png("navy", size), "image/png", *size)
    path, body, _ = await sent(model="stability-outpaint", source=source, aspect=aspect)
    assert path == "edit/outpaint"
    assert {name: body[name] for name in body.keys() & {"left", "right", "up", "down"}} == added


@pytest.mark.parametrize(
    ("model", "path"),
    [("stability-remove-background", "edit/remove-background"),
     ("stability-upscale", "upscale/fast")],
)  # fmt: skip
async def test_a_service_that_does_one_thing_takes_a_picture_alone(model: str, path: str) -> None:
    found, body, drawing = await sent(model=model, source=SOURCE, negative_prompt="x", seed=3)
    assert (found, body.keys()) == (path, {"image", "output_format"})
    assert drawing.notes == ("This model does one thing only, so it did not need your words.",)


async def test_what_is_enlarged_with_care_takes_words() -> None:
    path, body, _ = await sent(model="stability-upscale-conservative", source=SOURCE, seed=3)
    assert (path, body["prompt"], body["seed"]) == ("upscale/conservative", "a fox", "3")


async def test_a_type_it_does_not_take_goes_as_png() -> None:
    output = io.BytesIO()
    Image.new("P", (64, 64), 3).save(output, "GIF")
    moving = Picture(output.getvalue(), "image/gif", 64, 64)
    _, body, _ = await sent(source=moving)
    assert body["image"].format == "PNG"


def square(side: int, other: int | None = None) -> Picture:
    """Only its size is looked at."""
    return Picture(b"\x89PNG", "image/png", side, other or side)


@pytest.mark.parametrize(
    ("model", "values", "said"),
    [
        ("stability-upscale", {}, "Give it one, or choose another model"),
        ("stability-inpaint", {"source": SOURCE}, "Give it a mask"),
        ("stability-upscale", {"source": square(1100)}, "up to 1,048,576 pixels"),
        ("stability-upscale", {"source": square(1600, 600)}, "up to 1,536 pixels a side"),
        ("stability-remove-background", {"source": square(2100)}, "that picture has 4,410,000"),
        ("stability-upscale-conservative", {"source": square(600, 200)}, "2.5 times as long"),
        ("stability-outpaint", {"source": SOURCE, "aspect": "3:2"}, "has this shape already"),
        ("stability-outpaint", {"source": square(2400), "aspect": "3:1"}, "more than 2,000"),
        (None, {"source": square(40)}, "64 pixels a side and more"),
        (None, {"source": Picture(bytes(11_000_000), "image/png", 64, 64)}, "10 MB in one call"),
    ],
)
async def test_what_it_would_not_take_is_never_sent(
    model: str | None, values: dict[str, Any], said: str
) -> None:
    async with speaking() as (vendor, provider):
        with pytest.raises(BadRequest, match=said):
            await provider.generate(PictureRequest(prompt="x", model=model, **values), Told())
    assert vendor.asked == vendor.billed == []


def test_every_service_and_shape_is_one_it_has() -> None:
    assert {each.path for each in SERVICES.values()} == REAL.keys()
    assert set(adapter.ASPECTS) == ASPECTS


def test_each_model_says_what_it_can_do_and_costs() -> None:
    provider = Stability("http://x", KEY, TABLE)
    assert next(iter(provider.models)) == "stable-image-core"
    for name, can in provider.models.items():
        listed = Decimal(REAL[SERVICES[name].path][2]) / 100
        assert can.price == listed
        assert (can.count, can.references, can.prompt_limit) == (1, 0, 10_000)
    assert [name for name, can in provider.models.items() if can.transparent] == [
        "stability-remove-background"
    ]
    assert not isinstance(provider, Reattaching)


async def test_who_asks_is_a_pseudonym() -> None:
    async with speaking() as (vendor, provider):
        await provider.generate(PictureRequest(prompt="a fox", user="123456789"), Told())
        await provider.generate(FOX, Told())
    [user, nobody] = vendor.users
    assert user is not None and len(user) == 32 and "123456789" not in user
    assert nobody is None


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        ("422", Refused, "a public figure"),
        ("422 language", BadRequest, "Say it in English"),
        ("400 field", BadRequest, "does not take that prompt"),
        ("400", BadRequest, "cannot draw that as asked"),
        ("413", BadRequest, "fewer or smaller pictures"),
        ("429", RateLimited, "is busy"),
    ],
)
async def test_its_own_failures_are_told_apart(
    fault: str, kind: type[ProviderError], said: str
) -> None:
    async with speaking() as (vendor, provider):
        vendor.fault = fault
        with pytest.raises(kind, match=said) as raised:
            await provider.generate(FOX, Told())
    assert (raised.value.cost, vendor.billed) == (0, [])
    assert raised.value.retry_after == (60 if fault == "429" else None)


async def test_a_blurred_picture_is_a_refusal_that_was_charged() -> None:
    async with speaking() as (vendor, provider):
        vendor.fault = "refused after"
        with pytest.raises(Refused, match="It may have been charged") as raised:
            await provider.generate(PictureRequest(prompt="x", model="stable-image-ultra"), Told())
    assert (raised.value.cost, vendor.billed) == (Decimal("0.08"), [8])


def test_without_a_key_it_is_not_there() -> None:
    def configured(**values: Any) -> Stability | None:
        return open_provider(Settings(_env_file=None, **values))  # type: ignore[call-arg]

    assert configured() is None
    assert configured(stability_api_key="k") is not None


async def test_the_operator_is_told_of_a_bad_key_and_of_credits_that_end() -> None:
    async with speaking() as (vendor, provider):
        bad = Stability(vendor.base, "sk-wrong", TABLE)
        assert await provider.check() is None
        said = str(await bad.check())
        assert "does not accept" in said
        assert KEY not in said
        vendor.credits = 1.5
        assert "has 1.5 credits left" in str(await provider.check())
        await bad.close()


async def ended(settings: Settings, database: str, fault: str) -> tuple[Generation, ProviderCall]:
    async with speaking() as (vendor, provider):
        vendor.fault = fault
        async with opened(settings, database, providers={"stability": provider}) as studio:
            origin = Origin(viewer=ANNA, request_id="1")
            generation = await submit(studio, "image", {"prompt": "a fox"}, origin)
            async with working(studio), asyncio.timeout(30):
                while (found := await generations.read(studio, generation.id, ANNA)) is not None:
                    if found.finished_at is not None:
                        break
                    await asyncio.sleep(0.02)
            async with studio.transaction() as tx:
                [call] = (await tx.scalars(select(ProviderCall))).all()
    assert vendor.billed == [3]
    return found, call


async def test_a_picture_is_settled_to_the_cent(settings: Settings, database: str) -> None:
    done, call = await ended(settings, database, "")
    assert (done.status, call.status) == (Status.SUCCEEDED, CallStatus.SUCCEEDED)
    assert (call.cost, call.estimated_cost, done.cost) == (Decimal("0.03"),) * 3


@pytest.mark.parametrize("fault", ["broken json", "no picture", "bomb", "truncated", "reset after"])
async def test_what_is_no_whole_picture_may_have_been_charged(
    settings: Settings, database: str, fault: str
) -> None:
    lost, call = await ended(settings, database, fault)
    assert (lost.error_class, call.status) == ("unknown_outcome", CallStatus.UNKNOWN)
