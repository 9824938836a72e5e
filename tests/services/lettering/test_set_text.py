"""Text set in boxes and ellipses: whole, as large as fits, and never a way in."""

from __future__ import annotations

from services.lettering import set_text


def test_text_is_as_large_as_its_box_allows() -> None:
    small = set_text("Hello there", width=100, height=40, largest=60, smallest=8)
    large = set_text("Hello there", width=300, height=120, largest=60, smallest=8)
    assert small.image.size == (100, 40)
    assert small.size < large.size <= 60
    assert not small.cut
