"""Answering a proposal, and going on with what failed."""

from __future__ import annotations

import discord

from bot import asking
from bot.answers import answers
from bot.messages import placeholder, under_way
from bot.modals import Form, amend_form, page_form
from bot.people import viewer_of
from core.errors import InvalidParams
from db.models import Generation
from services import generations, iterate, proposals
from services.generations import Answer, Origin
from services.studio import Studio


class Agreements:
    """What the buttons under a proposal and under something that failed half way do."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    async def agree(
        self, interaction: discord.Interaction, generation: Generation, _: int | None
    ) -> None:
        await self.approve(interaction, generation, None)

    async def other(
        self, interaction: discord.Interaction, generation: Generation, position: int | None
    ) -> None:
        """Agree to one of the alternatives."""
        others = list((generation.proposal or {}).get("alternatives", {}).values())
        if position is None or position >= len(others):
            raise InvalidParams("That has already begun, or was called off.")
        await self.approve(interaction, generation, others[position])

    async def amend(
        self, interaction: discord.Interaction, generation: Generation, _: int | None
    ) -> None:
        if generation.proposal is None:
            raise InvalidParams("That has already begun, or was called off.")
        await interaction.response.send_modal(amend_form(generation))

    async def amend_sent(self, interaction: discord.Interaction, form: Form) -> None:
        generation = await asking.read(self.studio, interaction, int(form.subject))
        await self.approve(interaction, generation, form.words.get("text", ""))

    async def approve(
        self, interaction: discord.Interaction, generation: Generation, text: str | None
    ) -> None:
        answer = answer_of(interaction)
        viewer = viewer_of(interaction, self.studio.settings)
        approved = proposals.approve(self.studio, generation.id, viewer, text, answer)
        await asking.in_time(approved)
        await self.go_on(interaction, generation, answer)

    async def resume(
        self, interaction: discord.Interaction, generation: Generation, _: int | None
    ) -> None:
        """Make another attempt, which goes on where the last one stopped."""
        answer = answer_of(interaction)
        viewer = viewer_of(interaction, self.studio.settings)
        await asking.in_time(generations.retry(self.studio, generation.id, viewer, answer))
        await self.go_on(interaction, generation, answer)

    async def go_on(
        self, interaction: discord.Interaction, generation: Generation, answer: Answer
    ) -> None:
        """Show progress: on the message that was clicked, or openly where that was private."""
        if answer.message_id is not None:
            with answers.answer():
                await interaction.response.edit_message(**under_way(generation))
            return
        with answers.answer():
            words = placeholder(generation.tool, generation.prompt)
            sent = await interaction.response.send_message(words)
        await generations.placed(self.studio, generation.id, sent.message_id)

    async def page(
        self, interaction: discord.Interaction, generation: Generation, _: int | None
    ) -> None:
        await interaction.response.send_modal(page_form(generation))

    async def page_sent(self, interaction: discord.Interaction, form: Form) -> None:
        """Continue a story with this page before it."""
        words = form.words.get("words", "").strip()
        wish = f"next page: {words}" if words else "next page"

        async def work(origin: Origin) -> Generation:
            return await iterate.iterate(
                self.studio, origin, int(form.subject), wish, relation="page"
            )

        await asking.ask(self.studio, interaction, "anime", wish, work)


def answer_of(interaction: discord.Interaction) -> Answer:
    """Where the outcome goes from here: the message that was clicked, unless it was private."""
    message = interaction.message
    private = message is None or message.flags.ephemeral
    return Answer(
        message_id=None if message is None or private else message.id,
        channel_id=interaction.channel_id,
        application_id=interaction.application_id,
        reply_token=interaction.token,
    )
