"""Sets of reference pictures with a name: brands, places, characters.

A set is private, one server's, or public. Whoever may use it may see the pictures its owner made;
a picture somebody else made can be in it too, but only for those who may see it anyway, so that
nobody publishes what is not theirs.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Forbidden, InvalidParams, NotFound
from core.text import clean, shorten
from core.viewer import Viewer
from db import assets, datasets, people
from db.datasets import Kind, Listed, Visibility
from db.models import Dataset
from services.images import read_asset
from services.studio import Studio

PICTURES = 20
"""How many pictures a set holds; no provider takes more references."""
SETS = 100
"""How many sets, and how many characters, one person may have."""
NAME_LIMIT = 50
DESCRIPTION_LIMIT = 1000
KNOWN = 10
"""How many names an error offers."""
LOOKS = re.compile(r"\s*[:\uff1a]\s*")
"""Between a new character's name and looks; the second is the colon of Chinese and Japanese."""


@dataclass(frozen=True)
class Found:
    """A set as somebody may use it."""

    id: int | None
    """None for a character that was only described."""
    name: str
    description: str
    assets: tuple[str, ...]
    """The asset IDs of those of its pictures that they may see, in order."""
    owner: int
    kind: Kind = "set"
    visibility: Visibility = "private"
    guild_id: int | None = None


async def find(studio: Studio, viewer: Viewer, kind: Kind, name: str) -> Found:
    """Find what a name means to somebody: their own, else their server's, else a public one.

    Raises `InvalidParams` with the names there are.
    """
    async with studio.transaction() as tx:
        dataset = await datasets.by_name(tx, viewer, kind, clean(name))
        if dataset is not None:
            return await found(tx, viewer, dataset)
        known = await datasets.names(tx, viewer, kind, limit=KNOWN)
    offer = f"There are: {', '.join(known)}." if known else "There are none yet."
    raise InvalidParams(f"There is no {kind} called “{shorten(name, NAME_LIMIT)}”. {offer}")


async def characters(studio: Studio, viewer: Viewer, names: Sequence[str]) -> list[Found]:
    """The characters somebody names: saved ones, and new ones as "Name: looks", each once.

    Raises `InvalidParams` for a name nobody saved.
    """
    cast: dict[str, Found] = {}
    for each in names:
        name, *looks = LOOKS.split(clean(each), maxsplit=1)
        if name.casefold() in cast:
            continue
        if looks and looks[0]:
            new = Found(None, named(name, "character"), described(looks[0]), (), viewer.user_id)
            cast[name.casefold()] = new
        else:
            cast[name.casefold()] = await find(studio, viewer, "character", name)
    return list(cast.values())


async def read(studio: Studio, viewer: Viewer, dataset_id: int) -> Found:
    """Find a set by its ID. Raises `NotFound`, whether missing or not theirs to see."""
    async with studio.transaction() as tx:
        return await found(tx, viewer, await seen(tx, viewer, dataset_id))


async def listing(
    studio: Studio,
    viewer: Viewer,
    kind: Kind | None = None,
    *,
    own: bool = False,
    after: int | None = None,
    limit: int = 20,
) -> Sequence[Listed]:
    """List the sets somebody may use, newest first, beginning after the ID of one."""
    async with studio.transaction() as tx:
        return await datasets.page(tx, viewer, kind, own=own, after=after, limit=limit)


async def names(
    studio: Studio, viewer: Viewer, kind: Kind, typed: str = "", *, own: bool = False
) -> list[str]:
    """At most 25 names to offer somebody who types."""
    async with studio.transaction() as tx:
        return list(await datasets.names(tx, viewer, kind, clean(typed), own=own))


async def create(
    studio: Studio,
    viewer: Viewer,
    kind: Kind,
    name: str,
    *,
    description: str = "",
    visibility: Visibility = "private",
    guild_id: int | None = None,
    pictures: Sequence[str] = (),
) -> Found:
    """Make a set. Raises `InvalidParams`, or `NotFound` for a picture they may not see."""
    row = Dataset(
        user_id=viewer.user_id,
        kind=kind,
        name=named(name, kind),
        description=described(description),
        visibility=visibility,
        guild_id=home(viewer, kind, visibility, guild_id),
    )
    kept = await allowed(studio, viewer, pictures)
    check_room(row, 0, len(kept))
    async with changing(studio, row.name) as tx:
        await people.remember(tx, viewer.user_id, viewer.name)
        if await datasets.count_of(tx, viewer.user_id, kind) >= SETS:
            raise InvalidParams(f"You have {SETS} {kind}s already. Delete one first.")
        tx.add(row)
        await tx.flush()
        await datasets.arrange(tx, row.id, kept)
        return await found(tx, viewer, row)


