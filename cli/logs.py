"""How log lines look."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from core.settings import Settings

QUIET = ("discord", "pgqueuer", "httpx", "alembic", "uvicorn", "asyncio")
"""Libraries whose everyday lines say nothing about us."""


def set_up(settings: Settings) -> None:
    """Send everything through one handler: text for people, JSON for machines."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    as_json = settings.log_format == "json"
    last = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), pad_event_to=0
    )  # fmt: skip
    ending = [structlog.processors.format_exc_info, last] if as_json else [last]
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
