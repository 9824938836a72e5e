"""/image: draw a picture from a description, or from other pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic.config import JsonDict

from core.errors import BadRequest, InvalidParams, Refused
from core.pictures import Drawn, Picture, PictureRequest
from core.text import shorten
from core.tool import (
    AssetId,
    DatasetName,
    Line,
    ModelName,
    Prose,
    ProviderName,
    StyleName,
    ToolParams,
    tool,
)
from core.viewer import Viewer
from services import datasets, guidance
from services.enhancing import added, better_prompt, difference
from services.expand import CAP, alternatives
from services.guidance import Angle, Lighting, Refinements, Shot, Weather
from services.images import read_input, save_generated_image
from services.run import Run
from services.studio import Studio

MOST = 10
"""Pictures of one request: as many as Discord shows in one gallery."""
PROMPT, NEGATIVE = 32_000, 2_000
"""Characters; the first is what OpenAI's image models take."""
HIDDEN: JsonDict = {"hidden": True}
OWN_WORDS = "Draw my own words"


class ImageParams(ToolParams):
    prompt: Prose = Field(
        description="What to draw; [a, b] in it draws one picture for each.",
        min_length=1,
        max_length=PROMPT,
        json_schema_extra={"discord_max": 4000},
    )
    negative_prompt: Prose | None = Field(
        None, description="What to leave out.", max_length=NEGATIVE
    )
    aspect: Literal["auto", "1:1", "3:2", "2:3", "16:9", "9:16", "4:3", "3:4", "21:9"] = Field(
        "1:1", description="Width to height; auto goes by the source or the words."
    )
    count: int = Field(
        1, description="How many to draw.", ge=1, le=MOST, json_schema_extra={"discord_max": 4}
    )
    seed: int | None = Field(
        None, description="A number that repeats an earlier picture.", ge=0, le=2**32 - 1
    )
    style: StyleName | None = Field(
        None,
        description="For example watercolor, or your own words.",
        max_length=100,
        examples=list(guidance.STYLES),
    )
    quality: Literal["auto", "low", "medium", "high"] = Field(
        "auto", description="More costs more, where the model has it."
    )
    background: Literal["auto", "transparent", "opaque"] = Field(
        "auto", description="Transparent leaves it empty, where the model can."
    )
    source: AssetId | None = Field(None, description="A picture to start from.")
    strength: float | None = Field(
        None, description="How far to leave the source: 0 keeps it, 1 ignores it.", ge=0, le=1
    )
    references: Annotated[list[AssetId], Field(max_length=4)] = Field(
        default=[], description="Pictures to take things from."
    )
    shot: Shot | None = Field(None, description="How near the camera is.")
    angle: Angle | None = Field(None, description="Where the camera looks from.")
    lighting: Lighting | None = Field(None, description="What light it is in.")
    weather: Weather | None = Field(None, description="What the weather is like.")
    location: Line | None = Field(
        None, description="Where it is, for example Lisbon or on the moon.", max_length=200
    )
    dataset: DatasetName | None = Field(
        None, description="A named reference set to draw with.", max_length=100
    )
    enhance: bool = Field(False, description="Let the writer add what your words leave open.")
    provider: ProviderName | None = Field(None, description="Who draws.", max_length=50)
    model: ModelName | None = Field(None, description="Which of their models.", max_length=100)
    spoiler: bool = Field(False, description="Hide it until it is clicked.")
    enhanced: Prose | None = Field(
        None,
        description="The better prompt; written from yours by default.",
        max_length=8000,
        json_schema_extra=HIDDEN,
    )
    expanded: Prose | None = Field(
        None,
        description="One prompt on each line; made from the brackets by default.",
        max_length=PROMPT,
        json_schema_extra=HIDDEN,
    )
    dataset_description: Prose | None = Field(
        None,
        description="What the set says of itself; looked up by its name.",
        max_length=4000,
        json_schema_extra=HIDDEN,
    )
    dataset_pictures: Annotated[list[AssetId], Field(max_length=datasets.PICTURES)] = Field(
        default=[],
        description="The set's pictures; looked up by its name.",
        json_schema_extra=HIDDEN,
    )

    @model_validator(mode="after")
    def few_enough(self) -> ImageParams:
        """Say how many pictures it would be before anybody waits for too many."""
        prompts = len(self.prompts())
        if prompts * self.count > MOST:
            raise InvalidParams(
                f"That would be {prompts * self.count} pictures, {self.count} for each of "
                f"{prompts} prompts; up to {MOST} are possible. Lower the count."
            )
        return self

    def prompts(self) -> list[str]:
        """What to draw, one prompt for each picture or row of pictures, as far as it is agreed."""
        if self.expanded is not None:
            lines = [line.strip() for line in self.expanded.splitlines() if line.strip()]
            if not 1 <= len(lines) <= CAP:
                raise InvalidParams(f"Give 1 to {CAP} prompts, one on each line.")
            return lines
        return alternatives(self.enhanced or self.prompt)

    def refinements(self) -> Refinements:
        return Refinements(
            shot=self.shot,
            angle=self.angle,
            lighting=self.lighting,
            weather=self.weather,
            location=self.location,
        )