async def save(
    studio: Studio,
    viewer: Viewer,
    kind: Kind,
    name: str,
    *,
    description: str | None = None,
    visibility: Visibility | None = None,
    guild_id: int | None = None,
    pictures: Sequence[str] = (),
) -> Found:
    """Make a set, or add to one's own of that name and change what is said of it.

    Raises what `create`, `change` and `add` do.
    """
    async with studio.transaction() as tx:
        known = await datasets.by_name(tx, viewer, kind, clean(name))
    if known is None or known.user_id != viewer.user_id:
        return await create(
            studio,
            viewer,
            kind,
            name,
            description=description or "",
            visibility=visibility or "private",
            guild_id=guild_id,
            pictures=pictures,
        )
    await add(studio, viewer, known.id, pictures)
    return await change(
        studio,
        viewer,
        known.id,
        description=description,
        visibility=visibility,
        guild_id=guild_id,
    )


async def change(
    studio: Studio,
    viewer: Viewer,
    dataset_id: int,
    *,
    name: str | None = None,
    description: str | None = None,
    visibility: Visibility | None = None,
    guild_id: int | None = None,
) -> Found:
    """Change what a set is called, what is said of it and who may use it; None leaves it.

    Raises `InvalidParams`, `NotFound`, or `Forbidden` when it is somebody else's.
    """
    async with changing(studio, name or "") as tx:
        dataset = await owned(tx, viewer, dataset_id)
        if name is not None:
            dataset.name = named(name, dataset.kind)
        if description is not None:
            dataset.description = described(description)
        if visibility is not None:
            dataset.guild_id = home(viewer, dataset.kind, visibility, guild_id)
            dataset.visibility = visibility
        await tx.flush()
        return await found(tx, viewer, dataset)


async def add(studio: Studio, viewer: Viewer, dataset_id: int, pictures: Sequence[str]) -> Found:
    """Put pictures somebody may see into a set of theirs, behind those in it; one is in it once.

    Raises `InvalidParams` when it is full, `NotFound`, `Forbidden`.
    """
    kept = await allowed(studio, viewer, pictures)
    async with studio.transaction() as tx:
        dataset = await owned(tx, viewer, dataset_id)
        before = await datasets.contents(tx, dataset_id)
        new = [each for each in kept if each not in before]
        check_room(dataset, len(before), len(new))
        await datasets.arrange(tx, dataset_id, [*before, *new])
        return await found(tx, viewer, dataset)


async def remove(studio: Studio, viewer: Viewer, dataset_id: int, picture: str) -> Found:
    """Take a picture out of a set; the picture stays. Raises `NotFound` or `Forbidden`."""
    async with studio.transaction() as tx:
        dataset = await owned(tx, viewer, dataset_id)
        before = await datasets.contents(tx, dataset_id)
        rest = [each for each in before if str(each) != picture]
        if len(rest) == len(before):
            raise NotFound(f"That picture is not in “{dataset.name}”.")
        await datasets.arrange(tx, dataset_id, rest)
        return await found(tx, viewer, dataset)


async def discardable(studio: Studio, viewer: Viewer, dataset_id: int) -> Found:
    """Find a set that somebody may delete, to ask whether to. Raises `NotFound` or `Forbidden`."""
    async with studio.transaction() as tx:
        return await found(tx, viewer, await disposed(tx, viewer, dataset_id))


async def discard(studio: Studio, viewer: Viewer, dataset_id: int) -> Found:
    """Delete a set; its pictures stay. A moderator may delete what is their server's.

    Raises `NotFound` or `Forbidden`.
    """
    async with studio.transaction() as tx:
        dataset = await disposed(tx, viewer, dataset_id)
        gone = await found(tx, viewer, dataset)
        if dataset.user_id != viewer.user_id:
            data: dict[str, Any] = {"dataset": dataset_id, "name": dataset.name}
            await people.note(tx, viewer.user_id, "delete set", data, dataset.guild_id)
        await tx.delete(dataset)
    return gone


