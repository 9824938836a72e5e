"""One attempt at one generation: everything a tool may touch."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from core.errors import BadRequest, Canceled
from core.pictures import Accepted, Drawn, Event, PictureRequest, Queued
from core.writing import T, Writing
from db import generations
from db.models import Generation
from providers import Capabilities, Provider, Writer
from services import ledger, writers
from services.choosing import model_of
from services.guidance import within
from services.studio import Studio

REPORT_EVERY = 0.25
"""Seconds between two writes of progress: each one wakes every listener."""
PREVIEW_EVERY = 1.0
"""Seconds between two previews."""


class Held(Exception):
    """A tool proposes something and waits for somebody's yes."""

    def __init__(self, proposal: dict[str, Any]) -> None:
        super().__init__(proposal["field"])
        self.proposal = proposal


@dataclass
class Run:
    """Handed to a tool; what it draws through here is written down before and after."""

    studio: Studio
    generation: Generation
    provider: Provider
    outer: Run | None = None
    """The run that this one is a step of; what this one shows, that one shows, too."""
    steps: int = 1
    """How many times the tool will draw; a tool with several says so first."""
    step: int = 0
    written: int = 0
    """How many times it has had something written."""
    fallback: str | None = None
    """Why a template wrote in the writer's place, in words."""
    stage: str | None = None
    """What it is doing now, for whoever waits: "2 of 4: add three people"."""
    full_prompt: str | None = None
    """The prompt that was really sent, where it is not just the person's words."""
    memory: dict[str, Any] = field(default_factory=dict[str, Any])
    notes: list[str] = field(default_factory=list[str])
    model: str | None = None
    cost: Decimal = Decimal(0)
    reported_at: float = 0.0
    preview_at: float = 0.0

    @property
    def writer(self) -> Writer:
        """Who writes: the first that is configured."""
        return next(iter(self.studio.writers.values()))

    @property
    def capabilities(self) -> Capabilities:
        """What the model that will draw can do."""
        return self.provider.models[model_of(self.generation, self.provider)]

    def price(self, pictures: int) -> str:
        """What so many pictures would cost, in words."""
        each = self.capabilities.price
        if each is None:
            return "nobody knows beforehand what they cost"
        return f"about ${each * pictures:.2f}" if each else "free"

    async def draw(self, request: PictureRequest) -> list[Drawn]:
        """Ask the provider, at most once for each step of a generation however often it is run.

        What its model cannot do is left out, and said in the notes. Raises `ProviderError`, or `Canceled` when somebody called it off meanwhile.
        """
        self.step += 1
        request = replace(request, model=model_of(self.generation, self.provider))
        request, notes = within(request, self.capabilities)
        self.notes.extend(note for note in notes if note not in self.notes)
        if len(request.prompt) > self.capabilities.prompt_limit:
            raise BadRequest(
                f"That makes a prompt of {len(request.prompt):,} characters; {self.provider.label} "
                f"takes up to {self.capabilities.prompt_limit:,}. Say less."
            )
        drawing = await ledger.draw(self, request)
        self.model = drawing.model
        self.cost += drawing.cost
        self.notes.extend(note for note in drawing.notes if note not in self.notes)
        return [each for each in drawing.pictures if isinstance(each, Drawn)]

    async def write(self, writing: Writing[T]) -> T:
        """Have the writer write, once however often a generation is run; a template where it fails.

        Raises `ProviderError` where another attempt may help, or where there is no template.
        """
        self.written += 1
        return await writers.write(self, writing)

    async def propose(
        self,
        parameter: str,
        text: str,
        summary: str,
        alternatives: Mapping[str, str] | None = None,
    ) -> str:
        """Show what would be made and wait for a yes, where whoever asked wants to be asked.

        Otherwise returns `text` at once. The attempt ends here by `Held`; after the yes the tool
        runs from its beginning, with the agreed text as its parameter. `alternatives` are other
        texts to agree to, by the words on their buttons.
        """
        if not self.generation.meta.get("confirm"):
            return text
        others = dict(alternatives or {})
        summary = f"{self.fallback} {summary}" if self.fallback else summary
        raise Held({"field": parameter, "text": text, "summary": summary, "alternatives": others})

    def remember(self, name: str, value: Any) -> None:
        """Keep something with the generation for when it is iterated on; JSON."""
        self.memory[name] = value

    async def report(self, event: Event) -> None:
        """Write down how far it is. Raises `Canceled` when this attempt no longer counts."""
        if isinstance(event, Accepted):
            await ledger.accepted(self, event.handle)
            return
        if isinstance(event, Queued):
            self.stage = f"{event.ahead} ahead at {self.provider.label}" if event.ahead else None
            await self.show(0, None)
            return
        now = time.monotonic()
        if now - self.reported_at < REPORT_EVERY and event.fraction < 1:
            return
        self.reported_at = now
        await self.show(event.fraction, event.preview)

    async def show(self, fraction: float, preview: bytes | None) -> None:
        if self.outer is not None:
            await self.outer.show(fraction, preview)
        overall = (self.step - 1 + min(max(fraction, 0), 1)) / self.steps
        show = preview is not None and time.monotonic() - self.preview_at >= PREVIEW_EVERY
        async with self.studio.transaction() as tx:
            if preview is not None and show:
                await generations.keep_preview(tx, self.generation.id, preview)
                self.preview_at = time.monotonic()
            mine = await generations.move(
                tx,
                self.generation.id,
                self.generation.attempts,
                progress=min(overall, 0.99),
                stage=self.stage,
            )
        if not mine:
            raise Canceled
