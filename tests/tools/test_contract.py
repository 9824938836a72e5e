"""What every tool keeps to, whichever it is: found by scan, as the tools are."""

from __future__ import annotations

import inspect
import io
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import tools
from bot import messages
from bot.commands import slash_command
from cli import tools_page
from cli.examples import EXAMPLES, Example
from core.errors import StorageError
from core.settings import Settings
from core.tool import Tool
from core.viewer import Viewer
from db.models import Generation, Status
from services.generations import Origin, submit
from services.images import keep_upload
from services.iterate import iterate
from services.studio import Studio
from storage.local import LocalVolume
from tests.bot.helpers import png
from tests.conftest import opened, working
from tests.waiting import ended
from web.forms import build

ANNA = Viewer(7, "Anna")
TOOLS = tools.discover()
OFFERED = [each for each in TOOLS.values() if each.listed]
PAGE = Path("docs/tools.md")


def named(tool: Tool) -> str:
    return tool.name


each_tool = pytest.mark.parametrize("tool", OFFERED, ids=named)


def examples(tool: Tool) -> list[Example]:
    return [each for each in EXAMPLES if each.tool == tool.name]


async def values_of(studio: Studio, tool: Tool) -> dict[str, Any]:
    """The tool's first example, with a picture of ours where it starts from one."""
    first = next(each for each in examples(tool) if each.reply is None)
    values = dict(first.values)
    if first.of is not None:
        upload = await keep_upload(studio, png("teal", (300, 200)), ANNA, "a lake.png")
        values[first.takes] = str(upload.id)
    return values


def words_for(tool: Tool) -> str:
    """What somebody replies to a result of it."""
    return next((each.reply for each in examples(tool) if each.reply), "make it night")


def asked(request: str = "1") -> Origin:
    return Origin(viewer=ANNA, request_id=request)


def test_there_are_the_eight() -> None:
    assert {each.name for each in OFFERED} == set(tools_page.ORDER)


@each_tool
def test_it_is_declared_for_every_front_end(tool: Tool) -> None:
    command = slash_command(tool, None, None)  # type: ignore[arg-type]
    assert 1 <= len(command.description) <= 100
    assert all(1 <= len(option.description) <= 100 for option in command.parameters)
    assert len(command.parameters) <= 25
    asked_for = {each.name for each in build(tool, {}).controls}
    shown = {name for name, schema in tool.fields().items() if not schema.get("hidden")}
    assert asked_for == shown
    assert tool.words in shown
    assert inspect.iscoroutinefunction(tool.run)


@each_tool
def test_it_is_documented_with_what_it_really_draws(tool: Tool) -> None:
    text = PAGE.read_text()
    section = text.split(f"\n## /{tool.name}\n")[1].split("\n## ")[0]
    for name, schema in tool.fields().items():
        assert (f"| `{name}` |" in section) == (not schema.get("hidden"))
    assert examples(tool)
    for example in examples(tool):
        for name in tools_page.pictures_of(example):
            assert f"gallery/{name}" in section
            with Image.open(tools_page.PICTURES / name) as picture:
                assert min(picture.size) >= 100


def test_the_page_is_what_the_declarations_say() -> None:
    assert PAGE.read_text() == tools_page.page()


@each_tool
async def test_it_draws_is_kept_and_iterated_offline(studio: Studio, tool: Tool) -> None:
    first = await submit(studio, tool.name, await values_of(studio, tool), asked())
    async with working(studio):
        parent = await ended(studio, first)
        assert (parent.status, parent.error) == (Status.SUCCEEDED, None)
        reply = await iterate(studio, asked("2"), parent.id, words_for(tool))
        child = await ended(studio, reply)
    assert (child.status, child.error) == (Status.SUCCEEDED, None)
    assert (child.parent_id, child.session_id) == (parent.id, parent.session_id)
    for generation in (parent, child):
        assert generation.assets
        for asset in generation.assets:
            data = await studio.storage.get(asset.key)
            assert sha256(data).hexdigest() == asset.sha256
            assert Image.open(io.BytesIO(data)).size == (asset.width, asset.height)
            assert asset.alt
    assert parent.assets[0].sha256 != child.assets[0].sha256


@each_tool
async def test_its_info_shows_what_it_was_made_with(studio: Studio, tool: Tool) -> None:
    values = await values_of(studio, tool)
    async with working(studio):
        generation = await ended(studio, await submit(studio, tool.name, values, asked()))
    embed = messages.info(generation, None, tool)
    fields = {field.name: field.value for field in embed.fields}
    for name, value in values.items():
        label = name.replace("_", " ").capitalize()
        if name not in {tool.words, *tool.asset_fields()}:
            assert str(value).split("\n")[0][:20] in (fields[label] or "").replace("\\", "")
    hidden = {name for name, schema in tool.fields().items() if schema.get("hidden")}
    assert not {name.replace("_", " ").capitalize() for name in hidden} & set(fields)


class Filling(LocalVolume):
    """A volume that has no more room from some moment on."""

    full = False

    async def put(self, key: str, data: bytes) -> None:
        if self.full:
            raise StorageError("The disk is full, so it could not be saved.")
        await super().put(key, data)


@each_tool
async def test_its_failure_is_recorded_and_told(
    settings: Settings, database: str, tool: Tool
) -> None:
    volume = Filling(settings.data_dir / "files")
    async with opened(settings, database, storage=volume) as studio:
        queued = await submit(studio, tool.name, await values_of(studio, tool), asked())
        async with studio.transaction() as tx:
            row = await tx.get_one(Generation, queued.id)
            row.attempts = 3  # The last attempt: the ones before it would wait for better times.
        volume.full = True
        async with working(studio):
            failed = await ended(studio, queued)
    assert (failed.status, failed.error_class) == (Status.FAILED, "storage")
    assert "disk is full" in (failed.error or "")
    assert "StorageError" in (failed.cause or "")
    assert failed.params == queued.params
