"""plutoprint, which shapes and paints: given only markup we wrote, and nothing to load."""

from __future__ import annotations

import html
import os
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from services.lettering import faces
from services.lettering.words import Wording, clusters, kinds

if TYPE_CHECKING:
    import plutoprint
    from PIL import Image

PIXEL = 0.75
"""Points of a CSS pixel."""
GAUGE = 32
"""Letter size for measuring, in pixels. Nothing is hinted, so widths grow in proportion."""
WIDEST = 4096
"""Pixels measured. Anything wider (128 letter sizes) is told as `ENDLESS`."""
ENDLESS = 1e6
ROW = 4
"""Pixels a measured line is squeezed to; the middle ones are fully covered by its marks."""
AT_ONCE = 256
"""Texts measured in one picture: 16 MB."""
ROOM = 2 * GAUGE
"""Line height when measuring: no line paints over another."""
MARKED = 640
"""Pixels of a line looked at for where it begins; its first cluster is well within."""


@cache
def pluto() -> tuple[type[plutoprint.Book], plutoprint.ResourceFetcher]:
    """Load the engine with our fonts; again in every process, at first use."""
    for name in ("FONTCONFIG_FILE", "FONTCONFIG_SYSROOT"):  # Either would overrule our folder.
        os.environ.pop(name, None)
    import plutoprint

    class Refusing(plutoprint.ResourceFetcher):
        """Markup of ours names no resource; whatever asks for one is an attack or a bug."""

        def fetch_url(self, url: str) -> plutoprint.ResourceData:
            raise PermissionError("Lettering loads nothing.")

    plutoprint.plutobook_set_fontconfig_path(str(faces.configured()))
    return plutoprint.Book, Refusing()


def book(markup: str, width: float, height: float) -> plutoprint.Book:
    """Lay markup out on one page of this many pixels."""
    make, refusing = pluto()
    import plutoprint

    size = plutoprint.PageSize(width * PIXEL, height * PIXEL)
    made = make(size, plutoprint.PAGE_MARGINS_NONE, plutoprint.MEDIA_TYPE_SCREEN)
    made.custom_resource_fetcher = refusing
    made.load_html(f"<style>body{{margin:0}}p{{margin:0}}</style>{markup}")
    return made


def paint(markup: str, width: int, height: int) -> Image.Image:
    """Paint markup on a transparent picture."""
    import plutoprint
    from PIL import Image

    canvas = plutoprint.ImageCanvas(width, height)
    book(markup, width, height).render_document(canvas)
    raw = Image.frombytes(
        "RGBa", (width, height), bytes(canvas.get_data()), "raw", "BGRa", canvas.get_stride()
    )
    return raw.convert("RGBA")


def style(wording: Wording, size: float) -> str:
    """CSS of a wording's letters."""
    return (
        f"font:{'italic ' if wording.italic else ''}{'bold ' if wording.bold else ''}"
        f"{size:.3f}px/{wording.leading * size:.3f}px {', '.join(map(repr, families(wording)))}"
    )


def families(wording: Wording) -> list[str]:
    """The fonts to look in, first choice first."""
    found = kinds(wording.text)
    region = {"ja": "JP", "ko": "KR"}.get(wording.language[:2], "SC")
    if wording.language.lower() in ("zh-tw", "zh-hant", "zh-hk", "zh-mo"):
        region = "TC"
    asian = f"Noto Sans CJK {region}"
    latin = [faces.COMIC, faces.SANS] if wording.face == "comic" else [faces.SANS]
    # Quotes and ellipses of Chinese and Japanese belong to their own font.
    first = [asian, *latin] if found & {"han", "kana", "hangul"} else [*latin, asian]
    return [*first, *faces.SCRIPTS, faces.EMOJI]


def advances(pieces: Sequence[str], wording: Wording) -> dict[str, float]:
    """How far each text reaches along its line, in letter sizes."""
    different = sorted(set(pieces))
    found: dict[str, float] = {}
    for start in range(0, len(different), AT_ONCE):
        batch = different[start : start + AT_ONCE]
        rows = "".join(
            f'<p><span style="background:#000"><s>{html.escape(each)}</s></span></p>'
            for each in batch
        )
        lengths = squeezed(rows, wording, WIDEST, len(batch))[:, :, 3].sum(axis=1) / 255.0
        found |= zip(batch, map(float, lengths), strict=True)
    return {
        each: ENDLESS if length >= WIDEST - 1 else length / GAUGE for each, length in found.items()
    }


def breaks(text: str, wording: Wording) -> list[int]:
    """Where a line may begin, as offsets into the text: the engine's own rules, for any language.

    Each cluster is given its number as a color and the page is one pixel wide, so every chance
    to break is taken and the first color of each line tells where it is.
    """
    parts = clusters(text)
    marked = "".join(
        f'<span style="background:#{number:06x}"><s>{html.escape(part)}</s></span>'
        for number, part in enumerate(parts, start=1)
    )
    lines = squeezed(
        f'<p style="width:1px;white-space:normal">{marked}</p>', wording, MARKED, len(parts)
    )
    offsets = np.cumsum([0, *map(len, parts)])
    return sorted({int(offsets[number - 1]) for line in lines if (number := first_color(line))})


def first_color(line: np.ndarray) -> int:
    """The lowest number painted on a line. Pixels that two colors share are no number."""
    numbers = (
        line[:, 0].astype(np.int64)
        | line[:, 1].astype(np.int64) << 8
        | line[:, 2].astype(np.int64) << 16
    )
    sure = (numbers[1:] == numbers[:-1]) & (line[1:, 3] == 255) & (numbers[1:] > 0)
    return int(numbers[1:][sure].min()) if sure.any() else 0


def squeezed(rows: str, wording: Wording, width: int, count: int) -> np.ndarray:
    """Paint lines of measuring marks, each a row of BGRA pixels of the answer."""
    import plutoprint

    markup = (
        f'<div lang="{wording.language}" style="{style(wording, GAUGE)};line-height:{ROOM}px;'
        f'white-space:pre">{rows}</div>'
    )
    laid = book(f"<style>s{{visibility:hidden}}</style>{markup}", width, ROOM * count)
    canvas = plutoprint.ImageCanvas(width, ROW * count)
    canvas.scale(1, ROW / ROOM)
    laid.render_document(canvas)
    pixels = np.frombuffer(canvas.get_data(), np.uint8).reshape(
        ROW * count, canvas.get_stride() // 4, 4
    )
    return pixels[ROW // 2 :: ROW]
