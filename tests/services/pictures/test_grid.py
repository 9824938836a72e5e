"""A set at a glance: every picture whole, each with its number."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from services.pictures.grid import CELL, GAP, GROUND, grid


def thumbnail(size: tuple[int, int], color: str) -> bytes:
    output = io.BytesIO()
    Image.new("RGBA", size, color).save(output, "WEBP", lossless=True)
    return output.getvalue()


@pytest.mark.parametrize(("count", "across", "down"), [(1, 1, 1), (5, 5, 1), (6, 5, 2), (20, 5, 4)])
def test_rows_are_of_five(count: int, across: int, down: int) -> None:
    sheet = Image.open(io.BytesIO(grid([thumbnail((96, 64), "red")] * count)))
    assert sheet.size == (across * (CELL + GAP) + GAP, down * (CELL + GAP) + GAP)


def test_a_picture_is_shown_whole_and_its_holes_show_the_ground() -> None:
    data = grid([thumbnail((384, 96), "red"), thumbnail((2, 384), "#0000")])
    sheet = Image.open(io.BytesIO(data)).convert("RGB")
    cell = sheet.crop((GAP, GAP, GAP + CELL, GAP + CELL))
    reds = [cell.getpixel((x, CELL // 2)) == (255, 0, 0) for x in range(CELL)]
    assert all(reds)
    ground = Image.new("RGB", (1, 1), GROUND).getpixel((0, 0))
    assert cell.getpixel((100, 190)) == ground
    assert sheet.getpixel((GAP * 2 + CELL + CELL // 2, GAP + CELL // 2)) == ground


def test_each_number_looks_different() -> None:
    data = grid([thumbnail((10, 10), "white")] * 20)
    sheet = Image.open(io.BytesIO(data)).convert("L")
    step = CELL + GAP
    marks = {
        sheet.crop((GAP + x * step, GAP + y * step, GAP + x * step + 60, GAP + y * step + 60))
        .tobytes()
        for x in range(5)
        for y in range(4)
    }  # fmt: skip
    assert len(marks) == 20
