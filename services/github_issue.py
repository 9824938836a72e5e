"""GitHub issues as material for a story: read, never written.

What people wrote there is data. It is bounded and bared of pictures and markup here, and whoever
hands it to a writer hands it over as data.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urljoin, urlsplit

import httpx
from pydantic import BaseModel, BeforeValidator, TypeAdapter, ValidationError

from core.errors import AuthFailed, InvalidParams, LimitReached, NotFound, RateLimited, Transient
from core.settings import Settings
from core.text import clean, shorten

OWNER = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?"
"""GitHub's rule for names of accounts."""
REPOSITORY = r"(?!\.{1,2}(?![\w.-]))[\w.-]{1,100}"
REFERENCE = re.compile(
    rf"^(?:https://(?:www\.)?github\.com/)?(?P<owner>{OWNER})/(?P<repository>{REPOSITORY})"
    r"(?:\#|/(?:issues|pull)/)(?P<number>[1-9]\d{0,8})"
    r"(?:/(?:files|commits|checks))?/?(?:[?\#]\S*)?$",
    re.ASCII,
)

TITLE, BODY, COMMENT = 300, 4000, 600
"""How much of each is read, in characters."""
COMMENTS = 5
BYTES = 4_000_000
"""The most an answer may have: GitHub's longest issue is 65,536 characters."""
TIMEOUT = 10.0
REDIRECTS = 3
"""A repository that moved answers with one."""
SOON = 60.0
"""Seconds of waiting that a person does not mind."""


@dataclass(frozen=True)
class IssueName:
    """An issue or a pull request by its place."""

    owner: str
    repository: str
    number: int

    def __str__(self) -> str:
        return f"{self.owner}/{self.repository}#{self.number}"


class Author(BaseModel):
    login: str = "somebody"


class Post(BaseModel):
    """What we take from GitHub's JSON of an issue or a comment."""

    title: str = ""
    body: str | None = None
    comments: int = 0
    user: Annotated[Author, BeforeValidator(lambda given: given or {})] = Author()


POSTS = TypeAdapter(list[Post])


@dataclass(frozen=True)
class Comment:
    author: str
    body: str


@dataclass(frozen=True)
class Issue:
    """What an issue says, as plain text."""

    name: IssueName
    title: str
    body: str
    comments: tuple[Comment, ...] = ()


def parse_issue(text: str) -> IssueName:
    """Read `owner/repo#12` or the address of an issue on github.com. Raises `InvalidParams`."""
    found = REFERENCE.match(text.strip())
    if found is None:
        raise InvalidParams(
            f"“{shorten(text, 80)}” is not a GitHub issue. Write it as owner/repo#12, "
            "or paste its address from github.com."
        )
    return IssueName(found["owner"], found["repository"], int(found["number"]))


async def read_issue(settings: Settings, name: IssueName) -> Issue:
    """Read an issue and its first comments.

    Raises `NotFound`, `InvalidParams`, `AuthFailed`, `RateLimited`, `LimitReached` or `Transient`.
    """
    base = settings.github_api_url.rstrip("/")
    address = f"{base}/repos/{name.owner}/{name.repository}/issues/{name.number}"
    async with connected(settings) as client:
        found = Post.model_validate_json(await fetch(client, address, name))
        said: list[Post] = []
        if found.comments:
            answer = await fetch(client, f"{address}/comments?per_page={COMMENTS}", name)
            said = POSTS.validate_json(answer)
    return understood(name, found, said)


@contextlib.asynccontextmanager
async def connected(settings: Settings) -> AsyncGenerator[httpx.AsyncClient]:
    """Talk to GitHub; what it says wrongly is trouble of its own and may pass."""
    try:
        async with httpx.AsyncClient(
            headers=headers(settings), timeout=TIMEOUT, trust_env=False
        ) as client:
            yield client
    except httpx.HTTPError as error:
        raise Transient("GitHub cannot be reached. I will try again.") from error
    except ValidationError as error:
        raise Transient("GitHub's answer could not be read. I will try again.") from error


