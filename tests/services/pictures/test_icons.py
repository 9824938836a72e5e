"""Icons of anything at all: within every limit, transparent, in the right sizes."""

from __future__ import annotations

import asyncio
import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.errors import UnusableFile
from services.pictures.icons import TARGETS, framed_subject, make_icon, on_color, png, sized
from services.pictures.pool import PicturePool

SIDE = 96


def png_of(image: Image.Image) -> bytes:
    output = io.BytesIO()
    image.save(output, "PNG", compress_level=1)
    return output.getvalue()


def random_picture(seed: int) -> bytes:
    """Noise, gradients, photographs' noise, subjects on plain grounds, real transparency."""
    choice = np.random.default_rng(seed)
    width, height = choice.integers(24, SIDE * 2, 2)
    noise = choice.integers(0, 256, (height, width, 4), dtype=np.uint8)
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    match seed % 6:
        case 0:
            image = Image.fromarray(noise)
        case 1:
            image = Image.fromarray(noise[..., :3])
        case 2:
            ramps = np.stack([x, y, x * y], -1) * choice.integers(50, 256, 3)
            image = Image.fromarray(ramps.astype(np.uint8))
        case 3:
            smooth = Image.fromarray(noise[:6, :6, :3]).resize((width, height), 3)
            grain = choice.normal(0, 14, (height, width, 3))
            image = Image.fromarray(np.clip(np.asarray(smooth) + grain, 0, 255).astype(np.uint8))
        case 4:
            image = Image.new("RGB", (width, height), tuple(choice.integers(0, 256, 3)))
            draw = ImageDraw.Draw(image)
            for _ in range(choice.integers(1, 7)):
                points = [tuple(each) for each in choice.random((3, 2)) * (width, height)]
                draw.polygon(points, fill=tuple(choice.integers(0, 256, 3)))
        case _:
            image = Image.fromarray(noise)
            image.putalpha(Image.radial_gradient("L").resize((width, height)))
    return png_of(image)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=("PNG",))


def checked(seed: int) -> list[str]:
    """What is wrong with the icon of a random picture."""
    target = ["emoji", "sticker", "server-icon"][seed % 7 % 3]
    parts = sized(framed_subject(random_picture(seed), "transparent", target), target)
    wrong: list[str] = []
    for kind, (side, limit) in {"emoji": (128, 256_000), "sticker": (320, 512_000)}.items():
        image = opened(parts[kind])
        if len(parts[kind]) > limit:
            wrong.append(f"{seed}: {kind} has {len(parts[kind])} bytes")
        if image.size != (side, side):
            wrong.append(f"{seed}: {kind} is {image.size}")
        if image.mode != "RGBA" or image.getextrema()[3] == (255, 255):
            wrong.append(f"{seed}: {kind} is opaque")
    return wrong


async def test_500_random_icons_are_transparent_and_within_their_limits() -> None:
    pool = PicturePool()
    results = await asyncio.gather(*(pool.run(many, start) for start in range(0, 500, 25)))
    assert [each for wrong in results for each in wrong] == []


def many(start: int) -> list[str]:
    return [wrong for seed in range(start, start + 25) for wrong in checked(seed)]


def green_with(side: int = 200) -> Image.Image:
    image = Image.new("RGB", (side, side), (0, 255, 0))
    ImageDraw.Draw(image).ellipse((60, 80, 100, 160), fill=(200, 40, 40))
    return image


def test_a_subject_fills_its_emoji_wherever_it_stood() -> None:
    made = make_icon(png_of(green_with()), "transparent", "emoji", "egg")
    seen = np.argwhere(np.asarray(opened(made.parts["emoji"]))[..., 3] > 100)
    top, left, bottom, right = *seen.min(0), *seen.max(0)
    assert (top, bottom) in ((3, 123), (4, 123))
    assert abs(left + right - 127) <= 1


def test_the_master_is_1024_square_whatever_came() -> None:
    for size in ((40, 90), (1500, 700)):
        made = make_icon(png_of(Image.new("RGB", size, "navy")), "keep", "sticker", "sea")
        assert opened(made.master).size == (1024, 1024)


def test_what_cannot_be_cut_out_keeps_its_ground_in_a_rounded_square_and_says_so() -> None:
    made = make_icon(random_picture(1), "transparent", "emoji", "noise")
    corner, middle = (opened(made.master).getpixel(at) for at in ((0, 0), (512, 512)))
    assert (corner[3], middle[3]) == (0, 255)
    assert "could not be cut out" in made.notes[0]


def test_a_scene_that_is_kept_is_no_failure() -> None:
    made = make_icon(random_picture(1), "keep", "emoji", "noise")
    assert made.notes == ()


@pytest.mark.parametrize(("target", "corner"), [("emoji", 0), ("server-icon", 255)])
def test_a_colored_ground_has_round_corners_unless_discord_makes_them(
    target: str, corner: int
) -> None:
    made = make_icon(png_of(green_with()), "navy", target, "egg")
    image = opened(made.parts[target])
    assert image.getpixel((0, 0))[3] == corner
    assert image.getpixel((image.width // 2, 4)) == (0, 0, 128, 255)


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_comes_in_its_own_size_beside_emoji_sticker_and_sheet(target: str) -> None:
    made = make_icon(png_of(green_with()), "transparent", target, "egg")
    assert set(made.parts) == {"emoji", "sticker", "sheet", target}
    assert opened(made.parts[target]).width == TARGETS[target].side


def test_the_sheet_shows_dark_and_light() -> None:
    sheet = opened(make_icon(png_of(green_with()), "transparent", "emoji", "egg").parts["sheet"])
    assert sheet.getpixel((2, 2)) == (0x31, 0x33, 0x38)
    assert sheet.getpixel((sheet.width - 3, 2)) == (255, 255, 255)


@pytest.mark.parametrize("limit", [411_000, 120_000, 40_000])
def test_any_limit_is_met_with_fewer_colors(limit: int) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (320, 320, 4), dtype=np.uint8)
    data = png(Image.fromarray(noise), limit)
    assert len(data) <= limit
    assert opened(data).size == (320, 320)


def test_a_keyed_source_has_its_transparency_filled() -> None:
    image = Image.new("RGBA", (20, 10), (0, 0, 0, 0))
    image.putpixel((3, 3), (250, 0, 0, 255))
    filled = opened(on_color(png_of(image), "#00ff00"))
    assert (filled.mode, filled.getpixel((0, 0)), filled.getpixel((3, 3))) == (
        "RGB", (0, 255, 0), (250, 0, 0))  # fmt: skip


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"\x89PNG\r\n\x1a\n junk"])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(UnusableFile):
        make_icon(data, "transparent", "emoji", "x")
