"""The words in panels: one letter size for a page where it can be, balloons drawn where they fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.writing import Manner, PanelScript
from services.comics.cast import places
from services.comics.layout import Box, Frame, Point
from services.comics.placing import Item, Room, Spot, arrange
from services.comics.saliency import Detail, detail_of
from services.comics.styles import Look
from services.lettering.balloons import Balloon, balloon

SIZES = (36, 33, 30, 27, 24, 21, 18, 15.5, 13)
"""Letter sizes tried, in pixels of a page."""
EVEN = 24
"""A page's panels share a size down to this; a panel that needs smaller letters has its own."""
COMFORT = 0.4
"""How much of a panel balloons may take before smaller letters are tried."""
CLEARING, CLEARER = 27, 0.85
"""Letters shrink down to the one where balloons then cover only this share of what they did."""
HEAD = 0.52
"""How far down a panel its speakers' mouths are assumed to be."""


@dataclass(frozen=True)
class Lettered:
    """Words as they stand on the page; boxes in its pixels."""

    panel: int
    """From 1."""
    body: Box
    text: Box
    tip: Point | None
    size: float
    cut: bool


@dataclass(frozen=True)
class Words:
    """What one balloon or caption says."""

    text: str
    manner: Manner | None
    """None for a caption."""
    speaker: Point | None


@dataclass(frozen=True)
class Panel:
    """One panel with its words in order, before they have places."""

    frame: Frame
    words: tuple[Words, ...]
    detail: Detail
    look: Look
    right_to_left: bool
    language: str | None

    def limits(self, words: Words) -> tuple[float, float]:
        """The largest body for some words: the fewer there are, the more each may take."""
        width, height = self.frame.size
        if words.manner is None:
            return width * 0.92, height * 0.4
        if len(self.words) == 1:
            return width * (0.92 if width < height * 0.9 else 0.7), height * 0.55
        return width * 0.7, height * 0.42

    def bubble(
        self,
        words: Words,
        letter: float,
        tail: Point | None = None,
        limits: tuple[float, float] | None = None,
    ) -> Balloon:
        """Draw a balloon. A caption is as flat as it can be: it is a strip in the frame's corner."""
        limits = limits or self.limits(words)
        if words.manner is not None:
            return self.drawn(words, letter, tail, limits)
        for lines in (1, 2, 3, 4):
            flat = self.drawn(words, letter, None, (limits[0], letter * (lines * 1.3 + 1.5)))
            if flat.size >= letter * 0.99 and not flat.cut:
                return flat
        return self.drawn(words, letter, None, limits)

    def drawn(
        self, words: Words, letter: float, tail: Point | None, limits: tuple[float, float]
    ) -> Balloon:
        paper, ink = self.look.balloon if words.manner else self.look.caption
        return balloon(
            words.text,
            manner=words.manner or "caption",
            max_width=max(16, round(limits[0] - 2 * self.look.border)),
            max_height=max(16, round(limits[1])),
            letter=letter,
            tail=tail,
            language=self.language,
            paper=paper,
            ink=ink,
            upper=self.look.upper,
        )

    def room(self, letter: float) -> Room:
        left, top, _, _ = self.frame.bounds
        width, height = self.frame.size
        return Room(
            width=width,
            height=height,
            corners=tuple((x - left, y - top) for x, y in self.frame.corners),
            detail=self.detail,
            letter=letter,
            inset=self.look.border / 2 + (self.look.radius * 0.4 if self.look.radius else 2),
            right_to_left=self.right_to_left,
        )

    def arranged(self, letter: float, *, tight: bool = False) -> list[Spot] | None:
        """Places for all words at a letter size; None where they do not fit comfortably."""
        drawn = [self.bubble(each, letter) for each in self.words]
        if not tight and any(each.size < letter * 0.99 or each.cut for each in drawn):
            return None
        items = [
            Item(*size_of(each.body), words.speaker)
            for each, words in zip(drawn, self.words, strict=True)
        ]
        width, height = self.frame.size
        covered = sum(each.width * each.height for each in items) / (width * height)
        if covered > COMFORT and letter > SIZES[-3]:
            return None
        return arrange(items, self.room(letter))

    def covered(self, spots: Sequence[Spot]) -> float:
        """How much there is to see under the worst placed body, 0 to 1."""
        sides = np.array([(each.left, each.top, each.right, each.bottom) for each in spots])
        return float(self.detail.under(*sides.T).max()) if spots else 0.0


