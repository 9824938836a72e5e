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
from core.text import shorten
from core.viewer import Viewer
from core.writing import Likeness, Writing
from db.models import Generation, Session
from services import generations
from services.generations import Origin, submit
from services.run import Run
from services.running import begin
from services.studio import Studio

FEWEST = 5
"""Messages below which nothing about their writer can be said."""
UNTIL_THEN = "A character from my messages"
"""What the row and its session say before anything is agreed to."""
MOST = 4000
"""Characters of a description."""
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
    summary = f"From {len(messages)} of your messages here. Nothing of them is kept."
    held: dict[str, Any] = {
        "field": "description",
        "text": "",
        "summary": summary,
        "alternatives": {},
    }
    asked = {**values, "likeness": "words", "description": UNTIL_THEN}
    generation = await submit(studio, "avatar", asked, private(origin), held=held)
    attempt = begin(studio, generation)
    try:
        text = await written(attempt, messages, origin.viewer.name)
    except StudioError:
        await generations.cancel(studio, generation.id, origin.viewer)
        raise
    own = str(values.get("description") or "").strip()
    proposal = {**held, "text": shorten(f"{text} {own}".strip(), MOST)}
    return await propose(attempt, proposal, len(messages), origin.viewer)


def private(origin: Origin) -> Origin:
    """The same request, with nowhere to show anything yet, and for nobody else's eyes."""
    return Origin(
        viewer=origin.viewer,
        request_id=origin.request_id,
        locale=origin.locale,
        guild_id=origin.guild_id,
        file_limit=origin.file_limit,
    )


async def propose(
    attempt: Run, proposal: dict[str, Any], messages: int, viewer: Viewer
) -> Generation:
    """Write down what is proposed, and only here that it is from messages, and how many.

    No front end can claim that: what is submitted with such a claim is taken for plain words.
    Raises `InvalidParams` where it was called off meanwhile.
    """
    generation = attempt.generation
    params = {name: value for name, value in generation.params.items() if name != "description"}
    params |= {"likeness": "messages", "messages_read": messages}
    async with attempt.studio.transaction() as tx:
        await tx.execute(
            update(Generation)
            .where(Generation.id == generation.id, Generation.proposal.is_not(None))
            .values(
                proposal=proposal, params=params, prompt="", cost=Generation.cost + attempt.cost
            )
        )
    found = await generations.read(attempt.studio, generation.id, viewer)
    if not (found.proposal or {}).get("text"):
        raise InvalidParams("That was called off meanwhile.")
    return found


async def opened(run: Run) -> None:
    """Open to a server what its member has agreed to show there; it was private until then."""
    generation = run.generation
    if generation.guild_id is None or generation.channel_id is None:
        return
    async with run.studio.transaction() as tx:
        await tx.execute(
            update(Session)
            .where(Session.id == generation.session_id, Session.user_id == generation.user_id)
            .values(visibility="guild")
        )


async def written(attempt: Run, messages: list[str], name: str) -> str:
    data = {"words": frequent(messages), "name": name}
    writing = Writing(task="likeness", instruction=INSTRUCTION, data=data, answer=Likeness)
    return (await attempt.write(writing)).description
