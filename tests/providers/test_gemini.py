"""Gemini's adapter: what it sends, which 200s are refusals, what it says that costs."""

from __future__ import annotations

import base64
import io
from decimal import Decimal
from typing import Any, get_args

import pytest
from google.genai import types
from google.genai.interactions import Model
from PIL import Image

from core.errors import (
    BadRequest,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    Refused,
    UnknownOutcome,
)
from core.pictures import Drawing, Drawn, Picture, PictureRequest
from core.settings import Settings
from providers.gemini import Gemini, GeminiInBackground, open_provider
from providers.gemini.models import aspect_for
from providers.prices import TABLE
from services.guidance import within
from tests.providers.test_faults import Told
from tests.providers.vendors.cases import gemini
from tests.providers.vendors.gemini import COST, EXCUSE_COST, MODELS, TEN, GeminiVendor
from tests.providers.vendors.vendor import KEY, png

SOURCE = Picture(png("navy", (96, 64)), "image/png", 96, 64)
REFERENCE = Picture(png("red", (32, 32)), "image/png", 32, 32)


async def drawn(vendor: GeminiVendor, request: PictureRequest) -> Drawing:
    provider = gemini(vendor.base)
    try:
        return await provider.generate(request, Told())
    finally:
        await provider.close()


async def sent(request: PictureRequest) -> tuple[dict[str, Any], Drawing]:
    async with GeminiVendor().running() as vendor:
        drawing = await drawn(vendor, request)
    assert vendor.wrong == []
    return vendor.asked[0], drawing


async def failed(fault: str) -> ProviderError:
    async with GeminiVendor().running() as vendor:
        vendor.fault = fault
        with pytest.raises(ProviderError) as raised:
            await drawn(vendor, PictureRequest(prompt="a fox"))
    return raised.value


async def test_a_picture_is_asked_for_in_its_words_and_drafts_are_no_answers() -> None:
    body, drawing = await sent(
        PictureRequest(prompt="a fox", aspect="16:9", quality="high", seed=2**32 - 1)
    )
    assert body["contents"] == [{"role": "user", "parts": [{"text": "a fox"}]}]
    assert body["generationConfig"] == {
        "responseModalities": ["IMAGE"],
        "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"},
        "seed": 2**31 - 1,
    }
    [picture] = drawing.pictures
    assert isinstance(picture, Drawn)
    assert picture.data == png("teal")
    assert (drawing.model, drawing.notes) == ("gemini-nano-banana-2.1", ())


async def test_the_source_comes_first_and_no_more_pictures_than_a_model_takes() -> None:
    request = PictureRequest(prompt="a hat", source=SOURCE, references=(REFERENCE,) * 5)
    body, _ = await sent(request)
    words, *pictures = body["contents"][0]["parts"]
    assert words == {"text": "a hat"}
    data = [base64.b64decode(each["inlineData"]["data"]) for each in pictures]
    assert data == [SOURCE.data, *[REFERENCE.data] * 5]
    older = PictureRequest(
        prompt="a hat", source=SOURCE, references=(REFERENCE,) * 5, model="gemini-2.5-flash-image"
    )
    body, _ = await sent(older)
    assert len(body["contents"][0]["parts"]) == 1 + 3
    assert "imageSize" not in body["generationConfig"]["imageConfig"]


async def test_a_type_it_does_not_take_goes_as_png() -> None:
    output = io.BytesIO()
    Image.new("P", (40, 40), 3).save(output, "GIF")
    moving = Picture(output.getvalue(), "image/gif", 40, 40)
    body, _ = await sent(PictureRequest(prompt="a hat", source=moving))
    assert body["contents"][0]["parts"][1]["inlineData"]["mimeType"] == "image/png"


