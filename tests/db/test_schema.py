"""The migrations, the view that reports are written for, and the triggers."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from db.migrate import alembic_config, current, migrate, newest
from db.models import Base
from services.studio import Studio
from tests.conftest import connect, sql

INDEXES = """
SELECT regexp_replace(indexdef, ' ON public', ' ON ') FROM pg_indexes
WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1
"""
CONSTRAINTS = """
SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
  AND conrelid::regclass::text <> 'alembic_version' ORDER BY 1
"""


@pytest.fixture
async def empty(server: str) -> AsyncIterator[str]:
    name = f"e_{uuid.uuid4().hex[:12]}"
    await sql(server, f"CREATE DATABASE {name}")
    yield server.replace("/postgres?", f"/{name}?")
    await sql(server, f"DROP DATABASE {name} WITH (FORCE)")


async def ask(dsn: str, question: str) -> list[Any]:
    connection = await connect(dsn, "tests")
    try:
        return [row[0] for row in await connection.fetch(question)]
    finally:
        await connection.close()


def run(function: Any, *arguments: Any) -> None:
    """Alembic brings its own event loop, so it gets its own thread."""
    import threading

    failures: list[BaseException] = []

    def work() -> None:
        try:
            function(*arguments)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


async def test_the_migrations_lead_to_the_models_and_back(empty: str) -> None:
    config = alembic_config(empty)
    for _ in range(2):
        run(command.upgrade, config, "head")
        run(command.check, config)
        run(command.downgrade, config, "base")
    left = await ask(
        empty, "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    )
    assert {name for name in left if "alembic" not in name} == set()
    assert (
        await ask(
            empty, "SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        )
        == []
    )


async def test_indexes_and_constraints_are_those_of_the_models(empty: str, database: str) -> None:
    engine = create_async_engine(empty)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()
    for question in (INDEXES, CONSTRAINTS):
        assert await ask(database, question) == await ask(empty, question)


async def test_migrating_twice_changes_nothing(database: str) -> None:
    await migrate(database)
    connection = await connect(database, "tests")
    assert await current(connection) == newest()
    await connection.close()


SEED = """
INSERT INTO users (id, name) VALUES (7, 'Anna'), (8, 'Ben');
INSERT INTO sessions (user_id, title) VALUES (7, 'fox'), (8, 'lake');
INSERT INTO generations (session_id, user_id, request_id, tool, params, prompt, status, tags, metadata)
VALUES (1, 7, 'a', 'image', '{"count": 2, "style": "comic", "quality": "high"}', 'a red fox', 'succeeded', '{txt2img,fox}', '{"seed": 5}'),
       (1, 7, 'b', 'edit', '{}', 'at night', 'failed', '{}', '{}'),
       (2, 8, 'c', 'image', '{}', 'a lake', 'running', '{lake}', '{}');
UPDATE generations SET error = 'It declined.', error_class = 'refused' WHERE request_id = 'b';
INSERT INTO assets (user_id, source, generation_id, position, name, storage, key, url, thumbnail_key,
                    mime_type, bytes, width, height, sha256)
VALUES (7, 'generated', 1, 0, 'x', 'local', 'k0', '/files/k0', 't', 'image/png', 100, 30, 20, 'aa'),
       (7, 'generated', 1, 1, 'x', 'local', 'k1', '/files/k1', 't', 'image/png', 300, 30, 20, 'bb');
