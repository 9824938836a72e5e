"""ComfyUI: the operator's workflow filled, run, listened to and found again, whatever breaks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from core.errors import BadRequest, Canceled, OutOfReach, ProviderError, Transient
from core.pictures import Accepted, Event, PictureRequest, Progress, Queued
from providers import Reattaching
from providers.comfyui import ComfyUI
from providers.comfyui.workflow import read, read_all
from tests.providers.test_faults import Told
from tests.providers.vendors.comfyui import ComfyVendor
from tests.providers.vendors.vendor import png

WORKFLOWS = Path(__file__).parents[2] / "docs" / "comfyui"
KEY = "0f0e0d0c-0b0a-4908-8706-050403020100"
FOX = PictureRequest(prompt='a "fox" {{seed}}', seed=7, key=KEY)


@contextlib.asynccontextmanager
async def speaking(
    name: str = "everything", reading: float = 5.0
) -> AsyncIterator[tuple[ComfyVendor, ComfyUI]]:
    async with ComfyVendor().running() as vendor:
        provider = ComfyUI(
            vendor.base, [read(WORKFLOWS / f"{name}.json")], reading=reading, pause=0.02
        )
        try:
            yield vendor, provider
        finally:
            await provider.close()
    assert vendor.wrong == []


async def until(claim: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not claim():
            await asyncio.sleep(0.01)


def test_it_can_be_taken_up_and_costs_nothing() -> None:
    provider = ComfyUI("http://x", read_all(WORKFLOWS / "text.json"))
    assert isinstance(provider, Reattaching)
    assert provider.repeatable
    assert provider.estimate(FOX) == 0


async def test_its_name_is_told_first_then_how_far_it_is_with_previews_of_its_own() -> None:
    told = Told()
    async with speaking("text") as (_, provider):
        await provider.generate(FOX, told)
    assert told[0] == Accepted(KEY)
    progress = [each for each in told if isinstance(each, Progress)]
    fractions = [each.fraction for each in progress]
    assert fractions == sorted(fractions)
    assert 0 < fractions[-1] <= 1
    assert {each.preview for each in progress} == {None, png("gray", (16, 16))}


async def test_it_is_named_before_it_is_handed_in() -> None:
    async with speaking("text") as (vendor, provider):

        async def report(event: Event) -> None:
            assert event == Accepted(KEY)
            assert vendor.asked == []
            raise RuntimeError

        with pytest.raises(RuntimeError):
            await provider.generate(FOX, report)
    assert vendor.asked == []


async def test_others_in_the_queue_are_counted() -> None:
    told = Told()
    async with speaking("text") as (vendor, provider):
        vendor.holding = True
        vendor.others(3)
        drawing = asyncio.create_task(provider.generate(FOX, told))
        await until(lambda: Queued(3) in told)
        vendor.holding = False
        await drawing
    positions = [each.ahead for each in told if isinstance(each, Queued)]
    assert positions == sorted(positions, reverse=True)
    assert positions[0] == 3
    assert positions[-1] == 0


async def test_without_a_connection_for_events_it_is_looked_for() -> None:
    told = Told()
    async with speaking("text") as (vendor, provider):
        vendor.deaf = True
        drawing = await provider.generate(FOX, told)
    assert len(drawing.pictures) == 1
    assert told == [Accepted(KEY)]


async def test_a_connection_that_breaks_is_made_again() -> None:
    async with speaking("text") as (vendor, provider):
        vendor.dropping = True
        drawing = await provider.generate(FOX, Told())
    assert len(drawing.pictures) == len(vendor.asked) == 1
    assert vendor.connections > 1


async def test_what_nobody_can_look_at_is_out_of_reach_and_still_there() -> None:
    async with speaking("text") as (vendor, provider):
        vendor.away = True
        with pytest.raises(OutOfReach, match="look for it again"):
            await provider.generate(FOX, Told())
        vendor.away = False
        drawing = await provider.reattach(KEY, FOX, Told())
    assert drawing is not None
    assert drawing.pictures[0].seed == 7
    assert len(vendor.billed) == 1


async def test_another_worker_goes_on_with_it_and_sees_its_progress() -> None:
    told = Told()
    async with speaking("text") as (vendor, provider):
        vendor.holding = True
        first = asyncio.create_task(provider.generate(PictureRequest(prompt="x", key=KEY), Told()))
        await until(lambda: vendor.current is not None)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert vendor.interrupted == []
        second = asyncio.create_task(
            provider.reattach(KEY, PictureRequest(prompt="x", key="other"), told)
        )
        await until(lambda: KEY in vendor.sockets)
        vendor.holding = False
        drawing = await second
    assert drawing is not None
    assert drawing.pictures[0].seed == vendor.asked[0]["prompt"]["7"]["inputs"]["seed"]
    assert any(isinstance(each, Progress) for each in told)
    assert len(vendor.billed) == 1


async def test_what_it_does_not_know_is_gone() -> None:
    async with speaking("text") as (_, provider):
        assert await provider.reattach(KEY, FOX, Told()) is None


async def test_a_restart_forgets_it_and_it_may_be_asked_for_again() -> None:
    async with speaking("text") as (vendor, provider):
        vendor.holding = True
        drawing = asyncio.create_task(provider.generate(FOX, Told()))
        await until(lambda: vendor.current is not None)
        await vendor.restart()
        with pytest.raises(Transient, match="restarted"):
            await drawing
        assert await provider.reattach(KEY, FOX, Told()) is None


async def test_who_takes_it_out_of_the_queue_is_respected() -> None:
    async with speaking("text") as (vendor, provider):
        vendor.holding = True
        vendor.others(1)
        drawing = asyncio.create_task(provider.generate(FOX, Told()))
        await until(lambda: any(each[1] == KEY for each in vendor.pending))
        await asyncio.sleep(0.05)
        await vendor.delete(KEY)
        with pytest.raises(ProviderError, match="Somebody took this out of the queue") as raised:
            await drawing
    assert not raised.value.retryable


async def test_who_stops_it_is_respected() -> None:
    async with speaking("text") as (vendor, provider):
        vendor.holding = True
        drawing = asyncio.create_task(provider.generate(FOX, Told()))
        await until(lambda: vendor.current is not None)
        vendor.stopping = True
        with pytest.raises(ProviderError, match="Somebody stopped this") as raised:
            await drawing
    assert not raised.value.retryable


async def test_it_can_be_called_off_while_it_waits_and_nobody_else_is_stopped() -> None:
    async with speaking("text") as (vendor, provider):
        vendor.holding = True
        vendor.others(1)
        drawing = asyncio.create_task(provider.generate(FOX, Told()))
        await until(lambda: any(each[1] == KEY for each in vendor.pending))
        await provider.cancel(KEY)
        assert vendor.interrupted == []
        assert vendor.current is not None
        with pytest.raises(ProviderError):
            await drawing


async def test_it_can_be_called_off_while_it_is_drawn() -> None:
    async with speaking("text") as (vendor, provider):
        vendor.holding = True
        drawing = asyncio.create_task(provider.generate(FOX, Told()))
        await until(lambda: vendor.current is not None)
        await provider.cancel(KEY)
        assert vendor.interrupted == [KEY]
        with pytest.raises(ProviderError):
            await drawing


async def test_who_is_told_may_call_it_off() -> None:
    async def report(event: Event) -> None:
        if isinstance(event, Progress):
            raise Canceled

    async with speaking("text") as (vendor, provider):
        vendor.holding = True
        with pytest.raises(Canceled):
            await provider.generate(FOX, report)
        # The ledger stops it there, since only that knows whose call it is by now.
        assert vendor.interrupted == []
        await provider.cancel(KEY)
        assert vendor.interrupted == [KEY]


async def test_a_server_that_names_calls_itself_is_followed_by_its_name() -> None:
    told = Told()
    async with speaking("text") as (vendor, provider):
        vendor.forgetful = True
        drawing = await provider.generate(FOX, told)
    handles = [each.handle for each in told if isinstance(each, Accepted)]
    assert handles == [KEY, vendor.billed[0]]
    assert len(drawing.pictures) == 1


NODE_ERRORS = {
    "1": {
        "class_type": "CheckpointLoaderSimple",
        "errors": [
            {
                "type": "value_not_in_list",
                "message": "Value not in list",
                "details": "ckpt_name: 'x' not in []",
                "extra_info": {"input_name": "ckpt_name"},
            }
        ],
        "dependent_outputs": ["9"],
    }
}


async def test_a_node_that_is_not_valid_is_named() -> None:
    async with speaking("text") as (vendor, provider):
        vendor.node_errors = NODE_ERRORS
        with pytest.raises(BadRequest) as raised:
            await provider.generate(FOX, Told())
    assert str(raised.value) == (
        "ComfyUI cannot run its workflow: node 1 (CheckpointLoaderSimple) does not accept "
        "ckpt_name. The operator has to mend it."
    )
    assert "not in list" in str(raised.value.__cause__)


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        (("torch.OutOfMemoryError", "CUDA out of memory. Tried to allocate"), "ran out of memory"),
        (("RuntimeError", "mat1 and mat2 shapes"), "failed at node 7 (KSampler). The operator"),
    ],
)
async def test_a_node_that_breaks_is_named_and_not_tried_again(
    ending: tuple[str, str], said: str
) -> None:
    async with speaking("text") as (vendor, provider):
        vendor.ending = ending
        with pytest.raises(BadRequest) as raised:
            await provider.generate(FOX, Told())
        with pytest.raises(BadRequest):
            await provider.reattach(KEY, FOX, Told())
    assert said in str(raised.value)
    assert ending[1] in str(raised.value.__cause__)


async def test_looking_at_a_picture_may_fail_twice_and_a_lost_one_is_said() -> None:
    async with speaking("text") as (vendor, provider):
        vendor.viewing = [500, 503]
        assert await provider.generate(FOX, Told())
        vendor.kept.clear()
        with pytest.raises(ProviderError, match="did not keep") as raised:
            await provider.reattach(KEY, FOX, Told())
        assert not raised.value.retryable


async def test_what_is_no_picture_is_the_workflows_fault() -> None:
    async with speaking("text") as (vendor, provider):
        vendor.fault = "no picture"
        with pytest.raises(BadRequest, match="no picture"):
            await provider.generate(FOX, Told())


async def test_a_password_in_its_address_goes_with_calls_and_connections() -> None:
    async with ComfyVendor().running() as vendor:
        address = vendor.base.replace("http://", "http://atelier:secret@")
        provider = ComfyUI(address, [read(WORKFLOWS / "text.json")], pause=0.02)
        await provider.generate(FOX, Told())
        await provider.close()
    assert vendor.authorized == {"Basic YXRlbGllcjpzZWNyZXQ="}
    assert vendor.connections == 1
