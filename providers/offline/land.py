"""Mountains, seas, forests, dunes, hills and cities, back to front."""

from __future__ import annotations

import numpy as np

from providers.offline.canvas import Array, Canvas, Color, mix
from providers.offline.palettes import Palette
from providers.offline.sky import Light
from providers.offline.words import Wish

HORIZONS = {
    "sea": 0.6,
    "lake": 0.58,
    "mountains": 0.74,
    "forest": 0.72,
    "desert": 0.58,
    "city": 0.72,
    "hills": 0.56,
}
"""How far down the sky reaches."""


def shaded(canvas: Canvas, name: str, color: Color, palette: Palette, amount: float) -> Array:
    """A surface with grain and a light side: folds that face the light are brighter."""
    folds = canvas.noise(name, 7, 5, stretch=0.55)
    grain = canvas.noise(f"{name} grain", 42, 3)
    slope = folds - shifted(folds, max(1, canvas.width // 70))
    light = np.clip(slope * 2.2 * amount, -0.25, 0.25) + (grain - 0.5) * 0.16 * amount
    light = light[..., None] * (0.35 + 0.65 * palette.lit)
    base = np.asarray(color, np.float32)
    toward = np.asarray(palette.light, np.float32)
    bright = base + (toward - base) * np.clip(light, 0, 1)
    return (bright * (1 + np.clip(light, -1, 0))).astype(np.float32)


def shifted(values: Array, columns: int) -> Array:
    """The same values some columns to the right; the edge repeats."""
    return np.concatenate([np.repeat(values[:, :1], columns, 1), values[:, :-columns]], 1)


def paint_mountains(
    canvas: Canvas, palette: Palette, wish: Wish, horizon: float, layers: int = 5, top: float = 0.4
) -> None:
    snowy = wish.weather == "snow" or canvas.random("caps").random() < 0.5
    for layer in range(layers):
        depth = layer / max(1, layers - 1)
        base = top + (horizon + 0.12 - top) * depth**1.15
        line = canvas.line(f"ridge{layer}", base, 0.34 - 0.16 * depth, 1.5 + depth, 7)
        color = mix(palette.haze, palette.near, 0.12 + 0.8 * depth)
        body = shaded(canvas, f"rock{layer}", color, palette, 1.15 - 0.5 * depth)
        if snowy and depth < 0.8:
            body = capped(canvas, body, line, layer, palette, depth)
        canvas.paint(body, canvas.below(line))
        if depth < 1:
            rise = np.clip((canvas.y - (base - 0.02)) / 0.22, 0, 1)
            mist = canvas.below(line) * rise * (0.62 - 0.3 * depth)
            canvas.paint(mix(palette.haze, palette.sky[-1][1], 0.4), mist)


def capped(
    canvas: Canvas, body: Array, line: Array, layer: int, palette: Palette, depth: float
) -> Array:
    """Snow on the upper slopes, broken where the rock is steep."""
    rough = canvas.noise(f"cap{layer}", 14, 4)
    depth_below = canvas.y - line[None, :]
    high = np.clip((float(np.median(line)) - line) * 6 + 0.55, 0, 1)[None, :]
    snow = np.clip((0.085 - depth_below) * 14 + (rough - 0.5) * 3.2, 0, 1) * high
    white = mix(mix((1, 1, 1), palette.light, 0.35), palette.haze, 0.3 - 0.2 * depth)
    white = mix(white, palette.sky[0][1], 0.15 + 0.45 * (1 - palette.lit))
    amount = (snow * 0.85)[..., None]
    return body + (np.asarray(white, np.float32) - body) * amount


def paint_water(canvas: Canvas, palette: Palette, light: Light, horizon: float) -> None:
    """Water from the horizon down: the scene above, broken by waves, and the light's path."""
    start = round(horizon * canvas.height)
    rows = canvas.height - start
    if rows < 2:
        return
    above = canvas.pixels[:start][::-1]
    index = np.minimum((np.arange(rows) * 0.9).astype(int), start - 1)
    mirror = above[index]
    depth = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    waves = canvas.noise("waves", 60, 3, stretch=7.0)[start:]
    shift = ((waves - 0.5) * 0.05 * canvas.width * (0.15 + depth)).astype(int)
    columns = np.clip(np.arange(canvas.width)[None, :] + shift, 0, canvas.width - 1)
    mirror = mirror[np.arange(rows)[:, None], columns]
    deep = np.asarray(mix(palette.water, palette.near, 0.35), np.float32)
    surface = (
        np.asarray(palette.water, np.float32) * (1 - depth[..., None]) + deep * depth[..., None]
    )
    water = mirror * (0.62 - 0.34 * depth[..., None]) + surface * (0.38 + 0.34 * depth[..., None])
    water *= 1 + (waves[..., None] - 0.5) * (0.25 + 0.35 * depth[..., None])
    path = np.exp(-(((canvas.x - light.x) * canvas.ratio / (0.05 + 0.22 * depth)) ** 2))
    glint = np.clip((waves - 0.56 + 0.1 * path) * 9, 0, 1) * (0.12 + 0.8 * path * palette.lit**0.3)
    shine = np.asarray(mix(palette.light, palette.sky[-1][1], 0.25), np.float32)
    water = water + (shine - water) * np.clip(glint, 0, 0.9)[..., None]
    canvas.pixels[start:] = water


def paint_shore(canvas: Canvas, palette: Palette, wish: Wish) -> tuple[float, float]:
    """A headland at one side; returns its top, where something may stand."""
    left = canvas.random("shore").random() < 0.6
    place = canvas.x[0] if left else 1 - canvas.x[0]
    rise = 0.6 + 0.5 * np.clip((place - 0.2) / 0.45, 0, 2) ** 1.8
    for layer, (down, share) in enumerate(((0.0, 0.62), (0.11, 0.9))):
        rough = canvas.line(f"shore{layer}", 0, 0.035, 3, 6)
        color = mix(palette.haze, palette.near, share)
        if wish.weather == "snow":
            color = mix(color, (0.93, 0.96, 1.0), 0.75 * (0.4 + 0.6 * palette.lit))
        line = (rise + rough + down + 0.25 * down * place).astype(np.float32)
        body = shaded(canvas, f"cliff{layer}", color, palette, 0.9)
        canvas.paint(body, canvas.below(line))
    x = 0.17 if left else 0.83
    top = float(rise[round(x * (canvas.width - 1))])
    return x, top


def paint_dunes(canvas: Canvas, palette: Palette, light: Light, horizon: float) -> None:
    sand = mix((0.91, 0.66, 0.38), palette.haze, 0.25)
    sand = mix(sand, palette.near, 0.55 * (1 - palette.lit))
    for layer in range(5):
        depth = layer / 4
        base = horizon + (1.02 - horizon) * depth**1.35
        line = canvas.line(f"dune{layer}", base, 0.16, 0.75 + 0.2 * layer, 2)
        crest = canvas.below(line)
        slope = np.gradient(line) * canvas.width
        toward = 1.0 if light.x > 0.5 else -1.0
        lit = np.clip(0.5 - slope * toward * 1.3, 0, 1)[None, :]
        down = np.clip((canvas.y - line[None, :]) / 0.3, 0, 1)
        ripple = (canvas.noise(f"ripple{layer}", 40, 2, stretch=5) - 0.5) * 0.14 * (0.3 + depth)
        tone = np.clip(lit * (1 - 0.5 * down) + ripple, 0, 1)[..., None]
        dark = np.asarray(mix(sand, palette.near, 0.45 + 0.25 * depth), np.float32)
        bright = np.asarray(mix(sand, palette.light, 0.35), np.float32)
        body = dark * (1 - tone) + bright * tone
        canvas.paint(body.astype(np.float32), crest)
        canvas.paint(palette.haze, crest * (1 - depth) * 0.32)


def paint_hills(canvas: Canvas, palette: Palette, wish: Wish, horizon: float) -> None:
    green = mix((0.42, 0.6, 0.27), palette.sky[-1][1], 0.15)
    if wish.weather == "snow":
        green = (0.86, 0.9, 0.95)
    green = mix(green, palette.near, 0.72 * (1 - palette.lit))
    for layer in range(5):
        depth = layer / 4
        base = horizon + (0.98 - horizon) * depth**1.2
        line = canvas.line(f"hill{layer}", base, 0.13, 0.9, 3)
        color = mix(mix(palette.haze, green, 0.35 + 0.65 * depth), palette.near, 0.34 * depth**2)
        body = shaded(canvas, f"grass{layer}", color, palette, 0.8)
        rows = np.sin((canvas.y - line[None, :]) * (150 - 70 * depth)) * 0.5 + 0.5
        field = np.clip((canvas.noise(f"field{layer}", 3, 2) - 0.5) * 9, 0, 1)
        body = body * (1 - (0.1 * rows * field)[..., None])
        canvas.paint(body.astype(np.float32), canvas.below(line))
        if depth > 0.2:
            paint_bushes(canvas, palette, line, layer, depth)


def paint_bushes(canvas: Canvas, palette: Palette, line: Array, layer: int, depth: float) -> None:
    choice = canvas.random("bushes", layer)
    shapes = canvas.shapes()
    for _ in range(round(9 * canvas.ratio)):
        x = float(choice.random())
        y = float(line[min(int(x * canvas.width), canvas.width - 1)])
        size = float(choice.uniform(0.008, 0.02)) * (0.5 + depth)
        for _ in range(4):
            dx, dy = choice.uniform(-0.7, 0.7, 2) * size
            shapes.ellipse(x + dx / canvas.ratio, y - size * 0.7 + dy, size / canvas.ratio, size)
    color = mix(mix(palette.haze, palette.near, 0.3 + 0.6 * depth), (0.1, 0.2, 0.08), 0.25)
    canvas.paint(color, shapes.mask())


def paint_forest(canvas: Canvas, palette: Palette, wish: Wish, horizon: float) -> None:
    """Rows of conifers, paler the further away, with mist between them."""
    green = mix((0.1, 0.24, 0.17), palette.near, 0.8 * (1 - palette.lit))
    for layer in range(6):
        depth = layer / 5
        base = horizon - 0.2 + 0.5 * depth**1.1
        line = canvas.line(f"trees{layer}", base, 0.1, 1.1, 3)
        shapes = canvas.shapes()
        choice = canvas.random("conifers", layer)
        tall = 0.075 + 0.19 * depth**1.4
        for x in np.arange(-0.03, 1.03, tall * (0.2 + 0.12 * depth) / canvas.ratio):
            center = float(x + choice.uniform(-0.3, 0.3) * tall / canvas.ratio)
            column = int(np.clip(center, 0, 0.999) * canvas.width)
            conifer(shapes, center, float(line[column]), tall * float(choice.uniform(0.6, 1.25)),
                    canvas.ratio)  # fmt: skip
        color = mix(palette.haze, green, 0.16 + 0.84 * depth)
        mask = np.maximum(shapes.mask(), canvas.below(line))
        body = shaded(canvas, f"leaf{layer}", color, palette, 0.6)
        if wish.weather == "snow":
            dusted = np.clip((canvas.noise(f"dust{layer}", 30, 3) - 0.48) * 5, 0, 1)[..., None]
            white = np.asarray(mix((0.94, 0.97, 1), palette.haze, 0.5 * (1 - depth)), np.float32)
            body = body + (white - body) * dusted * (0.3 + 0.45 * palette.lit)
        canvas.paint(body, mask)
        rise = np.clip((canvas.y - base) / 0.16, 0, 1) * mask
        canvas.paint(mix(palette.haze, palette.light, 0.2), rise * 0.5 * (1 - depth))


def conifer(shapes: object, x: float, ground: float, tall: float, ratio: float) -> None:
    """A trunkless fir: four skirts, each wider than the one above."""
    draw = shapes.polygon  # type: ignore[attr-defined]
    for step in range(4):
        top = ground - tall * (1 - step * 0.19)
        bottom = ground - tall * (0.66 - step * 0.22)
        half = tall * (0.085 + 0.055 * step) / ratio
        draw((x, top), (x + half, bottom), (x - half, bottom))


def paint_city(canvas: Canvas, palette: Palette, wish: Wish, horizon: float) -> None:
    """Three rows of buildings, then the windows of those near enough to have any."""
    lamps = palette.lit < 0.7
    for layer in range(3):
        depth = layer / 2
        choice = canvas.random("houses", layer)
        walls, windows = canvas.shapes(), canvas.shapes()
        x = -0.02
        while x < 1.02:
            wide = float(choice.uniform(0.04, 0.1)) * (0.7 + 0.6 * depth) / canvas.ratio**0.5
            tall = float(choice.uniform(0.14, 0.46) ** (1.1)) * (1.15 - 0.35 * depth)
            tower(
                walls, windows, choice, (x, horizon - tall, x + wide, horizon + 0.02), canvas.ratio
            )
            x += wide * float(choice.uniform(0.8, 1.08))
        color = mix(palette.haze, palette.near, 0.24 + 0.66 * depth)
        mask = walls.mask()
        canvas.paint(shaded(canvas, f"wall{layer}", color, palette, 0.5), mask)
        rise = np.clip((canvas.y - horizon + 0.3) / 0.34, 0, 1)
        canvas.paint(palette.haze, mask * rise * 0.42 * (1 - depth))
        if layer:
            glass = (1.0, 0.84, 0.5) if lamps else mix(palette.sky[1][1], (1, 1, 1), 0.2)
            lit = windows.mask() * mask * ((0.5 + 0.5 * depth) if lamps else 0.3)
            canvas.paint(glass, lit)
    if lamps:
        canvas.glow(0.5, horizon, 0.5, (1.0, 0.7, 0.4), 0.24)


def tower(
    walls: object,
    windows: object,
    choice: np.random.Generator,
    box: tuple[float, float, float, float],
    ratio: float,
) -> None:
    """One building with its roof and a share of its windows lit."""
    left, top, right, bottom = box
    walls.box(left, top, right, bottom)  # type: ignore[attr-defined]
    kind = choice.random()
    middle = (left + right) / 2
    if kind < 0.25:
        walls.polygon((left, top), (right, top), (middle, top - 0.03))  # type: ignore[attr-defined]
    elif kind < 0.5:
        inset = (right - left) * 0.22
        walls.box(left + inset, top - 0.03, right - inset, top)  # type: ignore[attr-defined]
        walls.box(middle - 0.001, top - 0.075, middle + 0.001, top)  # type: ignore[attr-defined]
    step_x, step_y = 0.0115 / ratio, 0.0185
    columns = int((right - left) / step_x)
    for row in range(int((bottom - top) / step_y)):
        for column in range(1, columns):
            if choice.random() < 0.42:
                x, y = left + column * step_x, top + 0.012 + row * step_y
                windows.box(x, y, x + step_x * 0.45, y + step_y * 0.5)  # type: ignore[attr-defined]
