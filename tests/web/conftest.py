"""The application, asked as a browser and as a program."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from services.studio import Studio
from web.app import create_app
from web.auth import issue_link


@pytest.fixture
async def client(studio: Studio) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(studio))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        yield client


@pytest.fixture
async def api(client: httpx.AsyncClient) -> httpx.AsyncClient:
    client.headers["authorization"] = "Bearer secret"
    return client


@pytest.fixture
async def browser(studio: Studio, client: httpx.AsyncClient) -> httpx.AsyncClient:
    token = await issue_link(studio)
    client.headers["accept"] = "text/html"
    answer = await client.get(f"/login/link?token={token}")
    assert answer.status_code == 303
    return client
