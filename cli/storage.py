"""`atelier storage`: looking after the kept pictures."""

from __future__ import annotations

import asyncio

import typer

from cli import opening
from core.settings import Settings
from services import upkeep


def verify(settings: Settings, *, repair: bool) -> int:
    """Print what was found; 0 when files and rows agree, 1 otherwise."""
    with opening.database(settings) as dsn:
        report = asyncio.run(compare(settings, dsn, repair=repair))
    for kind, keys in (
        ("missing", report.missing),
        ("damaged", report.damaged),
        ("orphan", report.orphans),
    ):
        for key in keys:
            typer.echo(f"{kind}: {key}")
    typer.echo(
        f"{report.whole} whole, {len(report.missing)} missing, {len(report.damaged)} damaged, "
        f"{len(report.orphans)} without a row"
    )
    return 0 if report.clean else 1


async def compare(settings: Settings, dsn: str, *, repair: bool) -> upkeep.Report:
    async with opening.studio(settings, dsn, "atelier storage") as studio:
        return await upkeep.verify(studio, repair=repair)
