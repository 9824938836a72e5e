"""How charts look: colors, type sizes and lines for each theme and size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from services.charts.spec import ChartSpec, Theme

FONT = "Noto Sans"


@dataclass(frozen=True)
class Look:
    """One theme. Every color of `palette` is at least 3:1 against `paper`, every ink 4.5:1."""

    paper: str
    ink: str
    muted: str
    """Labels and titles of axes."""
    rule: str
    """Grid lines."""
    line: str
    """Axes."""
    palette: tuple[str, ...]
    sequence: tuple[str, ...]
    """From least to most."""
    around: tuple[str, ...]
    """From far below to far above a middle."""


LIGHT = Look(
    paper="#ffffff",
    ink="#14171f",
    muted="#4d5566",
    rule="#e6e8ee",
    line="#9aa1b0",
    palette=(
        "#2463d1", "#d97706", "#8a1538", "#0d9b7a", "#9b7fe0", "#1b2f5b", "#c2389a", "#4c6b1f",
        "#0a7ea4", "#b3392f", "#6d00aa", "#7d6b57", "#db3179", "#316124", "#6d49aa", "#a8871d",
        "#551849", "#3d7dce", "#6d3149", "#5f6b7a",
    ),
    sequence=("#edf3fd", "#b4cff5", "#6fa0e8", "#2f6bcc", "#173a7d"),
    around=("#8f3d05", "#df8a3a", "#f5f1ea", "#6fa0e8", "#1c479c"),
)  # fmt: skip
DARK = Look(
    paper="#16181d",
    ink="#f1f3f7",
    muted="#b3bac6",
    rule="#2b2f38",
    line="#5c6371",
    palette=(
        "#5b9bff", "#f5a83c", "#c4509b", "#4fe0c8", "#e4e0a6", "#f0503c", "#cdb2ff", "#3f9450",
        "#18b4ce", "#d68a6a", "#a3d94f", "#e06fd0", "#8f88f0", "#c9a227", "#7fc4a0", "#ff8fa3",
        "#8a9bb3", "#b06ae0", "#6f9e2f", "#e8c9a0",
    ),
    sequence=("#1c2a45", "#224b8f", "#2f74d0", "#6fabf7", "#d3e6ff"),
    around=("#f2a55a", "#b0631a", "#2a2d35", "#2f6bcc", "#8fbdff"),
)  # fmt: skip
LOOKS: dict[Theme, Look] = {"light": LIGHT, "dark": DARK}

SMALL, LARGE = 0.82, 2.5
"""The least and most that type is scaled by; 800 x 600 is 1."""


def unit(spec: ChartSpec) -> float:
    """How much larger than in an 800 x 600 chart everything is that is not a place."""
    area = math.sqrt(spec.width * spec.height / (800 * 600))
    narrow = 1.25 * min(spec.width / 800, spec.height / 600)
    return min(max(min(area, narrow), SMALL), LARGE)


def colors(spec: ChartSpec, names: tuple[str, ...]) -> list[str]:
    """One color for each name: the one somebody chose, else the palette's next."""
    chosen = {name.casefold(): color for name, color in spec.colors.items()}
    palette = LOOKS[spec.theme].palette
    return [chosen.get(name.casefold(), palette[n % len(palette)]) for n, name in enumerate(names)]


def luminance(color: str) -> float:
    """Relative luminance as WCAG defines it, 0 to 1."""
    parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable_on(color: str) -> str:
    """Black or white, whichever reads better."""
    return max(("#14171f", "#ffffff"), key=lambda ink: contrast(ink, color))


def blend(stops: tuple[str, ...], fraction: float) -> str:
    """The color at a place of a scale, mixed as Vega mixes: straight in RGB."""
    place = min(max(fraction, 0), 1) * (len(stops) - 1)
    n = min(int(place), len(stops) - 2)
    low, high = stops[n], stops[n + 1]
    mixed = [
        round(
            int(low[i : i + 2], 16)
            + (int(high[i : i + 2], 16) - int(low[i : i + 2], 16)) * (place - n)
        )
        for i in (1, 3, 5)
    ]
    return "#" + "".join(f"{each:02x}" for each in mixed)


def config(spec: ChartSpec) -> dict[str, Any]:
    """Vega's configuration for a chart's theme and size."""
    look, u = LOOKS[spec.theme], unit(spec)
    return {
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "labelFontSize": 13 * u, "labelColor": look.muted, "labelPadding": 6 * u,
            "titleFontSize": 13.5 * u, "titleColor": look.muted, "titleFontWeight": "normal",
            "titlePadding": 10 * u, "gridColor": look.rule, "gridWidth": u,
            "domainColor": look.line, "domainWidth": u, "tickColor": look.line, "tickWidth": u,
            "tickSize": 5 * u, "labelOverlap": True, "labelSeparation": 4 * u,
        },
        "title": {
            "fontSize": 22 * u, "fontWeight": "bold", "color": look.ink, "anchor": "start",
            "offset": 16 * u, "frame": "bounds", "lineHeight": 27 * u,
        },
        "legend": {
            "labelFontSize": 13 * u, "labelColor": look.muted, "titleFontSize": 13 * u,
            "titleColor": look.muted, "titleFontWeight": "normal", "symbolSize": 130 * u * u,
            "rowPadding": 5 * u, "columnPadding": 16 * u, "offset": 16 * u, "padding": 0,
            "titlePadding": 6 * u, "symbolStrokeWidth": 2 * u, "gradientThickness": 16 * u,
            "gradientLength": 160 * u, "gradientStrokeColor": look.rule,
        },
    }  # fmt: skip
