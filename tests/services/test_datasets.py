"""Sets and characters: whose they are, who may use them, what they hold."""

from __future__ import annotations

import asyncio
import io

import pytest
from PIL import Image
from sqlalchemy import select

from core.errors import Forbidden, InvalidParams, NotFound
from core.viewer import Viewer
from db.models import Audit
from services import datasets, generations
from services.datasets import (
    add,
    change,
    characters,
    create,
    discard,
    discardable,
    find,
    names,
    read,
    remove,
)
from services.generations import Origin, submit
from services.images import keep_upload, read_asset
from services.studio import Studio
from worker.worker import Worker

HOME, ELSEWHERE = 5, 6
ANNA = Viewer(7, "Anna", frozenset([HOME]))
BEN = Viewer(8, "Ben", frozenset([HOME]))
MONA = Viewer(9, "Mona", frozenset([HOME]), frozenset([HOME]))
ZOE = Viewer(10, "Zoe", frozenset([ELSEWHERE]))
ADMIN = Viewer(1, "Owner", admin=True)


async def picture(studio: Studio, viewer: Viewer, shade: int = 0) -> str:
    output = io.BytesIO()
    Image.new("RGB", (8, 8), (shade, 0, 0)).save(output, "PNG")
    return str((await keep_upload(studio, output.getvalue(), viewer, "fox.png")).id)


async def test_a_set_is_found_by_any_case_of_its_name(studio: Studio) -> None:
    fox = await picture(studio, ANNA)
    made = await create(studio, ANNA, "set", " Red\n Fox ", description="red", pictures=[fox, fox])
    assert (made.name, made.description, made.assets) == ("Red Fox", "red", (fox,))
    assert await find(studio, ANNA, "set", "rED fOX") == made
    with pytest.raises(InvalidParams, match="already have one called “RED FOX”"):
        await create(studio, ANNA, "set", "RED FOX")
    await create(studio, ANNA, "character", "RED FOX")
    await create(studio, BEN, "set", "red fox")
    with pytest.raises(InvalidParams, match=r"no character called “wolf”. There are: RED FOX\."):
        await find(studio, ANNA, "character", "wolf")
    with pytest.raises(InvalidParams, match="There are none yet"):
        await find(studio, BEN, "character", "wolf")


async def test_one_s_own_comes_first_then_the_server_s_then_the_oldest_public(
    studio: Studio,
) -> None:
    for viewer, visibility in (
        (BEN, "public"),
        (ZOE, "public"),
        (MONA, "guild"),
        (ANNA, "private"),
    ):
        guild = HOME if visibility == "guild" else None
        await create(studio, viewer, "set", "fox", visibility=visibility, guild_id=guild)
    nearest = [(await find(studio, viewer, "set", "fox")).owner for viewer in (ANNA, BEN, MONA)]
    assert nearest == [ANNA.user_id, BEN.user_id, MONA.user_id]
    stranger = Viewer(11, "Someone", frozenset([HOME]))
    assert (await find(studio, stranger, "set", "fox")).owner == MONA.user_id
    assert (await find(studio, Viewer(12, "Nobody"), "set", "fox")).owner == BEN.user_id


async def test_a_private_set_is_its_owner_s_alone_by_every_door(studio: Studio) -> None:
    fox = await picture(studio, ANNA)
    made = await create(studio, ANNA, "set", "fox", description="secret", pictures=[fox])
    for viewer in (BEN, MONA, ZOE, ADMIN):
        with pytest.raises(InvalidParams, match="There are none yet"):
            await find(studio, viewer, "set", "fox")
        assert await names(studio, viewer, "set", "f") == []
        assert await datasets.listing(studio, viewer) == []
        for attempt in (
            read(studio, viewer, made.id),
            change(studio, viewer, made.id, name="mine"),
            add(studio, viewer, made.id, []),
            remove(studio, viewer, made.id, fox),
            discard(studio, viewer, made.id),
        ):
            with pytest.raises(NotFound):
                await attempt
    for viewer in (BEN, MONA, ZOE):
        with pytest.raises(NotFound):
            await read_asset(studio, fox, viewer)


async def test_a_shared_set_is_used_by_others_and_changed_by_none_of_them(studio: Studio) -> None:
    fox = await picture(studio, ANNA)
    made = await create(
        studio, ANNA, "set", "fox", visibility="guild", guild_id=HOME, pictures=[fox]
    )
    assert (await find(studio, BEN, "set", "fox")).assets == (fox,)
    assert (await read_asset(studio, fox, BEN)).user_id == ANNA.user_id
    with pytest.raises(NotFound):
        await read_asset(studio, fox, ZOE)
    for attempt in (
        change(studio, MONA, made.id, visibility="public"),
        add(studio, BEN, made.id, [await picture(studio, BEN)]),
        remove(studio, ADMIN, made.id, fox),
        discard(studio, BEN, made.id),
    ):
        with pytest.raises(Forbidden):
            await attempt
    await change(studio, ANNA, made.id, visibility="public")
    assert (await find(studio, ZOE, "set", "fox")).assets == (fox,)
    await change(studio, ANNA, made.id, visibility="private")
    with pytest.raises(NotFound):
        await read_asset(studio, fox, BEN)


async def test_a_set_is_used_as_a_source_only_while_it_is_shared(studio: Studio) -> None:
    fox = await picture(studio, ANNA)
    made = await create(studio, ANNA, "set", "fox", visibility="public", pictures=[fox])
    values = {"prompt": "a fox", "source": fox}
    await submit(studio, "image", values, Origin(viewer=ZOE, request_id="a"))
    await change(studio, ANNA, made.id, visibility="private")
    with pytest.raises(NotFound):
        await submit(studio, "image", values, Origin(viewer=ZOE, request_id="b"))


