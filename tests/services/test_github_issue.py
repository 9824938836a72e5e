"""Reading issues from a GitHub of our own on a real socket."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from core.errors import (
    AuthFailed,
    InvalidParams,
    LimitReached,
    NotFound,
    RateLimited,
    StudioError,
    Transient,
)
from core.settings import Settings
from services.github_issue import (
    BODY,
    COMMENT,
    COMMENTS,
    Comment,
    IssueName,
    parse_issue,
    plain,
    read_issue,
)

NAME = IssueName("octo", "cat.js", 7)
Answer = Callable[[web.Request], web.StreamResponse]


@contextlib.asynccontextmanager
async def github(settings: Settings, answer: Answer) -> AsyncIterator[Settings]:
    async def handle(request: web.Request) -> web.StreamResponse:
        return answer(request)

    app = web.Application()
    app.router.add_get("/{path:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    [(host, port)] = [each[:2] for each in runner.addresses]
    try:
        yield settings.model_copy(update={"github_api_url": f"http://{host}:{port}/"})
    finally:
        await runner.cleanup()


def issue(**values: Any) -> web.Response:
    return web.json_response({"title": "It crashes", "body": "Always.", "comments": 0, **values})


@pytest.mark.parametrize(
    "text",
    [
        "octo/cat.js#7",
        " octo/cat.js#7 ",
        "https://github.com/octo/cat.js/issues/7",
        "https://github.com/octo/cat.js/pull/7/files",
        "https://www.github.com/octo/cat.js/issues/7?foo=1#issuecomment-5",
    ],
)
def test_an_issue_is_named_shortly_or_by_its_address(text: str) -> None:
    assert parse_issue(text) == NAME
    assert str(NAME) == "octo/cat.js#7"


@pytest.mark.parametrize(
    "text",
    [
        "", "7", "#7", "octo/cat.js", "octo/cat.js#0", "octo/cat.js#-7", "octo/../x#7", "octo/..#7",
        "-octo/cat#7", "octo-/cat#7", "octo/cat#7 and more", "octo/cat%2f..#7", "octo\n/cat#7",
        "http://github.com/octo/cat/issues/7", "https://github.com.evil.io/octo/cat/issues/7",
        "https://evil.io/octo/cat/issues/7", "https://github.com@evil.io/octo/cat/issues/7",
        "https://api.github.com/repos/octo/cat/issues/7", "octo/cat#\u0667", "öcto/cat#7",
        "octo/" + "c" * 101 + "#7", "octo/cat#1234567890",
    ],
)  # fmt: skip
def test_nothing_else_is_taken_for_an_issue(text: str) -> None:
    with pytest.raises(InvalidParams, match=r"is not a GitHub issue\. Write it as owner/repo#12"):
        parse_issue(text)


async def test_an_issue_is_read_with_its_first_comments(settings: Settings) -> None:
    asked: list[str] = []

    def answer(request: web.Request) -> web.Response:
        asked.append(request.path_qs)
        assert request.headers["Authorization"] == "Bearer s3cret"
        if request.path.endswith("/comments"):
            said = [{"body": f"Me too {n}", "user": {"login": f"ann{n}"}} for n in range(9)]
            return web.json_response([{"body": "Mine", "user": None}, {"body": None}, *said])
        return issue(comments=11)

    own = settings.model_copy(update={"github_token": SecretStr("s3cret")})
    async with github(own, answer) as there:
        found = await read_issue(there, NAME)
    assert (found.title, found.body) == ("It crashes", "Always.")
    assert found.comments == (
        Comment("somebody", "Mine"),
        *(Comment(f"ann{n}", f"Me too {n}") for n in range(3)),
    )
    assert asked == [
        "/repos/octo/cat.js/issues/7",
        f"/repos/octo/cat.js/issues/7/comments?per_page={COMMENTS}",
    ]


async def test_without_a_token_none_is_sent(settings: Settings) -> None:
    def answer(request: web.Request) -> web.Response:
        assert "Authorization" not in request.headers
        return issue(body=None)

    async with github(settings, answer) as there:
        assert (await read_issue(there, NAME)).body == ""


async def test_long_texts_are_cut(settings: Settings) -> None:
    def answer(request: web.Request) -> web.Response:
        if request.path.endswith("/comments"):
            return web.json_response([{"body": "word " * 40_000, "user": {"login": "a" * 99}}])
        return issue(title="t" * 999, body="word " * 13_000, comments=1)

    async with github(settings, answer) as there:
        found = await read_issue(there, NAME)
    assert len(found.title) <= 300
    assert len(found.body) <= BODY
    assert found.body.endswith("word…")
    [comment] = found.comments
    assert (len(comment.author), comment.author[-1]) == (40, "…")
    assert len(comment.body) <= COMMENT


@pytest.mark.parametrize(
    ("markdown", "said"),
    [
        ("a <!-- Describe the bug --> b", "a b"),
        ("a <!-- never closed", "a"),
        ("See ![shot](https://x.io/a.png) and [docs](https://x.io)", "See and docs"),
        ('Here <img src="https://x.io/a.png" width=3> it <b>is</b>', "Here it is"),
        ("if a < b and c > d", "if a < b and c > d"),
        ("one\r\n\r\n\r\n\r\ntwo", "one\n\ntwo"),
        ("nul\x00 and \u202eback", "nul and back"),
    ],
)
def test_pictures_hidden_notes_and_markup_are_left_out(markdown: str, said: str) -> None:
    assert plain(markdown) == said


def limited(seconds: float, **headers: str) -> Answer:
    given = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time() + seconds))}
    return lambda request: web.Response(status=403, headers={**given, **headers})


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        (lambda _: web.Response(status=404), NotFound, "There is no issue octo/cat.js#7, or it is"),
        (lambda _: web.Response(status=410), NotFound, "There is no issue octo/cat.js#7, or it is"),
        (lambda _: web.Response(status=401), AuthFailed, "The operator must renew it."),
        (lambda _: web.Response(status=403), NotFound, "GitHub does not let me read octo/cat.js#7"),
        (limited(3000), LimitReached, r"no more issues until \d\d:\d\d UTC"),
        (limited(20), RateLimited, "GitHub is busy"),
        (limited(3000, **{"Retry-After": "5"}), RateLimited, "GitHub is busy"),
        (lambda _: web.Response(status=502), Transient, "GitHub has trouble just now"),
        (lambda _: web.Response(text="<html>"), Transient, "could not be read"),
        (lambda _: web.json_response([1]), Transient, "could not be read"),
        (lambda _: issue(title=["a"]), Transient, "could not be read"),
        (lambda _: issue(body="a" * 4_000_001), InvalidParams, "too large to read"),
    ],
)
async def test_why_there_is_nothing_to_read_is_a_sentence(
    settings: Settings, answer: Answer, kind: type[StudioError], sentence: str
) -> None:
    async with github(settings, answer) as there:
        with pytest.raises(kind, match=sentence):
            await read_issue(there, NAME)


async def test_an_unreachable_github_may_be_asked_again(settings: Settings) -> None:
    async with github(settings, lambda _: issue()) as there:
        gone = there
    with pytest.raises(Transient, match="cannot be reached"):
        await read_issue(gone, NAME)


async def test_a_repository_that_moved_is_followed_at_the_same_server_only(
    settings: Settings,
) -> None:
    def answer(request: web.Request) -> web.Response:
        if request.path.startswith("/repos/"):
            raise web.HTTPMovedPermanently("/repositories/9/issues/7")
        return issue(title="Moved")

    async with github(settings, answer) as there:
        assert (await read_issue(there, NAME)).title == "Moved"

    def away(request: web.Request) -> web.Response:
        raise web.HTTPMovedPermanently("http://localhost:1/steal")

    async with github(settings, away) as there:
        with pytest.raises(NotFound, match="moved out of GitHub"):
            await read_issue(there, NAME)

    def round_and_round(request: web.Request) -> web.Response:
        raise web.HTTPFound(request.path)

    async with github(settings, round_and_round) as there:
        with pytest.raises(NotFound, match="moved too often"):
            await read_issue(there, NAME)
