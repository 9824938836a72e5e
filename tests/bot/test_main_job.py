"""The main job as a member does it: ask, see, reply, click."""

from __future__ import annotations

import io

from PIL import Image

from bot.client import Bot
from tests.discord.server import Made, SimulatedDiscord
from worker.worker import Worker


async def test_a_picture_replaces_the_placeholder(
    bot: Bot, worker: Worker, discord: SimulatedDiscord, guild: Made
) -> None:
    anna = guild.member("Anna")
    answer = await anna.slash(guild["general"], "image", prompt="a lighthouse at dusk", count=2)
    first = answer.message
    assert "a lighthouse at dusk" in first.text
    shown = await answer.until(lambda message: len(message.files) == 2)
    assert shown.id == first.id
    assert all(file.alt for file in shown.files)
    assert Image.open(io.BytesIO(shown.files[0].data)).format == "PNG"
    assert list(shown.buttons) == ["Reroll", "Vary", "Edit", "More…"]
    assert len(anna.history(guild["general"])) == 1
