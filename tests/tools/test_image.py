"""/image: every option, several pictures, alternatives, better prompts, reference sets."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bot.commands import option
from core.errors import InvalidParams, Refused
from core.pictures import Drawing, PictureRequest, Report
from core.settings import Settings
from core.viewer import Viewer
from db.models import Generation, Status
from providers import Capabilities
from providers.offline import MODEL, Offline
from services import datasets, proposals
from services.generations import Origin, read, submit
from services.iterate import iterate, reroll
from services.studio import Studio
from tests.conftest import opened, working
from tests.waiting import until
from tools.image import image

ANNA = Viewer(7, "Anna")
BEN = Viewer(8, "Ben")
DISCORD_OPTIONS = 25


class Watched(Offline):
    """The offline provider, with what it was asked for kept, and abilities of one's choice."""

    def __init__(self, **abilities: Any) -> None:
        super().__init__(megapixels=0.02)
        self.asked: list[PictureRequest] = []
        self.declines: str | None = None
        if abilities:
            can = {"source": True, "count": 4, "seed": "exact", "negative_prompt": True}
            self.models = {MODEL: Capabilities(**{**can, **abilities})}

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        self.asked.append(request)
        if self.declines and self.declines in request.prompt:
            raise Refused
        return await super().generate(request, report)


def asked(request: str = "i1", *, confirm: bool = False, viewer: Viewer = ANNA) -> Origin:
    return Origin(viewer=viewer, request_id=request, confirm=confirm)


async def drawn(studio: Studio, origin: Origin | None = None, **values: object) -> Generation:
    row = await submit(studio, "image", values, origin or asked())
    return await until(studio, row.id, lambda each: each.finished_at)


def notes(row: Generation) -> str:
    return " ".join(cast("list[str]", row.meta["notes"]))


def test_every_option_fits_one_discord_command() -> None:
    options = [each for name, schema in image.fields().items() for each in option(name, schema)]
    assert len(options) <= DISCORD_OPTIONS
    assert all(1 <= len(schema["description"]) <= 100 for schema in image.fields().values())


def test_the_api_takes_more_than_discord() -> None:
    fields = image.fields()
    assert (fields["prompt"]["maxLength"], fields["prompt"]["discord_max"]) == (32_000, 4000)
    assert (fields["count"]["maximum"], fields["count"]["discord_max"]) == (10, 4)
    assert image.parse({"prompt": "x" * 32_000, "count": 10})


async def test_everything_that_is_chosen_reaches_the_provider(
    settings: Settings, database: str
) -> None:
    watched = Watched(references=4, transparent=True)
    async with (
        opened(settings, database, providers={"offline": watched}) as studio,
        working(studio),
    ):
        first = await drawn(studio, prompt="a hill")
        picture = str(first.assets[0].id)
        row = await drawn(
            studio,
            asked("i2"),
            prompt="a lighthouse",
            negative_prompt="birds",
            aspect="21:9",
            seed=7,
            style="watercolor",
            quality="high",
            background="transparent",
            source=picture,
            strength=0.4,
            references=[picture],
            shot="wide",
            angle="low",
            lighting="blue hour",
            weather="fog",
            location="Brittany",
        )
    request = watched.asked[-1]
    assert request.prompt.startswith(
        "a lighthouse, wide shot, seen from a low angle, in Brittany, in fog, in blue hour light. "
        "Style: watercolor: "
    )
    assert row.full_prompt == request.prompt
    assert row.prompt == "a lighthouse"
    assert (request.negative_prompt, request.aspect, request.seed) == ("birds", "21:9", 7)
    assert (request.quality, request.background, request.strength) == ("high", "transparent", 0.4)
    assert request.source is not None
    assert len(request.references) == 1
    assert row.tags == ["img2img", "watercolor"]


async def test_more_than_one_call_gives_are_drawn_in_several_with_their_own_seeds(
    settings: Settings, database: str
) -> None:
    watched = Watched(count=4)
    async with (
        opened(settings, database, providers={"offline": watched}) as studio,
        working(studio),
    ):
        row = await drawn(studio, prompt="a hill", count=10, seed=100)
    assert [(each.count, each.seed) for each in watched.asked] == [(4, 100), (4, 104), (2, 108)]
    assert [each.seed for each in row.assets] == list(range(100, 110))
    assert [each.position for each in row.assets] == list(range(10))


