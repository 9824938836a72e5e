"""/avatar: a square picture of somebody, and how it looks in Discord's round frame."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from pydantic import Field, model_validator

from core.errors import InvalidParams
from core.pictures import Drawn, Picture, PictureRequest
from core.tool import AssetId, ModelName, Parent, Prose, ProviderName, ToolParams, tool
from core.viewer import Viewer
from db.models import User
from services import likeness
from services.guidance import AVATARS, ENDS, FOR_AVATARS, AvatarStyle
from services.images import read_input, save_generated_image
from services.pictures.avatars import make_avatar
from services.run import Run
from services.studio import Studio

STYLES: tuple[AvatarStyle, ...] = get_args(AvatarStyle)
STYLE = re.compile(
    r"(?:(?:make it|in|as|now|an?|the)\s+)*(?P<style>[\w -]+?)(?:\s+style)?\W*", re.I
)
"""A reply that asks for another style and nothing else."""
ALIKE = "Keep the likeness of whoever is in the picture: face, hair, expression and colors."
WAYS = "Describe the avatar, or give a picture: your photo, or your profile picture."
NEEDED = {
    "photo": "Attach the photo as the source.",
    "avatar": "Attach the profile picture as the source; only in Discord can I fetch it myself.",
}
"""What is missing where a picture is."""
MESSAGES = "Messages can only be described in Discord. Describe it in words."
NO_SOURCE = "That model cannot start from a picture; choose another."
EARLIER = 4000
"""Characters of what was asked for before that are told again, the latest."""
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

    earlier: Prose | None = Field(
        None,
        description="What the avatar that this changes was asked for as; empty: in no words.",
        max_length=EARLIER,
        json_schema_extra={"hidden": True},
    )

    @model_validator(mode="after")
    def says_something(self) -> AvatarParams:
        """There is something to draw; a description from messages comes with somebody's yes."""
        if self.source is None and self.likeness in NEEDED:
            raise InvalidParams(NEEDED[self.likeness])
        if not (self.description or self.source or self.likeness == "messages"):
            raise InvalidParams(WAYS)
        return self


@tool("avatar", "Make an avatar, shown as Discord will show it.", words="description")
async def avatar(params: AvatarParams, run: Run) -> None:
    if not (params.description or params.source):
        raise InvalidParams(MESSAGES)
    if params.likeness == "messages":
        await likeness.opened(run)
    source = await source_for(params, run)
    name = await name_of(run)
    run.steps = -(-params.count // max(1, run.capabilities.count))
    for first in range(0, params.count, max(1, run.capabilities.count)):
        request = request_for(params, source, first, run.capabilities.count)
        run.full_prompt = request.prompt
        for position, drawn in enumerate(await run.draw(request), first):
            await keep(params, run, drawn, position, name)


async def source_for(params: AvatarParams, run: Run) -> Picture | None:
    """The picture to start from, or a note that the model takes none.

    Raises `InvalidParams` where the words alone do not say who it is.
    """
    if params.source is None:
        return None
    if run.capabilities.source:
        return await read_input(run, params.source)
    if not params.description or params.earlier == "":
        raise InvalidParams(NO_SOURCE)
    run.notes.append("This model cannot start from a picture, so it went by the words alone.")
    return None


def request_for(
    params: AvatarParams, source: Picture | None, first: int, at_once: int
) -> PictureRequest:
    parts = [
        ended(params.earlier or ""),
        ended(params.description, "Now: " if params.earlier is not None else ""),
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


def ended(words: str, before: str = "") -> str:
    """Words as a sentence, where there are any."""
    return f"{before}{words}{'' if words.endswith(ENDS) else '.'}" if words else ""


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
    kept = {name: value for name, value in parent.params.items() if name not in ("seed", "count")}
    picture = parent.pictures[parent.position]
    if (style := asked_style(words)) is not None:
        return {**kept, "style": style, "source": kept.get("source") or picture}
    said = [ended(str(kept.get(name) or "")) for name in ("earlier", "description")]
    return {
        **kept,
        "likeness": "words",
        "earlier": " ".join(filter(None, said))[-EARLIER:],
        "description": words,
        "source": references[0] if references else picture,
    }


def asked_style(words: str) -> AvatarStyle | None:
    found = STYLE.fullmatch(words.strip())
    name = found["style"].lower() if found else ""
    name = {"3d": "3D", "pixel art": "pixel", "watercolour": "watercolor", "pixels": "pixel",
            "oil painting": "oil", "manga": "anime"}.get(name, name)  # fmt: skip
    return name if name in STYLES else None


async def as_words(studio: Studio, values: Mapping[str, Any], viewer: Viewer) -> dict[str, Any]:
    """Nothing that is submitted may claim to be from messages: a description is plain words.

    The claim is only ever written down by `likeness.describe`, who has read them. Raises
    `InvalidParams` where nothing else is given.
    """
    own = {name: value for name, value in values.items() if name != "messages_read"}
    if own.get("likeness") != "messages":
        return own
    if not (own.get("description") or own.get("source")):
        raise InvalidParams(MESSAGES)
    return {**own, "likeness": "words"}


avatar = avatar.iterates(change).prepares(as_words)
