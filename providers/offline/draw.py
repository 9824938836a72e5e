"""One picture from one request: runs in a process of its own."""

from __future__ import annotations

import io
import os
import signal
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from providers.offline import abstract, details, edits, figures, land, sky
from providers.offline.canvas import Array, Canvas, gradient, rgb, to_image
from providers.offline.finish import marked, styled
from providers.offline.palettes import Palette, palette_for, tinted
from providers.offline.words import Wish, read

CRASH = "rehearse-crash"
GROUNDS = (
    ("#cfe6f5", "#8fb8dc"),
    ("#fde3c4", "#f0b27a"),
    ("#d9f0df", "#93c9a5"),
    ("#ead9f3", "#b795d1"),
    ("#fff0c2", "#efc75e"),
)
"""Behind a portrait: light above, darker below."""


@dataclass(frozen=True)
class Order:
    """All that decides a picture, byte for byte."""

    prompt: str = field(repr=False)
    negative_prompt: str
    style: str | None
    width: int
    height: int
    seed: int
    source: bytes | None = field(default=None, repr=False)
    mask: bytes | None = field(default=None, repr=False)
    strength: float = 0.6


def draw(order: Order) -> bytes:
    """Draw; PNG bytes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if CRASH in order.prompt:
        os._exit(9)
    pixels = picture(order)
    image = to_image(pixels)
    output = io.BytesIO()
    # Outside a mask the picture stays as it was, mark included.
    # Neither is there room for it on a ground that will be cut away.
    plain = read(order.prompt).backdrop is not None
    (image if order.mask or plain else marked(image)).save(output, "PNG", compress_level=1)
    return output.getvalue()


def preview(order: Order) -> bytes:
    """The same picture small; JPEG bytes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    output = io.BytesIO()
    to_image(picture(order)).save(output, "JPEG", quality=75)
    return output.getvalue()


def picture(order: Order) -> Array:
    wish = read(order.prompt, order.negative_prompt, order.style)
    if order.source is None:
        canvas = Canvas(order.width, order.height, f"{order.prompt}|{order.seed}")
        return scene(canvas, wish)
    source = Image.open(io.BytesIO(order.source))
    canvas = Canvas(order.width, order.height, f"{order.prompt}|{order.seed}")
    if order.mask is None:
        fresh = edits.changed(canvas, source, wish, order.strength)
        return fresh if wish.backdrop is None else edits.on_ground(fresh, source, wish.backdrop)
    mask = Image.open(io.BytesIO(order.mask))
    fresh = edits.changed(canvas, source, wish, max(order.strength, 0.8))
    if wish.place is not None:
        fresh = scene(Canvas(order.width, order.height, canvas.seed), wish)
    return edits.inpainted(canvas, source, mask, fresh)


def scene(canvas: Canvas, wish: Wish) -> Array:
    """A whole scene, from the sky to the grain."""
    if wish.figures and is_portrait(wish):
        return portrait(canvas, wish)
    place, time = chosen_place(wish), chosen_time(canvas, wish)
    palette = palette_for(time, wish.weather)
    if place == "abstract":
        abstract.paint_abstract(canvas)
    elif place == "space":
        abstract.paint_space(canvas, palette)
    else:
        landscape(canvas, wish, place, time, palette)
    canvas.pixels = tinted(canvas.pixels, wish.colors)
    put_figures(canvas, wish, palette)
    return styled(canvas, wish.style)


def is_portrait(wish: Wish) -> bool:
    """Whether nothing but somebody is to be seen."""
    return wish.backdrop is not None or not (
        wish.place or wish.details or wish.weather or wish.time
    )


def portrait(canvas: Canvas, wish: Wish) -> Array:
    """One figure that fills the picture, on a plain ground."""
    kind = wish.figures[0]
    if wish.backdrop is not None:
        canvas.pixels[:] = rgb(wish.backdrop)
    else:
        light, dark = GROUNDS[int(canvas.random("ground").integers(len(GROUNDS)))]
        canvas.pixels = gradient(canvas, [(0.0, rgb(light)), (1.0, rgb(dark))])
        canvas.glow(0.5, 0.42, 0.42, (1.0, 1.0, 1.0), 0.28)
    whole = kind in figures.WHOLE
    unit = min(0.3 if whole else 0.27, 0.3 * canvas.ratio)
    tall = kind == "rabbit"  # Its ears want room.
    middle = 0.46 if whole else 0.56 if tall else 0.45
    colors, where = figures.drawn(
        canvas, kind, wish.words, 0.5, middle, unit * (0.85 if tall else 1)
    )
    canvas.paint(colors, where)
    # A comic's outlines are there already.
    plain = wish.backdrop is not None or wish.style == "comic"
    return canvas.pixels if plain else styled(canvas, wish.style)


