"""Drawing with a ComfyUI of the operator's own: into its queue, then looked for until it is there."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

from core.errors import (
    BadRequest,
    OutOfReach,
    ProviderError,
    Transient,
    UnknownOutcome,
)
from core.pictures import Accepted, Drawing, Drawn, PictureRequest, Queued, Report
from providers import Capabilities
from providers.comfyui.events import Listener, Look
from providers.comfyui.inputs import values_of
from providers.comfyui.reading import because, failure, files_of, graph_of
from providers.comfyui.server import READING, Over, Server, Waiting
from providers.comfyui.workflow import Workflow

LABEL = "ComfyUI"
PAUSE = 2.0
"""Seconds between two looks where nothing is heard."""
QUIET = 5
"""How much rarer it is looked at where a connection would tell."""
PATIENCE = 1800.0
"""Seconds until somebody else may go on waiting."""


class ComfyUI:
    """Runs the operator's workflows; each is a model. Knows what it was asked for by our name."""

    name = "comfyui"
    label = LABEL
    repeatable = True

    def __init__(
        self,
        base_url: str,
        workflows: Sequence[Workflow],
        *,
        reading: float = READING,
        pause: float = PAUSE,
    ) -> None:
        self.workflows: Mapping[str, Workflow] = {each.name: each for each in workflows}
        self.models: Mapping[str, Capabilities] = {
            each.name: each.capabilities() for each in workflows
        }
        self.pause = pause
        self.server = Server(LABEL, base_url, reading=reading, pause=pause)
        self.origin: str | None = None

    def estimate(self, request: PictureRequest) -> Decimal | None:
        return Decimal(0)

    def workflow_of(self, request: PictureRequest) -> Workflow:
        found = self.workflows[request.model or next(iter(self.workflows))]
        if found.wrong:
            raise BadRequest(
                f"The workflow “{found.name}” of {self.label} cannot be used. The operator has to "
                "mend it."
            )
        return found

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        workflow = self.workflow_of(request)
        handle = request.key or str(uuid4())
        seed = secrets.randbits(32) if request.seed is None else request.seed
        async with self.listening(handle, workflow) as listener:
            if listener.socket is None:
                await self.server.greeted()
            values = await values_of(workflow, request, seed, self.server.upload)
            graph = workflow.filled(values)
            await report(Accepted(handle))
            taken, notes = await self.submitted(graph, handle)
            if taken != handle:
                # Servers of before mid-2025 give names of their own.
                await report(Accepted(taken))
                listener.handle = taken
            entry = await self.followed(taken, listener, report)
        return await self.drawing(request, workflow, entry, notes)

    async def reattach(
        self, handle: str, request: PictureRequest, report: Report
    ) -> Drawing | None:
        """Go on waiting for an earlier call; None when it is gone, as after a restart."""
        standing = await self.server.standing(handle)
        if standing is None:
            return None
        workflow = self.workflow_of(request)
        if isinstance(standing, Waiting):
            async with self.listening(handle, workflow) as listener:
                entry = await self.followed(handle, listener, report)
        else:
            entry = standing.entry
        return await self.drawing(request, workflow, entry, ())

    async def cancel(self, handle: str) -> None:
        """Stop an earlier call: out of the queue, or in the middle of it."""
        await self.server.cancel(handle)

    @contextlib.asynccontextmanager
    async def listening(self, handle: str, workflow: Workflow) -> AsyncGenerator[Listener]:
        listener = Listener(self.server.base_url, handle, workflow.weights())
        try:
            await listener.connect()
            yield listener
        finally:
            await listener.close()

    async def submitted(self, graph: Mapping[str, Any], handle: str) -> tuple[str, tuple[str, ...]]:
        """Hand it in; returns the name it is known by there, and what to say of it.

        Where the answer was lost, whether it arrived is looked up by our own name for it.
        """
        try:
            answer = await self.server.submit(graph, handle)
        except UnknownOutcome as error:
            if await self.server.standing(handle) is None:
                raise Transient(f"{self.label} did not get that. I will try again.") from error
            return handle, ()
        skipped = because(answer) if answer.get("node_errors") else ""
        notes = (f"{self.label} left out a part of its workflow{skipped}.",) if skipped else ()
        return str(answer.get("prompt_id") or handle), notes

    async def followed(self, handle: str, listener: Listener, report: Report) -> Mapping[str, Any]:
        """Wait until it is over, for as long as one call should; returns ComfyUI's account of it."""
        until = time.monotonic() + PATIENCE
        ahead = 0
        while time.monotonic() < until:
            standing = await self.server.standing(handle)
            if isinstance(standing, Over):
                return standing.entry
            if standing is None:
                raise await self.gone(listener)
            if standing.ahead != ahead:
                ahead = standing.ahead
                await report(Queued(ahead))
            await self.listened(listener, report)
        raise OutOfReach(f"{self.label} is still drawing. I will look for it again.")

    async def listened(self, listener: Listener, report: Report) -> None:
        """Pass on what is told until it is time to look again."""
        if listener.socket is None:
            await asyncio.sleep(self.pause)
            await listener.connect()
            return
        soon = time.monotonic() + self.pause
        until = time.monotonic() + self.pause * QUIET
        while (left := until - time.monotonic()) > 0:
            told = await listener.next(left)
            if isinstance(told, Look):
                until = 0.0 if told.at_once else min(until, soon)
            elif told is not None:
                await report(told)

    async def gone(self, listener: Listener) -> ProviderError:
        """It is not there any more: forgotten where the connection broke, else taken out."""
        if await listener.was_lost():
            return Transient(f"{self.label} was restarted and forgot this. I will try again.")
        return ProviderError(
            f"Somebody took this out of the queue of {self.label}. Ask again if you still want it."
        )

    async def drawing(
        self,
        request: PictureRequest,
        workflow: Workflow,
        entry: Mapping[str, Any],
        notes: tuple[str, ...],
    ) -> Drawing:
        """What came of a run that is over."""
        error = failure(self.label, entry)
        if error is not None:
            raise error
        files = files_of(entry)[: request.count]
        if not files:
            raise BadRequest(
                f"The workflow of {self.label} ended without a picture. The operator should check "
                "that it saves one."
            )
        data = [await self.server.picture(each) for each in files]
        if len(data) < request.count:
            notes = (*notes, f"{self.label} drew {len(data)} of {request.count}.")
        seed = workflow.seed_in(graph_of(entry))
        return Drawing(
            # The others of a batch come from the same seed, which by itself draws the first.
            pictures=tuple(
                Drawn(data=each, seed=None if number else seed) for number, each in enumerate(data)
            ),
            model=workflow.name,
            notes=notes,
            cost_source="free",
        )

    async def check(self) -> str | None:
        """Whether it is there, and the workflows are such as it can run."""
        for each in self.workflows.values():
            if each.wrong:
                return each.wrong
        try:
            known = await self.server.node_types()
        except ProviderError as error:
            return f"{error} {error.__cause__ or ''}".strip()
        for each in self.workflows.values():
            for name, node in each.nodes.items():
                if node["class_type"] not in known:
                    return (
                        f"{self.label} has no {node['class_type']}, which node {name} of "
                        f"{each.name} is: install it there."
                    )
        return None

    async def close(self) -> None:
        await self.server.close()
