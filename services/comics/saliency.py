"""Where something is to be seen in a panel, and where nothing is: balloons go there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

Numbers: TypeAlias = NDArray[np.float64]

ACROSS = 96
"""Cells along the longer side: finer than any face that matters, and quick to sum."""
BUSY = 92
"""The percentile of detail that counts as full."""
FACE = 0.35
"""How much detail is assumed about a speaker's head even where a picture shows none."""


@dataclass(frozen=True)
class Detail:
    """How much there is to see at each place, 0 to 1, summed so that a box costs four look-ups."""

    sums: Numbers
    scale: float
    """Cells for one pixel."""

    def under(self, left: Numbers, top: Numbers, right: Numbers, bottom: Numbers) -> Numbers:
        """The mean detail under boxes given in pixels."""
        rows, columns = self.sums.shape[0] - 1, self.sums.shape[1] - 1
        x0 = np.clip((left * self.scale).astype(int), 0, columns - 1)
        y0 = np.clip((top * self.scale).astype(int), 0, rows - 1)
        x1 = np.clip(np.ceil(right * self.scale).astype(int), x0 + 1, columns)
        y1 = np.clip(np.ceil(bottom * self.scale).astype(int), y0 + 1, rows)
        total = self.sums[y1, x1] - self.sums[y0, x1] - self.sums[y1, x0] + self.sums[y0, x0]
        return total / ((x1 - x0) * (y1 - y0))


def detail_of(image: Image.Image, heads: Iterable[tuple[float, float]] = ()) -> Detail:
    """Measure edges at two scales. `heads` are where speakers are assumed, in pixels."""
    scale = ACROSS / max(image.size)
    size = (max(2, round(image.width * scale)), max(2, round(image.height * scale)))
    gray = ImageOps.grayscale(image)
    fine = gray.resize((size[0] * 3, size[1] * 3), Image.Resampling.BOX)
    found = edges(fine).reshape(size[1], 3, size[0], 3).mean(axis=(1, 3))
    found = np.maximum(found, edges(gray.resize(size, Image.Resampling.BOX)))
    full = max(float(np.percentile(found, BUSY)), 2.0)
    found = np.clip(found / full, 0, 1)
    blurred = Image.fromarray(np.uint8(found * 255)).filter(ImageFilter.GaussianBlur(1.5))
    field = np.asarray(blurred, np.float64) / 255
    for x, y in heads:
        field = np.maximum(field, FACE * bump(field.shape, x * scale, y * scale))
    sums = np.zeros((size[1] + 1, size[0] + 1))
    sums[1:, 1:] = field.cumsum(0).cumsum(1)
    return Detail(sums, scale)


def edges(gray: Image.Image) -> Numbers:
    """The steepness at each pixel."""
    values = np.asarray(gray, np.float64)
    down, across = np.gradient(values)
    return np.hypot(down, across)


def bump(shape: Sequence[int], x: float, y: float) -> Numbers:
    """A round hill, a head high, over a point."""
    down, across = np.indices(shape[:2])
    radius = 0.16 * max(shape)
    return np.exp(-(((across - x) / radius) ** 2 + ((down - y) / radius) ** 2))
