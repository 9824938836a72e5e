"""How often Discord lets a bot ask, told in headers, and 429 for what is too much."""

from __future__ import annotations

import math
import re
import time
from dataclasses import dataclass
from hashlib import sha256

GLOBAL_LIMIT = 50
UNBOUND = re.compile(r"/interactions/|/webhooks/")
"""Answers to interactions do not count against the global limit."""

LIMITS: list[tuple[str, re.Pattern[str], int, float]] = [
    ("POST", re.compile(r"/(channels/\d+)/messages"), 5, 5.0),
    ("PATCH", re.compile(r"/(channels/\d+)/messages/\d+"), 5, 5.0),
    ("DELETE", re.compile(r"/(channels/\d+)/messages/\d+"), 5, 1.0),
    ("PUT", re.compile(r"/(channels/\d+)/messages/\d+/reactions/.*"), 1, 0.25),
    ("POST", re.compile(r"/(webhooks/\d+/[^/]+)"), 5, 2.0),
    ("PATCH", re.compile(r"/(webhooks/\d+/[^/]+)/messages/[^/]+"), 5, 2.0),
    ("POST", re.compile(r"/(guilds/\d+)/emojis"), 50, 3600.0),
]
"""Requests and seconds for one channel, webhook or guild; figures that were seen, not promised."""
ELSEWHERE = (50, 1.0)


@dataclass
class Window:
    """Some seconds in which only so many requests are taken."""

    limit: int
    seconds: float
    start: float = -math.inf
    used: int = 0

    def take(self, moment: float) -> bool:
        """Count one more request, unless that were one too many."""
        if moment >= self.start + self.seconds:
            self.start, self.used = moment, 0
        if self.used >= self.limit:
            return False
        self.used += 1
        return True

    def left(self, moment: float) -> float:
        return max(0.001, self.start + self.seconds - moment)


@dataclass(frozen=True)
class Verdict:
    """What the rate limits say to one request."""

    headers: dict[str, str]
    wait: float | None = None
    """Seconds until it may be asked again; None when it is taken now."""
    everywhere: bool = False

    @property
    def body(self) -> dict[str, object]:
        message = "You are being rate limited."
        return {"message": message, "retry_after": self.wait, "global": self.everywhere}


class RateLimits:
    """The windows of one bot; a generosity of 2 lets twice as much through, 0 everything."""

    def __init__(self, generosity: float) -> None:
        self.generosity = generosity
        self.windows: dict[str, Window] = {}
        self.everything = Window(round(GLOBAL_LIMIT * max(generosity, 1)), 1.0)

    def ask(self, method: str, path: str) -> Verdict:
        """Whether a request is taken, and the headers to answer it with."""
        if path.startswith("/interactions/"):
            return Verdict({})
        moment = time.monotonic()
        bound = self.generosity and not UNBOUND.match(path)
        if bound and not self.everything.take(moment):
            return over_everything(self.everything.left(moment))
        name, window = self.window(method, path)
        taken = window.take(moment) or not self.generosity
        wait = window.left(moment)
        headers = {
            "X-RateLimit-Limit": str(window.limit),
            "X-RateLimit-Remaining": str(max(window.limit - window.used, 0)),
            "X-RateLimit-Reset": f"{time.time() + wait:.3f}",
            "X-RateLimit-Reset-After": f"{wait:.3f}",
            "X-RateLimit-Bucket": sha256(name.encode()).hexdigest()[:32],
        }
        return Verdict(headers) if taken else over(headers, wait)

    def window(self, method: str, path: str) -> tuple[str, Window]:
        """The window that a request counts in, and what it has in common with others of its kind.

        That name leaves out which channel or webhook it is, as Discord's bucket header does.
        """
        for kind, pattern, limit, seconds in LIMITS:
            if kind == method and (found := pattern.fullmatch(path)):
                return f"{method} {pattern.pattern}", self.kept(
                    f"{method} {pattern.pattern} {found[1]}", limit, seconds
                )
        limit, seconds = ELSEWHERE
        name = f"{method} {re.sub(r'[0-9]+', '*', path)}"
        major = re.match(r"/(channels|guilds|webhooks)/\d+", path)
        return name, self.kept(f"{name} {major[0] if major else ''}", limit, seconds)

    def kept(self, key: str, limit: int, seconds: float) -> Window:
        limit = round(limit * self.generosity) if self.generosity else 1_000_000
        return self.windows.setdefault(key, Window(max(limit, 1), seconds))


def over(headers: dict[str, str], wait: float) -> Verdict:
    extra = {"Retry-After": f"{wait:.3f}", "Via": "1.1 google", "X-RateLimit-Scope": "user"}
    return Verdict({**headers, **extra}, wait)


def over_everything(wait: float) -> Verdict:
    headers = {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global", "Via": "1.1 google"}
    return Verdict({**headers, "Retry-After": f"{wait:.3f}"}, wait, everywhere=True)
