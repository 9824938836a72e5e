"""What docs/tools.md shows: one request after the other, the later ones made of the earlier."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Example:
    """A request as somebody would make it, and why it is worth seeing."""

    name: str
    """Names its picture in docs/gallery."""
    tool: str
    about: str
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    reply: str | None = None
    """Words that answer the example `of`, instead of parameters."""
    of: str | None = None
    """The example whose first picture this one starts from."""
    takes: str = "source"
    """The parameter that is given the picture of the example `of`."""
    parts: tuple[str, ...] = ()
    """Which parts to show beside the results."""
    count: int = 1
    """How many pictures there are to show."""


PORTRAIT = "portrait of a young astronaut with red hair and freckles, smiling"
SALES = """Quarter,North,South,West
2025 Q1,1200,940,610
2025 Q2,1380,1010,720
2025 Q3,1525,1190,905
2025 Q4,1760,1230,1100"""
VISITORS = "Month,Visitors\n" + "\n".join(
    f"2025-{month:02},{count}"
    for month, count in enumerate(
        (8200, 9100, 11300, 15800, 21400, 33900, 41200, 39800, 27600, 18300, 12100, 10400), 1
    )
)
RAIN = """Day,Morning,Noon,Evening,Night
Monday,0.2,1.4,3.1,0.6
Tuesday,0.0,0.3,0.9,2.2
Wednesday,1.8,2.6,4.4,3.0
Thursday,0.1,0.0,0.4,0.2
Friday,2.9,3.8,1.1,0.0"""

EXAMPLES: tuple[Example, ...] = (
    Example(
        "image",
        "image",
        "Words become a picture; the seed repeats it.",
        {"prompt": "a lighthouse on a cliff at dusk, calm sea", "aspect": "16:9", "seed": 7},
    ),
    Example(
        "image-four",
        "image",
        "Several come as one gallery.",
        {"prompt": "mountains under stars, woodcut", "count": 4, "aspect": "3:2", "seed": 11},
        count=4,
    ),
    Example(
        "image-alternatives",
        "image",
        "Each alternative in brackets is a picture of its own; how many is said first.",
        {"prompt": "a forest in [spring, autumn, winter]", "seed": 5},
        count=3,
    ),
    Example(
        "image-reply",
        "image",
        "A reply in plain words changes the picture, and both are kept.",
        reply="make it night, with fog",
        of="image",
    ),
    Example(
        "avatar",
        "avatar",
        "A square picture, and how it looks in Discord's round frame, dark and light.",
        {"description": "a cheerful fox with a green scarf", "style": "mascot", "seed": 3},
        parts=("sheet",),
    ),
    Example(
        "avatar-photo",
        "avatar",
        "From a picture, in another style.",
        {"style": "pixel", "seed": 4},
        of="avatar",
        parts=("sheet",),
    ),
    Example(
        "anime",
        "anime",
        "A manga page, read from right to left, with screentone.",
        {
            "scenario": "Yuki finds a stray robot in the rain. She gives it her umbrella. "
            "“Thank you,” says the robot. It follows her home.",
            "style": "shonen",
            "seed": 21,
        },
    ),
    Example(
        "anime-color",
        "anime",
        "In color, from left to right, lettered in French.",
        {
            "scenario": "Mina : « Regarde, une étoile filante ! » Leo : « Fais un vœu. »",
            "characters": ["Mina: a girl with black hair", "Leo: a boy with red hair"],
            "style": "slice-of-life",
            "panels": 3,
            "color": "color",
            "direction": "left-to-right",
            "language": "French",
            "seed": 8,
        },
    ),
    Example(
        "anime-next", "anime", "The next page continues this one.", reply="next page", of="anime"
    ),
    Example(
        "comic",
        "comic",
        "The script is shown and can be changed before anything is drawn.",
        {
            "prompt": "A cat finds a laptop. Cat: “At last, something warm.” "
            "The screen says: update in progress. Cat: “I will supervise.” The cat sleeps on it.",
            "style": "newspaper",
            "layout": "strip",
            "seed": 12,
        },
    ),
    Example(
        "comic-page",
        "comic",
        "A page, in another style.",
        {
            "prompt": "Night over the city. Nova: “Something is wrong with the moon.” "
            "Rex: “It blinked!” Nova flies up. Nova: “It is an eye.” The moon smiles.",
            "characters": ["Nova: a heroine with red hair", "Rex: a dog in a cape"],
            "style": "superhero",
            "layout": "page",
            "panels": 5,
            "seed": 30,
        },
    ),
    Example(
        "comic-panel",
        "comic",
        "A reply draws one panel anew and puts the strip together again.",
        reply="panel 2: a storm outside the window",
        of="comic",
    ),
    Example(
        "icon",
        "icon",
        "Cut out, on dark and light, at its real size, within Discord's limits.",
        {"prompt": "a happy fox", "style": "colorful", "seed": 2},
        parts=("sheet",),
    ),
    Example(
        "icon-sticker",
        "icon",
        "A sticker, 320 by 320 pixels.",
        {"prompt": "a rocket", "style": "flat", "target": "sticker", "seed": 6},
        parts=("sheet",),
    ),
    Example(
        "edit",
        "edit",
        "An instruction changes a picture.",
        {"instruction": "add a sailing boat at sunset"},
        of="image",
    ),
    Example(
        "edit-local",
        "edit",
        "What needs no artist costs nothing and asks nobody.",
        {"instruction": "crop to 1:1, make it black and white, round the corners"},
        of="image",
    ),
    Example(
        "edit-caption",
        "edit",
        "A caption, set in any script.",
        {"instruction": "caption: Wish you were here"},
        of="image",
    ),
    Example(
        "context-edit",
        "context-edit",
        "Several wishes are planned as steps; each is a picture of its own.",
        {"request": "make it winter, add a house in the middle and add a flag in front"},
        of="image",
    ),
    Example(
        "chart",
        "chart",
        "A pasted table; the axes, separators and dates are found.",
        {"data": SALES, "title": "Sales by region"},
    ),
    Example(
        "chart-reply",
        "chart",
        "A reply changes it, for nothing, always the same way.",
        reply="stacked",
        of="chart",
    ),
    Example(
        "chart-dark",
        "chart",
        "Dark.",
        {"data": VISITORS, "type": "area", "theme": "dark", "title": "Visitors"},
    ),
    Example(
        "chart-heat",
        "chart",
        "Rainfall in millimeters.",
        {"data": RAIN, "type": "heat map", "title": "Rain, mm"},
    ),
)
