"""Where panels go: all within the page, none over another, in reading order."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import get_args

import pytest

from services.comics.layout import SIDE, Frame, Kind, Page, lay_out

KINDS = get_args(Kind)
MARGIN, GUTTERS = 40, (20, 26)
each_page = pytest.mark.parametrize(
    ("kind", "count"), [(kind, count) for kind in KINDS for count in range(1, 7)]
)


def laid_out(
    kind: Kind, count: int, *, titled: bool = True, wordy: bool = True, **how: bool
) -> Page:
    letters = [(300 if wordy and number % 2 else 20) for number in range(count)]
    return lay_out(kind, letters, titled=titled, margin=MARGIN, gutters=GUTTERS, **how)


def apart(one: Frame, other: Frame) -> float:
    """The widest gap between two convex frames along any of their sides' normals."""
    best = float("-inf")
    for frame, rest in ((one, other), (other, one)):
        corners = frame.corners
        for at in range(4):
            (x0, y0), (x1, y1) = corners[at], corners[(at + 1) % 4]
            length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
            gap = min(
                ((y1 - y0) * (x - x0) - (x1 - x0) * (y - y0)) / length for x, y in rest.corners
            )
            best = max(best, gap)
    return best


@each_page
def test_panels_lie_on_the_page_with_gutters_between(kind: Kind, count: int) -> None:
    page = laid_out(kind, count)
    assert len(page.frames) == count
    assert max(page.width, page.height) <= SIDE
    for frame in page.frames:
        left, top, right, bottom = frame.bounds
        assert left >= MARGIN
        assert top >= MARGIN + 50
        assert right <= page.width - MARGIN
        assert bottom <= page.height - MARGIN
        assert min(frame.size) > 200
    for one, other in combinations(page.frames, 2):
        assert apart(one, other) >= min(GUTTERS) * 0.9


@each_page
def test_panels_are_in_the_order_they_are_read_in(kind: Kind, count: int) -> None:
    for right_to_left in (False, True):
        frames = laid_out(kind, count, right_to_left=right_to_left).frames
        for one, other in pairwise(frames):
            below = other.bounds[1] > middle(one)[1]
            beyond = (
                middle(other)[0] < middle(one)[0]
                if right_to_left
                else (middle(other)[0] > middle(one)[0])
            )
            assert below or beyond


def middle(frame: Frame) -> tuple[float, float]:
    left, top, right, bottom = frame.bounds
    return (left + right) / 2, (top + bottom) / 2


@each_page
def test_right_to_left_is_the_mirror_image(kind: Kind, count: int) -> None:
    page, other = laid_out(kind, count), laid_out(kind, count, right_to_left=True)
    for one, turned in zip(page.frames, other.frames, strict=True):
        left, top, right, bottom = one.bounds
        mirrored = (page.width - right, top, page.width - left, bottom)
        assert all(abs(a - b) <= 1 for a, b in zip(turned.bounds, mirrored, strict=True))


def test_wordy_panels_get_more_room() -> None:
    plain = lay_out("page", [20, 20, 20, 20]).frames
    wordy = lay_out("page", [20, 300, 20, 20]).frames
    assert wordy[1].size[0] > plain[1].size[0]
    assert wordy[1].size[1] > plain[1].size[1]
    assert lay_out("strip", [300] * 4).height > lay_out("strip", [20] * 4).height


def test_without_a_title_nothing_is_kept_free_for_one() -> None:
    page = laid_out("page", 4, titled=False)
    assert page.title is None
    assert page.frames[0].bounds[1] == MARGIN


def test_shapes_are_those_that_providers_draw() -> None:
    for kind in KINDS:
        for count in range(1, 7):
            for frame in laid_out(kind, count).frames:
                wide, high = (int(each) for each in frame.aspect.split(":"))
                assert 1 / 3 <= wide / high <= 3


def test_only_manga_is_slanted() -> None:
    assert all(each.straight for each in laid_out("page", 6).frames)
    assert not all(each.straight for each in laid_out("manga", 6).frames)
