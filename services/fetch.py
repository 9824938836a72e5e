"""Fetching a picture from an address somebody gave us, without becoming their way into our network.

The name is looked up once, every address it stands for must be public, and the connection goes to
the address that was checked: a name that means something else a moment later changes nothing.
Redirects are followed by hand, each checked like the first address. Proxies of the environment are
not used: a proxy would look the name up again, where we cannot check it.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from core.errors import InvalidParams, UnusableFile
from core.text import shorten
from services.pictures.header import walk
from services.pictures.limits import BYTES, not_a_picture
from services.studio import Studio

Address = IPv4Address | IPv6Address
Allow = Callable[[Address], bool]

URL_LIMIT = 2000
REDIRECTS = 3
ADDRESSES = 4
"""How many of a name's addresses are tried before it counts as out of reach."""
PATIENCE = 20.0
"""Seconds for the whole of it, redirects included."""
CONNECTING = 5.0
"""Seconds for one address; the next may answer."""
PORTS = frozenset({80, 443})
DEFAULT_PORTS = {"http": 80, "https": 443}
MOVED = {301, 302, 303, 307, 308}
SNIFFED = 32
"""Bytes that tell what a file is."""
HEADERS = {
    "accept": "image/png, image/jpeg, image/webp, image/gif",
    "accept-encoding": "identity",  # A compressed answer could be a thousand times its size.
    "user-agent": "Atelier (fetches one picture for a person who named it)",
}
GLOBAL_IPV6 = ip_network("2000::/3")
"""All that IANA has assigned for the public internet so far."""
RESERVED = [
    ip_network(each)
    for each in (
        "168.63.129.16/32",  # Azure answers every virtual machine here, with its secrets.
        "192.0.0.0/24",  # Protocols, and where some clouds tell secrets; older Pythons pass it.
        "192.88.99.0/24",  # Relays to IPv6, which lead anywhere.
        "2001::/23",  # Teredo and other protocols: each holds an IPv4 address.
        "2002::/16",  # 6to4, the same.
        "3fff::/20",  # For documentation.
    )
]


@dataclass(frozen=True)
class Target:
    """One address to ask, checked."""

    url: httpx.URL
    addresses: tuple[str, ...]


class OutOfReach(Exception):
    """Nothing answered at an address; another of the same name may."""


def is_public(address: Address) -> bool:
    """Whether an address is on the public internet, by IANA's registries of special addresses.

    IPv6 addresses that stand for IPv4 ones (mapped, NAT64, 6to4, Teredo) are not: what is behind
    them cannot be seen in them.
    """
    if any(address in each for each in RESERVED if each.version == address.version):
        return False
    if address.version == 6 and address not in GLOBAL_IPV6:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


async def fetch_picture(
    studio: Studio,
    url: str,
    *,
    allow: Allow = is_public,
    ports: Collection[int] = PORTS,
    limit: int = BYTES,
    patience: float = PATIENCE,
) -> bytes:
    """Fetch a PNG, JPEG, WebP or GIF of a size we take; whether it decodes is for the keeper to see.

    `allow` decides on an address and `ports` on a port; `limit` is in bytes, `patience` in seconds.
    Raises `InvalidParams` for an address, `UnusableFile` for what is there.
    """
    try:
        async with asyncio.timeout(patience), open_client() as client:
            data = await follow(client, read(url, ports), allow, ports, limit)
    except TimeoutError as error:
        raise InvalidParams(
            f"That address took longer than {patience:.0f} seconds. Attach the picture instead."
        ) from error
    await studio.pictures.run(walk, data)
    return data


async def follow(
    client: httpx.AsyncClient, url: httpx.URL, allow: Allow, ports: Collection[int], limit: int
) -> bytes:
    """Ask for a picture and wherever that leads, each address checked anew."""
    for _ in range(REDIRECTS + 1):
        found = await ask(client, await look_up(url, allow), limit)
        if isinstance(found, bytes):
            return found
        url = read(str(found), ports)
    raise InvalidParams(
        f"That address leads on more than {REDIRECTS} times. Give the picture's own address."
    )


def open_client() -> httpx.AsyncClient:
    """A client that takes no cookies, no proxies and no redirects by itself."""
    return httpx.AsyncClient(
        verify=certificates(),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        trust_env=False,
        timeout=httpx.Timeout(PATIENCE, connect=CONNECTING),
    )