def put_figures(canvas: Canvas, wish: Wish, palette: Palette) -> None:
    """Up to three of them in the foreground, as light as the scene is."""
    shown = wish.figures[:3]
    text = " ".join(wish.words)
    for number, kind in enumerate(shown):
        x = (number + 0.5) / len(shown)
        if len(shown) == 1:
            x = 0.3 if "on the left" in text else 0.7 if "on the right" in text else 0.5
        unit = min(0.15, 0.34 * canvas.ratio / len(shown))
        y = 0.6 if kind in figures.WHOLE else 1 - 1.75 * unit
        colors, where = figures.drawn(canvas, kind, wish.words, x, y, unit)
        dim = 0.75 + 0.25 * palette.lit
        canvas.paint((colors * np.float32(dim)).astype(np.float32), where)


def chosen_place(wish: Wish) -> str:
    """The place that was named, or one that what was named belongs to."""
    if wish.place is not None:
        return wish.place
    if "house" in wish.details or "balloon" in wish.details:
        return "hills"
    if wish.time or wish.weather or wish.details:
        return "mountains"
    return "abstract"


def chosen_time(canvas: Canvas, wish: Wish) -> str:
    if wish.time:
        return wish.time
    if "moon" in wish.details or "stars" in wish.details:
        return "night"
    if wish.weather in ("storm", "rain", "snow", "fog", "clouds"):
        return "day"
    return str(canvas.random("time").choice(["dawn", "day", "gold", "dusk"]))


def landscape(canvas: Canvas, wish: Wish, place: str, time: str, palette: Palette) -> None:
    horizon = land.HORIZONS[place]
    light = sky.light_of(canvas, wish, time, horizon)
    sky.paint_sky(canvas, palette, wish, light, horizon)
    named = set(wish.details)
    if "balloon" in named:
        details.paint_balloon(canvas, palette, horizon)
    stand: tuple[float, float] | None = None
    if place == "sea":
        land.paint_mountains(canvas, palette, wish, horizon - 0.02, layers=2, top=horizon - 0.06)
        land.paint_water(canvas, palette, light, horizon)
        if "boat" in named:
            details.paint_boat(canvas, palette, horizon)
        stand = land.paint_shore(canvas, palette, wish)
    elif place == "lake":
        land.paint_mountains(canvas, palette, wish, horizon - 0.1, layers=4, top=0.3)
        land.paint_water(canvas, palette, light, horizon)
        if "boat" in named:
            details.paint_boat(canvas, palette, horizon)
    elif place == "city":
        land.paint_city(canvas, palette, wish, horizon)
        land.paint_water(canvas, palette, light, horizon)
    else:
        land_only(canvas, wish, place, palette, light, horizon)
    put_details(canvas, wish, place, palette, horizon, stand)
    sky.paint_weather(canvas, palette, wish, horizon)


def land_only(
    canvas: Canvas, wish: Wish, place: str, palette: Palette, light: sky.Light, horizon: float
) -> None:
    if place == "forest":
        land.paint_mountains(canvas, palette, wish, horizon - 0.2, layers=2, top=0.36)
        land.paint_forest(canvas, palette, wish, horizon)
    elif place == "desert":
        land.paint_dunes(canvas, palette, light, horizon)
    elif place == "hills":
        land.paint_mountains(canvas, palette, wish, horizon - 0.06, layers=2, top=0.42)
        land.paint_hills(canvas, palette, wish, horizon)
    else:
        land.paint_mountains(canvas, palette, wish, horizon)
        if "trees" in wish.details:
            land.paint_forest(canvas, palette, wish, horizon + 0.16)


def put_details(
    canvas: Canvas,
    wish: Wish,
    place: str,
    palette: Palette,
    horizon: float,
    stand: tuple[float, float] | None,
) -> None:
    named = set(wish.details)
    if "lighthouse" in named:
        x, ground = stand or (0.78, horizon + 0.1)
        details.paint_lighthouse(canvas, palette, x, ground + 0.02)
    if "house" in named:
        if stand is not None:
            x, ground = stand
            x += 0.14 / canvas.ratio * (1 if x < 0.5 else -1)
            details.paint_house(canvas, palette, x, ground + 0.05, 0.05)
        else:
            details.paint_house(canvas, palette, 0.33, horizon + 0.2, 0.085)
    if "birds" in named:
        details.paint_birds(canvas, palette, horizon)