def headers(settings: Settings) -> dict[str, str]:
    token = settings.github_token
    return {
        "Accept": "application/vnd.github+json",
        "User-Agent": "Atelier",
        "X-GitHub-Api-Version": "2022-11-28",
        **({"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}),
    }


async def fetch(client: httpx.AsyncClient, address: str, name: IssueName) -> bytes:
    """Read from one place, following it where GitHub says that it moved."""
    for _ in range(REDIRECTS + 1):
        async with client.stream("GET", address) as response:
            if not response.is_redirect:
                check(response, name)
                return await whole(response, name)
            address = moved(address, response.headers.get("location", ""))
    raise NotFound(f"{name} moved too often for me to follow. Give its present address.")


def moved(address: str, location: str) -> str:
    """Where a moved repository is now; nowhere but at the same server, which has the token."""
    target = urljoin(address, location)
    before, after = urlsplit(address), urlsplit(target)
    if (before.scheme, before.netloc) != (after.scheme, after.netloc):
        raise NotFound("That repository moved out of GitHub. Paste the text as the prompt instead.")
    return target


def check(response: httpx.Response, name: IssueName) -> None:
    """Say in a sentence why there is no issue to read."""
    status = response.status_code
    if status == 200:
        return
    if status in (404, 410):
        raise NotFound(
            f"There is no issue {name}, or it is private. Check the name, "
            "or paste the text as the prompt."
        )
    if status == 401:
        raise AuthFailed("GitHub does not accept the studio's token. The operator must renew it.")
    if status in (403, 429):
        raise refused(response, name)
    raise Transient("GitHub has trouble just now. I will try again.")


def refused(response: httpx.Response, name: IssueName) -> Exception:
    """Tell a limit on requests from a door that stays shut."""
    seconds = wait_of(response)
    if seconds is None:
        return NotFound(f"GitHub does not let me read {name}. Paste the text as the prompt.")
    if seconds <= SOON:
        return RateLimited("GitHub is busy. I will try again.", retry_after=seconds)
    until = datetime.fromtimestamp(time.time() + seconds, UTC)
    return LimitReached(
        f"GitHub lets me read no more issues until {until:%H:%M} UTC. "
        "Ask again then, or paste the text as the prompt.",
        retry_after=seconds,
    )


def wait_of(response: httpx.Response) -> float | None:
    """Seconds until GitHub answers again; None where waiting does not help."""
    given = response.headers
    try:
        if "retry-after" in given:
            return max(float(given["retry-after"]), 1.0)
        if given.get("x-ratelimit-remaining") == "0" or response.status_code == 429:
            return max(float(given.get("x-ratelimit-reset", 0)) - time.time(), 1.0)
    except ValueError:
        return SOON
    return None


async def whole(response: httpx.Response, name: IssueName) -> bytes:
    """An answer's bytes, inflated, up to the most we take."""
    data = b""
    async for piece in response.aiter_bytes():
        data += piece
        if len(data) > BYTES:
            raise InvalidParams(f"{name} is too large to read. Paste what matters as the prompt.")
    return data


def understood(name: IssueName, found: Post, said: list[Post]) -> Issue:
    """The words of an issue, bounded."""
    comments = [
        Comment(shorten(clean(each.user.login), 40), text)
        for each in said[:COMMENTS]
        if (text := words(each, COMMENT))
    ]
    return Issue(
        name,
        shorten(clean(found.title), TITLE) or str(name),
        words(found, BODY),
        tuple(comments),
    )


def words(post: Post, limit: int) -> str:
    return bounded(plain(post.body or ""), limit)


def plain(markdown: str) -> str:
    """Markdown without what is not meant to be read: pictures, hidden notes, HTML."""
    text = markdown[:100_000]
    text = re.sub(r"<!--.*?(?:-->|\Z)", " ", text, flags=re.DOTALL)
    text = re.sub(r"!\[[^\]\n]{0,300}\](?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,100}\])", " ", text)
    text = re.sub(r"\[([^\]\n]{1,300})\]\([^)\n]{0,2000}\)", r"\1", text)
    text = re.sub(r"</?[A-Za-z][^<>\n]{0,2000}>", " ", text)
    text = re.sub(r"[ \t]+", " ", clean(text))
    return re.sub(r"\s*\n\s*\n\s*", "\n\n", text).strip()


def bounded(text: str, limit: int) -> str:
    """Cut at a word's end, keeping the lines."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return cut[: max(cut.rfind(" "), limit // 2)].rstrip() + "…"
