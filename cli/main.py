"""`atelier`: everything an operator can do. Each command imports what it needs when it runs."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from core.settings import Settings

app = typer.Typer(
    help="A self-hosted image studio that lives in Discord.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # They hold keys and prompts.
)
storage = typer.Typer(help="Look after the kept pictures.", no_args_is_help=True)
app.add_typer(storage, name="storage")


def settings() -> Settings:
    """Read the settings, or say in one line each what is wrong with them."""
    from pydantic import ValidationError

    from cli import logs

    try:
        read = Settings()  # pyright: ignore[reportCallIssue]
    except ValidationError as error:
        for each in error.errors(include_input=False):
            typer.echo(f"{str(each['loc'][0]).upper()}: {each['msg']}", err=True)
        raise typer.Exit(2) from None
    logs.set_up(read)
    return read


def serve(*parts: str) -> None:
    from cli.serve import serve as serve_parts
    from db.embedded import DatabaseFailed
    from web.server import NotListening

    try:
        serve_parts(settings(), frozenset(parts))
    except (DatabaseFailed, NotListening) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


@app.command()
def run() -> None:
    """Everything in one process: the studio, the worker, and the bot if it has a token."""
    serve("bot", "web", "worker")


@app.command()
def bot() -> None:
    """Only the Discord bot."""
    serve("bot")


@app.command()
def worker() -> None:
    """Only a worker; start as many as you like."""
    serve("worker")


@app.command()
def web() -> None:
    """Only the web studio."""
    serve("web")


@app.command()
def migrate() -> None:
    """Bring the database up to date."""
    from cli.opening import database
    from db.migrate import migrate as bring_up_to_date

    with database(settings()) as dsn:
        asyncio.run(bring_up_to_date(dsn))


@app.command()
def doctor() -> None:
    """Check every dependency and say what is missing and what to do."""
    from cli.doctor import examine

    raise typer.Exit(asyncio.run(examine(settings())))


@storage.command()
def verify(
    repair: Annotated[bool, typer.Option(help="Remove files that nothing needs any more.")] = False,
) -> None:
    """Compare the kept files with the rows that need them."""
    from cli.storage import verify as compare

    raise typer.Exit(compare(settings(), repair=repair))


if __name__ == "__main__":
    app()
