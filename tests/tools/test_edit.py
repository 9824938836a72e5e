"""/edit: drawn by a provider, or done here where that is enough."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from PIL import Image
from sqlalchemy import func, select

from core.errors import InvalidParams, Refused
from core.pictures import Drawing, PictureRequest, Report
from core.settings import Settings
from core.viewer import Viewer
from db.models import Asset, Generation, Status
from db.provider_models import ProviderCall
from providers import Capabilities
from providers.offline import Offline
from services.generations import Origin, submit
from services.images import keep_mask, keep_upload
from services.iterate import iterate
from services.studio import Studio
from tests.conftest import opened, working
from tests.waiting import ended

ANNA = Viewer(7, "Anna")


class Asked(Offline):
    """Notes what it was asked for, and may refuse all of it."""

    models = {
        "one": Capabilities(source=True, mask=True, references=1, seed="exact", price=Decimal(0)),
        "blind": Capabilities(),
    }

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__(megapixels=0.02)
        self.error = error
        self.requests: list[PictureRequest] = []

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        self.requests.append(request)
        if self.error:
            raise self.error
        return await super().generate(request, report)


def asked(request: str = "e1") -> Origin:
    return Origin(viewer=ANNA, request_id=request)


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    output = io.BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()


def halves(size: tuple[int, int] = (120, 60)) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    return image


async def uploaded(studio: Studio, data: bytes) -> Asset:
    return await keep_upload(studio, data, ANNA, "picture")


async def changed(studio: Studio, data: bytes, instruction: str, **values: object) -> Generation:
    """What /edit makes of a picture."""
    async with working(studio):
        source = str((await uploaded(studio, data)).id)
        made = await submit(
            studio, "edit", {"source": source, "instruction": instruction, **values}, asked()
        )
        return await ended(studio, made)


async def opened_picture(studio: Studio, generation: Generation) -> Image.Image:
    assert generation.status is Status.SUCCEEDED, generation.cause
    return Image.open(io.BytesIO(await studio.storage.get(generation.assets[0].key)))


async def calls(studio: Studio) -> int:
    async with studio.transaction() as tx:
        return await tx.scalar(select(func.count()).select_from(ProviderCall)) or 0


async def test_an_instruction_is_drawn_in_the_source_s_own_shape(studio: Studio) -> None:
    made = await changed(studio, encoded(halves()), "make it night", seed=3)
    image = await opened_picture(studio, made)
    assert (made.provider, image.width / image.height) == ("offline", pytest.approx(2, abs=0.2))
    assert made.tags == ["edit", "img2img"]


async def test_a_plain_instruction_costs_nothing_and_asks_nobody(studio: Studio) -> None:
    made = await changed(studio, encoded(halves()), "crop to 1:1 and rotate left")
    image = await opened_picture(studio, made)
    assert (made.provider, made.model, made.cost) == ("local", None, 0)
    assert await calls(studio) == 0
    assert image.size == (60, 60)
    assert image.getpixel((30, 5)) == (0, 0, 255)
    assert made.meta["notes"] == ["Changed on this host: cropped to 1:1, rotated 90° counterclockwise."]  # fmt: skip


async def test_a_reply_in_plain_words_changes_the_picture_here(studio: Studio) -> None:
    async with working(studio):
        first = await ended(studio, await submit(studio, "image", {"prompt": "a sea"}, asked("i")))
        reply = await iterate(studio, asked("r"), first.id, "make it black and white")
        reply = await ended(studio, reply)
    image = await opened_picture(studio, reply)
    red, green, blue = image.convert("RGB").split()
    assert (reply.parent_id, reply.tool, reply.provider) == (first.id, "edit", "local")
    assert red.tobytes() == green.tobytes() == blue.tobytes()
    assert image.size == (first.assets[0].width, first.assets[0].height)


async def test_a_photograph_is_turned_from_how_it_is_seen(studio: Studio) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    made = await changed(studio, encoded(halves(), "JPEG", exif=exif), "rotate right")
    image = await opened_picture(studio, made)
    assert (image.format, image.size) == ("JPEG", (120, 60))
    red, _, blue = image.getpixel((110, 30))
    assert red > 200 > blue


async def test_what_can_be_seen_through_stays_so(studio: Studio) -> None:
    image = halves().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    made = await changed(studio, encoded(image), "make it brighter, sepia")
    after = await opened_picture(studio, made)
    assert after.getchannel("A").tobytes() == image.getchannel("A").tobytes()


async def test_a_mask_says_where_a_change_of_tone_happens(studio: Studio) -> None:
    async with working(studio):
        source = await uploaded(studio, encoded(halves()))
        white = Image.new("L", (120, 60), 0)
        white.paste(255, (0, 0, 60, 60))
        mask = await keep_mask(studio, encoded(white), ANNA, source)
        given = {"source": str(source.id), "mask": str(mask.id)}
        made = await submit(studio, "edit", {**given, "instruction": "make it b&w"}, asked())
        image = await opened_picture(studio, await ended(studio, made))
        with pytest.raises(InvalidParams, match=r"rotated 90° clockwise.*leave the mask out"):
            await submit(studio, "edit", {**given, "instruction": "rotate it"}, asked("e2"))
    assert image.getpixel((30, 30)) == (76, 76, 76)
    assert image.getpixel((90, 30)) == (0, 0, 255)


async def test_what_cannot_be_done_here_fails_with_what_to_say_instead(studio: Studio) -> None:
    made = await changed(studio, encoded(halves()), "crop to 800x600")
    assert (made.status, made.error_class, made.provider) == (Status.FAILED, "invalid", "local")
    assert "resize to 800x600" in (made.error or "")


async def test_an_aspect_joins_what_is_done_here_and_a_count_does_not(studio: Studio) -> None:
    made = await changed(studio, encoded(halves()), "flip it", aspect="1:1", count=3)
    assert (await opened_picture(studio, made)).size == (60, 60)
    assert len(made.assets) == 1
    assert "there is one" in made.meta["notes"][1]


async def test_whoever_is_named_draws_even_what_is_plain(settings: Settings, database: str) -> None:
    provider = Asked()
    async with opened(settings, database, providers={"offline": provider}) as studio:
        made = await changed(studio, encoded(halves()), "make it brighter", provider="offline")
    assert made.provider == "offline"
    assert [each.prompt for each in provider.requests] == ["make it brighter"]


async def test_everything_chosen_reaches_the_provider_once_for_each_picture(
    settings: Settings, database: str
) -> None:
    provider = Asked()
    async with opened(settings, database, providers={"offline": provider}) as studio:
        references = [str((await uploaded(studio, encoded(halves((n, 40))))).id) for n in (50, 60)]
        made = await changed(
            studio,
            encoded(halves()),
            "add a boat",
            references=references,
            strength=0.3,
            fidelity="high",
            aspect="4:3",
            count=3,
            seed=5,
        )
    assert [each.position for each in made.assets] == [0, 1, 2]
    assert [each.seed for each in provider.requests] == [5, 6, 7]
    first = provider.requests[0]
    assert (first.strength, first.fidelity, first.aspect, first.count) == (0.3, "high", "4:3", 1)
    assert [each.width for each in first.references] == [50]
    assert "the first 1 of 2 were used" in " ".join(made.meta["notes"])


async def test_a_refusal_is_recorded_with_its_sentence(settings: Settings, database: str) -> None:
    provider = Asked(Refused("It declined."))
    async with opened(settings, database, providers={"offline": provider}) as studio:
        made = await changed(studio, encoded(halves()), "add a boat")
    assert (made.status, made.error_class, made.error) == (Status.FAILED, "refused", "It declined.")
    assert made.assets == []


async def test_a_model_that_takes_no_picture_is_not_paid_for_another(
    settings: Settings, database: str
) -> None:
    provider = Asked()
    async with opened(settings, database, providers={"offline": provider}) as studio:
        made = await changed(studio, encoded(halves()), "add a boat", model="blind")
    assert (made.status, provider.requests) == (Status.FAILED, [])
    assert "choose another" in (made.error or "")
