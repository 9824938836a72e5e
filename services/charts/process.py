"""The process that draws charts: asked and answering in frames of a length and bytes, on pipes.

Run as `python -m services.charts.process`. It ends with its standard input, and with its parent.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import struct
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

import vl_convert

from services.charts.typesetting import typeset

SIZE = struct.Struct(">I")
MEMORY = 1_500_000_000
"""Bytes of data. Address space cannot be limited: the engine reserves gigabytes of it unused."""
PR_SET_PDEATHSIG = 1
FONTS = Path(__file__).parents[1] / "lettering" / "fonts"
FONT_PACKAGES = {"fontpkg_noto_sans": "files", "noto_cjk_sans_otc": ""}


def main() -> None:
    # What the library prints must not come between the frames.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    confine()
    for folder in font_folders():
        vl_convert.register_font_directory(str(folder))
    while (request := read_frame(sys.stdin.buffer)) is not None:
        for frame in answered(json.loads(request)):
            answers.write(SIZE.pack(len(frame)) + frame)
        answers.flush()


def confine() -> None:
    """Take from this process what it must not have: time without its parent, memory, a core."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def font_folders() -> list[Path]:
    """Where our own fonts lie: a chart looks the same on every host."""
    found = [FONTS]
    for package, folder in FONT_PACKAGES.items():
        spec = find_spec(package)
        if spec is not None and spec.origin is not None:
            found.append(Path(spec.origin).parent / folder)
    return [folder for folder in found if folder.is_dir()]


def answered(chart: dict[str, Any]) -> list[bytes]:
    """The trouble, or an empty frame, the SVG and the PNG."""
    try:
        svg = typeset(
            vl_convert.vegalite_to_svg(
                chart["spec"],
                vl_version="6.4",
                allowed_base_urls=[],
                format_locale=chart["locale"],
            )
        )
        return [b"", svg.encode(), vl_convert.svg_to_png(svg, scale=1, ppi=72)]
    except Exception as error:
        return [f"{type(error).__name__}: {error}".encode() or b"unknown"]


def read_frame(stream: BinaryIO) -> bytes | None:
    head = stream.read(SIZE.size)
    if len(head) < SIZE.size:
        return None
    (size,) = SIZE.unpack(head)
    return stream.read(size)


if __name__ == "__main__":
    main()
