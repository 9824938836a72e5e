"""/icon: an emoji, a sticker or a server's icon, cut out and in every size it is used in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast, get_args

from PIL import ImageColor
from pydantic import Field, field_validator

from core.pictures import Drawn, Picture, PictureRequest
from core.tool import AssetId, Line, ModelName, Parent, Prose, ProviderName, ToolParams, tool
from services.images import read_input, save_generated_image
from services.pictures.icons import make_icon, on_color
from services.run import Run

Style = Literal[
    "flat", "3d", "pixel-art", "minimal", "colorful", "gradient", "line-art", "realistic"
]
Target = Literal["emoji", "sticker", "app-emoji", "server-icon"]

NAME = re.compile(r"[A-Za-z0-9_]{2,32}")
"""What Discord takes as an emoji's name."""
STYLE = re.compile(r"(?:(?:make it|in|as|now)\s+)*(?P<style>[\w -]+?)(?:\s+style)?[.!]?", re.I)
"""A reply that asks for another style and nothing else."""

GUIDANCE: dict[Style, str] = {
    "flat": "flat vector illustration, solid shapes, few colors, no shading, crisp outlines",
    "3d": "glossy 3D render, soft rounded forms, studio light from above, gentle reflections",
    "pixel-art": "pixel art on a 32 by 32 grid, hard square pixels, a palette of at most 16 "
    "colors, dark one-pixel outline, no smoothing",
    "minimal": "minimalist symbol, one or two bold shapes, two colors, plenty of simplicity",
    "colorful": "bold and cheerful cartoon, saturated colors, thick clean outlines, simple shading",
    "gradient": "modern app-icon look, smooth vivid gradients, soft simple shapes, no outlines",
    "line-art": "line art, even thick strokes in one dark color, white inside, no shading",
    "realistic": "realistic and detailed, natural materials and light, sharp focus",
}
SUITED = (
    "One subject, centered, seen whole and filling the picture, a strong silhouette that can be "
    "read at the size of a letter. No text, no frame, no watermark."
)
KEYS = {"green": "#00ff00", "magenta": "#ff00ff", "blue": "#0000ff"}
"""Backgrounds that can be cut away, the best first."""
HAVE = {
    "green": "green lime emerald mint olive teal turquoise jade frog toad leaf leaves plant tree "
    "grass cactus clover dragon dinosaur dino turtle tortoise crocodile alligator snake lizard "
    "gecko chameleon zombie goblin orc alien broccoli avocado cucumber pickle pear kiwi salad herb "
    "cannabis palm fern succulent caterpillar",
    "magenta": "magenta pink purple violet lilac lavender fuchsia rose rosy blossom cherry flower "
    "orchid tulip pig piglet flamingo axolotl unicorn grape plum eggplant beet candy donut "
    "doughnut bubblegum brain tongue lips heart galaxy nebula neon synthwave amethyst peony "
    "rainbow",
    "blue": "blue navy azure cobalt sapphire sky ocean sea water wave whale dolphin shark ice "
    "blueberry denim rainbow",
}
"""Words for subjects that have such a color themselves."""
DULL = (
    "a an and are as at be by for from in into is it its like make me my of on or our please some "
    "that the their this to very with your draw icon emoji sticker logo picture image cute small "
    "style flat minimal colorful gradient realistic"
)
"""Words that make no name."""


class IconParams(ToolParams):
    prompt: Prose = Field(description="What it shows.", min_length=1, max_length=4000)
    style: Style = Field("colorful", description="How it is drawn.")
    background: Line = Field(
        "transparent",
        description="transparent, a color such as navy or #ffcc00, or keep for a whole scene.",
        max_length=40,
    )
    target: Target = Field("emoji", description="What it is for.")
    name: Line | None = Field(
        None,
        description="2 to 32 letters, digits and _; made from the prompt otherwise.",
        max_length=40,
    )
    source: AssetId | None = Field(None, description="A picture to make it from.")
    count: int = Field(1, description="How many to draw.", ge=1, le=4)
    seed: int | None = Field(
        None, description="A number that repeats an earlier icon.", ge=0, le=2**32 - 1
    )
    provider: ProviderName | None = Field(None, description="Who draws.", max_length=50)
    model: ModelName | None = Field(None, description="Which of their models.", max_length=100)
    spoiler: bool = Field(False, description="Hide it until it is clicked.")

    @field_validator("background")
    @classmethod
    def known_background(cls, value: str) -> str:
        value = value.lower()
        if value in ("transparent", "keep"):
            return value
        try:
            ImageColor.getrgb(value)
        except ValueError as error:
            raise ValueError(
                "say transparent, keep, or a color such as navy or #ffcc00."
            ) from error
        return value

    @field_validator("name")
    @classmethod
    def possible_name(cls, value: str | None) -> str | None:
        if not value:
            return None
        value = re.sub(r"[\s-]+", "_", value.strip(": "))
        if not NAME.fullmatch(value):
            raise ValueError("it needs 2 to 32 of the letters A to Z, digits and _.")
        return value


