"""/edit, and what replying to a picture does: change it by describing the change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from core.errors import InvalidParams
from core.pictures import Aspect, Drawn, Picture, PictureRequest
from core.tool import AssetId, MaskId, ModelName, Prose, ProviderName, ToolParams, tool
from services.guidance import aspect_of, within
from services.host import Host
from services.images import read_input, save_generated_image
from services.local_edits import understand
from services.pictures.operations import Crop, Cut, Operation, edited
from services.run import Run

PLAIN = "Changed on this host: {}."
NO_SOURCE = "That model cannot start from a picture; choose another."
ONE_IS_ENOUGH = "It would come out the same every time, so there is one."


class EditParams(ToolParams):
    source: AssetId = Field(description="The picture to change.")
    instruction: Prose = Field(
        description="What to change; plain ones are free: crop to 16:9, rotate left, caption: Hi.",
        min_length=1,
        max_length=4000,
    )
    mask: MaskId | None = Field(
        None, description="Where to change it: white or transparent parts, of the same size."
    )
    references: Annotated[list[AssetId], Field(max_length=3)] = Field(
        default=[], description="More pictures to take things from."
    )
    aspect: Aspect | None = Field(None, description="Width to height; the source's by default.")
    strength: float | None = Field(
        None, description="How far to leave the source: 0 keeps it, 1 ignores it.", ge=0, le=1
    )
    fidelity: Literal["low", "high"] | None = Field(
        None, description="How closely to keep to the given pictures, where the model has it."
    )
    count: int = Field(1, description="How many to draw.", ge=1, le=4)
    seed: int | None = Field(
        None, description="A number that repeats an earlier change.", ge=0, le=2**32 - 1
    )
    provider: ProviderName | None = Field(
        None, description="Who draws, even what is plain enough for this host.", max_length=50
    )
    model: ModelName | None = Field(None, description="Which of their models.", max_length=100)
    spoiler: bool = Field(False, description="Hide it until it is clicked.")

    @field_validator("mask")
    @classmethod
    def can_be_held_to(cls, mask: str | None, info: ValidationInfo) -> str | None:
        """What moves pixels has no use for a place where to do it."""
        wishes = understand(info.data.get("instruction", "")) if mask else None
        moving = next((each for each in wishes or () if not each.tonal), None)
        if moving is not None:
            raise ValueError(f"“{moving.said}” is done to the whole picture; leave the mask out")
        return mask

    def plain(self) -> list[Operation]:
        """What this host can do by itself; nothing where somebody was named to draw it."""
        wishes = None if self.provider or self.model else understand(self.instruction)
        if not wishes or self.aspect is None or self.mask is not None:
            return wishes or []
        shaped = any(isinstance(each, (Crop, Cut)) for each in wishes)
        wide, high = self.aspect.split(":")
        return wishes if shaped else [Crop(float(wide), float(high)), *wishes]


@tool("edit", "Change a picture by saying what should be different.", words="instruction")
async def edit(params: EditParams, run: Run) -> None:
    if operations := params.plain():
        await change_here(params, run, operations)
    else:
        await have_it_changed(params, run)


async def change_here(params: EditParams, run: Run, operations: Sequence[Operation]) -> None:
    """Do it on this host, for nothing."""
    run.provider = Host()
    source = await read_input(run, params.source)
    mask = await read_input(run, params.mask) if params.mask else None
    data = await run.studio.pictures.run(
        edited, source.data, tuple(operations), mask.data if mask else None
    )
    run.notes.append(PLAIN.format(", ".join(each.said for each in operations)))
    if params.count > 1:
        run.notes.append(ONE_IS_ENOUGH)
    await save_generated_image(run, Drawn(data=data), tags=["local", "edit"])


async def have_it_changed(params: EditParams, run: Run) -> None:
    """Have the provider draw it, in as many calls as its model needs for the count."""
    if not run.capabilities.source:
        raise InvalidParams(NO_SOURCE)
    source = await read_input(run, params.source)
    mask = await read_input(run, params.mask) if params.mask else None
    references = tuple([await read_input(run, each) for each in params.references])
    at_once = max(1, run.capabilities.count)
    run.steps = -(-params.count // at_once)
    for first in range(0, params.count, at_once):
        wanted = min(at_once, params.count - first)
        request = request_for(params, source, mask, references, first, wanted)
        request, notes = within(request, run.capabilities)
        run.notes.extend(note for note in notes if note not in run.notes)
        for position, picture in enumerate(await run.draw(request), first):
            tags = ["inpaint" if mask else "img2img", "edit"]
            await save_generated_image(run, picture, position=position, tags=tags)


def request_for(
    params: EditParams,
    source: Picture,
    mask: Picture | None,
    references: tuple[Picture, ...],
    first: int,
    wanted: int,
) -> PictureRequest:
    """One call for so many pictures; each has the seed it would have if all came in one."""
    return PictureRequest(
        prompt=params.instruction,
        model=params.model,
        aspect=params.aspect or aspect_of(source),
        count=wanted,
        seed=None if params.seed is None else (params.seed + first) % 2**32,
        source=source,
        mask=mask,
        references=references,
        strength=params.strength,
        fidelity=params.fidelity,
    )
