"""Picture work in a few processes that can be killed.

A thread cannot be killed, and a 40-byte file can ask a decoder for a gigabyte and a minute.
"""

from __future__ import annotations

import resource
import signal
from collections.abc import Callable
from typing import TypeVar

import anyio
from anyio import BrokenWorkerProcess, CapacityLimiter, to_process

from core.errors import UnusableFile
from core.pictures import Picture
from services.pictures import clean as cleaning, reshape
from services.pictures.clean import Clean
from services.pictures.provenance import Provenance

T = TypeVar("T")


MEMORY = 1_500_000_000
"""More address space than any legal picture needs, in bytes."""
PICTURE, WAY = "picture", "Save it as a plain PNG."


def confined(function: Callable[..., T], *arguments: object) -> T:
    """Do a job under limits on what this process can do to the machine."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # A Ctrl-C is for whoever owns us.
    return function(*arguments)


class PicturePool:
    """At most `processes` pictures at a time; one that takes `deadline` seconds is given up.

    The processes are anyio's: reused, killed with the job they run, and gone when we are.
    """

    def __init__(self, processes: int = 2, deadline: float = 15.0) -> None:
        self.processes = processes
        self.deadline = deadline
        self.limiter: CapacityLimiter | None = None

    async def clean(self, data: bytes, *, provenance: Provenance | None = None) -> Clean:
        """See `services.pictures.clean.clean`."""
        return await self.run(cleaning.clean, data, provenance)

    async def mask(self, data: bytes, *, size: tuple[int, int]) -> Picture:
        """See `services.pictures.reshape.mask`."""
        return await self.run(reshape.mask, data, size)

    async def fit(self, data: bytes, mime_type: str, *, limit: int) -> tuple[bytes, str, str]:
        """See `services.pictures.reshape.fit`."""
        if len(data) <= limit:
            return reshape.fit(data, mime_type, limit)
        return await self.run(reshape.fit, data, mime_type, limit)

    async def upscale(self, data: bytes, factor: int) -> bytes:
        """See `services.pictures.reshape.upscale`."""
        return await self.run(reshape.upscale, data, factor)

    async def run(
        self, function: Callable[..., T], *arguments: object, what: str = PICTURE, way: str = WAY
    ) -> T:
        """Run a function in another process. Raises `UnusableFile` when that had to be killed.

        `what` was read and the `way` out are for the sentence that says so.
        """
        if self.limiter is None:
            self.limiter = CapacityLimiter(self.processes)
        async with self.limiter:  # Waiting for a place does not count against the deadline.
            try:
                with anyio.fail_after(self.deadline):
                    return await to_process.run_sync(
                        confined,
                        function,
                        *arguments,
                        cancellable=True,
                        limiter=CapacityLimiter(1),
                    )
            except TimeoutError as error:
                raise UnusableFile(
                    f"That {what} took too long to read, so I gave it up. {way}"
                ) from error
            except (BrokenWorkerProcess, MemoryError) as error:
                raise UnusableFile(f"That {what} could not be read safely. {way}") from error

    async def close(self) -> None:
        """Nothing to do: the processes end with the event loop."""
