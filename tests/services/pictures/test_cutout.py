"""Cutting out: compared with the truth, on the backgrounds that the result will be seen on."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw, ImageFilter

from services.pictures.cutout import cut_out
from services.pictures.icons import make_icon
from services.pictures.regions import regions

DARK, LIGHT = (49, 51, 56), (255, 255, 255)
GREEN, MAGENTA, WHITE = (0, 255, 0), (255, 0, 255), (255, 255, 255)


def subject(side: int = 384) -> Image.Image:
    """An orange head with white eyes, a dark outline and a hole in one ear; smooth edges."""
    large = Image.new("RGBA", (side * 4, side * 4), (0, 0, 0, 0))
    draw = ImageDraw.Draw(large)

    def at(*parts: float) -> list[float]:
        return [each * large.width for each in parts]

    line = round(large.width * 0.008)
    draw.ellipse(at(0.2, 0.12, 0.42, 0.4), fill=(230, 120, 30), outline=(60, 20, 10), width=line)
    draw.ellipse(at(0.27, 0.18, 0.34, 0.26), fill=(0, 0, 0, 0))
    draw.ellipse(at(0.2, 0.25, 0.8, 0.85), fill=(230, 120, 30), outline=(60, 20, 10), width=line)
    draw.ellipse(at(0.35, 0.42, 0.47, 0.54), fill=(255, 255, 255))
    draw.ellipse(at(0.55, 0.42, 0.67, 0.54), fill=(20, 20, 25))
    draw.line(at(0.75, 0.7, 0.93, 0.9), fill=(70, 40, 30), width=round(large.width * 0.015))
    return large.resize((side, side), Image.Resampling.BOX)


def on(image: Image.Image, color: tuple[int, ...]) -> np.ndarray:
    ground = Image.new("RGBA", image.size, color)
    return np.asarray(Image.alpha_composite(ground, image).convert("RGB"), float)


def as_jpeg(image: Image.Image, quality: int = 90) -> Image.Image:
    output = io.BytesIO()
    image.save(output, "JPEG", quality=quality)
    return Image.open(output)


def vignette(pixels: np.ndarray) -> np.ndarray:
    y, x = np.mgrid[-1 : 1 : pixels.shape[0] * 1j, -1 : 1 : pixels.shape[1] * 1j]
    return pixels * (1 - 0.12 * (x * x + y * y))[..., None]


def picture(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(pixels + 0.5, 0, 255).astype(np.uint8))


def alpha_of(image: Image.Image) -> np.ndarray:
    return np.asarray(image.getchannel("A"), float)


@pytest.mark.parametrize("key", [GREEN, MAGENTA, (0, 0, 255)])
@pytest.mark.parametrize("seen_on", [DARK, LIGHT])
def test_edges_are_clean_on_dark_and_on_light(
    key: tuple[int, ...], seen_on: tuple[int, ...]
) -> None:
    truth = subject()
    cut = cut_out(picture(on(truth, key)))
    assert cut is not None
    error = np.abs(on(cut, seen_on) - on(truth, seen_on)).max(-1)
    edge = (alpha_of(truth) > 0) & (alpha_of(truth) < 255)
    assert np.percentile(error[~edge], 99.9) <= 2
    assert error[edge].mean() < 6


@pytest.mark.parametrize("spoil", ["jpeg", "vignette", "noise", "blur"])
def test_a_spoiled_background_is_cut_away_all_the_same(spoil: str) -> None:
    truth = subject()
    pixels = on(truth, MAGENTA)
    if spoil == "vignette":
        pixels = vignette(pixels)
    if spoil == "noise":
        pixels = pixels + np.random.default_rng(1).normal(0, 4, pixels.shape)
    image = picture(pixels)
    if spoil == "jpeg":
        image = as_jpeg(image)
    if spoil == "blur":
        image = image.filter(ImageFilter.GaussianBlur(0.8))
    cut = cut_out(image)
    assert cut is not None
    inside, outside = alpha_of(truth) == 255, alpha_of(truth) == 0
    shrunk = np.asarray(
        Image.fromarray(inside.astype(np.uint8) * 255).filter(ImageFilter.MinFilter(7))
    )
    grown = np.asarray(
        Image.fromarray(outside.astype(np.uint8) * 255).filter(ImageFilter.MinFilter(7))
    )
    assert (alpha_of(cut)[shrunk == 255] == 255).all()
    assert (alpha_of(cut)[grown == 255] == 0).all()


def test_no_color_of_the_background_is_left_at_an_edge() -> None:
    cut = cut_out(as_jpeg(picture(on(subject(), GREEN))))
    assert cut is not None
    seen = np.asarray(cut, float)
    seen = seen[seen[..., 3] > 25]
    greener = seen[:, 1] - np.maximum(seen[:, 0], seen[:, 2])
    assert np.percentile(greener, 99.5) < 30


def test_white_inside_a_subject_stays_when_the_background_is_white() -> None:
    cut = cut_out(picture(on(subject(), WHITE)))
    assert cut is not None
    eye = cut.crop((145, 170, 170, 195))
    assert eye.getextrema()[3] == (255, 255)
    assert alpha_of(cut)[5, 5] == 0


def test_a_hole_shows_what_is_behind_when_the_background_is_a_color() -> None:
    cut = cut_out(picture(on(subject(), GREEN)))
    assert cut is not None
    assert alpha_of(cut)[84, 117] == 0


def test_a_shadow_becomes_a_shadow_on_anything() -> None:
    pixels = on(subject(), GREEN)
    pixels[350:370, 100:280] *= 0.6
    cut = cut_out(picture(pixels))
    assert cut is not None
    assert np.asarray(cut)[360, 180].tolist() == [0, 0, 0, 102]


def test_crumbs_are_swept_away_and_sparkles_stay() -> None:
    pixels = on(subject(), GREEN)
    pixels[20:22, 20:22] = (200, 30, 30)
    pixels[20:32, 340:352] = (255, 220, 40)
    cut = cut_out(picture(pixels))
    assert cut is not None
    assert alpha_of(cut)[15:27, 15:27].max() == 0
    assert alpha_of(cut)[26, 346] == 255


def test_transparency_that_is_there_is_left_alone() -> None:
    truth = subject()
    cut = cut_out(truth)
    assert cut is not None
    assert cut.tobytes() == truth.tobytes()


def test_a_picture_that_only_claims_transparency_is_cut_out() -> None:
    opaque = picture(on(subject(), GREEN)).convert("RGBA")
    cut = cut_out(opaque)
    assert cut is not None
    assert alpha_of(cut)[5, 5] == 0


@pytest.mark.parametrize("what", ["noise", "plain", "full", "photo"])
def test_what_cannot_be_cut_out_is_not(what: str) -> None:
    rows = np.linspace(0, 255, 96)[:, None, None]
    pictures = {
        "noise": np.random.default_rng(3).integers(0, 256, (96, 96, 3)).astype(float),
        "plain": np.full((96, 96, 3), 130.0),
        "full": np.where(np.arange(96)[:, None, None] % 2 > 0, 255.0, 0) * np.ones((96, 96, 3)),
        "photo": rows * np.array([1.0, 0.5, 0.2]) + np.zeros((96, 96, 3)),
    }
    assert cut_out(picture(pictures[what])) is None


def flooded(mask: np.ndarray) -> np.ndarray:
    """Region numbers from 1, found the slow way."""
    labels = np.zeros(mask.shape, int)
    for start in zip(*np.nonzero(mask), strict=True):
        if labels[start]:
            continue
        labels[start] = labels.max() + 1
        todo = [start]
        while todo:
            y, x = todo.pop()
            for place in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
                inside = 0 <= place[0] < mask.shape[0] and 0 <= place[1] < mask.shape[1]
                if inside and mask[place] and not labels[place]:
                    labels[place] = labels[start]
                    todo.append(place)
    return labels


@settings(deadline=None, max_examples=150)
@given(arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12))))
def test_regions_are_those_that_a_flood_finds(mask: np.ndarray) -> None:
    labels, found = flooded(mask), regions(mask)
    edge = {*labels[0], *labels[-1], *labels[:, 0], *labels[:, -1]} - {0}
    sizes = np.bincount(labels.ravel())
    assert (found.touching_edge() == np.isin(labels, list(edge))).all()
    assert (found.at_least(4) == (mask & (sizes[labels] >= 4))).all()


def test_a_frame_around_a_dark_picture_is_no_plain_ground() -> None:
    image = Image.new("RGB", (200, 200), "#123018")
    ImageDraw.Draw(image).rectangle((0, 0, 199, 199), outline="#0a0f0a", width=4)
    ImageDraw.Draw(image).ellipse((40, 40, 160, 160), fill="#1c4024")
    output = io.BytesIO()
    image.save(output, "PNG")
    assert make_icon(output.getvalue(), "transparent", "emoji", "dark").master