@tool("icon", "Make an emoji, a sticker or a server icon.")
async def icon(params: IconParams, run: Run) -> None:
    name = params.name or suggested_name(params.prompt)
    run.remember("name", name)
    run.remember("target", params.target)
    source = await read_input(run, params.source) if params.source else None
    request = await request_for(params, run, source)
    run.full_prompt = request.prompt
    for position, drawn in enumerate(await run.draw(request)):
        await keep(params, run, drawn, position, name)


async def request_for(params: IconParams, run: Run, source: Picture | None) -> PictureRequest:
    """Ask for real transparency where the model has it, else for a background to cut away."""
    native = run.capabilities.transparent and params.background != "keep"
    key = key_for(params.prompt)
    if source is not None and not native and params.background != "keep":
        source = await keyed(run, source, KEYS[key])
    return PictureRequest(
        prompt=prompt_for(params, native, key),
        model=params.model,
        aspect="1:1",
        count=params.count,
        seed=params.seed,
        background=None if params.background == "keep" else "transparent" if native else "opaque",
        source=source,
    )


def prompt_for(params: IconParams, native: bool, key: str) -> str:
    parts = [f"{params.prompt}.", f"Style: {GUIDANCE[params.style]}.", SUITED]
    if native:
        parts.append("Transparent background, no shadow on the ground.")
    elif params.background != "keep":
        parts.append(
            f"The background is one perfectly plain, flat, evenly lit {key} ({KEYS[key]}) up to "
            f"every edge, without floor or shadow, and nothing in the subject is {key}."
        )
    return " ".join(parts)


def key_for(prompt: str) -> str:
    """The background color that is least likely to be in the subject."""
    words = set(re.findall(r"[a-z]+", prompt.lower()))
    words |= {word.removesuffix("s") for word in words}
    return min(KEYS, key=lambda key: len(words & set(HAVE[key].split())))


async def keyed(run: Run, source: Picture, color: str) -> Picture:
    """The source on the background that will be cut away, so that it stays there."""
    data = await run.studio.pictures.run(on_color, source.data, color)
    return Picture(data, "image/png", source.width, source.height)


async def keep(params: IconParams, run: Run, drawn: Drawn, position: int, name: str) -> None:
    """Keep the icon itself, and beside it every size it is used in."""
    made = await run.studio.pictures.run(
        make_icon, drawn.data, params.background, params.target, name
    )
    run.notes.extend(note for note in made.notes if note not in run.notes)
    alt = f"Icon {name}: {params.prompt}"
    tags = ["icon", params.target, params.style]
    master = Drawn(data=made.master, seed=drawn.seed, revised_prompt=drawn.revised_prompt)
    await save_generated_image(run, master, position=position, tags=tags, alt=alt)
    for part, data in made.parts.items():
        await save_generated_image(run, Drawn(data=data), position=position, part=part, alt=alt)


def suggested_name(prompt: str) -> str:
    """The prompt's first telling words as a name Discord takes, up to a sticker's 30 letters."""
    plain = unicodedata.normalize("NFKD", prompt).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    telling = [word for word in words if word not in DULL.split()] or words
    name = ""
    for word in telling[:3]:
        longer = f"{name}_{word}" if name else word[:30]
        if len(longer) > 30:
            break
        name = longer
    return name if len(name) >= 2 else f"icon_{name}".rstrip("_")


def change(parent: Parent, words: str, references: Sequence[str]) -> Mapping[str, Any]:
    """A reply that names a style draws the same anew in it; any other changes the icon itself."""
    kept = {key: value for key, value in parent.params.items() if key not in ("seed", "count")}
    style = asked_style(words)
    if style is not None:
        return {**kept, "style": style}
    kept["name"] = parent.meta.get("name") or kept.get("name")
    return {**kept, "prompt": words, "source": parent.pictures[parent.position]}


def asked_style(words: str) -> Style | None:
    found = STYLE.fullmatch(words.strip())
    name = found["style"].lower().replace(" ", "-") if found else ""
    name = {"colourful": "colorful", "pixel": "pixel-art", "pixelated": "pixel-art"}.get(name, name)
    return cast("Style", name) if name in get_args(Style) else None


icon = icon.iterates(change)
