"""Fetching from addresses people give: what is fetched, and what nobody can be made to ask."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from functools import partial
from ipaddress import ip_address
from typing import Any

import pytest
from PIL import Image

from core.errors import InvalidParams, UnusableFile
from services.fetch import Address, fetch_picture, is_public
from services.studio import Studio

UNFINDABLE = "I cannot find {} on the public internet."


def png() -> bytes:
    output = io.BytesIO()
    Image.radial_gradient("L").save(output, "PNG")
    return output.getvalue()


def answer(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    stated = {"Content_Length": str(len(body)), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in stated.items() if value]
    return "\r\n".join([f"HTTP/1.1 {status}", "Connection: close", *lines, "", ""]).encode() + body


def moved(to: str, **headers: str) -> bytes:
    return answer(b"", "302 Found", Location=to, **headers)


class Site:
    """A web server that gives each path its bytes and remembers what it was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.heads: list[str] = []
        self.port = 0

    @contextlib.asynccontextmanager
    async def open(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Site]:
        async with await asyncio.start_server(self.serve, host, port) as server:
            self.port = server.sockets[0].getsockname()[1]
            yield self

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split(" ")[1]
        self.asked.append(path)
        self.heads.append(head.lower())
        with contextlib.suppress(ConnectionError):
            writer.write(self.pages.get(path, answer(b"", "404 Not Found")))
            await writer.drain()
            if path == "/slow":
                await reader.read()
            writer.close()

    def at(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with Site().open() as site:
        yield site


def here(address: Address) -> bool:
    return str(address) in ("127.0.0.1", "::1")


@pytest.fixture
def fetch(studio: Studio, site: Site) -> Any:
    return partial(fetch_picture, studio, allow=here, ports={site.port})


async def test_a_picture_is_fetched_whatever_it_is_called(fetch: Any, site: Site) -> None:
    site.pages["/x.txt?v=1"] = answer(png(), Content_Type="text/plain")
    assert await fetch(site.at("/x.txt?v=1#top")) == png()
    assert site.asked == ["/x.txt?v=1"]


async def test_what_only_claims_to_be_a_picture_is_refused(fetch: Any, site: Site) -> None:
    for body, sentence in (
        (b"<!doctype html><title>Sign in</title>" * 9, "a web page, not a picture"),
        (b"%PDF-1.7 " * 9, "a PDF"),
        (b"hello", "not a picture"),
        (b"", "nothing at that address"),
        (png()[:40], "damaged or cut off"),
    ):
        site.pages["/x.png"] = answer(body, Content_Type="image/png")
        with pytest.raises(UnusableFile, match=sentence):
            await fetch(site.at("/x.png"))


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.9.9.9", "169.254.169.254",
     "168.63.129.16", "172.16.0.1", "192.0.0.192", "192.0.2.1", "192.168.1.1", "192.88.99.1", "198.18.0.1",
     "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1",
     "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1",
     "2001:db8::1", "2002:7f00:1::1", "3fff::1", "4000::1", "fc00::1", "fd00:ec2::254", "fe80::1",
     "fe80::1%1", "fec0::1", "ff02::1"],
)  # fmt: skip
def test_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "2a00:1450::1"])
def test_ordinary_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))


async def test_no_spelling_of_our_own_network_is_asked(studio: Studio, site: Site) -> None:
    for host in (
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "localhost", "localhost.",
        "[::1]", "[::ffff:127.0.0.1]", "127.0.0.1.", "[::]", "\uff11\uff12\uff17.0.0.1", "nowhere.invalid",
    ):  # fmt: skip
        with pytest.raises(InvalidParams, match=r"on the public internet|no address I can read"):
            await fetch_picture(studio, site.at("/x.png", host), ports={site.port})
    assert site.asked == []


async def test_names_we_know_and_names_nobody_knows_are_refused_alike(studio: Studio) -> None:
    for host in ("localhost", "nowhere.invalid"):
        with pytest.raises(InvalidParams) as refusal:
            await fetch_picture(studio, f"http://{host}/x.png")
        assert str(refusal.value) == UNFINDABLE.format(host)


async def test_addresses_of_another_kind_are_explained(studio: Studio) -> None:
    for url, sentence in (
        ("ftp://example.com/x.png", "begins with https"),
        ("file:///etc/passwd", "begins with https"),
        ("data:image/png;base64,AAAA", "begins with https"),
        ("/x.png", "begins with https"),
        ("", "begins with https"),
        ("https://", "begins with https"),
        ("https://example.com/" + "x" * 2000, "begins with https"),
        ("https://example.com:8080/x.png", "usual ports"),
        ("https://example.com:22/", "usual ports"),
        ("https://anna:secret@example.com/", "without a user name"),
        ("https://example.com\\@127.0.0.1/", "without a user name"),
        ("https://example.com/\r\nHost: x", "no address I can read"),
        ("https://[1:2]/", "no address I can read"),
    ):
        with pytest.raises(InvalidParams, match=sentence):
            await fetch_picture(studio, url)


