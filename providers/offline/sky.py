"""The sky, what stands in it and what falls from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from providers.offline.canvas import Canvas, gradient, mix
from providers.offline.palettes import Palette
from providers.offline.words import Wish


@dataclass(frozen=True)
class Light:
    """Where the light of a scene stands, and whether it is to be seen."""

    x: float
    y: float
    radius: float
    shown: bool


def light_of(canvas: Canvas, wish: Wish, time: str, horizon: float) -> Light:
    """Low at dusk and dawn, high by day, a small moon at night; never right in the middle."""
    choice = canvas.random("light")
    x = float(choice.choice([0.3, 0.36, 0.64, 0.7]) + choice.uniform(-0.03, 0.03))
    heights = {"dawn": 0.72, "gold": 0.66, "dusk": 0.8, "day": 0.3, "night": 0.36}
    radii = {"dawn": 0.055, "gold": 0.085, "dusk": 0.075, "day": 0.045, "night": 0.042}
    hidden = wish.weather in ("storm", "rain", "fog") and not {"sun", "moon"} & set(wish.details)
    wanted = bool({"sun", "moon"} & set(wish.details)) or choice.random() < 0.8
    return Light(x, horizon * heights[time], radii[time], wanted and not hidden)


def paint_sky(canvas: Canvas, palette: Palette, wish: Wish, light: Light, horizon: float) -> None:
    bend = (canvas.noise("air", 3, 3) - 0.5) * 0.09
    scaled = [(stop * horizon, color) for stop, color in palette.sky]
    canvas.pixels = gradient(canvas, scaled, bend)
    if palette.lit < 0.35 or "stars" in wish.details:
        paint_stars(canvas, horizon, 340)
    strength = 0.5 if wish.weather in ("storm", "rain", "fog") else 1.0
    warm = mix(palette.light, palette.sky[-1][1], 0.35)
    canvas.glow(light.x, light.y, 0.55, warm, 0.42 * strength)
    canvas.glow(light.x, light.y, 0.2, palette.light, 0.42 * strength)
    named = bool({"sun", "moon"} & set(wish.details))
    if light.shown and not named:
        paint_disc(canvas, palette, wish, light)
    if wish.weather != "clear":
        paint_clouds(canvas, palette, wish, light, horizon)
    if named:  # What was asked for is not hidden behind a cloud.
        paint_disc(canvas, palette, wish, light)


def paint_disc(canvas: Canvas, palette: Palette, wish: Wish, light: Light) -> None:
    disc = canvas.disc(light.x, light.y, light.radius)
    canvas.paint(palette.light, disc)
    if palette.lit < 0.35 and "sun" not in wish.details:
        spots = np.clip((canvas.noise("moon", 26, 3) - 0.52) * 5, 0, 1) * disc
        canvas.paint(mix(palette.light, palette.sky[-1][1], 0.45), spots * 0.5)
        canvas.glow(light.x, light.y, light.radius * 2.4, palette.light, 0.25)


def paint_stars(canvas: Canvas, horizon: float, count: int) -> None:
    choice = canvas.random("stars")
    total = round(count * max(1.0, canvas.ratio))
    for x, y, size in zip(
        choice.random(total), choice.random(total) ** 1.4, choice.random(total) ** 4, strict=True
    ):
        spot = canvas.pixels
        column = min(int(x * canvas.width), canvas.width - 2)
        row = min(int(y * horizon * canvas.height), canvas.height - 2)
        reach = max(1, round((0.6 + 1.6 * size) * canvas.height / 900))
        spot[row : row + reach, column : column + reach] += 0.25 + 0.7 * size


def paint_clouds(
    canvas: Canvas, palette: Palette, wish: Wish, light: Light, horizon: float
) -> None:
    """Banks of cloud, denser toward the top in bad weather, with an edge lit from the sun."""
    heavy = {"clouds": 0.5, "rain": 0.66, "storm": 0.74, "snow": 0.5}.get(wish.weather or "", 0.22)
    shape = canvas.noise("clouds", 4.2, 6, stretch=2.6)
    height = np.clip(1 - canvas.y / horizon, 0, 1)
    cover = np.clip((shape - 0.66 + heavy * 0.34 + 0.05 * height) * 5.5, 0, 1)
    cover *= np.clip((horizon - canvas.y) * 9, 0, 1) * (0.45 + 0.5 * heavy)
    reach = max(1, canvas.height // 48)
    higher = np.concatenate([np.repeat(shape[:1], reach, 0), shape[:-reach]])
    edge = np.clip((shape - higher) * 7 + 0.45, 0, 1)
    near = np.exp(-np.abs(canvas.x - light.x) * canvas.ratio * 1.6)
    shade = mix(palette.cloud, palette.sky[0][1], 0.62 if heavy > 0.6 else 0.4)
    lit = mix(palette.cloud, palette.light, 0.5)
    tone = (edge * (0.55 + 0.45 * near))[..., None]
    body = np.asarray(shade, np.float32) * (1 - tone) + np.asarray(lit, np.float32) * tone
    canvas.paint(body.astype(np.float32), cover)


def paint_weather(canvas: Canvas, palette: Palette, wish: Wish, horizon: float) -> None:
    """What lies between the scene and the eye."""
    if wish.weather == "fog":
        bank = canvas.noise("fog", 2.4, 4, stretch=3.0)
        thick = np.exp(-(((canvas.y - horizon) / 0.3) ** 2))
        canvas.paint(palette.haze, np.clip(thick * (0.5 + 0.7 * bank), 0, 0.93))
    if wish.weather == "storm":
        paint_lightning(canvas, horizon)
    if wish.weather in ("rain", "storm"):
        paint_rain(canvas, palette)
    if wish.weather == "snow":
        paint_snow(canvas)


def paint_rain(canvas: Canvas, palette: Palette) -> None:
    choice = canvas.random("rain")
    shapes = canvas.shapes()
    for _ in range(round(420 * max(1.0, canvas.ratio))):
        x, y = float(choice.uniform(-0.1, 1.05)), float(choice.uniform(-0.1, 1))
        length = float(choice.uniform(0.02, 0.07))
        fill = int(choice.integers(30, 110))
        shapes.stroke([(x, y), (x + length * 0.3 / canvas.ratio, y + length)], 0.0016, fill)
    canvas.paint(mix(palette.haze, (1, 1, 1), 0.5), shapes.mask())


def paint_snow(canvas: Canvas) -> None:
    choice = canvas.random("snow")
    shapes = canvas.shapes()
    for _ in range(round(520 * max(1.0, canvas.ratio))):
        size = float(choice.choice([0.0012, 0.0018, 0.0027, 0.0042]))
        x, y = float(choice.random()), float(choice.random())
        shapes.ellipse(x, y, size / canvas.ratio, size, int(choice.integers(120, 245)))
    canvas.paint((0.98, 0.99, 1.0), shapes.mask())


def paint_lightning(canvas: Canvas, horizon: float) -> None:
    choice = canvas.random("lightning")
    x, y = float(choice.uniform(0.2, 0.8)), 0.02
    points = [(x, y)]
    shapes = canvas.shapes()
    while y < horizon * 0.96:
        y += float(choice.uniform(0.02, 0.06))
        x += float(choice.uniform(-0.035, 0.035)) / canvas.ratio
        points.append((x, y))
        if choice.random() < 0.25:
            side = x + float(choice.uniform(-0.12, 0.12)) / canvas.ratio
            shapes.stroke([(x, y), ((x + side) / 2, y + 0.05), (side, y + 0.11)], 0.0018, 150)
    shapes.stroke(points, 0.004)
    middle = points[len(points) // 2]
    canvas.glow(middle[0], middle[1], 0.32, (0.75, 0.8, 1.0), 0.35)
    canvas.paint((1.0, 1.0, 1.0), shapes.mask())