async def found(tx: AsyncSession, viewer: Viewer, dataset: Dataset) -> Found:
    pictures = await assets.in_dataset(tx, dataset.id, viewer)
    return Found(
        id=dataset.id,
        name=dataset.name,
        description=dataset.description,
        assets=tuple(str(each.id) for each in pictures),
        owner=dataset.user_id,
        kind=dataset.kind,  # pyright: ignore[reportArgumentType] - the table checks both
        visibility=dataset.visibility,  # pyright: ignore[reportArgumentType]
        guild_id=dataset.guild_id,
    )


async def seen(tx: AsyncSession, viewer: Viewer, dataset_id: int) -> Dataset:
    dataset = await datasets.by_id(tx, viewer, dataset_id)
    if dataset is None:
        raise NotFound("There is no such set, or it is not yours to see.")
    return dataset


async def owned(tx: AsyncSession, viewer: Viewer, dataset_id: int) -> Dataset:
    """Hold a set that somebody may change: their own. Raises `NotFound` or `Forbidden`."""
    await datasets.lock(tx, dataset_id)
    dataset = await seen(tx, viewer, dataset_id)
    if dataset.user_id != viewer.user_id:
        raise Forbidden("Only the person who made it can change it.")
    return dataset


async def disposed(tx: AsyncSession, viewer: Viewer, dataset_id: int) -> Dataset:
    """A set that somebody may delete. Raises `NotFound` or `Forbidden`."""
    dataset = await seen(tx, viewer, dataset_id)
    moderator = dataset.visibility == "guild" and dataset.guild_id in viewer.moderates
    if not (dataset.user_id == viewer.user_id or moderator or viewer.admin):
        raise Forbidden("Only the person who made it, or a moderator, can delete it.")
    return dataset


@contextlib.asynccontextmanager
async def changing(studio: Studio, name: str) -> AsyncGenerator[AsyncSession]:
    """A transaction in which a name may turn out to be taken. Raises `InvalidParams` for that."""
    try:
        async with studio.transaction() as tx:
            yield tx
    except IntegrityError as error:
        said = shorten(clean(name), NAME_LIMIT)
        raise InvalidParams(f"You already have one called “{said}”.") from error


async def allowed(studio: Studio, viewer: Viewer, pictures: Sequence[str]) -> list[UUID]:
    """The pictures, each once, if somebody may see them all. Raises `NotFound`."""
    kept = [(await read_asset(studio, each, viewer)).id for each in pictures]
    return list(dict.fromkeys(kept))


def check_room(dataset: Dataset, there: int, coming: int) -> None:
    if there + coming > PICTURES:
        raise InvalidParams(
            f"A {dataset.kind} holds up to {PICTURES} pictures; “{dataset.name}” has {there}, "
            f"so {max(0, PICTURES - there)} more fit and {coming} do not."
        )


def home(viewer: Viewer, kind: str, visibility: Visibility, guild_id: int | None) -> int | None:
    """The server a set belongs to, where it belongs to one. Raises `InvalidParams`."""
    if visibility != "guild":
        return None
    if guild_id is None or not (viewer.admin or guild_id in viewer.guild_ids):
        raise InvalidParams(f"A server-wide {kind} belongs to a server: make it in that server.")
    return guild_id


def named(name: str, kind: str) -> str:
    """A name fit for a list and for "Name: looks". Raises `InvalidParams`."""
    words = " ".join(clean(name).split())
    if not words or len(words) > NAME_LIMIT:
        raise InvalidParams(f"Give the {kind} a name of 1 to {NAME_LIMIT} characters.")
    if LOOKS.search(words):
        raise InvalidParams("A name cannot hold a colon: it stands between a name and looks.")
    return words


def described(description: str) -> str:
    words = clean(description)
    if len(words) > DESCRIPTION_LIMIT:
        raise InvalidParams(
            f"The description is {len(words):,} characters long; "
            f"up to {DESCRIPTION_LIMIT:,} are possible."
        )
    return words
