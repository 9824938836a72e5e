"""Pictures of nothing in particular, and of space."""

from __future__ import annotations

import numpy as np

from providers.offline.canvas import Array, Canvas, Color, gradient, mix, rgb
from providers.offline.palettes import Palette

SCHEMES = (
    ("#f2e8d5", "#e4572e", "#29335c", "#f3a712", "#a8c686"),
    ("#0f1a20", "#e8f1f2", "#13505b", "#119da4", "#ff9f1c"),
    ("#f4f1e8", "#264653", "#2a9d8f", "#e9c46a", "#e76f51"),
    ("#12131c", "#f72585", "#7209b7", "#4361ee", "#4cc9f0"),
    ("#faf3e7", "#d1495b", "#edae49", "#00798c", "#30638e"),
    ("#1c1a27", "#f4d58d", "#bf0603", "#8d0801", "#708d81"),
)


def scheme_of(canvas: Canvas) -> list[Color]:
    return [rgb(code) for code in SCHEMES[int(canvas.random("scheme").integers(len(SCHEMES)))]]


def paint_abstract(canvas: Canvas) -> None:
    kinds = (paint_flow, paint_tiles, paint_layers, paint_circles)
    kinds[int(canvas.random("kind").integers(len(kinds)))](canvas)


def paint_flow(canvas: Canvas) -> None:
    """Strands that follow a field, as if combed."""
    scheme = scheme_of(canvas)
    canvas.paint(scheme[0], np.ones((canvas.height, canvas.width), np.float32))
    angle = canvas.noise("field", 2.0, 2) * np.pi * 3.4
    choice = canvas.random("strands")
    masks = [canvas.shapes() for _ in scheme[1:]]
    for _ in range(round(560 * max(1.0, canvas.ratio))):
        x, y = float(choice.uniform(-0.06, 1.02)), float(choice.uniform(-0.06, 1.02))
        points: list[tuple[float, float]] = []
        for _ in range(60):
            row = int(np.clip(y, 0, 0.999) * canvas.height)
            column = int(np.clip(x, 0, 0.999) * canvas.width)
            points.append((x, y))
            turn = float(angle[row, column])
            x += np.cos(turn) * 0.008 / canvas.ratio
            y += np.sin(turn) * 0.008
        thick = float(choice.choice([0.002, 0.0034, 0.0056]))
        masks[int(choice.integers(len(masks)))].stroke(points, thick)
    for color, mask in zip(scheme[1:], masks, strict=True):
        canvas.paint(color, mask.mask())


def paint_tiles(canvas: Canvas) -> None:
    """A grid of quarter circles, stripes and triangles."""
    scheme = scheme_of(canvas)
    choice = canvas.random("tiles")
    rows = int(choice.integers(4, 6))
    columns = max(1, round(rows * canvas.ratio))
    masks = [canvas.shapes() for _ in scheme]
    inks = [canvas.shapes() for _ in scheme]
    for row in range(rows):
        for column in range(columns):
            under, over = (int(n) for n in choice.choice(len(scheme), 2, replace=False))
            box = (column / columns, row / rows, (column + 1) / columns, (row + 1) / rows)
            masks[under].box(*box)
            tile(inks[over], int(choice.integers(6)), box)
    for color, mask in zip(scheme * 2, masks + inks, strict=True):
        canvas.paint(color, mask.mask())