async def test_brackets_draw_one_picture_for_each(settings: Settings, database: str) -> None:
    watched = Watched()
    async with (
        opened(settings, database, providers={"offline": watched}) as studio,
        working(studio),
    ):
        row = await drawn(studio, prompt="a [red, blue] hill", count=2)
    assert row.status is Status.SUCCEEDED, row.cause
    assert [each.prompt for each in watched.asked] == ["a red hill", "a blue hill"]
    assert [each.prompt for each in row.assets] == ["a red hill"] * 2 + ["a blue hill"] * 2
    assert "blue hill" in (row.assets[3].alt or "")
    assert row.full_prompt == "a red hill\na blue hill"


async def test_the_number_is_said_before_brackets_are_drawn(studio: Studio) -> None:
    async with working(studio):
        row = await submit(studio, "image", {"prompt": "a [red, blue] hill"}, asked(confirm=True))
        held = await until(studio, row.id, lambda each: each.proposal)
        assert held.proposal is not None
        assert held.proposal["summary"] == "2 pictures: free."
        assert held.proposal["text"] == "a red hill\na blue hill"
        await proposals.approve(studio, row.id, ANNA, "a red hill\na green hill\na blue hill")
        row = await until(studio, row.id, lambda each: each.finished_at)
    assert [each.prompt for each in row.assets] == ["a red hill", "a green hill", "a blue hill"]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"prompt": "[a, b, c] [d, e] [f, g]"}, "12 prompts; up to 10"),
        ({"prompt": "[a, b, c]", "count": 4}, "12 pictures, 4 for each of 3 prompts"),
        ({"prompt": "x" * 32_001}, "32,001 characters"),
        ({"prompt": "a", "count": 11}, "at most 10"),
        ({"prompt": "a", "aspect": "5:4"}, "must be one of"),
        ({"prompt": "a", "references": ["1"] * 5}, "Up to 4 references"),
    ],
)
async def test_too_much_is_refused_with_the_number(
    studio: Studio, values: dict[str, object], told: str
) -> None:
    with pytest.raises(InvalidParams, match=told):
        await submit(studio, "image", values, asked())


async def test_a_declined_alternative_leaves_the_others(settings: Settings, database: str) -> None:
    watched = Watched()
    watched.declines = "red"
    async with (
        opened(settings, database, providers={"offline": watched}) as studio,
        working(studio),
    ):
        row = await drawn(studio, prompt="a [red, blue, green] hill")
        all_of_it = await drawn(studio, asked("i2"), prompt="a red hill")
    assert [each.prompt for each in row.assets] == ["a blue hill", "a green hill"]
    assert "“a red hill” was left out" in notes(row)
    assert (all_of_it.status, all_of_it.error_class) == (Status.FAILED, "refused")


async def test_a_better_prompt_is_drawn_and_both_are_kept(
    settings: Settings, database: str
) -> None:
    watched = Watched()
    async with (
        opened(settings, database, providers={"offline": watched}) as studio,
        working(studio),
    ):
        row = await drawn(studio, prompt="a lighthouse", enhance=True)
    assert row.prompt == "a lighthouse"
    assert row.full_prompt == watched.asked[0].prompt
    assert str(row.full_prompt).startswith("a lighthouse, ")
    assert row.meta["enhanced"]["after"] == row.full_prompt
    assert row.meta["enhanced"]["difference"].startswith("a lighthouse, **")
    assert "Added to your words: " in notes(row)


async def test_a_better_prompt_is_shown_first_to_who_waits(studio: Studio) -> None:
    async with working(studio):
        values = {"prompt": "a lighthouse", "enhance": True}
        row = await submit(studio, "image", values, asked(confirm=True))
        held = await until(studio, row.id, lambda each: each.proposal)
        assert held.proposal is not None
        assert held.proposal["alternatives"] == {"Draw my own words": "a lighthouse"}
        await proposals.approve(studio, row.id, ANNA, "a lighthouse")
        own = await until(studio, row.id, lambda each: each.finished_at)
        again = await reroll(studio, asked("again", confirm=True), row.id)
        again = await until(studio, again.id, lambda each: each.finished_at)
    assert own.full_prompt is None
    assert "enhanced" not in own.meta
    assert again.full_prompt is None


