"""What buttons, forms and message menus do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import discord

from bot import asking, messages
from bot.agreeing import Agreements
from bot.attachments import keep, keep_as_mask
from bot.avatars import Avatars
from bot.buttons import AssetButton, more_buttons, picture_buttons, row
from bot.delivery import Delivery
from bot.errors import explain, tell
from bot.expressions import Expressions
from bot.menus import Menus
from bot.modals import Form, asset_form, edit_form, use_form
from bot.people import viewer_of
from bot.replies import change, words_of
from core.errors import InvalidParams, NotFound, UnusableFile
from db.models import Generation
from services import generations, iterate
from services.generations import Origin
from services.studio import Studio

PICK_FIRST = {"vary", "upscale", "server", "app"}
"""Actions that need to know which picture, and ask when there are several."""


class Actions:
    """One handler for each thing that can be done to a result."""

    def __init__(self, studio: Studio, delivery: Delivery) -> None:
        self.studio = studio
        self.delivery = delivery
        self.avatars, self.menus = Avatars(studio), Menus(studio)
        self.handlers = (
            self,
            Agreements(studio),
            Expressions(studio),
            self.avatars,
            self.menus,
        )
        """Whoever has the method named like a button's action, or a form's kind with `_sent`."""

    async def on_button(
        self,
        interaction: discord.Interaction,
        action: str,
        generation_id: int,
        position: int | None,
    ) -> None:
        """Do what a button says, or explain privately why not."""
        try:
            generation = await asking.read(self.studio, interaction, generation_id)
            if action in PICK_FIRST and position is None and len(generation.assets) > 1:
                await interaction.response.send_message(
                    "Which picture?", view=picture_buttons(generation, action), ephemeral=True
                )
                return
            await self.handler(action)(interaction, generation, position)
        except Exception as error:
            await tell(interaction, explain(error))

    def handler(self, name: str) -> Callable[..., Awaitable[None]]:
        for each in self.handlers:
            if (found := getattr(each, name, None)) is not None:
                return found
        raise InvalidParams("That button is from another time; I no longer know it.")

    async def reroll(
        self, interaction: discord.Interaction, generation: Generation, _: int | None
    ) -> None:
        async def work(origin: Origin) -> Generation:
            return await iterate.reroll(self.studio, origin, generation.id)

        await asking.ask(self.studio, interaction, generation.tool, generation.prompt, work)

    again = reroll

    async def vary(
        self, interaction: discord.Interaction, generation: Generation, position: int | None
    ) -> None:
        chosen = position_of(generation, position)

        async def work(origin: Origin) -> Generation:
            return await iterate.vary(self.studio, origin, generation.id, chosen)

        await asking.ask(self.studio, interaction, "image", generation.prompt, work)

    async def upscale(
        self, interaction: discord.Interaction, generation: Generation, position: int | None
    ) -> None:
        chosen = position_of(generation, position)

        async def work(origin: Origin) -> Generation:
            return await iterate.upscale(self.studio, origin, generation.id, chosen)

        await asking.ask(self.studio, interaction, "upscale", generation.prompt, work)

    async def edit(
        self, interaction: discord.Interaction, generation: Generation, position: int | None
    ) -> None:
        position_of(generation, position)
        await interaction.response.send_modal(edit_form(generation, position))

    async def use(
        self, interaction: discord.Interaction, generation: Generation, position: int | None
    ) -> None:
        position_of(generation, position)
        await interaction.response.send_modal(use_form(generation, position))

    async def more(
        self, interaction: discord.Interaction, generation: Generation, _: int | None
    ) -> None:
        await interaction.response.send_message(
            f"`#{generation.id}`", view=more_buttons(generation), ephemeral=True
        )

    async def info(
        self, interaction: discord.Interaction, generation: Generation, _: int | None
    ) -> None:
        embed = messages.info(
            generation, self.link(generation), self.studio.tools.get(generation.tool)
        )
        await interaction.response.send_message(embed=embed, ephemeral=True)

    def link(self, generation: Generation) -> str | None:
        base = self.studio.settings.public_url
        return f"{base.rstrip('/')}/sessions/{generation.session_id}" if base else None

    async def delete(
        self, interaction: discord.Interaction, generation: Generation, _: int | None
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        viewer = viewer_of(interaction, self.studio.settings)
        await generations.delete(self.studio, generation.id, viewer)
        await self.delivery.refresh(generation.id)
        await tell(interaction, f"`#{generation.id}` and its pictures are deleted.")

    async def cancel(
        self, interaction: discord.Interaction, generation: Generation, _: int | None
    ) -> None:
        viewer = viewer_of(interaction, self.studio.settings)
        await asking.in_time(generations.cancel(self.studio, generation.id, viewer))
        await interaction.response.send_message(f"`#{generation.id}` canceled.", ephemeral=True)

    async def pick(
        self, interaction: discord.Interaction, generation: Generation, position: int | None
    ) -> None:
        """Carry on with a reply that did not say which picture: our question replied to it."""
        question = interaction.message
        reference = question.reference if question else None
        channel = interaction.channel
        if reference is None or reference.message_id is None or channel is None:
            raise NotFound("I no longer know what you said. Reply to the picture again.")
        try:
            reply = await channel.fetch_message(reference.message_id)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
        except discord.HTTPException as error:
            raise NotFound("Your reply has been deleted. Reply to the picture again.") from error
        assert isinstance(reply, discord.Message)
        if reply.author.id != interaction.user.id:
            raise InvalidParams("Only the person who asked can choose.")
        await interaction.response.defer()
        placeholder = question if isinstance(question, discord.Message) else reply
        words = words_of(reply)
        chosen = position_of(generation, position)
        await change(self.studio, reply, placeholder, generation, chosen, words)

    async def on_form(self, interaction: discord.Interaction, form: Form) -> None:
        """Do what a form that was sent asks for."""
        try:
            await self.handler(f"{form.kind}_sent")(interaction, form)
        except Exception as error:
            await tell(interaction, explain(error))

    async def edit_sent(self, interaction: discord.Interaction, form: Form) -> None:
        generation = await asking.read(self.studio, interaction, int(form.subject))
        position = chosen_in(form, generation)
        words = form.words.get("instruction", "")

        async def work(origin: Origin) -> Generation:
            source = iterate.picture_at(generation, position)
            extra, references = await self.files_of(form, origin, source)
            return await iterate.iterate(
                self.studio,
                origin,
                generation.id,
                words,
                position=position,
                references=references,
                relation="edit",
                extra=extra,
            )

        tool = iterate.tool_for(self.studio, generation)
        await asking.ask(self.studio, interaction, tool, words, work)

    async def asset_sent(self, interaction: discord.Interaction, form: Form) -> None:
        words = form.words.get("instruction", "")

        async def work(origin: Origin) -> Generation:
            extra, references = await self.files_of(form, origin, form.subject)
            values = {
                "source": form.subject,
                "instruction": words,
                "references": references,
                **extra,
            }
            return await generations.submit(self.studio, "edit", values, origin)

        await asking.ask(self.studio, interaction, "edit", words, work)

    async def use_sent(self, interaction: discord.Interaction, form: Form) -> None:
        generation = await asking.read(self.studio, interaction, int(form.subject))
        position = chosen_in(form, generation)
        words = form.words.get("prompt", "")
        strength = strength_of(form.words.get("strength", ""))

        async def work(origin: Origin) -> Generation:
            values: dict[str, object] = {
                "prompt": words,
                "source": iterate.picture_at(generation, position),
                "strength": strength,
            }
            return await generations.submit(
                self.studio, "image", values, origin, parent=generation, relation="remix"
            )

        await asking.ask(self.studio, interaction, "image", words, work)

    async def files_of(
        self, form: Form, origin: Origin, source_id: str
    ) -> tuple[dict[str, str], list[str]]:
        """Keep the files of a form: a mask for the picture, and references."""
        extra: dict[str, str] = {}
        for attachment in form.files.get("mask", []):
            kept = await keep_as_mask(self.studio, attachment, origin.viewer, source_id)
            extra["mask"] = str(kept.id)
        references = [
            str((await keep(self.studio, each, origin.viewer)).id)
            for each in form.files.get("references", [])
        ]
        return extra, references

    async def on_edit_menu(
        self, interaction: discord.Interaction, message: discord.Message
    ) -> None:
        """The message menu "Edit this image": one of ours, or anybody's attachment."""
        try:
            viewer = viewer_of(interaction, self.studio.settings)
            found = await asking.in_time(iterate.find_parent(self.studio, message.id, viewer))
            if found is not None:
                await self.edit(interaction, found, None)
                return
            await self.offer_attachment(interaction, message)
        except Exception as error:
            await tell(interaction, explain(error))

    async def offer_attachment(
        self, interaction: discord.Interaction, message: discord.Message
    ) -> None:
        """Keep somebody's picture first: a form cannot wait for a download."""
        pictures = [
            each for each in message.attachments if (each.content_type or "").startswith("image/")
        ]
        if not pictures:
            raise UnusableFile("There is no picture in that message.")
        await interaction.response.defer(ephemeral=True, thinking=True)
        viewer = viewer_of(interaction, self.studio.settings)
        asset = await keep(self.studio, pictures[0], viewer)
        await interaction.followup.send(
            "Ready.", view=row(AssetButton(str(asset.id))), ephemeral=True
        )

    async def on_asset_button(self, interaction: discord.Interaction, asset_id: str) -> None:
        await interaction.response.send_modal(asset_form(asset_id))


def position_of(generation: Generation, position: int | None) -> int:
    """Which picture is meant. Raises `NotFound` when it is gone."""
    if not generation.assets:
        raise NotFound("Its pictures have been deleted, or were never drawn.")
    chosen = generation.assets[0].position if position is None else position
    iterate.picture_at(generation, chosen)
    return chosen


def chosen_in(form: Form, generation: Generation) -> int:
    """The picture that was chosen in a form, or by the button that opened it."""
    picked = form.choices.get("picture") or []
    if picked and picked[0].isdigit():
        return position_of(generation, int(picked[0]))
    return position_of(generation, form.position)


def strength_of(words: str) -> float | None:
    """Read a percentage, "60" or "60 %". Raises `InvalidParams`."""
    text = words.strip().rstrip("%").strip()
    if not text:
        return None
    if not text.isdigit() or int(text) > 100:
        raise InvalidParams("How far to leave the source is a number from 0 to 100.")
    return int(text) / 100
