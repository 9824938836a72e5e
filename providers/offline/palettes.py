"""The light of each time of day, and how color words bend it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from providers.offline.canvas import Array, Color, mix, rgb


@dataclass(frozen=True)
class Palette:
    """One light: everything in a scene takes its colors from here."""

    sky: tuple[tuple[float, Color], ...]
    """Stops from the top (0) to the horizon (1)."""
    light: Color
    """The sun, the moon, lit edges, windows."""
    haze: Color
    """What far things fade to."""
    near: Color
    """The darkest things, closest."""
    water: Color
    cloud: Color
    lit: float
    """How bright the light is, 0 to 1; lamps come on below 0.5."""


def stops(*codes: str) -> tuple[tuple[float, Color], ...]:
    step = 1 / (len(codes) - 1)
    return tuple((index * step, rgb(code)) for index, code in enumerate(codes))


PALETTES = {
    "dawn": Palette(
        stops("#5f86b3", "#a9c1cf", "#f3d9c1", "#fbe7c6"),
        rgb("#fff3d6"), rgb("#e9d5c6"), rgb("#27404a"), rgb("#86a9b4"), rgb("#ffeede"), 0.85,
    ),
    "day": Palette(
        stops("#2f79c2", "#69a9de", "#b4d9ee", "#e4f1ef"),
        rgb("#fffbe6"), rgb("#cfe3ea"), rgb("#1d3b36"), rgb("#2f84a8"), rgb("#ffffff"), 1.0,
    ),
    "gold": Palette(
        stops("#d98e32", "#efb95a", "#f9d88c", "#fdeec0"),
        rgb("#fff8df"), rgb("#f3cf8d"), rgb("#3a2214"), rgb("#c68f45"), rgb("#fff0c8"), 0.8,
    ),
    "dusk": Palette(
        stops("#1b2350", "#5b3a78", "#c9566b", "#f59a5b", "#fbc98a"),
        rgb("#ffe0a0"), rgb("#d98a82"), rgb("#150f26"), rgb("#4a3468"), rgb("#f2a58f"), 0.55,
    ),
    "night": Palette(
        stops("#04081a", "#0a1733", "#16305a", "#2b5378"),
        rgb("#e9f1ff"), rgb("#27486b"), rgb("#04070f"), rgb("#0c2240"), rgb("#2a4266"), 0.2,
    ),
}  # fmt: skip

TINTS = {
    "red": rgb("#e0413a"), "orange": rgb("#f08a34"), "yellow": rgb("#f4cf4a"),
    "green": rgb("#4fae5f"), "teal": rgb("#2ab3a6"), "blue": rgb("#3b7de0"),
    "purple": rgb("#8a55d6"), "pink": rgb("#f07fb3"), "sepia": rgb("#b98a56"),
    "warm": rgb("#f0a55a"), "cool": rgb("#6ea7d8"),
}  # fmt: skip

STORMY = rgb("#46525a")


def palette_for(time: str, weather: str | None) -> Palette:
    """A time's light, dulled by its weather."""
    palette = PALETTES[time]
    dull = {"storm": 0.72, "rain": 0.5, "fog": 0.72, "snow": 0.3, "clouds": 0.2}.get(weather or "")
    if dull is None:
        return palette
    gray = mix(STORMY, palette.haze, {"snow": 0.55, "fog": 0.8}.get(weather or "", 0.1))
    gray = mix((0.02, 0.03, 0.05), gray, 0.35 + 0.65 * palette.lit)
    return replace(
        palette,
        sky=tuple((stop, mix(color, gray, dull)) for stop, color in palette.sky),
        haze=mix(palette.haze, gray, dull),
        water=mix(palette.water, gray, dull * 0.7),
        cloud=mix(palette.cloud, gray, dull * 0.8),
        lit=palette.lit * (0.55 if weather == "storm" else 0.9),
    )


def tinted(pixels: Array, colors: tuple[str, ...]) -> Array:
    """Bend a finished picture toward color words, keeping light and dark."""
    for name in colors:
        gray = pixels @ np.array([0.3, 0.59, 0.11], np.float32)
        if name == "gray":
            pixels = np.repeat(gray[..., None], 3, -1)
        elif name == "pastel":
            pixels = 0.42 + 0.58 * (0.45 * gray[..., None] + 0.55 * pixels)
        elif name == "neon":
            pixels = gray[..., None] + (pixels - gray[..., None]) * 1.9
            pixels = pixels * np.array([1.05, 0.92, 1.15], np.float32)
        else:
            amount = 0.35 if name in ("warm", "cool") else 0.62
            pixels = pixels + (duotone(gray, TINTS[name]) - pixels) * amount
    return np.clip(pixels, 0, 1)


def duotone(gray: Array, color: Color) -> Array:
    """Dark through the color to light."""
    stop = [0.0, 0.5, 1.0]
    low, high = mix(color, (0.02, 0.02, 0.05), 0.86), mix(color, (1, 1, 1), 0.82)
    return np.stack(
        [np.interp(gray, stop, [low[i], color[i], high[i]]) for i in range(3)], -1
    ).astype(np.float32)