async def test_better_alternatives_are_shown_with_their_number(studio: Studio) -> None:
    async with working(studio):
        values = {"prompt": "a [red, blue] lighthouse", "enhance": True}
        row = await submit(studio, "image", values, asked(confirm=True))
        held = await until(studio, row.id, lambda each: each.proposal)
        assert held.proposal is not None
        assert held.proposal["field"] == "expanded"
        own = "a red lighthouse\na blue lighthouse"
        assert held.proposal["alternatives"] == {"Draw my own words": own}
        await proposals.approve(studio, row.id, ANNA)
        row = await until(studio, row.id, lambda each: each.finished_at)
    assert all("lighthouse, " in str(each.prompt) for each in row.assets)
    assert "**" in row.meta["enhanced"]["difference"]


async def test_a_sets_words_and_pictures_join_the_prompt(settings: Settings, database: str) -> None:
    watched = Watched(references=2)
    async with (
        opened(settings, database, providers={"offline": watched}) as studio,
        working(studio),
    ):
        first = await drawn(studio, prompt="a hill", count=3)
        pictures = [str(each.id) for each in first.assets]
        await datasets.create(
            studio, ANNA, "set", "Acme", description="orange stripes", pictures=pictures
        )
        row = await drawn(studio, asked("i2"), prompt="a bag", dataset="acme")
        again = await reroll(studio, asked("i3"), row.id)
        again = await until(studio, again.id, lambda each: each.finished_at)
        with pytest.raises(InvalidParams, match="There is no set called"):
            await submit(
                studio, "image", {"prompt": "a", "dataset": "Acme"}, asked("b", viewer=BEN)
            )
    assert watched.asked[1].prompt == "a bag. Acme: orange stripes."
    assert len(watched.asked[1].references) == 2
    assert "first 2 of 3" in notes(row)
    assert again.status is Status.SUCCEEDED, again.cause
    assert row.tags == ["acme", "txt2img"]


async def test_auto_takes_its_shape_from_words_or_source(studio: Studio) -> None:
    async with working(studio):
        wide = await drawn(studio, prompt="a wallpaper of hills", aspect="auto")
        source = str(wide.assets[0].id)
        same = await drawn(studio, asked("i2"), prompt="a logo", aspect="auto", source=source)
    assert wide.assets[0].width > wide.assets[0].height * 1.6
    assert (same.assets[0].width, same.assets[0].height) == (
        wide.assets[0].width,
        wide.assets[0].height,
    )


async def test_what_the_model_cannot_do_is_told(settings: Settings, database: str) -> None:
    plain = Watched(seed="none", negative_prompt=False)
    async with opened(settings, database, providers={"offline": plain}) as studio, working(studio):
        row = await drawn(
            studio, prompt="a hill", seed=3, negative_prompt="x", background="transparent"
        )
    assert (plain.asked[0].seed, plain.asked[0].negative_prompt) == (None, "")
    assert "takes no seed" in notes(row)
    assert "/icon cuts it out" in notes(row)


async def test_a_failure_is_recorded_with_its_cause(studio: Studio) -> None:
    async with working(studio):
        row = await drawn(studio, prompt="rehearse-refusal")
    assert (row.status, row.error_class) == (Status.FAILED, "refused")
    assert row.error is not None


async def test_a_reply_edits_the_picture(studio: Studio) -> None:
    async with working(studio):
        first = await drawn(studio, prompt="a hill")
        child = await iterate(studio, asked("r1"), first.id, "make it night")
        child = await until(studio, child.id, lambda each: each.finished_at)
        seen = await read(studio, child.id, ANNA)
    assert (seen.tool, seen.parent_id, seen.status) == ("edit", first.id, Status.SUCCEEDED)
