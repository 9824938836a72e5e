"""/avatar: what is asked of the provider, and what is kept of its answer."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from PIL import Image

from core.errors import InvalidParams, NotFound
from core.pictures import Drawing, Drawn, PictureRequest, Report
from core.settings import Settings
from core.viewer import Viewer
from db.models import Generation, Status
from providers import Capabilities
from providers.offline import Offline
from services.generations import Origin, submit
from services.guidance import AVATARS
from services.images import keep_upload
from services.iterate import iterate
from services.studio import Studio
from tests.bot.helpers import png
from tests.conftest import opened, working
from tests.waiting import ended
from tools.avatar import asked_style, avatar

ANNA = Viewer(7, "Anna")


class Painter(Offline):
    """Remembers what it is asked, and draws squares that are too small."""

    def __init__(self, *, source: bool = True) -> None:
        super().__init__(megapixels=0.05)
        self.models: Mapping[str, Capabilities] = {"p": Capabilities(source=source, count=2)}
        self.requests: list[PictureRequest] = []

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        self.requests.append(request)
        pictures = tuple(Drawn(data=png("olive", (256, 256))) for _ in range(request.count))
        return Drawing(pictures=pictures, model="p", cost_source="free")


async def drawn(studio: Studio, request: str = "1", **values: object) -> Generation:
    origin = Origin(viewer=ANNA, request_id=request)
    return await ended(studio, await submit(studio, "avatar", values, origin))


@pytest.mark.parametrize("style", AVATARS)
async def test_each_style_has_guidance_of_its_own(
    settings: Settings, database: str, style: str
) -> None:
    painter = Painter()
    async with opened(settings, database, providers={"p": painter}) as studio, working(studio):
        done = await drawn(studio, description="a fox", style=style)
        image = Image.open(io.BytesIO(await studio.storage.get(done.assets[0].key)))
    [request] = painter.requests
    assert AVATARS[style] in request.prompt  # type: ignore[index]
    assert "head and shoulders" in request.prompt
    assert (request.aspect, image.size) == ("1:1", (1024, 1024))
    assert [each.part for each in done.parts] == ["sheet"]


async def test_several_come_in_as_few_calls_as_the_model_needs(
    settings: Settings, database: str
) -> None:
    painter = Painter()
    async with opened(settings, database, providers={"p": painter}) as studio, working(studio):
        done = await drawn(studio, description="a fox", count=3)
    assert [each.count for each in painter.requests] == [2, 1]
    assert (len(done.assets), len(done.parts)) == (3, 3)


async def test_a_style_in_a_reply_starts_again_from_the_picture_other_words_from_the_avatar(
    settings: Settings, database: str
) -> None:
    painter = Painter()
    async with opened(settings, database, providers={"p": painter}) as studio, working(studio):
        photo = await keep_upload(studio, png("red", (300, 200)), ANNA, "me.png")
        first = await drawn(studio, likeness="photo", source=str(photo.id))
        origin = [Origin(viewer=ANNA, request_id=each) for each in ("a", "b")]
        styled = await ended(studio, await iterate(studio, origin[0], first.id, "as clay"))
        worded = await ended(studio, await iterate(studio, origin[1], first.id, "with a red hat"))
    assert (styled.params["style"], styled.params["source"]) == ("clay", str(photo.id))
    assert styled.params["likeness"] == "photo"
    assert worded.params["source"] == str(first.assets[0].id)
    assert "Now: with a red hat." in painter.requests[2].prompt
    assert painter.requests[0].strength is not None


async def test_a_model_that_takes_no_pictures_is_said(settings: Settings, database: str) -> None:
    painter = Painter(source=False)
    async with opened(settings, database, providers={"p": painter}) as studio, working(studio):
        photo = await keep_upload(studio, png("red", (300, 200)), ANNA, "me.png")
        alone = await drawn(studio, "1", source=str(photo.id))
        worded = await drawn(studio, "2", source=str(photo.id), description="a fox")
    assert (alone.status, alone.error_class) == (Status.FAILED, "invalid")
    assert "cannot start from a picture" in (alone.error or "")
    assert worded.meta["notes"] == [
        "This model cannot start from a picture, so it went by the words alone."
    ]


async def test_a_change_tells_what_there_was_before_so_that_words_alone_can_do(
    settings: Settings, database: str
) -> None:
    painter = Painter(source=False)
    async with opened(settings, database, providers={"p": painter}) as studio, working(studio):
        last = await drawn(studio, description="a fox")
        for number, words in enumerate(("with a red hat", "and glasses", "as clay")):
            origin = Origin(viewer=ANNA, request_id=f"r{number}")
            last = await ended(studio, await iterate(studio, origin, last.id, words))
    assert last.prompt == "and glasses"
    assert "a fox. with a red hat. Now: and glasses." in painter.requests[-1].prompt
    assert AVATARS["clay"] in painter.requests[-1].prompt


async def test_a_change_of_a_picture_without_words_needs_a_model_that_takes_it(
    settings: Settings, database: str
) -> None:
    able, unable = Painter(), Painter(source=False)
    unable.models = {"q": Capabilities(source=False, count=2)}
    providers = {"p": able, "q": unable}
    async with opened(settings, database, providers=providers) as studio, working(studio):
        photo = await keep_upload(studio, png("red", (300, 200)), ANNA, "me.png")
        first = await drawn(studio, source=str(photo.id))
        origin = Origin(viewer=ANNA, request_id="2")
        asked = await iterate(studio, origin, first.id, "with a hat", extra={"model": "q"})
        refused = await ended(studio, asked)
    assert "cannot start from a picture" in (refused.error or "")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Describe the avatar"),
        ({"likeness": "avatar", "description": "me"}, "Attach the profile picture"),
        ({"likeness": "photo", "description": "me"}, "Attach the photo"),
        ({"description": "x", "style": "crayon"}, "The style must be one of"),
    ],
)
def test_bad_input_gets_a_sentence(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidParams, match=sentence):
        avatar.parse(values)


async def test_no_other_door_can_claim_to_have_read_messages(studio: Studio) -> None:
    async with working(studio):
        with pytest.raises(InvalidParams, match="only be described in Discord"):
            await drawn(studio, likeness="messages", messages_read=50)
        claimed = await drawn(
            studio, likeness="messages", messages_read=50, description="a bear, as Ben writes"
        )
    assert claimed.params["likeness"] == "words"
    assert "messages_read" not in claimed.params


async def test_somebody_else_s_private_picture_cannot_be_named(studio: Studio) -> None:
    photo = await keep_upload(studio, png("red", (300, 200)), Viewer(8, "Ben"), "ben.png")
    with pytest.raises(NotFound):
        await drawn(studio, likeness="avatar", source=str(photo.id))


@pytest.mark.parametrize(
    ("words", "style"),
    [("3D", "3D"), ("make it watercolour", "watercolor"), ("in pixel art style", "pixel"),
     ("as an oil painting", "oil"), ("a mascot!", "mascot"), ("add a hat", None)],
)  # fmt: skip
def test_a_style_is_recognized(words: str, style: str | None) -> None:
    assert asked_style(words) == style
