"""Sizes in pixels, for whoever leaves them to us."""

from __future__ import annotations

import math

from providers import given


def pixels(aspect: str, side: int, step: int) -> tuple[int, int]:
    """Width and height of about `side` squared pixels, in multiples of `step`."""
    ratio = given.ratio_of(aspect)
    width = side * math.sqrt(ratio)
    wide, high = (max(step, round(each / step) * step) for each in (width, width / ratio))
    return wide, high
