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
from typing import Any, BinaryIO

import vl_convert

from services.charts import fonts
from services.charts.typesetting import typeset

SIZE = struct.Struct(">I")
MEMORY = 1_500_000_000
"""Bytes of data. Address space cannot be limited: the engine reserves gigabytes of it unused."""
PR_SET_PDEATHSIG = 1


def main() -> None:
    # What the library prints must not come between the frames.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    confine()
    for folder in fonts.folders():
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


def answered(chart: dict[str, Any]) -> list[bytes]:
    """The trouble, or an empty frame, the SVG and the PNG."""
    try:
        drawn = vl_convert.vegalite_to_svg(
            chart["spec"],
            vl_version="6.4",
            allowed_base_urls=[],
            format_locale=chart["locale"],
        )
        if "<image" in drawn:
            # No chart of ours has one; the library would fetch it from wherever it lies.
            raise ValueError("the drawing refers to a picture")
        picture = vl_convert.svg_to_png(typeset(drawn, placed=True), scale=1, ppi=72)
        return [b"", typeset(drawn).encode(), picture]
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
