"""uvicorn inside our own loop."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import socket
from collections.abc import AsyncGenerator, Generator

import uvicorn

from core.settings import Settings
from services.studio import Studio
from web.app import create_app
from web.auth import issue_link

log = logging.getLogger(__name__)


class NotListening(Exception):
    """The web studio cannot be served; the message says why and what to do."""


class Server(uvicorn.Server):
    """A server whose signals are somebody else's, and whose open streams end first."""

    studio: Studio

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # uvicorn would otherwise wait for every page that is being watched.
        self.studio.hub.close()
        await super().shutdown(sockets)


def check_host(settings: Settings) -> None:
    """Refuse to show an unlocked studio to the network. Raises `NotListening`."""
    if settings.host == "localhost":
        return
    try:
        loopback = ipaddress.ip_address(settings.host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise NotListening(
            f"HOST={settings.host} would show the studio to the network, and no sign-in is "
            "configured. Use HOST=127.0.0.1."
        )


@contextlib.asynccontextmanager
async def serving(studio: Studio) -> AsyncGenerator[None]:
    """Serve the web studio while this is open, and print the login link."""
    settings = studio.settings
    check_host(settings)
    config = uvicorn.Config(
        create_app(studio),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,  # Its lines would hold the login link.
        timeout_graceful_shutdown=3,
        server_header=False,
    )
    server = Server(config)
    server.studio = studio
    running = asyncio.create_task(server.serve())
    try:
        while not server.started:
            if running.done():
                raise NotListening(
                    f"Port {settings.port} on {settings.host} is taken. Set PORT to another one."
                )
            await asyncio.sleep(0.01)
        await announce(studio)
        yield
    finally:
        server.should_exit = True
        with contextlib.suppress(SystemExit, asyncio.CancelledError):
            await running


async def announce(studio: Studio) -> None:
    """Print the link, as it is the only way in; it is for the terminal, never for the log."""
    settings = studio.settings
    token = await issue_link(studio)
    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    print(f"\n  Studio: {base}\n  Sign in: {base}/login/link?token={token}\n", flush=True)  # noqa: T201
