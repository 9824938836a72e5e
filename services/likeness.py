"""A character from somebody's own words: described first, drawn only when they agree.

The words themselves are never kept. They are counted here, the counts are handed to the writer,
and only its description and the number of messages are written down.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import update

from core.errors import InvalidParams, StudioError
from core.writing import Likeness, Writing
from db.models import Generation
from services import generations
from services.generations import Origin, submit
from services.run import Run
from services.running import begin
from services.studio import Studio

FEWEST = 5
"""Messages below which nothing about their writer can be said."""
WORDS = 200
"""Different words the writer is handed, the most frequent."""
WORD = re.compile(r"[^\W\d_]{3,30}")
INSTRUCTION = (
    "From how often somebody uses which words, describe a friendly character for their avatar: "
    "mood, colors, and objects for what they like to do. Say nothing about health, faith, origin, "
    "politics, love or bodies, and repeat no word that could tell who they or others are."
)


def frequent(messages: Iterable[str]) -> list[str]:
    """The words used most, most frequent first; addresses and mentions count for nothing."""
    counts: Counter[str] = Counter()
    for each in messages:
        plain = re.sub(r"https?://\S+|<[^>]*>", " ", each)
        counts.update(WORD.findall(plain.lower()))
    return [word for word, _ in counts.most_common(WORDS)]


async def describe(
    studio: Studio, values: Mapping[str, Any], origin: Origin, messages: list[str]
) -> Generation:
    """Ask for an avatar from messages: it is described and waits for its person's yes.

    Raises `InvalidParams` when there are too few messages, and what `submit` does.
    """
    if len(messages) < FEWEST:
        raise InvalidParams(
            f"I can read {len(messages)} of your messages here, and need at least {FEWEST}. "
            "Describe the avatar in words instead."
        )
    asked = {**values, "likeness": "messages", "messages_read": len(messages)}
    summary = f"From {len(messages)} of your messages here. Nothing of them is kept."
    held: dict[str, Any] = {
        "field": "description",
        "text": "",
        "summary": summary,
        "alternatives": {},
    }
    generation = await submit(studio, "avatar", asked, origin, held=held)
    attempt = begin(studio, generation)
    try:
        text = await written(attempt, messages, origin.viewer.name)
    except StudioError:
        await generations.cancel(studio, generation.id, origin.viewer)
        raise
    async with studio.transaction() as tx:
        await tx.execute(
            update(Generation)
            .where(Generation.id == generation.id, Generation.proposal.is_not(None))
            .values(proposal={**held, "text": text}, cost=Generation.cost + attempt.cost)
        )
    return await generations.read(studio, generation.id, origin.viewer)


async def written(attempt: Run, messages: list[str], name: str) -> str:
    data = {"words": frequent(messages), "name": name}
    writing = Writing(task="likeness", instruction=INSTRUCTION, data=data, answer=Likeness)
    return (await attempt.write(writing)).description
