"""Jobs that fail, crash their worker, are canceled or handed back."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from core.errors import Forbidden, InvalidParams, LimitReached, NotFound, Transient, UnknownOutcome
from core.pictures import Drawing, PictureRequest, Report
from core.settings import Settings
from core.tool import ToolParams, tool
from core.viewer import Viewer
from db.base import CallStatus
from db.models import Asset, Generation, Status
from db.provider_models import ProviderCall
from providers.offline import Offline
from services import generations, upkeep
from services.generations import Origin, submit
from services.run import Run
from services.studio import Studio
from storage.local import LocalVolume, told
from tests.conftest import opened, working
from worker.isolation import Isolation

ANNA = Viewer(7, "Anna")
BEN = Viewer(8, "Ben")


def asked(viewer: Viewer = ANNA, request: str = "r1") -> Origin:
    return Origin(viewer=viewer, request_id=request)


async def row_of(studio: Studio, generation_id: int) -> Generation:
    async with studio.transaction() as tx:
        return await tx.get_one(Generation, generation_id)


async def until(
    studio: Studio, generation_id: int, wanted: Callable[[Generation], object]
) -> Generation:
    async with asyncio.timeout(40):
        while True:
            row = await row_of(studio, generation_id)
            if wanted(row):
                return row
            await asyncio.sleep(0.03)


def ended(row: Generation) -> bool:
    return row.finished_at is not None


async def calls(studio: Studio) -> list[ProviderCall]:
    async with studio.transaction() as tx:
        return list((await tx.scalars(select(ProviderCall).order_by(ProviderCall.id))).all())


def files(studio: Studio) -> list[Path]:
    return [each for each in (studio.settings.data_dir / "files").rglob("*") if each.is_file()]


async def test_a_generation_keeps_its_pictures_and_what_they_cost(studio: Studio) -> None:
    queued = await submit(studio, "image", {"prompt": "a lake", "count": 2, "seed": 5}, asked())
    async with working(studio) as worker:
        row = await until(studio, queued.id, ended)
        while worker.running:  # What was only of use while it ran goes after its end.
            await asyncio.sleep(0.02)
    assert (row.status, row.tags, row.provider, row.attempts) == (
        Status.SUCCEEDED, ["txt2img"], "offline", 1)  # fmt: skip
    async with studio.transaction() as tx:
        kept = list((await tx.scalars(select(Asset).order_by(Asset.position))).all())
    assert [each.seed for each in kept] == [5, 6]
    [call] = await calls(studio)
    assert (call.status, call.cost, call.cost_source, call.result) == (
        CallStatus.SUCCEEDED, 0, "free", None)  # fmt: skip
    assert not list((studio.settings.data_dir / "files").rglob("answers/*/*"))
    assert (await upkeep.verify(studio)).clean


async def test_the_same_request_twice_is_one_generation(studio: Studio) -> None:
    first, second = await asyncio.gather(
        *(submit(studio, "image", {"prompt": "a lake"}, asked()) for _ in range(2))
    )
    assert first.id == second.id


async def test_a_refusal_is_not_tried_again(studio: Studio) -> None:
    queued = await submit(studio, "image", {"prompt": "rehearse-refusal"}, asked())
    async with working(studio):
        row = await until(studio, queued.id, ended)
    assert (row.status, row.error_class, row.attempts) == (Status.FAILED, "refused", 1)


class Flaky(Offline):
    """Away the first time it is asked."""

    tries = 0

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        self.tries += 1
        if self.tries == 1:
            raise Transient(retry_after=0.1)
        return await super().generate(request, report)


async def test_what_may_succeed_later_is_tried_again(settings: Settings, database: str) -> None:
    async with opened(settings, database, providers={"offline": Flaky(0.05)}) as studio:
        queued = await submit(studio, "image", {"prompt": "a lake"}, asked())
        async with working(studio):
            row = await until(studio, queued.id, ended)
        assert (row.status, row.attempts) == (Status.SUCCEEDED, 2)
        assert [each.status for each in await calls(studio)] == [
            CallStatus.FAILED, CallStatus.SUCCEEDED]  # fmt: skip


class Broken(Offline):
    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        raise KeyError("api_key=sk-123")


async def test_a_bug_is_told_as_a_bug_and_kept_for_administrators(
    settings: Settings, database: str
) -> None:
    async with opened(settings, database, providers={"offline": Broken(0.05)}) as studio:
        queued = await submit(studio, "image", {"prompt": "a lake"}, asked())
        async with working(studio):
            row = await until(studio, queued.id, ended)
    assert row.error == "Something broke on our side. It has been logged (request r1)."
    assert (row.error_class, row.cause) == ("bug", "KeyError: 'api_key=sk-123'")


class Lost(Offline):
    """A provider that charges, and whose answer never came."""

    repeatable = False
    asked = 0

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        self.asked += 1
        if self.asked == 1:
            await asyncio.sleep(3600)
        return await super().generate(request, report)


async def test_what_may_have_been_charged_is_never_asked_for_again(
    settings: Settings, database: str
) -> None:
    provider = Lost(0.05)
    async with opened(settings, database, providers={"offline": provider}) as studio:
        queued = await submit(studio, "image", {"prompt": "a lake"}, asked())
        async with working(studio):
            await until(studio, queued.id, lambda row: row.status is Status.RUNNING)
            while not await calls(studio):
                await asyncio.sleep(0.02)
        async with working(studio):
            row = await until(studio, queued.id, ended)
    assert row.error_class == UnknownOutcome.error_class
    assert provider.asked == 1


class Once(Offline):
    """Counts how often it is asked."""

    repeatable = False
    asked = 0

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        self.asked += 1
        return await super().generate(request, report)


class SketchParams(ToolParams):
    prompt: str


stumbles: list[int] = []


@tool("sketch", "Draws, then stumbles once before anything is kept.")
async def sketch(params: SketchParams, run: Run) -> None:
    from services.images import save_generated_image

    [picture] = await run.draw(PictureRequest(prompt=params.prompt))
    if not stumbles:
        stumbles.append(1)
        raise Transient(retry_after=0.05)
    await save_generated_image(run, picture)


async def test_a_finished_step_is_read_back_and_not_bought_twice(
    settings: Settings, database: str
) -> None:
    stumbles.clear()
    provider = Once(0.05)
    parts = {"providers": {"offline": provider}, "tools": {"sketch": sketch}}
    async with opened(settings, database, **parts) as studio:
        queued = await submit(studio, "sketch", {"prompt": "a lake"}, asked())
        async with working(studio):
            row = await until(studio, queued.id, ended)
    assert (row.status, row.attempts, provider.asked) == (Status.SUCCEEDED, 2, 1)


@tool("nothing", "Ends without a picture.")
async def nothing(params: SketchParams, run: Run) -> None:
    pass


async def test_a_tool_that_keeps_nothing_has_failed(settings: Settings, database: str) -> None:
    async with opened(settings, database, tools={"nothing": nothing}) as studio:
        queued = await submit(studio, "nothing", {"prompt": "x"}, asked())
        async with working(studio):
            row = await until(studio, queued.id, ended)
    assert row.error_class == "nothing_generated"


async def test_a_worker_that_stops_hands_its_work_back(studio: Studio) -> None:
    queued = await submit(studio, "image", {"prompt": "rehearse-slow a lake"}, asked())
    async with working(studio):
        await until(studio, queued.id, lambda row: row.progress > 0.05)
    row = await row_of(studio, queued.id)
    assert (row.status, row.crashes) == (Status.QUEUED, 0)
    async with working(studio):
        row = await until(studio, queued.id, ended)
    assert (row.status, row.attempts) == (Status.SUCCEEDED, 2)


async def test_canceling_stops_the_drawing(studio: Studio) -> None:
    queued = await submit(studio, "image", {"prompt": "rehearse-slow a lake", "count": 4}, asked())
    async with working(studio) as worker:
        await until(studio, queued.id, lambda row: row.progress > 0.02)
        await generations.cancel(studio, queued.id, ANNA)
        async with asyncio.timeout(5):
            while worker.running:
                await asyncio.sleep(0.02)
    row = await row_of(studio, queued.id)
    assert row.status is Status.CANCELED
    assert files(studio) == []


async def test_only_the_own_and_the_visible_can_be_changed(studio: Studio) -> None:
    mine = await submit(studio, "image", {"prompt": "a lake"}, asked())
    with pytest.raises(NotFound):
        await generations.cancel(studio, mine.id, BEN)
    member = Viewer(8, "Ben", guild_ids=frozenset([1]))
    shared = Origin(viewer=ANNA, request_id="r2", guild_id=1, visibility="guild")
    seen = await submit(studio, "image", {"prompt": "a lake"}, shared)
    with pytest.raises(Forbidden):
        await generations.cancel(studio, seen.id, member)
    moderator = Viewer(8, "Ben", guild_ids=frozenset([1]), moderates=frozenset([1]))
    await generations.cancel(studio, seen.id, moderator)
    with pytest.raises(InvalidParams):
        await generations.retry(studio, seen.id, ANNA)


async def test_nobody_fills_the_queue_alone(studio: Studio) -> None:
    for number in range(generations.WAITING_LIMIT):
        await submit(studio, "image", {"prompt": "x"}, asked(request=str(number)))
    with pytest.raises(LimitReached):
        await submit(studio, "image", {"prompt": "x"}, asked(request="more"))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"prompt": ""}, "Please give a prompt."),
        ({"prompt": "x" * 40_000}, "40,000 characters long"),
        ({"prompt": "x", "seed": 2**40}, "The seed must be at most 4,294,967,295."),
        ({"prompt": "x", "seed": -1}, "The seed must be at least 0."),
        ({"prompt": "x", "count": 11}, "The count must be at most 10."),
        ({"prompt": "x", "aspect": "5:1"}, "The aspect must be one of"),
        ({"prompt": "x", "sharpness": 3}, "There is no parameter called sharpness."),
        ({"prompt": "x", "provider": "nobody"}, "There is no provider called nobody"),
        ({"prompt": "x", "model": "nothing"}, "There is no model called nothing"),
        ({"prompt": "\x00\u202e"}, "Please give a prompt."),
    ],
)
async def test_bad_parameters_get_a_sentence(
    studio: Studio, values: dict[str, object], sentence: str
) -> None:
    with pytest.raises(InvalidParams) as error:
        await submit(studio, "image", values, asked())
    assert sentence in str(error.value)


async def test_a_full_disk_is_told_and_loses_nothing(settings: Settings, database: str) -> None:
    class Full(LocalVolume):
        """A volume on which nothing more can be written, as the kernel says it."""

        async def put(self, key: str, data: bytes) -> None:
            try:
                with Path("/dev/full").open("wb", buffering=0) as file:
                    file.write(data)
            except OSError as error:
                raise told(error) from error

    async with opened(settings, database, storage=Full(settings.data_dir / "files")) as studio:
        queued = await submit(studio, "image", {"prompt": "a lake"}, asked())
        async with working(studio):
            row = await until(studio, queued.id, ended)
    assert (row.status, row.error_class) == (Status.FAILED, "storage")
    assert "disk is full" in (row.error or "")


KILLER = """
import asyncio, os, sys
from pathlib import Path
import tools
from core.settings import Settings
from core.tool import ToolParams, tool
from providers.offline import Offline
from services.studio import open_studio
from storage.local import LocalVolume
from worker.worker import Worker