async def test_redirects_are_followed_three_times(fetch: Any, site: Site) -> None:
    site.pages |= {"/1": moved("/2"), "/2": moved("3"), "/3": moved(site.at("/4"))}
    site.pages["/4"] = answer(png())
    assert await fetch(site.at("/1")) == png()
    site.pages["/0"] = moved("/1")
    with pytest.raises(InvalidParams, match="more than 3 times"):
        await fetch(site.at("/0"))
    assert site.asked[-1] == "/3"


async def test_redirects_lead_nowhere_that_could_not_be_asked_first(fetch: Any, site: Site) -> None:
    elsewhere = Site()
    site.pages["/x"] = elsewhere.pages["/x"] = answer(png())
    async with elsewhere.open("127.0.0.2", site.port):
        for to in (
            "http://127.0.0.2:{}/x",
            "//127.0.0.2:{}/x",
            "http://127.0.0.1:1/x",
            "file:///etc/passwd",
            "http://anna@127.0.0.1:{}/x",
            "http://[::ffff:127.0.0.1]:{}/x",
            "http://[1:2]/",
        ):
            site.pages["/1"] = moved(to.format(site.port))
            with pytest.raises(InvalidParams):
                await fetch(site.at("/1"))
    assert set(site.asked) == {"/1"}
    assert elsewhere.asked == []


async def test_a_name_that_changes_its_meaning_changes_nothing(
    fetch: Any, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = ["127.0.0.1", "127.0.0.2"]

    async def look_up(host: str, port: int) -> list[Any]:
        return [(0, 0, 0, "", (answers.pop(0), port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
    secret = Site()
    site.pages["/x"] = answer(png())
    async with secret.open("127.0.0.2", site.port):
        assert await fetch(site.at("/x", "rebound.example")) == png()
        assert f"host: rebound.example:{site.port}" in site.heads[0]
        with pytest.raises(InvalidParams, match=r"rebound\.example"):
            await fetch(site.at("/x", "rebound.example"))
    assert secret.asked == []


async def test_one_address_that_is_not_allowed_spoils_the_name(
    fetch: Any, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def look_up(host: str, port: int) -> list[Any]:
        return [(0, 0, 0, "", (each, port)) for each in ("127.0.0.1", "127.0.0.2")]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
    site.pages["/x"] = answer(png())
    with pytest.raises(InvalidParams, match=r"twofold\.example"):
        await fetch(site.at("/x", "twofold.example"))
    assert site.asked == []


async def test_the_next_address_answers_where_the_first_does_not(
    studio: Studio, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def look_up(host: str, port: int) -> list[Any]:
        return [(0, 0, 0, "", (each, port)) for each in ("127.0.0.3", "127.0.0.1")]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
    site.pages["/x"] = answer(png())
    url = site.at("/x", "twofold.example")
    found = await fetch_picture(studio, url, allow=lambda each: each.is_loopback, ports={site.port})
    assert found == png()


async def test_no_more_is_read_than_may_be_kept(fetch: Any, site: Site) -> None:
    site.pages["/stated"] = answer(png(), Content_Length="26000000")
    site.pages["/unstated"] = answer(png() + bytes(2_000_000), Content_Length="")
    for path in ("/stated", "/unstated"):
        with pytest.raises(UnusableFile, match="larger than the 1 MB"):
            await fetch(site.at(path), limit=1_000_000)


async def test_a_packed_answer_is_not_unpacked(fetch: Any, site: Site) -> None:
    site.pages["/x"] = answer(png(), Content_Encoding="gzip")
    with pytest.raises(UnusableFile, match="only answers compressed"):
        await fetch(site.at("/x"))
    assert "accept-encoding: identity" in site.heads[0]


async def test_slow_broken_and_missing_answers_are_explained(fetch: Any, site: Site) -> None:
    site.pages["/slow"] = answer(png()[:100], Content_Length="200")
    site.pages["/broken"] = answer(png()[:100], Content_Length="200")
    site.pages["/nonsense"] = b"nonsense\r\n\r\n"
    for path, sentence in (
        ("/slow", "took longer than"),
        ("/broken", "was lost"),
        ("/nonsense", "was lost"),
        ("/missing", "it answered 404"),
    ):
        with pytest.raises(InvalidParams, match=sentence):
            await fetch(site.at(path), patience=0.5 if path == "/slow" else 20)


async def test_a_port_where_nobody_listens_is_explained(studio: Studio) -> None:
    async with Site().open() as gone:
        pass
    with pytest.raises(InvalidParams, match=r"127\.0\.0\.1 does not answer"):
        await fetch_picture(studio, gone.at("/x"), allow=here, ports={gone.port})


async def test_nothing_of_the_environment_or_of_an_answer_is_sent_along(
    fetch: Any, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.2:9")
    site.pages["/1"] = moved("/2", Set_Cookie="a=b; Path=/")
    site.pages["/2"] = answer(png())
    await fetch(site.at("/1"))
    assert all("cookie" not in head and "authorization" not in head for head in site.heads)