@dataclass(frozen=True)
class Pictures:
    """What it is drawn from."""

    source: Picture | None
    references: tuple[Picture, ...]


@tool("image", "Draw a picture from a description.")
async def image(params: ImageParams, run: Run) -> None:
    prompts = await agreed(params, run)
    pictures = await read_pictures(params, run)
    batches = [
        (prompt, first, number)
        for prompt in prompts
        for first, number in batched(params.count, run.capabilities.count)
    ]
    run.steps = len(batches)
    kept = 0
    declined: list[Refused | BadRequest] = []
    for number, (prompt, first, count) in enumerate(batches, 1):
        if len(batches) > 1:
            run.stage = f"{number} of {len(batches)}: {shorten(prompt, 60)}"
        request = request_for(params, run, prompt, pictures)
        seed = None if request.seed is None else (request.seed + first) % 2**32
        try:
            drawn = await run.draw(replace(request, seed=seed, count=count))
        except (Refused, BadRequest) as error:
            decline(run, prompt, error, declined, alone=len(prompts) == 1)
            continue
        await keep(params, run, prompt, drawn, kept)
        kept += len(drawn)
    if kept == 0:
        raise declined[-1]
    whole = "\n".join(dict.fromkeys(sent(params, each) for each in prompts))
    run.full_prompt = whole if whole != params.prompt else None


async def agreed(params: ImageParams, run: Run) -> list[str]:
    """The prompts to draw: better ones where that was asked for, shown first where somebody waits.

    How many pictures it makes is said before any is drawn.
    """
    words = params.enhanced or params.prompt
    if params.enhance and params.enhanced is None and params.expanded is None:
        words = await better_prompt(run, params.prompt, choices(params)) or params.prompt
    prompts = params.prompts() if params.expanded else alternatives(words)
    if len(prompts) > 1 and params.expanded is None:
        prompts = await confirmed(params, run, prompts)
    elif words != params.prompt and params.enhanced is None and params.expanded is None:
        words = await run.propose(
            "enhanced",
            words,
            f"A better prompt. One picture more or less: {run.price(params.count)}.",
            {OWN_WORDS: params.prompt},
        )
        prompts = alternatives(words)
    if params.enhance:
        show_difference(run, alternatives(params.prompt), prompts)
    return prompts


async def confirmed(params: ImageParams, run: Run, prompts: Sequence[str]) -> list[str]:
    """Say how many pictures the brackets make, and which."""
    number = len(prompts) * params.count
    own = "\n".join(map(one_line, alternatives(params.prompt)))
    text = "\n".join(map(one_line, prompts))
    others = {OWN_WORDS: own} if own != text else {}
    shown = await run.propose("expanded", text, f"{number} pictures: {run.price(number)}.", others)
    return shown.splitlines()


