"""OpenAI's adapter: what it sends, what it makes of the answers, what it says that costs."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any, get_args, get_type_hints

import pytest
from openai.types import image_edit_params, image_generate_params
from openai.types.image_model import ImageModel
from PIL import Image

from core.errors import UnknownOutcome
from core.pictures import Picture, PictureRequest, Progress
from core.settings import Settings
from providers import given
from providers.openai import OpenAI, open_provider, size_for
from providers.prices import TABLE
from tests.providers.test_faults import Told
from tests.providers.vendors.cases import openai
from tests.providers.vendors.openai import COST, OpenAIVendor
from tests.providers.vendors.vendor import KEY, png

SOURCE = Picture(png("navy", (96, 64)), "image/png", 96, 64)


def mask() -> Picture:
    image = Image.new("L", (96, 64), 0)
    image.paste(255, (0, 0, 48, 64))
    return Picture(given.as_png(image), "image/png", 96, 64)


async def sent(request: PictureRequest, *, told: Told | None = None) -> tuple[dict[str, Any], Any]:
    async with OpenAIVendor().running() as vendor:
        provider = openai(vendor.base)
        drawing = await provider.generate(request, told if told is not None else Told())
        await provider.close()
    assert vendor.wrong == []
    return vendor.asked[0], drawing


async def test_one_picture_is_streamed_with_a_preview_and_costs_what_its_usage_says() -> None:
    told = Told()
    body, drawing = await sent(PictureRequest(prompt="a fox", aspect="16:9"), told=told)
    assert (body["stream"], body["size"], body["output_format"]) == (True, "1568x880", "png")
    [preview] = told
    assert isinstance(preview, Progress)
    assert preview.preview == drawing.pictures[0].data
    assert (drawing.cost, drawing.cost_source) == (Decimal(COST), "usage")
    assert drawing.usage["output_tokens"] == 439


@pytest.mark.parametrize("fault", ["stream breaks", "hang", "broken json", "broken base64"])
async def test_a_stream_that_breaks_after_a_preview_may_have_been_charged(fault: str) -> None:
    async with OpenAIVendor().running() as vendor:
        vendor.fault = fault
        provider = openai(vendor.base)
        with pytest.raises(UnknownOutcome, match="may have been charged"):
            await provider.generate(PictureRequest(prompt="a fox"), Told())
        await provider.close()
        assert vendor.billed == [1]


async def test_several_come_at_once_and_too_few_are_said() -> None:
    body, drawing = await sent(PictureRequest(prompt="a fox", count=3, quality="high"))
    assert (body["n"], body["quality"], len(drawing.pictures)) == (3, "high", 3)
    assert "stream" not in body
    async with OpenAIVendor().running() as vendor:
        vendor.fault = "too few"
        provider = openai(vendor.base)
        drawing = await provider.generate(PictureRequest(prompt="x", count=3), Told())
        await provider.close()
    assert (len(drawing.pictures), drawing.notes) == (2, ("OpenAI drew 2 of 3.",))


async def test_an_edit_sends_its_source_first_and_a_mask_that_is_transparent_where_it_may_change(
) -> None:  # fmt: skip
    reference = Picture(png("red", (32, 32)), "image/png", 32, 32)
    request = PictureRequest(
        prompt="a hat", source=SOURCE, mask=mask(), references=(reference,), count=2
    )
    body, drawing = await sent(request)
    assert [data for _, data in body["image"]] == [SOURCE.data, reference.data]
    alpha = Image.open(io.BytesIO(body["mask"][0][1])).getchannel("A")
    assert (alpha.getpixel((10, 10)), alpha.getpixel((90, 10))) == (0, 255)
    assert len(drawing.pictures) == 2


async def test_a_type_it_does_not_take_goes_as_png() -> None:
    output = io.BytesIO()
    Image.new("P", (40, 40), 3).save(output, "GIF")
    moving = Picture(output.getvalue(), "image/gif", 40, 40)
    body, _ = await sent(PictureRequest(prompt="a hat", source=moving))
    assert body["image"][0][0] == "image/png"


async def test_who_asks_is_a_pseudonym() -> None:
    body, _ = await sent(PictureRequest(prompt="a fox", user="123456789"))
    assert len(body["user"]) == 32
    assert "123456789" not in body["user"]


@pytest.mark.parametrize(
    "aspect", ["1:1", "3:2", "2:3", "16:9", "9:16", "4:3", "3:4", "21:9", "1:3", "9:1", "637:1000"]
)
def test_every_size_is_one_it_draws(aspect: str) -> None:
    width, height = map(int, size_for("gpt-image-2", aspect).split("x"))
    assert width % 16 == height % 16 == 0
    assert max(width, height) <= 3 * min(width, height)
    assert 655_360 <= width * height <= 1_500_000
    assert size_for("gpt-image-1.5", aspect) in ("1024x1024", "1536x1024", "1024x1536")


def test_what_is_sent_is_what_the_newest_sdk_types_know() -> None:
    generate = get_type_hints(image_generate_params.ImageGenerateParamsBase)
    edit = get_type_hints(image_edit_params.ImageEditParamsBase)
    known = {"model", "prompt", "n", "size", "quality", "background", "output_format", "user"}
    assert known <= generate.keys()
    assert known | {"image", "mask", "input_fidelity"} <= edit.keys()
    assert set(Settings(_env_file=None).openai_image_models) <= set(get_args(ImageModel))  # type: ignore[call-arg]


def test_an_estimate_reserves_the_most_it_may_cost() -> None:
    provider = OpenAI("http://x/v1", KEY, ("gpt-image-2.6-flare",), TABLE, official=True)
    low = provider.estimate(PictureRequest(prompt="a fox", quality="low"))
    high = provider.estimate(PictureRequest(prompt="a fox", quality="high"))
    auto = provider.estimate(PictureRequest(prompt="a fox", quality="auto"))
    assert low is not None and high is not None
    assert Decimal("0.0059") < low < Decimal("0.01")
    assert Decimal("0.0527") < high < Decimal("0.06")
    assert auto == high


async def test_a_server_of_ones_own_is_asked_plainly_and_may_leave_pictures_at_its_address() -> (
    None
):
    provider = OpenAI("http://127.0.0.1:1/v1", "", ("sdxl",), TABLE)
    body = provider.asked(PictureRequest(prompt="a fox", user="7"))
    assert body == {
        "model": "sdxl", "prompt": "a fox", "n": 1, "size": "1024x1024",
        "response_format": "b64_json",
    }  # fmt: skip
    found = provider.drawing(
        PictureRequest(prompt="x"), {"data": [{"url": "http://127.0.0.1:1/a.png"}]}
    )
    assert found.pictures[0].url == "http://127.0.0.1:1/a.png"  # type: ignore[union-attr]
    assert provider.origin == "http://127.0.0.1:1"


def test_without_a_key_it_is_not_there() -> None:
    def opened(**values: Any) -> OpenAI | None:
        return open_provider(Settings(_env_file=None, **values))  # type: ignore[call-arg]

    assert opened() is None
    assert opened(openai_api_key="k", openai_image_models="") is None
    assert opened(openai_api_key="k") is not None
    assert opened(openai_base_url="http://10.0.0.5:8000/v1") is not None


async def test_the_operator_is_told_of_a_bad_key_and_of_models_that_end() -> None:
    async with OpenAIVendor().running() as vendor:
        good = OpenAI(f"{vendor.base}/v1", KEY, ("gpt-image-2",), TABLE)
        bad = OpenAI(f"{vendor.base}/v1", "sk-wrong", ("gpt-image-2",), TABLE)
        gone = OpenAI(f"{vendor.base}/v1", KEY, ("dall-e-3",), TABLE)
        ending = OpenAI(f"{vendor.base}/v1", KEY, ("gpt-image-1.5",), TABLE)
        assert await good.check() is None
        said = str(await bad.check())
        assert "does not accept" in said
        assert KEY not in said
        assert "does not have dall-e-3" in str(await gone.check())
        assert "shut down gpt-image-1.5 on 2026-12-01" in str(await ending.check())
        for each in (good, bad, gone, ending):
            await each.close()