"""
COLUMNS = [
    "id",
    "request_id",
    "user_id",
    "username",
    "tool_name",
    "prompt",
    "model",
    "size",
    "quality",
    "style",
    "n",
    "storage_url",
    "storage_provider",
    "mime_type",
    "bytes",
    "sha256",
    "tags",
    "status",
    "error",
    "metadata",
    "message_id",
    "created_at",
]


@pytest.fixture
async def seeded(database: str) -> str:
    await sql(database, SEED)
    return database


async def test_the_view_has_exactly_the_documented_columns(seeded: str) -> None:
    question = """SELECT column_name::text FROM information_schema.columns
                  WHERE table_name = 'generated_images' ORDER BY ordinal_position"""
    assert await ask(seeded, question) == COLUMNS


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("SELECT size FROM generated_images WHERE user_id = '7' ORDER BY created_at DESC, id DESC",
         [None, "30x20", "30x20"]),
        ("SELECT error FROM generated_images WHERE status = 'failed'", ["It declined."]),
        ("SELECT request_id FROM generated_images WHERE status = 'failed' AND user_id = 7", ["b"]),
        ("SELECT tool_name FROM generated_images WHERE status <> 'success' ORDER BY id",
         ["edit", "image"]),
        ("SELECT DISTINCT prompt FROM generated_images WHERE tags @> ARRAY['fox']", ["a red fox"]),
        ("SELECT DISTINCT prompt FROM generated_images WHERE 'fox' = ANY(tags)", ["a red fox"]),
        ("SELECT DISTINCT n FROM generated_images WHERE metadata @> '{\"seed\": 5}'", [2]),
        ("SELECT count(*) FROM generated_images WHERE status = 'success'", [2]),
        ("SELECT count(DISTINCT user_id) FROM generated_images", [2]),
        ("SELECT avg(bytes)::int FROM generated_images WHERE status = 'success'", [200]),
        ("SELECT count(*) FROM generated_images GROUP BY tool_name ORDER BY 1", [1, 3]),
    ],
)  # fmt: skip
async def test_the_documented_queries_run_verbatim(
    seeded: str, question: str, found: list[Any]
) -> None:
    assert await ask(seeded, question) == found


async def test_a_session_knows_its_thumbnail_and_count(seeded: str) -> None:
    question = "SELECT image_count || ' ' || coalesce(a.key, '-') FROM sessions s LEFT JOIN assets a ON a.id = s.thumbnail_id ORDER BY s.id"
    assert await ask(seeded, question) == ["2 k0", "0 -"]
    await sql(seeded, "UPDATE assets SET deleted_at = now() WHERE key = 'k0'")
    assert await ask(seeded, question) == ["1 k1", "0 -"]
    await sql(seeded, "DELETE FROM assets")
    assert await ask(seeded, question) == ["0 -", "0 -"]


async def test_a_change_is_noticed_by_updated_at(seeded: str) -> None:
    before = await ask(seeded, "SELECT updated_at FROM generations ORDER BY id")
    await sql(seeded, "UPDATE generations SET progress = 0.5 WHERE id = 2")
    after = await ask(seeded, "SELECT updated_at FROM generations ORDER BY id")
    assert [a != b for a, b in zip(before, after, strict=True)] == [False, True, False]


async def test_a_rare_tag_is_found_by_its_index(studio: Studio) -> None:
    async with studio.transaction() as tx:
        await tx.execute(text("SET LOCAL enable_seqscan = off"))
        plan = await tx.scalars(
            text("EXPLAIN SELECT * FROM generated_images WHERE tags @> ARRAY['rare']")
        )
        assert any("ix_generations_tags" in line for line in plan.all())


BEFORE_KINDS = """
INSERT INTO users (id, name) VALUES (7, 'Anna'), (8, 'Ben');
INSERT INTO datasets (user_id, name, visibility, guild_id)
VALUES (7, 'Fox', 'private', NULL), (7, 'fox', 'guild', 5), (8, 'fox', 'guild', NULL);
INSERT INTO sessions (user_id, title) VALUES (7, 'fox');
INSERT INTO generations (session_id, user_id, request_id, tool, params)
VALUES (1, 7, 'a', 'image', '{}');
INSERT INTO shown_messages (message_id, generation_id) VALUES (1, 1);
"""
AFTER_KINDS = """
INSERT INTO datasets (user_id, kind, name) VALUES (8, 'character', 'fox');
INSERT INTO assets (user_id, source, name, storage, key, url, thumbnail_key, mime_type, bytes,
                    width, height, sha256)
VALUES (7, 'upload', 'x', 'local', 'k', '/files/k', 't', 'image/png', 1, 1, 1, 'a');
INSERT INTO shown_messages (message_id, asset_id) SELECT 2, id FROM assets;
"""


async def test_sets_and_messages_survive_the_library_both_ways(empty: str) -> None:
    config = alembic_config(empty)
    run(command.upgrade, config, "0003")
    await sql(empty, BEFORE_KINDS)
    run(command.upgrade, config, "0004")
    told = "SELECT kind || ' ' || name || ' ' || visibility FROM datasets ORDER BY id"
    sets = ["set Fox private", "set fox (2) guild", "set fox private"]
    assert await ask(empty, told) == sets
    await sql(empty, AFTER_KINDS)
    run(command.downgrade, config, "0003")
    names = ["Fox", "fox (2)", "fox", "fox (4)"]
    assert await ask(empty, "SELECT name FROM datasets ORDER BY id") == names
    assert await ask(empty, "SELECT message_id FROM shown_messages") == [1]
    run(command.upgrade, config, "head")
    assert (await ask(empty, told))[:3] == sets


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO shown_messages (message_id) VALUES (9)",
        "INSERT INTO shown_messages (message_id, generation_id, asset_id) SELECT 9, 1, id FROM assets",
        "INSERT INTO datasets (user_id, name, visibility) VALUES (7, 'a', 'guild')",
        "INSERT INTO datasets (user_id, name, kind) VALUES (7, 'a', 'brand')",
        "INSERT INTO datasets (user_id, name) VALUES (7, 'Straße'), (7, 'sTRAßE')",
    ],
)
async def test_the_tables_refuse_what_makes_no_sense(seeded: str, statement: str) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await sql(seeded, statement)