def show_difference(run: Run, own: Sequence[str], better: Sequence[str]) -> None:
    """Keep the better prompt beside the person's own, and say what is new in it."""
    before, after = ("\n".join(map(one_line, each)) for each in (own, better))
    if before == after:
        return
    marked = difference(before, after)
    run.remember("enhanced", {"before": before, "after": after, "difference": marked})
    if new := added(before, after):
        run.notes.append(f"Added to your words: {new}.")


def choices(params: ImageParams) -> dict[str, str]:
    """What was chosen beside the words, for the writer."""
    style = {"style": params.style} if params.style else {}
    return {**style, **params.refinements().chosen()}


def one_line(text: str) -> str:
    return " ".join(text.split())


async def read_pictures(params: ImageParams, run: Run) -> Pictures:
    source = await read_input(run, params.source) if params.source else None
    named = dict.fromkeys([*params.references, *params.dataset_pictures])
    return Pictures(source, tuple([await read_input(run, each) for each in named]))


def batched(count: int, at_once: int) -> list[tuple[int, int]]:
    """Where each call's pictures begin, and how many it draws."""
    size = max(1, at_once)
    return [
        (number * size, min(size, count - number * size))
        for number in range(math.ceil(count / size))
    ]


def request_for(params: ImageParams, run: Run, prompt: str, pictures: Pictures) -> PictureRequest:
    """One call, without what the model cannot do; the person is told what that is."""
    source = pictures.source
    request = PictureRequest(
        prompt=sent(params, prompt),
        negative_prompt=params.negative_prompt or "",
        model=params.model,
        aspect=guidance.shape(params.aspect, prompt, source),
        seed=params.seed,
        style=params.style,
        quality=params.quality,
        background=None if params.background == "auto" else params.background,
        source=source,
        references=pictures.references,
        strength=params.strength if source else None,
    )
    request, notes = guidance.within(request, run.capabilities)
    run.notes.extend(note for note in notes if note not in run.notes)
    return request


def sent(params: ImageParams, prompt: str) -> str:
    """The prompt with everything that was chosen beside it."""
    words = guidance.refined(prompt, params.refinements())
    words = guidance.described(words, params.dataset or "", params.dataset_description or "")
    return guidance.styled(words, params.style)


def decline(
    run: Run,
    prompt: str,
    error: Refused | BadRequest,
    declined: list[Refused | BadRequest],
    *,
    alone: bool,
) -> None:
    """Go on without a prompt that is declined where there are others; raise what it was else."""
    if alone:
        raise error
    declined.append(error)
    run.notes.append(f"“{shorten(prompt, 80)}” was left out: {error}")


async def keep(
    params: ImageParams, run: Run, prompt: str, pictures: Sequence[Drawn], first: int
) -> None:
    """Keep what one call drew, behind what there is."""
    run.full_prompt = sent(params, prompt)
    several = len(params.prompts()) > 1 or params.enhance
    for position, picture in enumerate(pictures, first):
        await save_generated_image(
            run,
            picture,
            position=position,
            tags=tags(params),
            alt=f"Picture made by /image: {prompt}" if several else None,
        )


def tags(params: ImageParams) -> list[str]:
    found = ["img2img" if params.source else "txt2img"]
    return [*found, *(each.lower() for each in (params.style, params.dataset) if each)]


async def look_up(studio: Studio, values: Mapping[str, Any], viewer: Viewer) -> dict[str, Any]:
    """Find the named reference set; what it says and shows joins the request."""
    own = {key: value for key, value in values.items() if not key.startswith("dataset_")}
    if not values.get("dataset"):
        return own
    found = await datasets.find(studio, viewer, "set", str(values["dataset"]))
    return {
        **own,
        "dataset": found.name,
        "dataset_description": found.description or None,
        "dataset_pictures": list(found.assets),
    }


image = image.prepares(look_up)
