"""/avatar: a square picture of somebody, and how it looks in Discord's round frame."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from pydantic import Field, model_validator

from core.errors import InvalidParams
from core.pictures import Drawn, Picture, PictureRequest
from core.tool import AssetId, ModelName, Parent, Prose, ProviderName, ToolParams, tool
from db.models import User
from services.guidance import AVATARS, FOR_AVATARS, AvatarStyle
from services.images import read_input, save_generated_image
from services.pictures.avatars import make_avatar
from services.run import Run

STYLES: tuple[AvatarStyle, ...] = get_args(AvatarStyle)
STYLE = re.compile(
    r"(?:(?:make it|in|as|now|an?|the)\s+)*(?P<style>[\w -]+?)(?:\s+style)?\W*", re.I
)
"""A reply that asks for another style and nothing else."""
ALIKE = "Keep the likeness of whoever is in the picture: face, hair, expression and colors."
WAYS = "Describe the avatar, or give a picture: your photo, or your profile picture."
KEPT = 0.55
"""How far an avatar leaves the picture it starts from: the person stays, the hand changes."""


class AvatarParams(ToolParams):
    description: Prose = Field("", description="Who or what it shows.", max_length=4000)
    likeness: Literal["words", "avatar", "photo", "messages"] = Field(
        "words", description="What it starts from; messages are your own here, if you allow it."
    )
    style: AvatarStyle = Field("portrait", description="How it is drawn.")
    source: AssetId | None = Field(None, description="A photo or picture to start from.")
    count: int = Field(1, description="How many to draw.", ge=1, le=4)
    seed: int | None = Field(
        None, description="A number that repeats an earlier avatar.", ge=0, le=2**32 - 1
    )
    provider: ProviderName | None = Field(None, description="Who draws.", max_length=50)
    model: ModelName | None = Field(None, description="Which of their models.", max_length=100)
    spoiler: bool = Field(False, description="Hide it until it is clicked.")
    messages_read: int | None = Field(
        None,
        description="How many messages the description was made from; nothing of them is kept.",
        ge=0,
        json_schema_extra={"hidden": True},
    )

    @model_validator(mode="after")
    def says_something(self) -> AvatarParams:
        """There is something to draw; a description from messages comes with somebody's yes."""
        if not (self.description or self.source or self.likeness == "messages"):
            raise InvalidParams(WAYS)
        if self.likeness == "photo" and self.source is None:
            raise InvalidParams("Attach the photo as the source.")
        return self


@tool("avatar", "Make an avatar, shown as Discord will show it.", words="description")
async def avatar(params: AvatarParams, run: Run) -> None:
    if not (params.description or params.source):
        raise InvalidParams("Messages can only be described in Discord. Describe it in words.")
    source = await read_input(run, params.source) if params.source else None
    if source is not None and not run.capabilities.source:
        if not params.description:
            raise InvalidParams("That model cannot start from a picture; choose another.")
        source = None
        run.notes.append("This model cannot start from a picture, so it went by the words alone.")
    name = await name_of(run)
    run.steps = -(-params.count // max(1, run.capabilities.count))
    for first in range(0, params.count, max(1, run.capabilities.count)):
        request = request_for(params, source, first, run.capabilities.count)
        run.full_prompt = request.prompt
        for position, drawn in enumerate(await run.draw(request), first):
            await keep(params, run, drawn, position, name)


def request_for(
    params: AvatarParams, source: Picture | None, first: int, at_once: int
) -> PictureRequest:
    parts = [
        f"{params.description.rstrip('. ')}." if params.description else "",
        ALIKE if source is not None else "",
        f"Style: {AVATARS[params.style]}.",
        FOR_AVATARS,
    ]
    return PictureRequest(
        prompt=" ".join(filter(None, parts)),
        aspect="1:1",
        count=min(max(1, at_once), params.count - first),
        seed=None if params.seed is None else (params.seed + first) % 2**32,
        source=source,
        strength=KEPT if source is not None else None,
    )


async def name_of(run: Run) -> str:
    """Whose name stands beside it in the preview."""
    async with run.studio.transaction() as tx:
        user = await tx.get(User, run.generation.user_id)
    return user.name if user is not None else "You"


async def keep(params: AvatarParams, run: Run, drawn: Drawn, position: int, name: str) -> None:
    """Keep the avatar, and beside it how it looks round and small, on dark and light."""
    made = await run.studio.pictures.run(make_avatar, drawn.data, name, params.style == "pixel")
    alt = f"Avatar, {params.style}: {params.description or 'from a picture'}"
    finished = Drawn(data=made.picture, seed=drawn.seed, revised_prompt=drawn.revised_prompt)
    tags = ["avatar", params.style.lower()]
    await save_generated_image(run, finished, position=position, tags=tags, alt=alt)
    shown = f"{alt}, as Discord shows it: round, in three sizes, on dark and on light."
    await save_generated_image(
        run, Drawn(data=made.sheet), position=position, part="sheet", alt=shown
    )


def change(parent: Parent, words: str, references: Sequence[str]) -> Mapping[str, Any]:
    """A reply that names a style draws the same in it; any other changes the avatar itself."""
    kept = {
        name: value
        for name, value in parent.params.items()
        if name not in ("seed", "count", "messages_read", "likeness")
    }
    picture = parent.pictures[parent.position]
    if (style := asked_style(words)) is not None:
        return {**kept, "style": style, "source": kept.get("source") or picture}
    return {**kept, "description": words, "source": references[0] if references else picture}


def asked_style(words: str) -> AvatarStyle | None:
    found = STYLE.fullmatch(words.strip())
    name = found["style"].lower() if found else ""
    name = {"3d": "3D", "pixel art": "pixel", "watercolour": "watercolor", "pixels": "pixel",
            "oil painting": "oil", "manga": "anime"}.get(name, name)  # fmt: skip
    return name if name in STYLES else None


avatar = avatar.iterates(change)