async def test_its_base64_may_have_either_alphabet() -> None:
    noise = Image.effect_noise((64, 64), 90)
    output = io.BytesIO()
    noise.save(output, "PNG")
    plain = base64.b64encode(output.getvalue()).decode()
    assert {"+", "/"} <= set(plain)

    class Noisy(GeminiVendor):
        def encoded(self, count: int = 1) -> list[str]:
            return [plain] * count

    for url_safe in (False, True):
        async with Noisy().running() as vendor:
            vendor.url_safe = url_safe  # type: ignore[attr-defined]
            drawing = await drawn(vendor, PictureRequest(prompt="a fox"))  # type: ignore[arg-type]
        assert drawing.pictures[0].data == output.getvalue()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("fault", "about", "cost"),
    [
        ("refused", "prohibited content", "0"),
        ("refused counted", "safety", "0.0003"),
        ("refused as SAFETY", "safety", EXCUSE_COST),
        ("refused as IMAGE_SAFETY", "safety", EXCUSE_COST),
        ("refused as PROHIBITED_CONTENT", "prohibited content", EXCUSE_COST),
        ("refused as IMAGE_PROHIBITED_CONTENT", "prohibited content", EXCUSE_COST),
        ("refused as IMAGE_RECITATION", "too close to an existing work", EXCUSE_COST),
        ("refused as IMAGE_OTHER", "it does not say why", EXCUSE_COST),
        ("refused as NO_IMAGE", "it drew no picture", EXCUSE_COST),
        ("refused as MAX_TOKENS", "it drew no picture", EXCUSE_COST),
        ("refused as BLOCKLIST", "a blocked word", EXCUSE_COST),
        ("only text", "it drew no picture", EXCUSE_COST),
    ],
)
async def test_a_200_without_a_picture_is_a_refusal_that_says_what_it_cost(
    fault: str, about: str, cost: str
) -> None:
    error = await failed(fault)
    assert type(error) is Refused
    assert f"declined this ({about})" in str(error)
    assert ("Nothing was charged" in str(error)) == (cost == "0")
    assert error.cost == Decimal(cost)


async def test_what_it_said_instead_is_for_the_operator_alone() -> None:
    error = await failed("only text")
    assert "describe the fox" not in str(error)
    assert "describe the fox" in str(error.__cause__)


async def test_an_answer_with_nothing_in_it_may_have_been_charged() -> None:
    assert type(await failed("no candidates")) is UnknownOutcome


async def test_what_it_cost_is_counted_by_modality_and_thoughts_are_paid_for() -> None:
    _, drawing = await sent(PictureRequest(prompt="a fox"))
    assert (drawing.cost, drawing.cost_source) == (Decimal(COST), "usage")
    assert drawing.usage["thoughtsTokenCount"] == 200


@pytest.mark.parametrize(
    ("usage", "cost", "source"),
    [
        (None, "0.033600", "table"),
        ({}, "0.033600", "table"),
        ({"promptTokenCount": "many"}, "0.033600", "table"),
        ({"promptTokenCount": 100, "candidatesTokenCount": 1120}, "0.033630", "usage"),
    ],
)
async def test_without_modalities_or_usage_it_costs_what_can_be_known(
    usage: dict[str, Any] | None, cost: str, source: str
) -> None:
    async with GeminiVendor().running() as vendor:
        vendor.usage = usage  # type: ignore[attr-defined]
        drawing = await drawn(vendor, PictureRequest(prompt="a fox"))  # type: ignore[arg-type]
    assert (drawing.cost, drawing.cost_source) == (Decimal(cost), source)


async def test_a_limit_of_a_minute_says_how_long_and_one_of_a_day_is_for_the_operator() -> None:
    minute = await failed("429 delay")
    assert type(minute) is RateLimited
    assert minute.retry_after == 17
    day = await failed("429 day")
    assert type(day) is QuotaExceeded
    assert not day.retryable


async def test_a_model_that_is_gone_is_said() -> None:
    async with GeminiVendor().running() as vendor:
        provider = Gemini(vendor.base, KEY, ("gemini-3.1-flash-image",), TABLE)
        with pytest.raises(BadRequest, match="does not have that model any more"):
            await provider.generate(PictureRequest(prompt="a fox"), Told())
        await provider.close()


@pytest.mark.parametrize(
    ("asked", "nano", "pro"),
    [
        ("1:1", "1:1", "1:1"),
        ("21:9", "21:9", "21:9"),
        ("637:1000", "2:3", "2:3"),
        ("1:3", "1:4", "9:16"),
        ("3:1", "21:9", "21:9"),
        ("2:5", "9:16", "9:16"),
    ],
)
def test_the_nearest_shape_that_a_model_draws(asked: str, nano: str, pro: str) -> None:
    assert aspect_for("gemini-nano-banana-2.1", asked) == nano
    assert aspect_for("gemini-3-pro-image", asked) == pro
    assert aspect_for("gemini-of-next-year", asked) in TEN


async def test_what_it_could_not_do_is_said() -> None:
    _, drawing = await sent(PictureRequest(prompt="a fox", aspect="1:3", count=2))
    assert drawing.notes == (
        "Gemini drew 1 of 2.",
        "Gemini draws no 1:3, so this is 1:4, its nearest shape.",
    )
    request = PictureRequest(prompt="x", source=SOURCE, mask=SOURCE, quality="low")
    kept, notes = within(request, gemini("http://x").models["gemini-3-pro-image"])
    assert (kept.source, kept.mask, kept.quality) == (SOURCE, None, None)
    assert len(notes) == 2