async def test_nobody_publishes_what_somebody_else_made(studio: Studio, worker: Worker) -> None:
    del worker
    asked = await submit(
        studio,
        "image",
        {"prompt": "a fox"},
        Origin(viewer=ANNA, request_id="a", guild_id=HOME, visibility="guild"),
    )
    fox = await drawn(studio, asked.id)
    own = await picture(studio, BEN)
    made = await create(studio, BEN, "set", "foxes", visibility="public", pictures=[own, fox])
    assert made.assets == (own, fox)
    assert (await find(studio, ZOE, "set", "foxes")).assets == (own,)
    with pytest.raises(NotFound):
        await read_asset(studio, fox, ZOE)
    with pytest.raises(NotFound):
        await add(studio, ZOE, (await create(studio, ZOE, "set", "mine")).id, [fox])


async def drawn(studio: Studio, generation_id: int) -> str:
    async with asyncio.timeout(30):
        while not (found := await generations.read(studio, generation_id, ANNA)).finished_at:
            await asyncio.sleep(0.05)
    return str(found.assets[0].id)


async def test_a_moderator_deletes_what_is_the_server_s_and_it_is_noted(studio: Studio) -> None:
    made = await create(studio, ANNA, "set", "fox", visibility="guild", guild_id=HOME)
    public = await create(studio, ANNA, "set", "wolf", visibility="public")
    assert (await discardable(studio, MONA, made.id)).name == "fox"
    await discard(studio, MONA, made.id)
    for attempt in (discardable, discard):
        with pytest.raises(Forbidden):
            await attempt(studio, MONA, public.id)
    await discard(studio, ADMIN, public.id)
    async with studio.transaction() as tx:
        noted = (await tx.scalars(select(Audit).order_by(Audit.id))).all()
    assert [(each.user_id, each.data["name"]) for each in noted] == [(9, "fox"), (1, "wolf")]


async def test_a_set_holds_twenty_pictures_and_says_so(studio: Studio) -> None:
    kept = [await picture(studio, ANNA, shade) for shade in range(21)]
    made = await create(studio, ANNA, "set", "fox", pictures=kept[:18])
    sentence = "A set holds up to 20 pictures; “fox” has 18, so 2 more fit and 3 do not."
    with pytest.raises(InvalidParams, match=sentence):
        await add(studio, ANNA, made.id, kept[18:])
    full = await add(studio, ANNA, made.id, [*kept[:5], *kept[18:20]])
    assert full.assets == tuple(kept[:20])
    less = await remove(studio, ANNA, made.id, kept[3])
    assert less.assets == (*kept[:3], *kept[4:20])
    again = await add(studio, ANNA, made.id, [kept[3]])
    assert again.assets == (*kept[:3], *kept[4:20], kept[3])
    with pytest.raises(NotFound, match="not in “fox”"):
        await remove(studio, ANNA, made.id, kept[20])


async def test_pictures_outlive_their_sets(studio: Studio) -> None:
    fox = await picture(studio, ANNA)
    made = await create(studio, ANNA, "set", "fox", pictures=[fox])
    await discard(studio, ANNA, made.id)
    assert str((await read_asset(studio, fox, ANNA)).id) == fox
    with pytest.raises(NotFound):
        await read(studio, ANNA, made.id)


async def test_characters_are_saved_ones_or_described_ones(studio: Studio) -> None:
    face = await picture(studio, ANNA)
    mia = await create(studio, ANNA, "character", "Mia", description="red hair", pictures=[face])
    cast = await characters(studio, ANNA, ["mia", "Tom : tall,\nblack coat", "MIA", "李: 矮"])
    assert cast[0] == mia
    assert [(each.id, each.name, each.description, each.assets) for each in cast[1:]] == [
        (None, "Tom", "tall,\nblack coat", ()),
        (None, "李", "矮", ()),
    ]
    with pytest.raises(InvalidParams, match=r"no character called “Bob”\. There are: Mia"):
        await characters(studio, ANNA, ["Mia", "Bob"])


async def test_saving_makes_or_adds(studio: Studio) -> None:
    faces = [await picture(studio, ANNA, shade) for shade in (1, 2)]
    await create(studio, BEN, "character", "Mia", visibility="public")
    first = await datasets.save(studio, ANNA, "character", "Mia", description="red hair",
                                pictures=faces[:1])  # fmt: skip
    second = await datasets.save(studio, ANNA, "character", "mia", visibility="public",
                                 pictures=faces[1:])  # fmt: skip
    assert (second.id, second.assets) == (first.id, tuple(faces))
    assert (second.description, second.visibility) == ("red hair", "public")


async def test_what_cannot_be_said_of_a_set_is_explained(studio: Studio) -> None:
    made = await create(studio, ANNA, "set", "wolf")
    await create(studio, ANNA, "set", "fox")
    for attempt, sentence in (
        (create(studio, ANNA, "set", " \u202e"), "a name of 1 to 50"),
        (create(studio, ANNA, "set", "x" * 51), "a name of 1 to 50"),
        (create(studio, ANNA, "set", "Mia: tall"), "cannot hold a colon"),
        (create(studio, ANNA, "set", "a", description="x" * 1001), "1,001 characters long"),
        (create(studio, ANNA, "set", "a", visibility="guild"), "make it in that server"),
        (change(studio, ANNA, made.id, visibility="guild", guild_id=ELSEWHERE), "in that server"),
        (change(studio, ANNA, made.id, name="FOX"), "already have one called “FOX”"),
    ):
        with pytest.raises(InvalidParams, match=sentence):
            await attempt
    with pytest.raises(NotFound):
        await create(studio, BEN, "set", "x", pictures=[await picture(studio, ANNA)])