@cache
def certificates() -> ssl.SSLContext:
    """The authorities we trust; read once, as that takes longer than a small picture."""
    return httpx.create_ssl_context(trust_env=False)


def read(url: str, ports: Collection[int]) -> httpx.URL:
    """Understand an address as it will be asked. Raises `InvalidParams`."""
    try:
        found = httpx.URL(url.strip()).copy_with(fragment=None)
    except httpx.InvalidURL as error:
        raise InvalidParams("That is no address I can read.") from error
    if len(url) > URL_LIMIT or found.scheme not in DEFAULT_PORTS or not found.host:
        raise InvalidParams("Give an address that begins with https:// or http://.")
    if found.userinfo:
        raise InvalidParams("Give an address without a user name or password in it.")
    if port_of(found) not in ports:
        raise InvalidParams("Give an address on the usual ports, 80 and 443.")
    return found


def port_of(url: httpx.URL) -> int:
    return url.port or DEFAULT_PORTS[url.scheme]


async def look_up(url: httpx.URL, allow: Allow) -> Target:
    """Find a name's addresses; all must be allowed. Raises `InvalidParams`.

    A name of our own network and one that does not exist are refused in the same words, so that
    nobody can ask which names our network knows.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(url.raw_host.decode(), port_of(url))
    except (OSError, UnicodeError):
        found = []
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not addresses or not all(allow(ip_address(each)) for each in addresses):
        raise InvalidParams(f"I cannot find {shorten(url.host, 100)} on the public internet.")
    return Target(url, tuple(addresses[:ADDRESSES]))


async def ask(client: httpx.AsyncClient, target: Target, limit: int) -> bytes | httpx.URL:
    """Ask each of a name's addresses until one answers: with the picture, or where it is."""
    for address in target.addresses:
        try:
            return await ask_at(client, target.url, address, limit)
        except OutOfReach:
            continue
        except httpx.HTTPError as error:
            raise InvalidParams(
                f"The connection to {shorten(target.url.host, 100)} was lost. Try it again."
            ) from error
    raise InvalidParams(
        f"{shorten(target.url.host, 100)} does not answer, or not safely. "
        "Try it later, or attach the picture."
    )


async def ask_at(
    client: httpx.AsyncClient, url: httpx.URL, address: str, limit: int
) -> bytes | httpx.URL:
    """Ask one address in the name of the host: for its certificate and for its sites."""
    request = client.build_request(
        "GET",
        url.copy_with(host=address),
        headers={**HEADERS, "host": url.netloc.decode()},
        extensions={"sni_hostname": url.raw_host.decode()},
    )
    try:
        response = await client.send(request, stream=True)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise OutOfReach from error
    try:
        if response.status_code in MOVED and "location" in response.headers:
            return joined(url, response.headers["location"])
        check(response, limit)
        return await body(response, limit)
    finally:
        await response.aclose()


def joined(url: httpx.URL, location: str) -> httpx.URL:
    try:
        return url.join(location)
    except httpx.InvalidURL as error:
        raise InvalidParams("That address leads on to one I cannot read.") from error


def check(response: httpx.Response, limit: int) -> None:
    """Refuse by what an answer's head says. Raises `UnusableFile`."""
    if response.status_code != 200:
        raise UnusableFile(
            f"There is no picture at that address for me: it answered {response.status_code}. "
            "It may want a sign-in; attach the picture instead."
        )
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnusableFile("That address only answers compressed. Attach the picture instead.")
    stated = response.headers.get("content-length", "")
    if stated.isdigit() and int(stated) > limit:
        raise too_large(limit)


async def body(response: httpx.Response, limit: int) -> bytes:
    """Read an answer, but no further than it may be a picture we take. Raises `UnusableFile`."""
    data = bytearray()
    sniffed = False
    async for piece in response.aiter_raw():
        data += piece
        if len(data) > limit:
            raise too_large(limit)
        if not sniffed and len(data) >= SNIFFED:
            sniff(data)
            sniffed = True
    if not data:
        raise UnusableFile("There is nothing at that address.")
    sniff(data)
    return bytes(data)


def sniff(data: bytearray) -> None:
    """Tell a picture by its first bytes; what the answer calls it does not count."""
    start = bytes(data[:1000])
    known = start.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a"))
    if not known and not (start[:4] == b"RIFF" and start[8:12] == b"WEBP"):
        raise not_a_picture(start)


def too_large(limit: int) -> UnusableFile:
    return UnusableFile(f"That file is larger than the {limit / 1e6:.0f} MB I take.")