def test_what_is_sent_is_what_the_newest_sdk_types_know() -> None:
    request = PictureRequest(prompt="a hat", source=SOURCE, seed=7, quality="max")
    body = gemini("http://x").asked(request)  # type: ignore[attr-defined]
    [content] = [types.Content.model_validate(each) for each in body["contents"]]
    config = types.GenerateContentConfig.model_validate(body["generationConfig"])
    assert content.parts is not None
    assert content.parts[1].inline_data is not None
    assert content.parts[1].inline_data.data == SOURCE.data
    assert config.image_config is not None
    assert (config.image_config.aspect_ratio, config.image_config.image_size) == ("1:1", "4K")
    assert config.seed == 7
    known, _ = get_args(Model)
    assert set(Settings(_env_file=None).gemini_image_models) <= set(get_args(known))  # type: ignore[call-arg]


async def test_the_simulated_vendor_answers_as_the_sdk_reads() -> None:
    vendor = GeminiVendor()
    for fault in (None, "refused", "refused as IMAGE_RECITATION", "only text"):
        vendor.fault = fault
        answer = types.GenerateContentResponse.model_validate_json(vendor.answered().text or "")
        if fault is None:
            assert [bool(each.thought) for each in answer.parts or []] == [True, True, False, False]
        if fault == "refused":
            assert answer.prompt_feedback is not None
            assert answer.prompt_feedback.block_reason is types.BlockedReason.PROHIBITED_CONTENT
        if fault == "refused as IMAGE_RECITATION":
            assert answer.candidates is not None
            assert answer.candidates[0].finish_reason is types.FinishReason.IMAGE_RECITATION


def test_an_estimate_grows_with_the_size_and_what_is_given() -> None:
    provider = gemini("http://x")

    def estimated(**values: Any) -> Decimal:
        found = provider.estimate(PictureRequest(prompt="a fox", **values))
        assert found is not None
        return found

    small, large = estimated(), estimated(quality="max")
    assert Decimal(COST) < small < Decimal("0.05")
    assert Decimal("0.0756") < large < Decimal("0.09")
    assert small < estimated(source=SOURCE) < Decimal("0.05")
    assert Decimal("0.24") < estimated(model="gemini-3-pro-image", quality="max") < Decimal("0.26")
    assert provider.models["gemini-3-pro-image"].price == Decimal("0.134")
    unknown = Gemini("http://x", KEY, ("gemini-of-next-year",), TABLE)
    assert unknown.estimate(PictureRequest(prompt="a fox")) is None


def test_without_a_key_it_is_not_there() -> None:
    def opened(**values: Any) -> Gemini | None:
        return open_provider(Settings(_env_file=None, **values))  # type: ignore[call-arg]

    assert opened() is None
    assert opened(gemini_api_key="k", gemini_image_models="") is None
    found = opened(gemini_api_key="k")
    assert type(found) is Gemini
    assert found.wire.base_url == "https://generativelanguage.googleapis.com/v1"
    assert set(found.models) == set(MODELS)
    assert type(opened(gemini_api_key="k", gemini_mode="background")) is GeminiInBackground
    other = opened(gemini_api_key="k", google_gemini_base_url="http://10.0.0.5/v1beta/")
    assert other is not None
    assert other.wire.base_url == "http://10.0.0.5/v1beta"


async def test_the_operator_is_told_of_a_bad_key_and_of_models_that_are_gone() -> None:
    async with GeminiVendor().running() as vendor:
        good = Gemini(vendor.base, KEY, tuple(MODELS), TABLE)
        bad = Gemini(vendor.base, "AIza-this-is-wrong", tuple(MODELS), TABLE)
        gone = Gemini(vendor.base, KEY, ("imagen-4.0", *MODELS), TABLE)
        assert await good.check() is None
        said = str(await bad.check())
        assert "does not accept the studio's key" in said
        assert KEY not in said
        assert await gone.check() == "Gemini does not have imagen-4.0: set GEMINI_IMAGE_MODELS."
        for each in (good, bad, gone):
            await each.close()
    away = Gemini(vendor.base, KEY, tuple(MODELS), TABLE)
    assert "cannot be reached" in str(await away.check())
    await away.close()