def tile(ink: object, kind: int, box: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = box
    wide, high = right - left, bottom - top
    draw = ink.draw  # type: ignore[attr-defined]
    at = ink.at  # type: ignore[attr-defined]
    if kind < 2:
        x, y = (left, top) if kind == 0 else (right, bottom)
        start = 0 if kind == 0 else 180
        draw.pieslice([at(x - wide, y - high), at(x + wide, y + high)], start, start + 90, fill=255)
    elif kind == 2:
        draw.ellipse(
            [
                at(left + wide * 0.14, top + high * 0.14),
                at(right - wide * 0.14, bottom - high * 0.14),
            ],
            fill=255,
        )
    elif kind == 3:
        draw.polygon([at(left, top), at(right, bottom), at(left, bottom)], fill=255)
    elif kind == 4:
        for index in range(5):
            y = top + high * index / 5
            draw.rectangle([at(left, y), at(right, y + high / 10)], fill=255)
    else:
        draw.pieslice([at(left, top), at(right, bottom)], 180, 360, fill=255)


def paint_layers(canvas: Canvas) -> None:
    """Cut paper: wavy sheets over each other, each with its shadow."""
    scheme = scheme_of(canvas)
    canvas.paint(scheme[0], np.ones((canvas.height, canvas.width), np.float32))
    for layer in range(7):
        line = canvas.line(f"sheet{layer}", 0.1 + layer * 0.14, 0.26, 0.8, 2)
        shadow = np.clip(1 - np.abs(canvas.y - line[None, :] + 0.008) / 0.03, 0, 1)
        canvas.paint((0.03, 0.03, 0.06), shadow * 0.35)
        color = mix(scheme[1 + layer % 4], scheme[0], 0.12 * (layer // 4))
        canvas.paint(color, canvas.below(line))


def paint_circles(canvas: Canvas) -> None:
    """Overlapping discs of thin color."""
    scheme = scheme_of(canvas)
    canvas.paint(scheme[0], np.ones((canvas.height, canvas.width), np.float32))
    choice = canvas.random("discs")
    for _ in range(16):
        x, y = float(choice.uniform(0, 1)), float(choice.uniform(0, 1))
        radius = float(choice.uniform(0.04, 0.3))
        color = scheme[1 + int(choice.integers(4))]
        disc = canvas.disc(x, y, radius)
        ring = disc - canvas.disc(x, y, radius * 0.82) if choice.random() < 0.35 else disc
        canvas.paint(color, ring * float(choice.uniform(0.55, 0.9)))


def paint_space(canvas: Canvas, palette: Palette) -> None:
    """A planet with bands and a ring before a nebula."""
    choice = canvas.random("planet")
    scheme = scheme_of(canvas)
    dark = mix((0.01, 0.012, 0.04), palette.sky[0][1], 0.1)
    canvas.pixels = gradient(canvas, [(0, dark), (1, mix(dark, scheme[2], 0.22))])
    for index, color in enumerate(scheme[1:4]):
        cloud = np.clip((canvas.noise(f"nebula{index}", 2, 6) - 0.5) * 3, 0, 1)
        canvas.paint(color, cloud * 0.34)
    paint_space_stars(canvas)
    x, y = float(choice.uniform(0.42, 0.58)), float(choice.uniform(0.46, 0.56))
    radius = float(choice.uniform(0.2, 0.28))
    paint_planet(canvas, scheme, x, y, radius)
    canvas.glow(x - 0.2 * radius, y - 0.2 * radius, radius * 1.5, scheme[3], 0.16)


def paint_space_stars(canvas: Canvas) -> None:
    choice = canvas.random("far stars")
    shapes = canvas.shapes()
    for _ in range(round(420 * max(1.0, canvas.ratio))):
        size = 0.0007 + 0.0019 * float(choice.random() ** 5)
        shapes.ellipse(float(choice.random()), float(choice.random()), size / canvas.ratio, size,
                       int(choice.integers(70, 255)))  # fmt: skip
    canvas.paint((1.0, 0.98, 0.94), shapes.mask())


def paint_planet(canvas: Canvas, scheme: list[Color], x: float, y: float, radius: float) -> None:
    dx, dy = (canvas.x - x) * canvas.ratio / radius, (canvas.y - y) / radius
    far = np.sqrt(dx**2 + dy**2)
    tilt = dy * np.cos(0.3) - dx * np.sin(0.3)
    turbulence = (canvas.noise("bands", 5, 4, stretch=3) - 0.5) * 0.5
    place = np.clip((tilt + turbulence + 1.1) / 2.2, 0, 1) * 7
    colors = np.array(
        [mix(scheme[1 + i % 4], (0.95, 0.85, 0.7), 0.25 + 0.3 * (i % 3 == 0)) for i in range(8)],
        np.float32,
    )
    index = np.clip(place.astype(int), 0, 6)
    part = (place - index)[..., None]
    body = colors[index] * (1 - part) + colors[index + 1] * part
    facing = np.sqrt(np.clip(1 - far**2, 0, 1))
    light = np.clip(0.08 + 1.05 * (facing * 0.62 - dx * 0.52 - dy * 0.42), 0.05, 1.08)[..., None]
    paint_ring(canvas, scheme, (dx, dy), behind=True)
    canvas.paint(
        (body * light).astype(np.float32), np.clip((1 - far) * radius * canvas.height, 0, 1)
    )
    paint_ring(canvas, scheme, (dx, dy), behind=False)


def paint_ring(
    canvas: Canvas, scheme: list[Color], place: tuple[Array, Array], *, behind: bool
) -> None:
    dx, dy = place
    along, across = dx * np.cos(0.3) + dy * np.sin(0.3), -dx * np.sin(0.3) + dy * np.cos(0.3)
    far = np.hypot(along, across * 4.1)
    ring = ((far > 1.32) & (far < 1.95)) * (0.55 + 0.35 * np.sin(far * 46) * np.sin(far * 13))
    half = across < 0 if behind else across >= 0
    canvas.paint(mix(scheme[3], (1, 0.95, 0.85), 0.5), (ring * half).astype(np.float32))
