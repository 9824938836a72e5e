"""The offline provider: the same for the same, honest about what it understood."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image

from core.errors import Refused, Transient
from core.pictures import Drawing, Event, Picture, PictureRequest, Progress
from providers.offline import Offline, size_of
from providers.offline.draw import Order, draw
from providers.offline.words import read, sentence


async def drawing(prompt: str, **more: object) -> tuple[Drawing, list[Progress]]:
    told: list[Progress] = []

    async def report(event: Event) -> None:
        assert isinstance(event, Progress)
        told.append(event)

    request = PictureRequest(prompt=prompt, **more)  # type: ignore[arg-type]
    return await Offline(megapixels=0.05).generate(request, report), told


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), float)


def small(prompt: str, **more: object) -> bytes:
    return draw(Order(prompt, "", None, 192, 128, 7, **more))  # type: ignore[arg-type]


def test_another_process_draws_the_same_bytes() -> None:
    script = (
        "import sys\nfrom providers.offline.draw import Order, draw\n"
        "sys.stdout.buffer.write(draw(Order('a stormy sea', '', None, 192, 128, 7)))"
    )
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert other.stdout == small("a stormy sea")


async def test_each_of_several_can_be_drawn_again_alone_by_its_seed() -> None:
    several, _ = await drawing("mountains", count=3, seed=41)
    alone, _ = await drawing("mountains", seed=43)
    assert [each.seed for each in several.pictures] == [41, 42, 43]
    assert several.pictures[2].data == alone.pictures[0].data
    assert len({each.data for each in several.pictures}) == 3


@pytest.mark.parametrize(
    "aspect", ["1:1", "3:2", "2:3", "16:9", "9:16", "4:3", "3:4", "21:9", "3:1", "1:9"]
)
async def test_every_shape_is_drawn_as_asked(aspect: str) -> None:
    width, height = size_of(aspect, 1.05)
    wide, high = (int(part) for part in aspect.split(":"))
    wanted = min(max(wide / high, 1 / 3), 3)
    assert abs(width / height / wanted - 1) < 0.03
    assert width % 16 == height % 16 == 0
    assert 0.9e6 < width * height < 1.2e6
    result, _ = await drawing("a city", aspect=aspect)
    image = Image.open(io.BytesIO(result.pictures[0].data))
    assert (image.width > image.height) == (wanted > 1)


def test_words_change_the_picture_as_they_say() -> None:
    day, night = (pixels(small(f"the sea by {time}")) for time in ("day", "night"))
    assert day.mean() > night.mean() + 40
    clear, snow = (pixels(small(f"a forest by day, {weather}")) for weather in ("clear", "snow"))
    assert np.abs(clear - snow).mean() > 5
    red = pixels(small("abstract red"))
    assert red[..., 0].mean() > red[..., 2].mean() + 15


async def test_it_says_what_it_understood_and_what_not() -> None:
    result, _ = await drawing("a griffin over a lighthouse at dusk", quality="high")
    assert result.notes[0] == (
        "Drawn by the offline provider: it understood lighthouse, dusk; it ignored griffin."
    )
    assert "one quality" in result.notes[1]
    assert (result.cost, result.cost_source) == (0, "free")


def test_a_negative_prompt_leaves_things_out() -> None:
    assert "birds" not in read("the sea with birds", "birds").details
    assert read("a cloudy sea", "clouds").weather == "clear"


def source() -> Picture:
    return Picture(small("the sea by day"), "image/png", 192, 128)


async def test_strength_says_how_far_the_source_is_left() -> None:
    before = pixels(source().data)
    far = []
    for strength in (0.1, 0.9):
        result, _ = await drawing("at night", source=source(), aspect="3:2", strength=strength)
        after = Image.open(io.BytesIO(result.pictures[0].data)).convert("RGB").resize((192, 128))
        far.append(np.abs(before - np.asarray(after, float)).mean())
    assert far[0] * 2 < far[1]


async def test_outside_a_mask_every_pixel_stays() -> None:
    mask = Image.new("L", (192, 128), 0)
    mask.paste(255, (0, 0, 96, 128))
    output = io.BytesIO()
    mask.save(output, "PNG")
    data = small("at night", source=source().data, mask=output.getvalue())
    before, after = pixels(source().data), pixels(data)
    assert (before[:, 100:] == after[:, 100:]).all()
    assert np.abs(before[:, :80] - after[:, :80]).mean() > 20


async def test_progress_rises_to_the_end_with_previews() -> None:
    _, told = await drawing("the sea", count=2)
    fractions = [each.fraction for each in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    shown = [each.preview for each in told if each.preview]
    assert len(shown) == 4
    assert all(Image.open(io.BytesIO(each)).format == "JPEG" for each in shown)


async def test_canceling_stops_at_once() -> None:
    job = asyncio.create_task(drawing("rehearse-slow the sea", count=9))
    await asyncio.sleep(1)
    job.cancel()
    async with asyncio.timeout(2):
        await asyncio.gather(job, return_exceptions=True)


@pytest.mark.parametrize(
    ("word", "error"),
    [("rehearse-refusal", Refused), ("rehearse-outage", Transient), ("rehearse-crash", Transient)],
)
async def test_what_can_go_wrong_can_be_rehearsed(word: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        await drawing(word)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200), st.text(max_size=40))
def test_any_words_can_be_read_and_drawn(prompt: str, negative: str) -> None:
    wish = read(prompt, negative)
    assert len(sentence(wish)) < 400
    draw(Order(prompt.replace("rehearse", ""), negative, None, 48, 32, 1))


@pytest.mark.parametrize(
    "prompt",
    [
        *(f"{place} at {time}" for place in ("sea", "lake", "mountains", "forest", "desert", "city",
                                             "hills", "space") for time in ("night", "dawn")),
        *(f"hills {weather}" for weather in ("storm", "rain", "snow", "fog", "cloudy")),
        *(f"lighthouse, house, boat, birds and balloons, {style}" for style in (
            "watercolor", "woodcut", "pixel", "sketch", "oil", "comic", "noir", "pastel", "neon")),
    ],
)  # fmt: skip
def test_everything_it_knows_is_more_than_a_flat_color(prompt: str) -> None:
    assert pixels(small(prompt)).std() > 8


async def test_who_is_named_is_drawn_alone_or_in_a_scene() -> None:
    alone, cat = [await drawn_alone(prompt) for prompt in ("a fox", "a cat")]
    assert alone.tobytes() != cat.tobytes()
    orange = np.asarray(alone, np.int16)[160:200, 100:156].reshape(-1, 3).mean(axis=0)
    assert orange[0] > orange[2] + 50
    scene = np.asarray(await drawn_alone("the sea at noon with a robot on the left"), np.int16)
    eyes = (scene[..., 0] < 150) & (scene[..., 1] > 190) & (scene[..., 2] > 210)
    places = np.argwhere(eyes[scene.shape[0] // 2 :])
    assert 0.1 < np.median(places[:, 1]) / scene.shape[1] < 0.45


async def test_a_plain_ground_is_exactly_the_color_that_will_be_cut_away() -> None:
    prompt = "a fox. The background is one perfectly plain, flat, evenly lit green (#00ff00)."
    image = await drawn_alone(prompt)
    corners = [image.getpixel((x, y)) for x in (0, image.width - 1) for y in (0, 20)]
    assert set(corners) == {(0, 255, 0)}


async def drawn_alone(prompt: str) -> Image.Image:
    async def told(event: object) -> None: ...

    request = PictureRequest(prompt=prompt, seed=4)
    drawing = await Offline(megapixels=0.066).generate(request, told)
    return Image.open(io.BytesIO(drawing.pictures[0].data)).convert("RGB")