def size_of(box: Box) -> tuple[int, int]:
    return box[2] - box[0], box[3] - box[1]


def letter_panels(
    canvas: Image.Image,
    panels: Sequence[tuple[Frame, PanelScript, Image.Image]],
    look: Look,
    *,
    right_to_left: bool,
    language: str | None,
) -> list[Lettered]:
    """Draw all words of a page on it."""
    spoken = [
        panel_of(frame, script, art, look, right_to_left, language) for frame, script, art in panels
    ]
    largest = [largest_size(each) for each in spoken]
    shared = max(min(largest, default=SIZES[0]), EVEN)
    found: list[Lettered] = []
    for number, (panel, most) in enumerate(zip(spoken, largest, strict=True), 1):
        found += letter_panel(canvas, panel, number, min(most, shared))
    return found


def panel_of(
    frame: Frame,
    script: PanelScript,
    art: Image.Image,
    look: Look,
    right_to_left: bool,
    language: str | None,
) -> Panel:
    width, height = frame.size
    where = places(script, right_to_left=right_to_left)
    heads = {who: (share * width, HEAD * height) for who, share in where.items()}
    words = [
        *([Words(script.caption, None, None)] if script.caption else []),
        *(Words(each.text, each.manner, heads[each.speaker.casefold()]) for each in script.lines),
    ]
    detail = detail_of(art, heads.values())
    return Panel(frame, tuple(words), detail, look, right_to_left, language)


def largest_size(panel: Panel) -> float:
    """The largest letters at which all of a panel's words find a place.

    Somewhat smaller ones where those leave much more of what is to be seen in sight.
    """
    if not panel.words:
        return SIZES[0]
    largest, enough = None, 0.0
    for size in SIZES:
        if largest and size < CLEARING:
            break
        spots = panel.arranged(size)
        if spots and largest is None:
            largest, enough = size, CLEARER * panel.covered(spots)
        elif spots and panel.covered(spots) <= enough:
            return size
    return largest or SIZES[-1]


def letter_panel(canvas: Image.Image, panel: Panel, number: int, letter: float) -> list[Lettered]:
    """Draw one panel's words."""
    spots = panel.arranged(letter) or panel.arranged(letter, tight=True)
    limits = None
    if spots is None:
        letter = SIZES[-1]
        spots, limits = stacked(panel, letter)
    drawn = [
        panel.bubble(words, letter, tail_of(spot), limits)
        for words, spot in zip(panel.words, spots, strict=True)
    ]
    return [
        put(canvas, panel.frame, number, each, spot)
        for each, spot in zip(drawn, spots, strict=True)
    ]


def stacked(panel: Panel, letter: float) -> tuple[list[Spot], tuple[float, float]]:
    """One under another, each in its share of the panel, where words find no other place."""
    width, height = panel.frame.size
    air = panel.room(letter).inset + 4
    share = (height - air) / len(panel.words)
    limits = (width * 0.8, share - air)
    spots: list[Spot] = []
    for number, words in enumerate(panel.words):
        across, down = size_of(panel.bubble(words, letter, limits=limits).body)
        left, top = (width - across) / 2, air + number * share
        spots.append(Spot(left, top, left + across, top + down))
    return spots, limits


def tail_of(spot: Spot) -> Point | None:
    """A tail's tip as seen from the middle of its body."""
    if spot.tip is None:
        return None
    return spot.tip[0] - spot.middle[0], spot.tip[1] - spot.middle[1]


def put(canvas: Image.Image, frame: Frame, number: int, drawn: Balloon, spot: Spot) -> Lettered:
    left, top, _, _ = frame.bounds
    corner = round(left + spot.left) - drawn.body[0], round(top + spot.top) - drawn.body[1]
    canvas.paste(drawn.image, corner, drawn.image)
    tip = (drawn.anchor[0] + corner[0], drawn.anchor[1] + corner[1])
    return Lettered(
        panel=number,
        body=moved(drawn.body, corner),
        text=moved(drawn.text_box, corner),
        tip=tip if spot.tip else None,
        size=drawn.size,
        cut=drawn.cut,
    )


def moved(box: Box, by: tuple[int, int]) -> Box:
    return box[0] + by[0], box[1] + by[1], box[2] + by[0], box[3] + by[1]
