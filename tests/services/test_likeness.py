"""A character from somebody's messages: described, agreed to, and nothing of them kept."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from core.errors import InvalidParams, NotFound, StudioError, Transient
from core.settings import Settings
from core.viewer import Viewer
from core.writing import T, Writing, Written
from db.models import Generation, Status
from providers.templates import Templates
from services import generations, proposals
from services.generations import Answer, Origin
from services.iterate import iterate, reroll
from services.likeness import describe, frequent
from services.studio import Studio
from tests.conftest import opened, working
from tests.waiting import ended

ANNA = Viewer(7, "Anna", guild_ids=frozenset({5}))
BEN = Viewer(8, "Ben", guild_ids=frozenset({5}))
SECRETS = ("xylophone", "quetzal", "zeppelin", "hunter2")
MESSAGES = [
    f"I love coding python and my guitar, {SECRETS[each % 4]} https://example.org/{each} <@99>"
    for each in range(9)
]
HERE = Answer(message_id=None, channel_id=6, application_id=1, reply_token="token")


def asked(request: str = "1") -> Origin:
    return Origin(viewer=ANNA, request_id=request, guild_id=5, visibility="guild")


async def everything(studio: Studio) -> str:
    """All rows of all tables, the queue's own as well, as text."""
    names = (
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema "
        "NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'"
    )
    async with studio.transaction() as tx:
        tables = (await tx.execute(text(names))).all()
        found = [
            str((await tx.execute(text(f'SELECT to_jsonb(t) FROM "{a}"."{b}" t'))).all())
            for a, b in tables
        ]
    assert len(found) > 15
    return "\n".join(found).lower()


async def agreed(studio: Studio, request: str = "1") -> Generation:
    """Described, agreed to and drawn."""
    held = await describe(studio, {"style": "clay"}, asked(request), MESSAGES)
    await proposals.approve(studio, held.id, ANNA, None, HERE)
    return await ended(studio, held)


async def test_nothing_of_the_messages_is_in_any_table_but_their_number(studio: Studio) -> None:
    async with working(studio):
        held = await describe(studio, {"style": "clay"}, asked(), MESSAGES)
        before = await everything(studio)
        await proposals.approve(studio, held.id, ANNA, None, HERE)
        done = await ended(studio, held)
        after = await everything(studio)
    assert (done.status, done.error) == (Status.SUCCEEDED, None)
    assert done.params["messages_read"] == 9
    for word in (*SECRETS, "coding", "python", "guitar", "example.org", "<@99>"):
        assert word not in before, word
        assert word not in after, word


async def test_what_is_described_waits_for_its_person_and_holds_their_own_words(
    studio: Studio,
) -> None:
    async with working(studio):
        held = await describe(studio, {"description": "With a red hat."}, asked(), MESSAGES)
        await asyncio.sleep(0.3)
        still = await generations.read(studio, held.id, ANNA)
    assert (still.status, still.assets) == (Status.QUEUED, [])
    assert still.proposal is not None
    assert still.proposal["text"].endswith("With a red hat.")
    assert still.proposal["summary"].startswith("From 9 of your messages here.")
    assert still.params["likeness"] == "messages"


async def test_nobody_else_sees_the_description_before_it_is_agreed_to(studio: Studio) -> None:
    moderator = Viewer(8, "Ben", guild_ids=frozenset({5}), moderates=frozenset({5}))
    async with working(studio):
        held = await describe(studio, {}, asked(), MESSAGES)
        for other in (BEN, moderator):
            with pytest.raises(NotFound):
                await generations.read(studio, held.id, other)
        with pytest.raises(NotFound):
            await proposals.approve(studio, held.id, moderator)
        await proposals.approve(studio, held.id, ANNA, "a kind owl", HERE)
        await ended(studio, held)
        shown = await generations.read(studio, held.id, BEN)
    assert (shown.prompt, shown.proposal) == ("a kind owl", None)


async def test_what_comes_of_it_later_is_from_the_agreed_words(studio: Studio) -> None:
    async with working(studio):
        first = await agreed(studio)
        again = await ended(studio, await reroll(studio, asked("2"), first.id))
        styled = await ended(studio, await iterate(studio, asked("3"), first.id, "as oil"))
    for each in (again, styled):
        assert each.status is Status.SUCCEEDED
        assert each.params["likeness"] == "words"
        assert "messages_read" not in each.params
        assert each.prompt == first.prompt


@pytest.mark.parametrize("number", [0, 4])
async def test_of_too_few_messages_nothing_is_said(studio: Studio, number: int) -> None:
    with pytest.raises(InvalidParams, match=f"I can read {number} of your messages here"):
        await describe(studio, {}, asked(), MESSAGES[:number])
    async with studio.transaction() as tx:
        assert await tx.scalar(text("SELECT count(*) FROM generations")) == 0


class Away(Templates):
    async def write(self, writing: Writing[T]) -> Written[T]:
        raise Transient("The writer is away.")


class Slow(Templates):
    """Writes only when told to, and remembers what it was handed."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        self.handed: list[dict[str, object]] = []

    async def write(self, writing: Writing[T]) -> Written[T]:
        self.handed.append(dict(writing.data))
        self.begun.set()
        await self.go_on.wait()
        return await super().write(writing)


async def test_a_writer_that_fails_leaves_nothing_waiting(
    settings: Settings, database: str
) -> None:
    async with opened(settings, database, writers={"away": Away()}) as studio:
        with pytest.raises(StudioError, match="away"):
            await describe(studio, {}, asked(), MESSAGES)
        async with studio.transaction() as tx:
            rows = (await tx.execute(text("SELECT status::text, proposal FROM generations"))).all()
    assert [tuple(each) for each in rows] == [("canceled", None)]


async def test_the_writer_is_handed_counted_words_and_can_be_stopped(
    settings: Settings, database: str
) -> None:
    slow = Slow()
    async with opened(settings, database, writers={"slow": slow}) as studio:
        describing = asyncio.create_task(describe(studio, {}, asked(), MESSAGES))
        await slow.begun.wait()
        async with studio.transaction() as tx:
            found = await tx.scalar(text("SELECT id FROM generations"))
        assert isinstance(found, int)
        with pytest.raises(InvalidParams):
            await proposals.approve(studio, found, ANNA)
        await generations.cancel(studio, found, ANNA)
        slow.go_on.set()
        with pytest.raises(InvalidParams, match="called off"):
            await describing
    [handed] = slow.handed
    assert not [each for each in handed["words"] if " " in each]  # type: ignore[attr-defined]


def test_words_are_counted_without_addresses_and_mentions() -> None:
    words = frequent(["Fox fox FOX <@123456> https://secret.example/fox", "a bear, 007 fox!"])
    assert words == ["fox", "bear"]
