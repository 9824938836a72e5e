"""Forms, and reading what was filled in.

A form carries all it needs in its own ID, so that one opened before a restart can be sent after.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, cast

import discord

from core.errors import InvalidParams
from core.tool import unwrap
from db.models import Generation

SENT = re.compile(
    r"form:(?P<kind>[a-z]+):(?P<id>[0-9]{1,20}|[0-9a-f-]{36})(?::(?P<position>[0-9]{1,2}))?"
    r"(?:\|(?P<state>.{0,80}))?$"
)
WORDS_LIMIT = 4000
"""Discord's limit for one text field, in characters."""


@dataclass(frozen=True)
class Form:
    """A form as somebody sent it."""

    kind: str
    subject: str
    """What it is about: a generation's ID, or an asset's."""
    position: int | None
    state: str = ""
    """What it was opened with besides, in a few characters."""
    words: dict[str, str] = field(default_factory=dict[str, str])
    choices: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    files: dict[str, list[discord.Attachment]] = field(
        default_factory=dict[str, list[discord.Attachment]]
    )


def edit_form(generation: Generation, position: int | None) -> discord.ui.Modal:
    """Ask what to change, with a mask and more pictures if the person likes."""
    modal = opened("edit", generation.id, position, "Change the picture")
    if position is None and len(generation.assets) > 1:
        modal.add_item(labeled("Which picture?", which(generation)))
    return with_change(modal)


def asset_form(asset_id: str) -> discord.ui.Modal:
    """The same for a picture that was not made here."""
    return with_change(opened("asset", asset_id, None, "Change the picture"))


def with_change(modal: discord.ui.Modal) -> discord.ui.Modal:
    words = discord.ui.TextInput[Any](
        custom_id="instruction",
        style=discord.TextStyle.paragraph,
        placeholder="Make it night, with lit windows",
        max_length=WORDS_LIMIT,
    )
    mask = discord.ui.FileUpload[Any](custom_id="mask", required=False, max_values=1)
    more = discord.ui.FileUpload[Any](custom_id="references", required=False, max_values=3)
    modal.add_item(labeled("What should be different?", words))
    modal.add_item(
        labeled("Mask", mask, "White or transparent where it may change, of the same size.")
    )
    modal.add_item(labeled("More pictures to take things from", more))
    return modal


def use_form(generation: Generation, position: int | None) -> discord.ui.Modal:
    """Ask what to draw from the picture."""
    modal = opened("use", generation.id, position, "Draw from this picture")
    if position is None and len(generation.assets) > 1:
        modal.add_item(labeled("Which picture?", which(generation)))
    modal.add_item(
        labeled(
            "What should be drawn?",
            discord.ui.TextInput(
                custom_id="prompt", style=discord.TextStyle.paragraph, max_length=WORDS_LIMIT
            ),
        )
    )
    modal.add_item(
        labeled(
            "How far to leave the source, in percent",
            discord.ui.TextInput(
                custom_id="strength", required=False, placeholder="60", max_length=4
            ),
            "0 keeps it, 100 ignores it.",
        )
    )
    return modal


def amend_form(generation: Generation) -> discord.ui.Modal:
    """Let a proposal's words be changed before anything is drawn."""
    held = generation.proposal or {}
    text = str(held["text"])
    if len(text) > WORDS_LIMIT:
        raise InvalidParams(
            "That is longer than a form of Discord can hold. Agree to it as it is, or change it "
            "in the web studio."
        )
    modal = opened("amend", generation.id, None, "Change it before it is drawn")
    words = discord.ui.TextInput[Any](
        custom_id="text",
        style=discord.TextStyle.paragraph,
        default=text,
        max_length=WORDS_LIMIT,
    )
    modal.add_item(labeled(str(held["field"]).capitalize(), words))
    return modal


def page_form(generation: Generation) -> discord.ui.Modal:
    """Ask how a story goes on."""
    modal = opened("page", generation.id, None, "The next page")
    words = discord.ui.TextInput[Any](
        custom_id="words",
        style=discord.TextStyle.paragraph,
        required=False,
        placeholder="They meet a dragon at the bridge",
        max_length=1000,
    )
    modal.add_item(labeled("What happens next?", words, "Leave it empty to be surprised."))
    return modal


