"""One attempt at one generation: everything a tool may touch."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from decimal import Decimal

from core.errors import Canceled
from core.pictures import Accepted, Drawn, Event, PictureRequest
from db import generations
from db.models import Generation
from providers import Provider
from services import ledger
from services.studio import Studio

REPORT_EVERY = 0.25
"""Seconds between two writes of progress: each one wakes every listener."""
PREVIEW_EVERY = 1.0
"""Seconds between two previews."""


@dataclass
class Run:
    """Handed to a tool; what it draws through here is written down before and after."""

    studio: Studio
    generation: Generation
    provider: Provider
    steps: int = 1
    """How many times the tool will draw; a tool with several says so first."""
    step: int = 0
    notes: list[str] = field(default_factory=list[str])
    model: str | None = None
    cost: Decimal = Decimal(0)
    reported_at: float = 0.0
    preview_at: float = 0.0

    async def draw(self, request: PictureRequest) -> list[Drawn]:
        """Ask the provider, at most once for each step of a generation however often it is run.

        Raises `ProviderError`, or `Canceled` when somebody called it off meanwhile.
        """
        self.step += 1
        drawing = await ledger.draw(self, request)
        self.model = drawing.model
        self.cost += drawing.cost
        self.notes.extend(note for note in drawing.notes if note not in self.notes)
        return list(drawing.pictures)

    async def report(self, event: Event) -> None:
        """Write down how far it is. Raises `Canceled` when this attempt no longer counts."""
        if isinstance(event, Accepted):
            await ledger.accepted(self, event.handle)
            return
        now = time.monotonic()
        if now - self.reported_at < REPORT_EVERY and event.fraction < 1:
            return
        self.reported_at = now
        await self.write(event.fraction, event.preview)

    async def write(self, fraction: float, preview: bytes | None) -> None:
        overall = (self.step - 1 + min(max(fraction, 0), 1)) / self.steps
        show = preview is not None and time.monotonic() - self.preview_at >= PREVIEW_EVERY
        async with self.studio.transaction() as tx:
            if preview is not None and show:
                await generations.keep_preview(tx, self.generation.id, preview)
                self.preview_at = time.monotonic()
            mine = await generations.move(
                tx, self.generation.id, self.generation.attempts, progress=min(overall, 0.99)
            )
        if not mine:
            raise Canceled
