"""A small bot with one of everything, to show that the simulated Discord is like the real one."""

from __future__ import annotations

import io
import re
from typing import Any

import discord
from discord import app_commands

INTENTS = discord.Intents(
    guilds=True, guild_messages=True, dm_messages=True, guild_reactions=True, expressions=True
)
EVERYWHERE = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
ANYHOW = app_commands.AppInstallationType(guild=True, user=True)
MODELS = ("offline", "office", "gemini")

Interaction = discord.Interaction[Any]


class Sample(discord.Client):
    """Answers commands, clicks and forms, and remembers every message it hears of."""

    def __init__(self, intents: discord.Intents = INTENTS, **options: Any) -> None:
        options = {"guild_ready_timeout": 0.05, **options}
        nobody = discord.AllowedMentions.none()
        super().__init__(intents=intents, allowed_mentions=nobody, **options)
        self.tree = app_commands.CommandTree(
            self, allowed_contexts=EVERYWHERE, allowed_installs=ANYHOW
        )
        for command in (draw, think, choose, secret):
            self.tree.add_command(command)
        self.tree.add_command(app_commands.ContextMenu(name="Describe", callback=describe))
        self.tree.add_command(app_commands.ContextMenu(name="Wave", callback=wave))
        self.add_dynamic_items(AgainButton)
        self.heard: list[discord.Message] = []
        self.asked: list[Interaction] = []
        self.gone: list[int] = []
        self.edited: list[str] = []

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Begin anew at once; the library would wait five seconds."""

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_interaction(self, interaction: Interaction) -> None:
        self.asked.append(interaction)

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message)

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        self.edited.append(payload.message.content)

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        self.gone.append(payload.message_id)

    def heard_from(self, person: int) -> list[str]:
        return [each.content for each in self.heard if each.author.id == person]


def picture(name: str, alt: str) -> discord.File:
    return discord.File(io.BytesIO(PNG), name, description=alt)


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c63f8cfc0f01f00050001ff89993d1d0000000049454e44ae426082"
)


class AgainButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"again:(?P<number>[0-9]+)"
):
    """A button that carries all it needs in its ID."""

    def __init__(self, number: int) -> None:
        super().__init__(discord.ui.Button(label="Again", custom_id=f"again:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: discord.ui.Item[Any], match: re.Match[str]
    ) -> AgainButton:
        return cls(int(match["number"]))

    async def callback(self, interaction: Interaction) -> None:
        await interaction.response.send_message(f"again after {self.number}", view=again(self))


def again(button: AgainButton) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(AgainButton(button.number + 1))
    return view


class EditForm(discord.ui.Modal, title="Change the picture"):
    words = discord.ui.Label(
        text="What should be different?", component=discord.ui.TextInput(max_length=100)
    )
    mask = discord.ui.Label(
        text="Mask", component=discord.ui.FileUpload(required=False, max_values=1)
    )
    strength = discord.ui.Label(
        text="How much?",
        component=discord.ui.Select(
            options=[
                discord.SelectOption(label="A little", value="20"),
                discord.SelectOption(label="A lot", value="80", default=True),
            ]
        ),
    )

    async def on_submit(self, interaction: Interaction) -> None:
        words, mask, strength = (each.component for each in (self.words, self.mask, self.strength))  # type: ignore[attr-defined]
        files = [f"{each.filename} of {len(await each.read())} bytes" for each in mask.values]
        said = f"{words.value} {strength.values[0]} {', '.join(files)}"
        await interaction.response.edit_message(content=said)


class EditButton(discord.ui.Button[Any]):
    async def callback(self, interaction: Interaction) -> None:
        await interaction.response.send_modal(EditForm())


@app_commands.command()
@app_commands.describe(prompt="What to draw", count="How many", source="What to start from")
async def draw(
    interaction: Interaction,
    prompt: app_commands.Range[str, 1, 200],
    count: app_commands.Range[int, 1, 4] = 1,
    source: discord.Attachment | None = None,
    model: str = "offline",
) -> None:
    """Draw something."""
    await interaction.response.send_message(f"Drawing {prompt}")
    view = again(AgainButton(0))
    view.add_item(EditButton(label="Edit", custom_id="edit"))
    size = f" from {len(await source.read())} bytes" if source else ""
    files = [picture(f"{number}.png", f"{prompt} ({number})") for number in range(count)]
    await interaction.edit_original_response(
        content=f"{prompt} by {model}{size}", attachments=files, view=view
    )


@draw.autocomplete("model")
async def offer(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=each, value=each) for each in MODELS if current in each]


@app_commands.command()
async def think(interaction: Interaction, followups: int = 1) -> None:
    """Think first, then say things."""
    await interaction.response.defer()
    for number in range(followups):
        await interaction.followup.send(f"thought {number}")


class ColorSelect(discord.ui.Select[Any]):
    async def callback(self, interaction: Interaction) -> None:
        await interaction.response.edit_message(content=f"chose {', '.join(self.values)}")


@app_commands.command()
async def choose(interaction: Interaction) -> None:
    """Offer a choice."""
    options = [discord.SelectOption(label=each.title(), value=each) for each in ("red", "blue")]
    view = discord.ui.View(timeout=None)
    view.add_item(ColorSelect(placeholder="Color", options=options, max_values=2))
    await interaction.response.send_message("Which?", view=view)


@app_commands.command()
async def secret(interaction: Interaction) -> None:
    """Say something to one person only."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    await interaction.edit_original_response(content="between us")
    await interaction.followup.send("and this", ephemeral=True)


async def describe(interaction: Interaction, message: discord.Message) -> None:
    words = f"{message.author.name}: {message.content}, {len(message.attachments)} files"
    await interaction.response.send_message(words)


async def wave(interaction: Interaction, person: discord.User | discord.Member) -> None:
    await interaction.response.send_message(f"{type(person).__name__} {person.display_name}")
