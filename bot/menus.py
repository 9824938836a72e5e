"""What can be made of somebody's message, and the form that asks for a chart's data."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

import discord

from bot import asking
from bot.attachments import as_data_url
from bot.errors import explain, tell
from bot.modals import Form, chart_form, comic_form
from core.errors import InvalidParams
from core.text import clean
from core.tool import Tool, unwrap
from db.models import Generation
from services.generations import Origin, submit
from services.studio import Studio

TABLES = (".csv", ".tsv", ".txt", ".json", ".xlsx")
STATE_LIMIT = 75
"""Characters of options that a form's ID can carry."""


class Menus:
    """Message menus, and forms that need no earlier picture."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    async def on_comic_menu(
        self, interaction: discord.Interaction, message: discord.Message
    ) -> None:
        """Show the message as a story that can still be changed."""
        try:
            words = clean(message.content)
            if not words:
                raise InvalidParams("There are no words in that message to make a comic of.")
            schema = self.studio.tools["comic"].fields()
            told = f"{message.author.display_name}: {words}"
            await interaction.response.send_modal(comic_form(message.id, told, schema))
        except Exception as error:
            await tell(interaction, explain(error))

    async def comic_sent(self, interaction: discord.Interaction, form: Form) -> None:
        words = form.words.get("prompt", "")
        values = {"prompt": words} | chosen(form)
        await self.ask(interaction, "comic", words, values)

    async def on_chart_menu(
        self, interaction: discord.Interaction, message: discord.Message
    ) -> None:
        """Chart a message's table: its file as it is, its words after a look at them."""
        try:
            files = [each for each in message.attachments if is_table(each)]
            words = clean(message.content)
            if files:
                await self.chart_file(interaction, files[0])
            elif words:
                fields = self.studio.tools["chart"].fields()
                await interaction.response.send_modal(chart_form(fields, data=words))
            else:
                raise InvalidParams("There is no table in that message, and no file with one.")
        except Exception as error:
            await tell(interaction, explain(error))

    async def chart_file(
        self, interaction: discord.Interaction, attachment: discord.Attachment
    ) -> None:
        async def work(origin: Origin) -> Generation:
            values = {"file": await as_data_url(attachment)}
            return await submit(self.studio, "chart", values, origin)

        await asking.ask(self.studio, interaction, "chart", attachment.filename, work)

    async def on_chart(
        self, interaction: discord.Interaction, tool: Tool, values: dict[str, Any]
    ) -> None:
        """Run /chart; without data, ask for it."""
        if values.get("data") or values.get("file"):
            await asking.on_tool(self.studio, interaction, tool, values)
            return
        given = {
            name: value
            for name, value in values.items()
            if value is not None and value != tool.fields().get(name, {}).get("default")
        }
        title = str(given.pop("title", ""))
        state = urlencode(given)
        if len(state) > STATE_LIMIT:
            raise InvalidParams("With that many options, give the table with them: data or file.")
        await interaction.response.send_modal(chart_form(tool.fields(), title=title, state=state))

    async def chart_sent(self, interaction: discord.Interaction, form: Form) -> None:
        fields = self.studio.tools["chart"].fields()
        given = {
            name: typed(fields[name], value)
            for name, value in parse_qsl(form.state)
            if name in fields
        }
        words = {name: value for name, value in form.words.items() if value.strip()}
        if not words.get("data"):
            raise InvalidParams("Paste a table: one row on each line.")
        title = words.get("title") or words["data"].splitlines()[0]
        await self.ask(interaction, "chart", title, given | words | chosen(form))

    async def ask(
        self, interaction: discord.Interaction, tool: str, words: str, values: dict[str, Any]
    ) -> None:
        async def work(origin: Origin) -> Generation:
            return await submit(self.studio, tool, values, origin)

        await asking.ask(self.studio, interaction, tool, words, work)


def chosen(form: Form) -> dict[str, str]:
    return {name: picked[0] for name, picked in form.choices.items() if picked}


def typed(schema: dict[str, Any], value: str) -> object:
    """A parameter that went through a form's ID, as what it was."""
    match unwrap(schema).get("type"):
        case "integer":
            return int(value)
        case "number":
            return float(value)
        case "boolean":
            return value == "True"
        case _:
            return value


def is_table(attachment: discord.Attachment) -> bool:
    return attachment.filename.lower().endswith(TABLES)
