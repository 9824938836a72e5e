"""What a GitHub issue tells, without its markup: what is reported, by whom, and the best clue."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from core.text import clean, shorten
from providers.templates.reading import sentences, words_of

READ = 6000
"""Characters of a body that are read; the report comes first in any of them."""
SENTENCES = 6
FENCED = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL)
INLINE = re.compile(r"`([^`\n]{1,120})`")
LINK = re.compile(r"!?\[([^\]\n]{0,200})\]\([^)\n]{0,500}\)")
URL = re.compile(r"https?://\S+")
TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>")
MARKED = re.compile(r"^\s*(?:#{1,6}\s+.*|>.*|\|.*|[-=*_]{3,}\s*)$", re.MULTILINE)
BULLET = re.compile(r"^\s*(?:[-*+]|\d{1,2}[.)])\s+(?:\[[ xX]\]\s+)?", re.MULTILINE)
AUTHOR = re.compile(r"[\w.\[\]-]{1,40}")
EMPHASIS = re.compile(r"(\*\*|__|~~)(?=\S)(.{1,200}?)\1")
CLUES = (
    re.compile(
        r"\b(?:because|cause[sd]?|turns out|typo|race condition|off by one|root of)\b", re.I
    ),
    re.compile(r"\b(?:the problem|fix(?:e[sd])?|workaround|null|cache|bisect|regression)\b", re.I),
    re.compile(r"\b(?:reproduce|happens|since|only when)\b", re.I),
)
"""What a sentence about the cause sounds like, the surest first."""


@dataclass(frozen=True)
class Report:
    """An issue as a story's material."""

    title: str
    told: list[str]
    people: list[str]
    clue: str
    finder: str
    """Who found the clue; nobody where it is in the report itself."""


def report_of(data: Mapping[str, Any]) -> Report | None:
    """The issue that the data are about, if they are about one."""
    title = clean(str(data.get("title") or ""))
    comments = read_comments(data.get("discussion"))
    if not title or "discussion" not in data:
        return None
    body = sentences(plain(str(data.get("prompt") or "")))
    body = [each for each in body if len(words_of(each)) > 2 and each.lower() != title.lower()]
    told = [f"{title.rstrip('.')}.", *(shorten(each, 200) for each in body[:SENTENCES])]
    people = [name for name, _ in comments if name]
    finder, clue = clue_of([*comments, *(("", each) for each in body)])
    return Report(
        title=shorten(title, 100),
        told=told,
        people=list(dict.fromkeys(people))[:3],
        clue=clue,
        finder=finder,
    )


def read_comments(discussion: object) -> list[tuple[str, str]]:
    """Who said what; comments are "name: words", or objects with an author and a body."""
    if not isinstance(discussion, (list, tuple)):
        return []
    found: list[tuple[str, str]] = []
    for each in cast(Sequence[Any], discussion)[:50]:
        if isinstance(each, Mapping):
            comment = cast(Mapping[str, Any], each)
            author = comment.get("author") or comment.get("user") or ""
            found.append((str(author)[:40], plain(str(comment.get("body") or ""))))
        else:
            author, colon, body = str(each).partition(": ")
            named = bool(colon) and AUTHOR.fullmatch(author) is not None
            found.append((author, plain(body)) if named else ("", plain(str(each))))
    return found


def plain(markdown: str) -> str:
    """A comment's words without code, links' targets, quotations and headings."""
    text = FENCED.sub(" ", clean(markdown[:READ]))
    text = LINK.sub(r"\1", text)
    text = TAG.sub("", URL.sub("", MARKED.sub("", text)))
    text = EMPHASIS.sub(r"\2", INLINE.sub(r"\1", BULLET.sub("", text)))
    return re.sub(r"[ \t]+", " ", text).strip()


def clue_of(comments: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Who said the sentence that sounds most like the cause, and the sentence."""
    said = [(author, each) for author, text in comments for each in sentences(text)]
    for pattern in CLUES:
        for author, sentence in said:
            if pattern.search(sentence):
                return author, shorten(sentence, 160)
    return "", ""
