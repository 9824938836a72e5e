"""Changing a picture that is there: relighting it, adding to it, painting inside a mask."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from providers.offline import details, sky
from providers.offline.canvas import Array, Canvas, from_image, mix, rgb, to_image
from providers.offline.finish import gray_of, styled
from providers.offline.palettes import Palette, palette_for, tinted
from providers.offline.words import Wish

HORIZON = 0.6
"""Where things that are added assume the sky to end."""


def changed(canvas: Canvas, source: Image.Image, wish: Wish, strength: float) -> Array:
    """The source moved toward what the words ask, by `strength` (0 keeps it)."""
    before = from_image(covering(source, (canvas.width, canvas.height)))
    canvas.pixels = before.copy()
    palette = palette_for(wish.time or guessed_time(before), wish.weather)
    if wish.time or wish.weather:
        relight(canvas, palette, wish)
    add_details(canvas, palette, wish)
    sky.paint_weather(canvas, palette, wish, HORIZON)
    canvas.pixels = adjusted(canvas.pixels, wish)
    canvas.pixels = tinted(canvas.pixels, wish.colors)
    if wish.empty:
        regrade(canvas)
    after = styled(canvas, wish.style) if wish.style else canvas.pixels
    amount = min(1.0, strength * 1.6)
    return before + (after - before) * np.float32(amount)


def on_ground(pixels: Array, source: Image.Image, color: str) -> Array:
    """A changed picture whose plain ground is still exactly what it was."""
    height, width = pixels.shape[:2]
    before = from_image(covering(source, (width, height)))
    ground = np.asarray(rgb(color), np.float32)
    far = np.sqrt(((before - ground) ** 2).sum(axis=-1))
    subject = np.clip((far - 0.15) / 0.25, 0, 1)[..., None]
    return ground + (pixels - ground) * subject


def covering(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scale to cover a size and cut what stands over evenly."""
    scale = max(size[0] / image.width, size[1] / image.height)
    wide, high = max(size[0], round(image.width * scale)), max(size[1], round(image.height * scale))
    grown = image.convert("RGB").resize((wide, high), Image.Resampling.LANCZOS)
    left, top = (wide - size[0]) // 2, (high - size[1]) // 2
    return grown.crop((left, top, left + size[0], top + size[1]))


def guessed_time(pixels: Array) -> str:
    light = float(gray_of(pixels).mean())
    return "night" if light < 0.22 else "dusk" if light < 0.42 else "day"


def relight(canvas: Canvas, palette: Palette, wish: Wish) -> None:
    """Give the picture another time's light: its tones by height, its brightness overall."""
    gray = gray_of(canvas.pixels)
    low, high = np.percentile(gray, (2, 98))
    tone = np.clip((gray - low) / max(0.05, float(high - low)), 0, 1)
    sky_color = np.stack(
        [np.interp(canvas.y[:, 0], [s for s, _ in palette.sky], [c[i] for _, c in palette.sky])
         for i in range(3)], -1).astype(np.float32)[:, None, :]  # fmt: skip
    dark = np.asarray(mix(palette.near, palette.sky[0][1], 0.15), np.float32)
    bright = sky_color * 0.55 + np.asarray(palette.light, np.float32) * 0.45
    graded = dark + (bright - dark) * (tone[..., None] ** (1.15 - 0.3 * palette.lit))
    graded *= 0.55 + 0.5 * palette.lit
    canvas.pixels = canvas.pixels * 0.18 * (0.4 + palette.lit) + graded * 0.84
    if palette.lit < 0.35:
        light_windows(canvas, gray, float(high))


def light_windows(canvas: Canvas, gray: Array, high: float) -> None:
    """By night, what was brightest still shines."""
    lamps = np.clip((gray - high * 0.97) * 9, 0, 1)
    canvas.paint((1.0, 0.86, 0.55), lamps * 0.5)


def add_details(canvas: Canvas, palette: Palette, wish: Wish) -> None:
    """Put in what was named, as if the sky ended at `HORIZON`."""
    named = set(wish.details)
    choice = canvas.random("place")
    if named & {"sun", "moon"}:
        x, y = float(choice.uniform(0.62, 0.8)), 0.2
        canvas.glow(x, y, 0.25, palette.light, 0.45)
        canvas.paint(palette.light, canvas.disc(x, y, 0.06))
    if "stars" in named:
        sky.paint_stars(canvas, HORIZON * 0.8, 260)
    if "balloon" in named:
        details.paint_balloon(canvas, palette, HORIZON)
    if "birds" in named:
        details.paint_birds(canvas, palette, HORIZON)
    if "lighthouse" in named:
        details.paint_lighthouse(canvas, palette, 0.8, 0.72)
    if "house" in named:
        details.paint_house(canvas, palette, 0.26, 0.78, 0.11)
    if "boat" in named:
        details.paint_boat(canvas, palette, HORIZON + 0.06)


def adjusted(pixels: Array, wish: Wish) -> Array:
    """Brighter, darker, more contrast, softer."""
    for change in wish.changes:
        if change == "brighter":
            pixels = 1 - (1 - pixels) * 0.68
        elif change == "darker" and wish.time is None:
            pixels = pixels * 0.6
        elif change == "contrast":
            pixels = (pixels - 0.5) * 1.45 + 0.5
        elif change == "blur":
            soft = to_image(pixels).filter(ImageFilter.GaussianBlur(pixels.shape[0] / 60))
            pixels = from_image(soft)
    return np.clip(pixels, 0, 1)


def regrade(canvas: Canvas) -> None:
    """Nothing was understood: another light all the same, so that the step is not lost on people."""
    warm = canvas.random("grade").random() < 0.5
    tint = np.array([1.1, 1.0, 0.86] if warm else [0.88, 1.0, 1.13], np.float32)
    canvas.pixels = np.clip((canvas.pixels - 0.5) * 1.12 + 0.5, 0, 1) * tint


def inpainted(canvas: Canvas, source: Image.Image, mask: Image.Image, fresh: Array) -> Array:
    """Keep the source's pixels outside the mask, exactly; inside, the fresh ones, feathered."""
    size = (canvas.width, canvas.height)
    before = from_image(covering(source, size))
    hard = np.asarray(covering(mask, size).convert("L"), np.float32) / 255
    blurred = np.asarray(
        Image.fromarray((hard * 255).astype(np.uint8)).filter(
            ImageFilter.GaussianBlur(canvas.height / 90)
        ),
        np.float32,
    ) / 255  # fmt: skip
    inside = np.clip(blurred * 2 - 1, 0, 1) * (hard > 0)
    return before + (fresh - before) * inside[..., None]
