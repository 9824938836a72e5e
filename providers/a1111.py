"""AUTOMATIC1111's web UI and those that kept its API: Forge, SD.Next.

One answer brings the pictures, and only to whoever waits for it: what is lost is drawn again, which
is free. Everybody shares one progress and one interrupt there, so ours is told apart by the name
we give it; where the server does not say whose turn it is, nothing is shown or stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast
from uuid import uuid4

from core.errors import BadRequest, ProviderError, Transient, UnknownOutcome
from core.pictures import Drawing, Drawn, PictureRequest, Progress, Queued, Report
from core.settings import Settings
from providers import Capabilities, given
from providers.sizes import pixels
from providers.wire import Answer, Wire, from_base64, to_base64

LABEL = "Stable Diffusion web UI"
CURRENT = "current"
"""The model that is loaded there, whichever that is."""
STEP = 8
"""Sides are multiples of it."""
STRENGTH = 0.75
READING = 1800.0
"""Seconds: it answers when it has drawn, after everybody who came before."""
LOOKING = 5.0
"""Seconds that a look at the progress may take."""
PAUSE = 0.5
"""Seconds between two looks."""
CROP, ORIGINAL = 1, 1
"""Its numbers: of the way to bring a source to size, and of what is under a mask at first."""
TAKEN = {"image/png", "image/jpeg", "image/webp"}
MEMORY = re.compile(r"OutOfMemory|out of memory", re.IGNORECASE)


@dataclass(frozen=True)
class Look:
    """How far a call of ours is, as far as the server says."""

    said: Mapping[str, Any] = field(default_factory=dict[str, Any])
    preview: Any = field(default=None, repr=False)

    @property
    def is_active(self) -> bool:
        return self.said.get("active") is True

    @property
    def is_queued(self) -> bool:
        return self.said.get("queued") is True

    @property
    def fraction(self) -> float:
        value = self.said.get("progress")
        return float(value) if isinstance(value, (int, float)) else 0.0

    def picture(self) -> bytes | None:
        """What is drawn so far, where there is anything to see."""
        try:
            return decoded(self.preview) if self.preview else None
        except ProviderError:
            return None


def open_provider(settings: Settings) -> A1111 | None:
    """The web UI, where there is one."""
    if settings.a1111_url is None:
        return None
    return A1111(settings.a1111_url, settings.a1111_models, size=settings.a1111_size)


class A1111:
    """Draws with whatever model is loaded, or one of those the operator named."""

    name = "a1111"
    label = LABEL
    repeatable = True

    def __init__(
        self,
        base_url: str,
        models: Sequence[str] = (),
        *,
        size: int = 1024,
        reading: float = READING,
        pause: float = PAUSE,
    ) -> None:
        can = Capabilities(
            source=True,
            mask=True,
            count=4,
            seed="exact",
            negative_prompt=True,
            previews=True,
            fidelity=False,
            qualities=(),
            price=Decimal(0),
        )
        self.models: Mapping[str, Capabilities] = dict.fromkeys((CURRENT, *models), can)
        self.size, self.pause = size, pause
        self.wire = Wire(LABEL, base_url, {}, translate, reading=reading, local=True)
        self.looking = Wire(LABEL, base_url, {}, reading=min(reading, LOOKING), local=True)
        self.origin: str | None = None

    def estimate(self, request: PictureRequest) -> Decimal | None:
        return Decimal(0)

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        task = request.key or str(uuid4())
        path = "sdapi/v1/img2img" if request.source is not None else "sdapi/v1/txt2img"
        body = await asyncio.to_thread(self.asked, request, task)
        asking = asyncio.create_task(self.wire.post(path, json=body))
        try:
            await self.watched(asking, task, report)
            answer = await asking
            return await asyncio.to_thread(self.drawing, request, answer)
        except UnknownOutcome as error:
            await self.stop(task)
            raise Transient(
                f"The answer of the {self.label} was lost. That costs nothing; I will try again."
            ) from error
        except BaseException:
            if not asking.done():
                await asyncio.shield(self.stop(task))
            raise
        finally:
            asking.cancel()

    def asked(self, request: PictureRequest, task: str) -> dict[str, Any]:
        """A call's body. Unknown fields are ignored there, so a wrong one would go unnoticed."""
        width, height = pixels(request.aspect, self.size, STEP)
        body: dict[str, Any] = {
            "prompt": request.prompt,
            "negative_prompt": request.negative_prompt,
            "seed": -1 if request.seed is None else request.seed,
            "width": width,
            "height": height,
            # One after the other: that many at once may not fit into its memory.
            "batch_size": 1,
            "n_iter": request.count,
            "send_images": True,
            "save_images": False,
            "force_task_id": task,
        }
        if request.model not in (None, CURRENT):
            body["override_settings"] = {"sd_model_checkpoint": request.model}
        if request.source is not None:
            source = given.accepted(request.source, TAKEN)
            strength = STRENGTH if request.strength is None else request.strength
            body |= {
                "init_images": [to_base64(source.data)],
                "denoising_strength": strength,
                "resize_mode": CROP,
            }
        if request.source is not None and request.mask is not None:
            body |= {
                "mask": to_base64(given.white_mask(request.mask)),
                "inpainting_fill": ORIGINAL,
                "inpaint_full_res": False,
                "inpainting_mask_invert": 0,
            }
        return body

    async def watched(self, asking: asyncio.Task[Answer], task: str, report: Report) -> None:
        """Pass on how far it is until the answer is there."""
        waits = False
        while not (await asyncio.wait({asking}, timeout=self.pause))[0]:
            look = await self.progress(task)
            if look.is_queued and not waits:
                waits = True
                await report(Queued(1))
            elif look.is_active:
                if waits:
                    waits = False
                    await report(Queued(0))
                await report(Progress(look.fraction, await asyncio.to_thread(look.picture)))

    async def progress(self, task: str) -> Look:
        """How far ours is; nothing where nobody can say."""
        try:
            body = {"id_task": task, "id_live_preview": -1, "live_preview": True}
            found = (await self.looking.post("internal/progress", paid=False, json=body)).json()
            return Look(found, found.get("live_preview"))
        except BadRequest:
            return await self.progress_by_api(task)
        except ProviderError:
            return Look()

    async def progress_by_api(self, task: str) -> Look:
        """The same of a server without pages, which shows everybody's progress to everybody."""
        try:
            query = {"skip_current_image": "false"}
            found = (await self.looking.get("sdapi/v1/progress", params=query)).json()
        except ProviderError:
            return Look()
        if found.get("current_task") != task:
            return Look()
        return Look({**found, "active": True}, found.get("current_image"))

    async def stop(self, task: str) -> None:
        """Interrupt ours where it is being drawn; never somebody else's."""
        with contextlib.suppress(ProviderError):
            if (await self.progress(task)).is_active:
                await self.looking.post("sdapi/v1/interrupt", paid=False)

    def drawing(self, request: PictureRequest, answer: Answer) -> Drawing:
        """What an answer holds; grids and masks that come with it are left out."""
        found = answer.json()
        info = self.info_in(found.get("info"))
        first = info.get("index_of_first_image")
        first = first if isinstance(first, int) else 0
        images = found.get("images")
        encoded = cast("list[Any]", images) if isinstance(images, list) else []
        encoded = encoded[first : first + request.count]
        if not encoded:
            raise Transient(f"The {self.label} answered without a picture. I will try again.")
        seeds = info.get("all_seeds")
        known = cast("list[Any]", seeds) if isinstance(seeds, list) else []
        model = info.get("sd_model_name")
        missing = request.count - len(encoded)
        said = f"The {self.label} drew {len(encoded)} of {request.count}."
        return Drawing(
            pictures=tuple(
                Drawn(data=decoded(each), seed=seed_of(known, number))
                for number, each in enumerate(encoded)
            ),
            model=model if isinstance(model, str) and model else request.model or CURRENT,
            notes=(said,) if missing else (),
            cost_source="free",
        )

    def info_in(self, text: Any) -> dict[str, Any]:
        """What it says of what it drew: JSON within JSON."""
        with contextlib.suppress(ValueError):
            found = json.loads(text) if isinstance(text, str) else None
            if isinstance(found, dict):
                return cast("dict[str, Any]", found)
        return {}

    async def check(self) -> str | None:
        """Whether it is there with its API, and has the models that were named."""
        try:
            answer = await self.looking.get("sdapi/v1/sd-models")
            listed = json.loads(answer.body)
            known = {str(each.get(key)) for each in listed for key in ("title", "model_name")}
        except BadRequest:
            return f"The {self.label} has no API there: check A1111_URL, and start it with --api."
        except ProviderError as error:
            return f"{error} {error.__cause__ or ''}".strip()
        except (ValueError, AttributeError, TypeError):
            return f"What is at A1111_URL is no {self.label}."
        gone = [each for each in self.models if each != CURRENT and each not in known]
        if gone:
            return f"The {self.label} does not have {', '.join(gone)}: set A1111_MODELS."
        return None

    async def close(self) -> None:
        await self.wire.close()
        await self.looking.close()


def decoded(encoded: Any) -> bytes:
    """A picture in base64, perhaps as a data URL."""
    text = encoded.partition(",")[2] if str(encoded).startswith("data:") else encoded
    return from_base64(text, LABEL)


def seed_of(seeds: Sequence[Any], number: int) -> int | None:
    found = seeds[number] if number < len(seeds) else None
    return found if isinstance(found, int) else None


def translate(answer: Answer) -> ProviderError | None:
    """Its own failures: `{error, detail, body, errors}`, and 404 for an API that is not on."""
    who = answer.label
    found = answer.complaint()
    if MEMORY.search(f"{found.get('error')} {found.get('errors')} {found.get('detail')}"):
        return BadRequest(
            f"The {who} ran out of memory. Ask for fewer or smaller pictures, or later."
        )
    if answer.status != 404:
        return None
    if "odel" in str(found.get("detail")):
        return BadRequest(f"The {who} does not have that model any more. Choose another.")
    return BadRequest(
        f"The {who} has no API at its address. The operator should start it with --api; choose "
        "another provider meanwhile."
    )