def avatar_form(member: discord.User | discord.Member, style: dict[str, Any]) -> discord.ui.Modal:
    """Ask how somebody's profile picture should be drawn; `style` is that parameter's schema."""
    modal = opened("avatar", member.id, None, "Make an avatar")
    words = discord.ui.TextInput[Any](
        custom_id="description",
        style=discord.TextStyle.paragraph,
        required=False,
        placeholder="With a green scarf, smiling",
        max_length=1000,
    )
    modal.add_item(labeled("Style", select("style", style)))
    modal.add_item(labeled("What should be special about it?", words))
    return modal


def comic_form(message_id: int, words: str, fields: dict[str, dict[str, Any]]) -> discord.ui.Modal:
    """Ask how a message becomes a comic; `fields` are that tool's parameters."""
    modal = opened("comic", message_id, None, "Make a comic of this")
    prompt = discord.ui.TextInput[Any](
        custom_id="prompt",
        style=discord.TextStyle.paragraph,
        default=words[:WORDS_LIMIT],
        max_length=WORDS_LIMIT,
    )
    modal.add_item(labeled("What happens?", prompt))
    modal.add_item(labeled("Style", select("style", fields["style"])))
    modal.add_item(labeled("Layout", select("layout", fields["layout"])))
    return modal


def chart_form(
    fields: dict[str, dict[str, Any]], *, data: str = "", title: str = "", state: str = ""
) -> discord.ui.Modal:
    """Ask for a table; `state` carries the options that were given with the command."""
    modal = opened("chart", 0, None, "What should be charted?")
    if state:
        modal.custom_id += f"|{state}"
    table = discord.ui.TextInput[Any](
        custom_id="data",
        style=discord.TextStyle.paragraph,
        default=data[:WORDS_LIMIT] or None,
        placeholder="Month, Sales\nJanuary, 120\nFebruary, 140",
        max_length=WORDS_LIMIT,
    )
    heading = discord.ui.TextInput[Any](
        custom_id="title", required=False, default=title or None, max_length=100
    )
    modal.add_item(labeled("The table", table, "One row on each line; the first has the names."))
    modal.add_item(labeled("Title", heading))
    if "type=" not in state:
        modal.add_item(labeled("Type", select("type", fields["type"])))
    return modal


def select(name: str, schema: dict[str, Any]) -> discord.ui.Select[Any]:
    """One choice among a parameter's values, its default chosen."""
    return discord.ui.Select(
        custom_id=name,
        options=[
            discord.SelectOption(label=each, value=each, default=each == schema.get("default"))
            for each in unwrap(schema)["enum"]
        ],
    )


def opened(kind: str, subject: object, position: int | None, title: str) -> discord.ui.Modal:
    custom_id = f"form:{kind}:{subject}"
    if position is not None:
        custom_id += f":{position}"
    return discord.ui.Modal(title=title, custom_id=custom_id, timeout=3600)


def labeled(
    text: str, component: discord.ui.Item[Any], description: str | None = None
) -> discord.ui.Label[Any]:
    return discord.ui.Label(text=text, component=component, description=description)


def which(generation: Generation) -> discord.ui.Select[Any]:
    return discord.ui.Select(
        custom_id="picture",
        options=[
            discord.SelectOption(
                label=f"Picture {asset.position + 1}",
                value=str(asset.position),
                default=asset.position == generation.assets[0].position,
            )
            for asset in generation.assets[:25]
        ],
    )


def read(interaction: discord.Interaction) -> Form | None:
    """Read a form of ours that was sent; None for anything else."""
    data = cast(dict[str, Any], interaction.data or {})
    found = SENT.match(str(data.get("custom_id", "")))
    if found is None:
        return None
    position = int(found["position"]) if found["position"] else None
    form = Form(found["kind"], found["id"], position, found["state"] or "")
    files = data.get("resolved", {}).get("attachments", {})
    for component in data.get("components", []):
        read_component(form, component.get("component", component), files, interaction)
    return form


def read_component(
    form: Form, component: dict[str, Any], files: dict[str, Any], interaction: discord.Interaction
) -> None:
    name = str(component.get("custom_id", ""))
    if "value" in component:
        form.words[name] = str(component["value"] or "")
        return
    values = [str(each) for each in component.get("values", [])]
    if component.get("type") == discord.ComponentType.file_upload.value:
        state: Any = getattr(interaction, "_state")  # noqa: B009 - nothing public makes one
        form.files[name] = [
            discord.Attachment(data=files[each], state=state) for each in values if each in files
        ]
    else:
        form.choices[name] = values
