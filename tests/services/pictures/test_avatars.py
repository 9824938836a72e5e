"""Any picture made into an avatar, and how Discord shows it."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw

from core.errors import UnusableFile
from services.pictures.avatars import GRID, SIDE, make_avatar


def picture(size: tuple[int, int], mode: str = "RGB") -> bytes:
    image = Image.new(mode, size, "teal")
    ImageDraw.Draw(image).ellipse((0, 0, size[0] // 2, size[1] // 3), fill="gold")
    output = io.BytesIO()
    image.save(output, "PNG")
    return output.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(
    ("size", "mode"),
    [((300, 300), "RGB"), ((1600, 500), "RGB"), ((400, 1200), "RGBA"), ((64, 64), "L")],
)
def test_any_picture_becomes_a_square_of_discord_s_size(size: tuple[int, int], mode: str) -> None:
    made = make_avatar(picture(size, mode), "Anna", False)
    assert opened(made.picture).size == (SIDE, SIDE)
    assert opened(made.sheet).width > opened(made.sheet).height


def test_of_what_moves_the_first_picture_is_taken() -> None:
    frames = [Image.new("RGB", (300, 200), color) for color in ("red", "blue")]
    output = io.BytesIO()
    frames[0].save(output, "GIF", save_all=True, append_images=frames[1:], duration=100)
    image = opened(make_avatar(output.getvalue(), "Anna", False).picture)
    assert (image.size, getattr(image, "n_frames", 1)) == ((SIDE, SIDE), 1)
    assert image.convert("RGB").getpixel((500, 500)) in ((254, 0, 0), (255, 0, 0))


def test_the_upper_part_of_a_tall_picture_stays() -> None:
    made = make_avatar(picture((400, 1200)), "Anna", False)
    assert opened(made.picture).convert("RGB").getpixel((250, 250)) == (255, 215, 0)


def test_pixel_art_of_a_cut_out_has_a_ground() -> None:
    cut_out = Image.new("RGBA", (300, 300), (200, 0, 0, 0))
    ImageDraw.Draw(cut_out).ellipse((80, 80, 220, 220), fill="navy")
    output = io.BytesIO()
    cut_out.save(output, "PNG")
    image = opened(make_avatar(output.getvalue(), "Anna", True).picture).convert("RGB")
    corner = image.getpixel((5, 5))
    assert min(corner) > 200  # type: ignore[type-var]


def test_what_needs_no_change_stays_as_it_came() -> None:
    data = picture((SIDE, SIDE))
    assert make_avatar(data, "Anna", False).picture is data


def test_pixel_art_is_on_a_real_grid_in_few_colors() -> None:
    image = opened(make_avatar(picture((800, 600)), "Anna", True).picture).convert("RGB")
    cell = SIDE // GRID
    small = image.resize((GRID, GRID), Image.Resampling.NEAREST)
    assert small.resize(image.size, Image.Resampling.NEAREST).tobytes() == image.tobytes()
    assert len(image.getcolors(1000) or []) <= 24
    assert cell == 16


def test_the_sheet_shows_it_round_on_dark_and_on_light() -> None:
    sheet = opened(make_avatar(picture((300, 300)), "Anna", False).sheet).convert("RGB")
    dark, light = sheet.getpixel((2, 2)), sheet.getpixel((sheet.width - 3, 2))
    assert sum(dark) < 250 < 600 < sum(light)  # type: ignore[arg-type]
    # The corner of the largest circle's box shows what lies behind it.
    assert sheet.getpixel((30, 30)) == dark


@pytest.mark.parametrize("name", ["", "アンナ", "آنا", "A" * 200, "🦊🦊", "a\u202eb\x00"])
def test_any_name_can_stand_beside_it(name: str) -> None:
    assert opened(make_avatar(picture((64, 64)), name, False).sheet).height > 200


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(UnusableFile):
        make_avatar(b"no", "Anna", False)
