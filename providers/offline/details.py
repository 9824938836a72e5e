"""Single things that stand in a scene: drawn only where they can be drawn well."""

from __future__ import annotations

import numpy as np

from providers.offline.canvas import Canvas, mix
from providers.offline.palettes import Palette


def paint_birds(canvas: Canvas, palette: Palette, horizon: float) -> None:
    choice = canvas.random("birds")
    shapes = canvas.shapes()
    x0, y0 = float(choice.uniform(0.3, 0.6)), horizon * float(choice.uniform(0.25, 0.5))
    for _ in range(int(choice.integers(5, 9))):
        size = float(choice.uniform(0.009, 0.019))
        x = x0 + float(choice.uniform(-0.16, 0.16))
        y = y0 + float(choice.uniform(-0.09, 0.09))
        for side in (-1, 1):
            wing = [
                (x + side * size * t / canvas.ratio * 2, y - size * (np.sin(t * 2.6) - 0.35 * t))
                for t in np.linspace(0, 1, 8)
            ]
            shapes.stroke([(float(a), float(b)) for a, b in wing], 0.0032)
    canvas.paint(mix(palette.near, palette.haze, 0.12), shapes.mask())


def paint_boat(canvas: Canvas, palette: Palette, horizon: float) -> None:
    choice = canvas.random("boat")
    x = float(choice.choice([0.56, 0.62, 0.7]))
    y, size = horizon + 0.07, 0.085
    hull, sail = canvas.shapes(), canvas.shapes()

    def at(dx: float, dy: float) -> tuple[float, float]:
        return (x + dx * size / canvas.ratio, y + dy * size)

    hull.polygon(at(-0.6, 0), at(0.62, 0), at(0.42, 0.2), at(-0.44, 0.2))
    sail.polygon(at(0.02, -1.2), at(0.02, -0.06), at(0.5, -0.06))
    sail.polygon(at(-0.03, -1.05), at(-0.03, -0.06), at(-0.4, -0.06))
    shadow = canvas.shapes()
    shadow.polygon(at(-0.5, 0.22), at(0.5, 0.22), at(0.2, 0.7), at(-0.2, 0.7))
    canvas.paint(palette.near, shadow.mask() * 0.35)
    canvas.paint(mix(palette.near, palette.haze, 0.08), hull.mask())
    canvas.paint(mix((0.98, 0.95, 0.88), palette.near, 0.6 * (1 - palette.lit)), sail.mask())


def paint_lighthouse(canvas: Canvas, palette: Palette, x: float, ground: float) -> None:
    """A striped tower, lit from one side, whose lamp burns when it is dark."""
    tall, ratio = 0.4, canvas.ratio
    top = ground - tall
    beam = palette.lit < 0.6
    if beam:
        paint_beam(canvas, palette, x, top)
    white = mix((0.97, 0.94, 0.88), palette.near, 0.55 * (1 - palette.lit))
    red = mix((0.72, 0.2, 0.17), palette.near, 0.5 * (1 - palette.lit))

    def half(y: float) -> float:
        return (0.032 + 0.022 * (y - top) / tall) / ratio

    for band in range(5):
        high, low = top + tall * band / 5, top + tall * (band + 1) / 5 + 0.02 * (band == 4)
        color = red if band % 2 else white
        whole, shade = canvas.shapes(), canvas.shapes()
        whole.polygon(
            (x - half(high), high),
            (x + half(high), high),
            (x + half(low), low),
            (x - half(low), low),
        )
        shade.polygon(
            (x + half(high) * 0.15, high), (x + half(high), high), (x + half(low), low),
            (x + half(low) * 0.15, low),
        )  # fmt: skip
        canvas.paint(color, whole.mask())
        canvas.paint(mix(color, palette.near, 0.42), shade.mask())
    dark, lamp, roof = canvas.shapes(), canvas.shapes(), canvas.shapes()
    dark.box(x - 0.045 / ratio, top - 0.014, x + 0.045 / ratio, top)
    lamp.box(x - 0.023 / ratio, top - 0.055, x + 0.023 / ratio, top - 0.014)
    roof.polygon(
        (x - 0.034 / ratio, top - 0.053), (x + 0.034 / ratio, top - 0.053), (x, top - 0.095)
    )
    canvas.paint(mix(palette.near, white, 0.1), dark.mask())
    canvas.paint((1.0, 0.93, 0.7) if beam else mix(palette.light, white, 0.3), lamp.mask())
    canvas.paint(red, roof.mask())
    if beam:
        canvas.glow(x, top - 0.035, 0.09, (1.0, 0.88, 0.6), 0.85)


