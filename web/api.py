"""The HTTP API: the same services as everywhere, in JSON."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Union

from fastapi import APIRouter, Header, Query
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    TypeAdapter,
    create_model,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

import tools
from core.errors import InvalidParams
from core.tool import Tool
from db import generations
from db.generations import Cursor, Filters
from db.models import Asset, Generation, Status
from services import generations as life
from services.generations import submit
from services.iterate import iterate
from services.proposals import approve
from web.auth import Open, Signed
from web.pages import origin_of

router = APIRouter(prefix="/api", tags=["generations"])


class Placed(BaseModel):
    """What may be said of a request to any tool."""

    model_config = ConfigDict(extra="forbid")

    parent_id: str | None = Field(None, description="The generation it continues.")
    confirm: bool = Field(
        False,
        description="Show a script or a plan first, as `proposal`, and wait until it is approved.",
    )


class Asked(Placed):
    """One request to one tool.

    It is described as one shape for each tool, with the tool's own parameters. Those are checked
    where every front end's are, so that the complaint is the same sentence everywhere.
    """

    tool: str = Field(description="The tool's name.", max_length=50)
    params: dict[str, Any] = Field(description="Its parameters, as `GET /api/tools` lists them.")

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(TypeAdapter(described()).core_schema)


def described() -> Any:
    """A request's shape for each tool that is offered, told apart by the tool's name."""
    shapes = tuple(shape_of(each) for each in tools.discover().values() if each.listed)
    return Annotated[Union[shapes], Field(discriminator="tool")]  # noqa: UP007


def shape_of(tool: Tool) -> type[Placed]:
    name = "".join(word.capitalize() for word in tool.name.split("-"))
    fields: dict[str, Any] = {"tool": Literal[tool.name], "params": tool.params}
    return create_model(f"{name}Request", __base__=Placed, __doc__=tool.summary, **fields)


class Agreed(BaseModel):
    """A yes to what a generation proposes."""

    model_config = ConfigDict(extra="forbid")

    text: str | None = Field(
        None, description="The proposal's text as you want it; without, as it stands."
    )


class Wished(BaseModel):
    """A change in plain words."""

    model_config = ConfigDict(extra="forbid")

    words: str = Field(description="What should be different.", max_length=4000)
    picture: int = Field(0, ge=0, le=9, description="Which picture, from 0.")


def as_json(generation: Generation) -> dict[str, Any]:
    """A generation as the API shows it; IDs are strings, since Discord's exceed 2**53."""
    return {
        "id": str(generation.id),
        "session_id": str(generation.session_id),
        "parent_id": str(generation.parent_id) if generation.parent_id else None,
        "relation": generation.relation,
        "tool": generation.tool,
        "params": generation.params,
        "prompt": generation.prompt,
        "full_prompt": generation.full_prompt,
        "status": generation.status.value,
        "progress": generation.progress,
        "stage": generation.stage,
        "proposal": generation.proposal,
        "error": generation.error,
        "error_class": generation.error_class,
        "assets": [asset_json(each) for each in generation.assets],
        "parts": [{"name": each.part, **asset_json(each)} for each in generation.parts],
        "provider": generation.provider,
        "model": generation.model,
        "cost": float(generation.cost),
        "notes": generation.meta.get("notes", []),
        "tags": generation.tags,
        "created_at": generation.created_at.isoformat(),
        "started_at": generation.started_at.isoformat() if generation.started_at else None,
        "finished_at": generation.finished_at.isoformat() if generation.finished_at else None,
    }


def asset_json(asset: Asset) -> dict[str, Any]:
    return {
        "id": str(asset.id),
        "url": asset.url,
        "thumbnail_url": f"/files/{asset.thumbnail_key}",
        "mime_type": asset.mime_type,
        "width": asset.width,
        "height": asset.height,
        "bytes": asset.bytes,
        "sha256": asset.sha256,
        "seed": asset.seed,
        "alt": asset.alt,
    }


def number(text: str) -> int:
    if not text.isdigit() or len(text) > 18:
        raise InvalidParams("An ID is a whole number.")
    return int(text)


@router.get("/tools", tags=["tools"])
async def offered(_: Signed, studio: Open) -> dict[str, Any]:
    """What can be made, each with the JSON Schema of its parameters."""
    return {
        "items": [
            {"name": each.name, "summary": each.summary, "params": each.schema()}
            for each in studio.tools.values()
            if each.listed
        ]
    }


@router.post("/generations", status_code=202)
async def create(
    asked: Asked,
    viewer: Signed,
    studio: Open,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> dict[str, Any]:
    """Ask for something; the answer is the queued generation."""
    parent = None
    if asked.parent_id is not None:
        parent = await life.read(studio, number(asked.parent_id), viewer)
    origin = origin_of(viewer, idempotency_key, confirm=asked.confirm)
    generation = await submit(
        studio, asked.tool, asked.params, origin, parent=parent, relation="edit" if parent else None
    )
    return as_json(await life.read(studio, generation.id, viewer))


@router.get("/generations")
async def listing(
    viewer: Signed,
    studio: Open,
    tool: str | None = None,
    status: Status | None = None,
    tag: str | None = None,
    words: str | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, Any]:
    """List what there is to see, newest first; `next` is where the next page begins."""
    filters = Filters(tool=tool, status=status, tag=tag, words=words)
    async with studio.transaction() as tx:
        found = await generations.page(
            tx, viewer, filters, after=Cursor.parse(after), limit=limit + 1
        )
    items = found[:limit]
    more = len(found) > limit
    return {
        "items": [as_json(each) for each in items],
        "next": str(Cursor(items[-1].created_at, items[-1].id)) if more else None,
    }


@router.get("/generations/{generation_id}")
async def one(viewer: Signed, studio: Open, generation_id: str) -> dict[str, Any]:
    return as_json(await life.read(studio, number(generation_id), viewer))


@router.post("/generations/{generation_id}/iterate", status_code=202)
async def change(
    wished: Wished, viewer: Signed, studio: Open, generation_id: str
) -> dict[str, Any]:
    """Change one of its pictures by words: the same as replying to it."""
    child = await iterate(
        studio,
        origin_of(viewer),
        number(generation_id),
        wished.words,
        position=wished.picture,
        relation="edit",
    )
    return as_json(await life.read(studio, child.id, viewer))


@router.post("/generations/{generation_id}/approve", status_code=202)
async def agree(
    viewer: Signed, studio: Open, generation_id: str, agreed: Agreed | None = None
) -> dict[str, Any]:
    """Go on with what a generation proposes, or with what you made of it."""
    text = agreed.text if agreed is not None else None
    await approve(studio, number(generation_id), viewer, text)
    return as_json(await life.read(studio, number(generation_id), viewer))


@router.post("/generations/{generation_id}/cancel")
async def cancel(viewer: Signed, studio: Open, generation_id: str) -> dict[str, Any]:
    await life.cancel(studio, number(generation_id), viewer)
    return as_json(await life.read(studio, number(generation_id), viewer))


@router.post("/generations/{generation_id}/retry", status_code=202)
async def retry(viewer: Signed, studio: Open, generation_id: str) -> dict[str, Any]:
    await life.retry(studio, number(generation_id), viewer)
    return as_json(await life.read(studio, number(generation_id), viewer))
