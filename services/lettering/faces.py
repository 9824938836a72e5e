"""Which fonts we letter with, what they can show, and nothing of what the machine has installed."""

from __future__ import annotations

import hashlib
import os
import struct
import tempfile
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape

COMIC = "Comic Neue"
SANS = "Noto Sans"
EMOJI = "Noto Color Emoji"
BOLD_FILES = ("Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Thai")
WITH_BOLD = (COMIC, SANS, *BOLD_FILES)
WITHOUT_BOLD = (
    "Noto Sans Armenian",
    "Noto Sans Bengali",
    "Noto Sans Ethiopic",
    "Noto Sans Georgian",
    "Noto Sans Gujarati",
    "Noto Sans Gurmukhi",
    "Noto Sans Kannada",
    "Noto Sans Khmer",
    "Noto Sans Lao",
    "Noto Sans Malayalam",
    "Noto Sans Myanmar",
    "Noto Sans Sinhala",
    "Noto Sans Tamil",
    "Noto Sans Telugu",
)
SCRIPTS = BOLD_FILES + WITHOUT_BOLD
VENDORED = Path(__file__).with_name("fonts")

CONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
{folders}
<cachedir>{cache}</cachedir>
<match target="font">
<edit name="antialias" mode="assign"><bool>true</bool></edit>
<edit name="hinting" mode="assign"><bool>false</bool></edit>
<edit name="hintstyle" mode="assign"><const>hintnone</const></edit>
<edit name="rgba" mode="assign"><const>none</const></edit>
</match>
<config><rescan><int>0</int></rescan></config>
</fontconfig>
"""
"""Hinting and subpixel colors would depend on the machine; letters must not."""


def packaged(package: str, folder: str = "") -> Path:
    """Find a font package's folder without importing it."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed; it carries fonts for lettering.")
    return Path(found.origin).parent / folder


@cache
def folders() -> tuple[Path, ...]:
    return (VENDORED, packaged("fontpkg_noto_sans", "files"), packaged("noto_cjk_sans_otc"))


@cache
def configured() -> Path:
    """Write a fontconfig configuration that knows our fonts only; answers its folder."""
    names = [str(folder.resolve()) for folder in folders()]
    place = cache_folder(hashlib.sha256("\n".join(names).encode()).hexdigest()[:16])
    text = CONFIG.format(
        folders="\n".join(f"<dir>{escape(name)}</dir>" for name in names), cache=escape(str(place))
    )
    file = place / "fonts.conf"
    if not file.exists() or file.read_text() != text:
        with tempfile.NamedTemporaryFile("w", dir=place, delete=False) as draft:
            draft.write(text)
        Path(draft.name).replace(file)  # Another process may be reading it.
    return place


def cache_folder(name: str) -> Path:
    """Make a folder of our own for fontconfig's index, which saves each new process 0.1 s."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 (Path.expanduser raises without a home)
    shared = Path(tempfile.gettempdir()) / f"atelier-{os.getuid()}"
    for place in (Path(home) / "atelier" / f"lettering-{name}", shared / f"lettering-{name}"):
        if ours(place):
            return place
    return Path(tempfile.mkdtemp(prefix="atelier-lettering-"))


def ours(place: Path) -> bool:
    """Make a folder that only we can write, or say that it cannot be had."""
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError:  # No home, or one that cannot be written.
        return False
    # Everybody may make folders in /tmp: one that somebody else made could hold anything.
    known = place.lstat()
    return known.st_uid == os.getuid() and not known.st_mode & 0o022


def covered(character: str, *families: str) -> bool:
    """Whether one of these families (all of ours when none is named) can show a character."""
    point = ord(character)
    return any(
        point in points for name, points in coverage().items() if not families or name in families
    )


@cache
def coverage() -> dict[str, frozenset[int]]:
    """What each family can show, from the fonts' own character maps."""
    found: dict[str, frozenset[int]] = {}
    for folder in folders():
        for path in sorted(folder.iterdir()):
            family = family_of(path)
            if family and family not in found:
                with path.open("rb") as file:
                    found[family] = frozenset(code_points(file))
    return found


def family_of(path: Path) -> str | None:
    """The family a file belongs to, judged by its name: `NotoSansThai-Bold.ttf` is Noto Sans Thai."""
    stem = path.name.split("-")[0].split("[")[0].split(".")[0]
    known = (COMIC, SANS, EMOJI, *SCRIPTS, "Noto Sans CJK")
    return next((name for name in known if name.replace(" ", "") == stem), None)


def code_points(file: BinaryIO) -> Iterator[int]:
    """Read the code points a font maps, from its `cmap` (OpenType 1.9, formats 4 and 12)."""
    start = 0
    if file.read(4) == b"ttcf":
        file.seek(12)
        (start,) = struct.unpack(">I", file.read(4))
    file.seek(start + 4)
    (count,) = struct.unpack(">H", file.read(2))
    file.seek(start + 12)
    tables = {
        tag: offset for tag, _, offset, _ in struct.iter_unpack(">4sIII", file.read(16 * count))
    }
    file.seek(tables[b"cmap"] + 2)
    (count,) = struct.unpack(">H", file.read(2))
    for _, _, offset in sorted(set(struct.iter_unpack(">HHI", file.read(8 * count)))):
        file.seek(tables[b"cmap"] + offset)
        (form,) = struct.unpack(">H", file.read(2))
        if form == 12:
            yield from full_range(file)
        elif form == 4:
            yield from first_plane(file)


def full_range(file: BinaryIO) -> Iterator[int]:
    """Format 12: groups of first and last code point."""
    file.seek(10, os.SEEK_CUR)
    (groups,) = struct.unpack(">I", file.read(4))
    for first, last, _ in struct.iter_unpack(">III", file.read(12 * groups)):
        yield from range(first, last + 1)


def first_plane(file: BinaryIO) -> Iterator[int]:
    """Format 4: all segments' ends, two bytes of padding, all segments' starts."""
    file.seek(4, os.SEEK_CUR)
    (twice,) = struct.unpack(">H", file.read(2))
    file.seek(6, os.SEEK_CUR)
    ends = struct.unpack(f">{twice // 2}H", file.read(twice))
    file.seek(2, os.SEEK_CUR)
    starts = struct.unpack(f">{twice // 2}H", file.read(twice))
    for first, last in zip(starts, ends, strict=True):
        yield from range(first, min(last, 0xFFFE) + 1)