def paint_beam(canvas: Canvas, palette: Palette, x: float, top: float) -> None:
    toward = 1 if x < 0.5 else -1
    y = top - 0.035
    along = (canvas.x - x) * toward * canvas.ratio
    across = np.abs(canvas.y - y + along * 0.1)
    wide = 0.008 + np.clip(along, 0, None) * 0.1
    beam = np.exp(-((across / wide) ** 2)) * np.clip(along * 30, 0, 1) * np.exp(-along * 0.9)
    canvas.paint((1.0, 0.93, 0.72), np.clip(beam * 0.6, 0, 1).astype(np.float32))


def paint_house(canvas: Canvas, palette: Palette, x: float, ground: float, size: float) -> None:
    ratio = canvas.ratio
    wall, roof, window, side = (canvas.shapes() for _ in range(4))

    def at(dx: float, dy: float) -> tuple[float, float]:
        return (x + dx * size / ratio, ground + dy * size)

    wall.polygon(at(-0.7, 0.15), at(-0.7, -0.6), at(0.7, -0.6), at(0.7, 0.15))
    side.polygon(at(0.2, 0.15), at(0.2, -0.6), at(0.7, -0.6), at(0.7, 0.15))
    roof.polygon(at(-0.85, -0.56), at(-0.35, -1.15), at(0.55, -1.15), at(0.88, -0.56))
    roof.polygon(at(0.25, -1.0), at(0.25, -1.4), at(0.42, -1.4), at(0.42, -1.0))
    for dx in (-0.5, -0.08, 0.4):
        window.polygon(at(dx, -0.16), at(dx, -0.42), at(dx + 0.2, -0.42), at(dx + 0.2, -0.16))
    shade = 0.6 * (1 - palette.lit)
    canvas.paint(mix((0.93, 0.88, 0.78), palette.near, shade), wall.mask())
    canvas.paint(mix((0.93, 0.88, 0.78), palette.near, 0.25 + shade * 0.7), side.mask())
    canvas.paint(mix((0.55, 0.24, 0.18), palette.near, shade), roof.mask())
    lamps = palette.lit < 0.7
    canvas.paint((1.0, 0.85, 0.5) if lamps else (0.25, 0.3, 0.36), window.mask())
    if lamps:
        canvas.glow(x, ground - size * 0.3, size * 1.6, (1.0, 0.75, 0.4), 0.35)


def paint_balloon(canvas: Canvas, palette: Palette, horizon: float) -> None:
    choice = canvas.random("balloon")
    for index, size in enumerate((0.1, 0.05)):
        x = float((0.3, 0.62)[index] + choice.uniform(-0.06, 0.06))
        y = horizon * float((0.42, 0.3)[index] + choice.uniform(-0.08, 0.08))
        stripes = [(0.86, 0.27, 0.22), (0.98, 0.8, 0.4)] if index == 0 else [
            (0.2, 0.5, 0.62), (0.95, 0.92, 0.84)]  # fmt: skip
        dim = 0.55 * (1 - palette.lit)
        envelope = canvas.shapes()
        envelope.ellipse(x, y, size / canvas.ratio, size)
        envelope.polygon(
            (x - size * 0.83 / canvas.ratio, y + size * 0.55),
            (x + size * 0.83 / canvas.ratio, y + size * 0.55),
            (x + size * 0.16 / canvas.ratio, y + size * 1.35),
            (x - size * 0.16 / canvas.ratio, y + size * 1.35),
        )
        mask = envelope.mask()
        across = (canvas.x - x) * canvas.ratio / size
        band = (np.floor(np.arcsin(np.clip(across, -1, 1)) * 2.6) % 2)[..., None]
        first, second = (np.asarray(mix(each, palette.near, dim), np.float32) for each in stripes)
        body = first * (1 - band) + second * band
        body = body * (1 - 0.3 * np.clip(across, 0, 1)[..., None])
        canvas.paint((body + np.zeros_like(canvas.pixels)).astype(np.float32), mask)
        basket = canvas.shapes()
        basket.box(x - size * 0.13 / canvas.ratio, y + size * 1.5, x + size * 0.13 / canvas.ratio,
                   y + size * 1.72)  # fmt: skip
        for side in (-0.13, 0.13):
            basket.stroke(
                [(x + side * size / canvas.ratio, y + size * 1.33),
                 (x + side * 0.9 * size / canvas.ratio, y + size * 1.52)], 0.0016)  # fmt: skip
        canvas.paint(mix((0.36, 0.24, 0.14), palette.near, dim), basket.mask())
