"""How pages look: what picture models and writers are told, and how we frame and finish them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Finish = Literal["plain", "screentone", "noir", "pixel", "print"]
"""What is done to drawn panels: dots for grays, black and white, big pixels, printing ink."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What we draw around the panels ourselves. Lengths are pixels of a page 2,048 high."""

    margin: int = 36
    gutters: tuple[int, int] = (22, 22)
    """Between panels of a row, and between rows."""
    border: int = 6
    radius: int = 0
    """Of the frames' corners."""
    paper: str = "#ffffff"
    ink: str = "#111111"
    """Frames and title."""
    balloon: tuple[str, str] = ("#ffffff", "#111111")
    """Paper and ink."""
    caption: tuple[str, str] = ("#ffffff", "#111111")
    finish: Finish = "plain"
    upper: bool = True
    """Capital letters only, as most comics are lettered."""


@dataclass(frozen=True, kw_only=True)
class Style:
    """One way of telling in pictures."""

    art: str
    """For whoever draws."""
    story: str
    """For whoever writes."""
    look: Look = field(default_factory=Look)


COMIC: Mapping[str, Style] = {
    "newspaper": Style(
        art="Newspaper comic strip: confident brush lines of lively weight, simple rounded figures, "
        "few props, flat muted colors, plain backgrounds, clear silhouettes",
        story="A daily gag strip: a plain setup, a turn, and the joke in the last panel",
        look=Look(
            paper="#f7f3e8", ink="#1d1a16", gutters=(18, 26), border=5, finish="print",
            balloon=("#fffdf6", "#1d1a16"), caption=("#fffdf6", "#1d1a16"),
        ),
    ),
    "superhero": Style(
        art="American superhero comic: dynamic foreshortened figures, low and tilted camera angles, "
        "bold inking with solid black shadows, saturated primary colors, rim light, speed lines",
        story="High stakes told large: short heroic speeches, a narrator in captions, a cliffhanger",
        look=Look(
            margin=30, gutters=(14, 14), border=8, ink="#0b0b12",
            caption=("#ffe45c", "#14120a"),
        ),
    ),
    "ligne claire": Style(
        art="Ligne claire album: even clean contour lines of one width, no hatching and no cast "
        "shadows, flat natural colors, precise detailed settings, simple expressive faces",
        story="An adventure told calmly and exactly: polite, witty dialogue and a mystery",
        look=Look(
            margin=54, gutters=(20, 24), border=4, paper="#fffdf5", ink="#22201c",
            caption=("#fdf1b8", "#22201c"), upper=False,
        ),
    ),
    "webcomic": Style(
        art="Modern webcomic: clean digital lines, big expressive faces, soft cel shading, "
        "bright pastel palette, uncluttered backgrounds with simple gradients",
        story="Everyday and ironic: people talk as they do online, and one reacts deadpan",
        look=Look(
            margin=40, gutters=(26, 26), border=5, radius=26, paper="#ffffff", ink="#2b2d42",
            balloon=("#ffffff", "#2b2d42"), caption=("#eef1ff", "#2b2d42"), upper=False,
        ),
    ),
    "noir": Style(
        art="Noir crime comic: stark black and white, hard light through blinds, deep solid shadows, "
        "silhouettes, wet night streets, hats and smoke, low camera",
        story="Hard-boiled: a weary narrator in captions, dry short talk, a betrayal",
        look=Look(
            margin=34, gutters=(18, 18), border=4, paper="#0c0c0e", ink="#f1efe9", finish="noir",
            caption=("#0c0c0e", "#f6f4ee"),
        ),
    ),
    "pixel": Style(
        art="16-bit pixel art game scene: limited palette, chunky readable sprites, "
        "dithered skies, crisp square pixels, side view, no blur",
        story="An adventure game: short lines, an item found, a boss or a joke about games",
        look=Look(
            margin=32, gutters=(24, 24), border=8, paper="#1b1b3a", ink="#f4f4ff", finish="pixel",
            balloon=("#f8f8ff", "#1b1b3a"), caption=("#1b1b3a", "#ffe66d"),
        ),
    ),
}  # fmt: skip

MANGA_LOOK = Look(
    margin=44,
    gutters=(16, 30),
    border=5,
    upper=False,
    balloon=("#ffffff", "#0a0a0a"),
    ink="#0a0a0a",
)
SCREENTONE = "Black-and-white manga inked with a pen, spotted blacks, grays only as screentone"
COLOR = "Full-color manga page, clean ink lines, cel-shaded colors"


def manga(art: str, story: str) -> Style:
    return Style(art=art, story=story, look=MANGA_LOOK)


MANGA: Mapping[str, Style] = {
    "shonen": manga(
        "Shonen manga: energetic youths with spiky hair and determined eyes, dynamic poses, "
        "speed lines and impact bursts, bold line weight, close-ups cut against wide shots",
        "Friendship, rivalry and never giving up: build to a burst of action or a shouted vow",
    ),
    "shoujo": manga(
        "Shoujo manga: slender figures, large luminous eyes with many highlights, flowing hair, "
        "fine delicate lines, flowers and sparkles that float behind, open airy framing",
        "Feelings come first: hesitant words, inner thoughts in captions, a look that says more",
    ),
    "seinen": manga(
        "Seinen manga: realistic proportions and faces, detailed architecture drawn in perspective, "
        "heavy blacks, cross-hatching, cinematic angles, restrained expressions",
        "Grown-up and morally gray: few words, silences, consequences that are shown",
    ),
    "josei": manga(
        "Josei manga: elegant adult characters, realistic fashion and interiors, thin graceful "
        "lines, calm poses, generous white space, understated faces",
        "Adult life, work and love without fairy tales: honest talk with things left unsaid",
    ),
    "kodomo": manga(
        "Kodomo manga for children: round cute figures with big heads, thick simple outlines, "
        "cheerful animals, plain bright backgrounds, exaggerated joy and surprise",
        "For small children: easy words, a little problem, a kind surprise and a happy end",
    ),
    "mecha": manga(
        "Mecha manga: giant robots with panel lines, vents and thrusters, mechanical detail, "
        "low angles that show scale, tiny pilots in cockpits, debris, beams and smoke trails",
        "Pilots and machines: commands over the radio, strain in the cockpit, a desperate maneuver",
    ),
    "isekai": manga(
        "Isekai fantasy manga: an everyday hero among elves, guild halls, castles and monsters, "
        "ornate costumes, glowing magic circles, lush wide landscapes",
        "Someone ordinary in another world: they know games, the world takes itself seriously",
    ),
    "slice-of-life": manga(
        "Slice-of-life manga: soft rounded everyday characters, cozy kitchens, classrooms and "
        "shopping streets, quiet light, small gestures, light lines and much white",
        "Nothing great happens and it matters: warm small talk, a pause, a gentle smile",
    ),
    "action": manga(
        "Action manga: bodies in full motion, extreme foreshortening, radial focus lines, dust "
        "and shards in the air, blurred backgrounds, heavy black shadows",
        "A chase or a fight told in moves: hardly any words, each panel one clear beat",
    ),
    "romance": manga(
        "Romance manga: two people and the distance between them, blushing cheeks, tender "
        "close-ups of eyes and hands, evening light, petals or rain, soft gradients of tone",
        "Two people nearly say it: awkward kindness, a thought kept back, a touch",
    ),
}
