"""The fonts charts are set in: where they lie, and how wide a text will be in one of them."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

BASE = "Noto Sans"
CJK = "Noto Sans CJK JP"
EMOJI = "Noto Color Emoji"
FONTS = Path(__file__).parents[1] / "lettering" / "fonts"
FONT_PACKAGES = {"fontpkg_noto_sans": "files", "noto_cjk_sans_otc": ""}
FILES = {
    BASE: "NotoSans[[]wdth,wght[]].ttf",
    CJK: "NotoSansCJK-Regular.ttc",
    EMOJI: "NotoColorEmoji.ttf",
}
"""Patterns of the files not named as the others are; in the collection the first is Japanese."""
MEASURED = 109
"""Pixels of the type that is measured: the one size in which emoji are drawn."""


def folders() -> list[Path]:
    """Where our own fonts lie: a chart looks the same on every host."""
    found = [FONTS]
    for package, folder in FONT_PACKAGES.items():
        spec = find_spec(package)
        if spec is not None and spec.origin is not None:
            found.append(Path(spec.origin).parent / folder)
    return [folder for folder in found if folder.is_dir()]


@lru_cache(maxsize=64)
def face(font: str, cut: str = "Regular") -> ImageFont.FreeTypeFont:
    """A font in one of its cuts; the regular one where it has no other."""
    name = FILES.get(font, f"{font.replace(' ', '')}-{cut}.ttf")
    path = next((path for folder in folders() for path in folder.glob(name)), None)
    if path is None:
        return face(font)
    return ImageFont.truetype(str(path), MEASURED, layout_engine=ImageFont.Layout.RAQM)


def width(text: str, font: str, size: float, *, bold: bool = False) -> float:
    """Pixels, shaped as it will be drawn."""
    return face(font, "Bold" if bold else "Regular").getlength(text) * size / MEASURED