class Params(ToolParams):
    prompt: str

@tool("deadly", "Brings its worker down.")
async def deadly(params: Params, run):
    await asyncio.sleep(0.3)
    os._exit(9)

async def main():
    settings = Settings(_env_file=None, data_dir=Path(sys.argv[2]))
    studio = open_studio(settings, sys.argv[1], "tests", storage=LocalVolume(Path(sys.argv[2])),
        providers={"offline": Offline(0.05)}, writers={}, tools={**tools.discover(), "deadly": deadly})
    listening = asyncio.create_task(studio.hub.run())
    await Worker(studio).run()

asyncio.run(main())
"""


@tool("deadly", "Brings its worker down.")
async def deadly(params: SketchParams, run: Run) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def test_what_kills_its_worker_three_times_is_set_aside_alone(
    settings: Settings, database: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", KILLER, database, str(tmp_path)]
    async with opened(settings, database, tools={"deadly": deadly}) as studio:
        poison = await submit(studio, "deadly", {"prompt": "x"}, asked())
    async with opened(settings, database) as studio:
        innocent = await submit(
            studio, "image", {"prompt": "rehearse-slow a lake"}, asked(request="r2")
        )
        worker = await asyncio.create_subprocess_exec(*command)
        deaths = 0
        async with asyncio.timeout(120):
            while not (
                ended(await row_of(studio, poison.id)) and ended(await row_of(studio, innocent.id))
            ):
                if worker.returncode is not None:
                    deaths += 1
                    worker = await asyncio.create_subprocess_exec(*command)
                await asyncio.sleep(0.1)
        worker.kill()
        await worker.wait()
        dead, alive = await row_of(studio, poison.id), await row_of(studio, innocent.id)
    assert (dead.status, dead.error_class, deaths) == (Status.FAILED, "poison", 3)
    assert alive.status is Status.SUCCEEDED


async def test_a_dead_workers_job_is_taken_up_by_another(
    settings: Settings, database: str, tmp_path: Path
) -> None:
    async with opened(settings, database) as studio:
        queued = await submit(studio, "image", {"prompt": "rehearse-slow a lake"}, asked())
        doomed = subprocess.Popen([sys.executable, "-c", KILLER, database, str(tmp_path)])
        await until(studio, queued.id, lambda row: row.progress > 0.02)
        doomed.kill()
        doomed.wait()
        async with working(studio):
            row = await until(studio, queued.id, ended)
    assert (row.status, row.attempts, row.crashes) == (Status.SUCCEEDED, 2, 1)


async def test_what_lost_its_job_is_queued_again(studio: Studio) -> None:
    from sqlalchemy import text

    queued = await submit(studio, "image", {"prompt": "a lake"}, asked())
    async with studio.transaction() as tx:
        await tx.execute(text("DELETE FROM queue.pgqueuer"))
    async with working(studio):
        row = await until(studio, queued.id, ended)
    assert row.status is Status.SUCCEEDED


async def test_one_runs_alone_while_the_others_wait() -> None:
    isolation, seen = Isolation(), []

    async def work(name: str, how: Callable[[], object]) -> None:
        async with how():  # type: ignore[attr-defined]
            seen.append(f"{name} in")
            await asyncio.sleep(0.02)
            seen.append(f"{name} out")

    jobs: list[Awaitable[None]] = [
        work("a", isolation.together), work("b", isolation.together),
        work("alone", isolation.alone), work("c", isolation.together),
    ]  # fmt: skip
    await asyncio.gather(*jobs)
    place = seen.index("alone in")
    assert seen[place + 1] == "alone out"


async def test_verify_finds_what_is_missing_damaged_and_left_over(studio: Studio) -> None:
    queued = await submit(studio, "image", {"prompt": "a lake", "count": 3}, asked())
    async with working(studio) as worker:
        await until(studio, queued.id, ended)
        while worker.running:  # What was only of use while it ran goes after its end.
            await asyncio.sleep(0.02)
    folder = studio.settings.data_dir / "files"
    first, second, _ = sorted((folder / "generated").rglob("*.png"))
    first.unlink()
    second.write_bytes(b"broken")
    await studio.storage.put("generated/ab/" + "ab" * 32 + ".png", b"orphan")
    report = await upkeep.verify(studio)
    assert [len(each) for each in (report.missing, report.damaged, report.orphans)] == [1, 1, 1]
    assert (await upkeep.verify(studio, repair=True)).orphans == []
    assert (await upkeep.verify(studio)).orphans == []
