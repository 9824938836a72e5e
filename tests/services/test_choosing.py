"""Who draws: asked for, chosen before, default, or whoever takes over."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest

from core.errors import InvalidParams
from core.settings import Settings
from core.viewer import Viewer
from db.models import Generation, Status
from providers.offline import Offline
from services import choosing
from services.generations import Origin, submit
from services.studio import Studio
from tests.conftest import opened, working
from tests.providers.vendors.cases import openai
from tests.providers.vendors.openai import OpenAIVendor
from tests.waiting import ended

ANNA, BEN = Viewer(7, "Anna"), Viewer(8, "Ben")
HOME = 77


@contextlib.asynccontextmanager
async def two(
    settings: Settings, database: str, *fallback: str
) -> AsyncIterator[tuple[Studio, OpenAIVendor]]:
    """A studio where OpenAI draws by default, and the offline provider is there, too."""
    settings = settings.model_copy(update={"fallback_providers": fallback})
    async with OpenAIVendor().running() as vendor:
        providers = {"openai": openai(vendor.base), "offline": Offline(megapixels=0.05)}
        async with opened(settings, database, providers=providers) as studio, working(studio):
            yield studio, vendor  # type: ignore[misc]


async def drawn(
    studio: Studio, request: str, viewer: Viewer = ANNA, **values: object
) -> Generation:
    origin = Origin(viewer=viewer, request_id=request, guild_id=HOME)
    asked = await submit(studio, "image", {"prompt": "a lake", **values}, origin)
    return await ended(studio, asked)


async def test_a_member_s_choice_counts_before_their_server_s_and_a_tool_s_before_all(
    settings: Settings, database: str
) -> None:
    async with two(settings, database) as (studio, vendor):
        assert (await drawn(studio, "default")).provider == "openai"
        await choosing.choose(studio, "server", HOME, "", "offline", None)
        assert (await drawn(studio, "server")).provider == "offline"
        await choosing.choose(studio, "member", ANNA.user_id, "", None, "gpt-image-2")
        mine = await drawn(studio, "mine")
        assert (mine.provider, mine.model) == ("openai", "gpt-image-2")
        assert vendor.asked[-1]["model"] == "gpt-image-2"
        assert (await drawn(studio, "ben", BEN)).provider == "offline"
        await choosing.choose(studio, "member", ANNA.user_id, "image", "offline", None)
        assert (await drawn(studio, "tool")).provider == "offline"
        named = await drawn(studio, "named", model="gpt-image-2.6-sunburst")
        assert (named.provider, named.model) == ("openai", "gpt-image-2.6-sunburst")
        await choosing.choose(studio, "member", ANNA.user_id, "image", None, None)
        assert (await drawn(studio, "forgotten")).model == "gpt-image-2"
        with pytest.raises(InvalidParams, match="There is no provider called nobody"):
            await choosing.choose(studio, "member", 1, "", "nobody", None)
        with pytest.raises(InvalidParams, match="There is no model called dall-e-3"):
            await choosing.choose(studio, "member", 1, "", None, "dall-e-3")


@pytest.mark.parametrize("fault", ["401", "402", "429 later", "500", "reset before"])
async def test_another_takes_over_only_where_nothing_can_have_been_charged(
    settings: Settings, database: str, fault: str
) -> None:
    async with two(settings, database, "offline") as (studio, vendor):
        vendor.fault = fault
        found = await drawn(studio, "1")
        if fault == "reset before":
            assert (found.status, found.error_class) == (Status.FAILED, "unknown_outcome")
            return
        assert (found.status, found.provider) == (Status.SUCCEEDED, "offline")
        said = "OpenAI is not available just now, so Offline drew it."
        assert said in found.meta["notes"]
        assert vendor.billed == []


async def test_nobody_takes_over_for_whoever_was_named(settings: Settings, database: str) -> None:
    async with two(settings, database, "offline") as (studio, vendor):
        vendor.fault = "401"
        found = await drawn(studio, "1", provider="openai")
        assert (found.status, found.error_class) == (Status.FAILED, "authentication")


def test_who_takes_over_is_a_list_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FALLBACK_PROVIDERS", "gemini, offline")
    found = Settings(_env_file=None)  # type: ignore[call-arg]
    assert found.fallback_providers == ("gemini", "offline")
