"""What is made on this host: it is drawn by nobody and costs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from core.errors import BadRequest
from core.pictures import Drawing, PictureRequest, Report
from providers import Capabilities


class Host:
    """Stands where a provider would in what is recorded of a picture; it draws nothing."""

    name = "local"
    label = "This host"
    models: Mapping[str, Capabilities] = {"local": Capabilities()}
    repeatable = True
    origin: str | None = None

    async def generate(self, request: PictureRequest, report: Report) -> Drawing:
        raise BadRequest("This host changes pictures; it cannot draw any.")

    def estimate(self, request: PictureRequest) -> Decimal | None:
        return Decimal(0)

    async def check(self) -> str | None:
        return None

    async def close(self) -> None: ...
