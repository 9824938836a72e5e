"""Tools as slash commands, built from their one declaration."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Literal, Optional

import discord
from discord import app_commands

from core.tool import Tool, format_of, unwrap

KINDS: dict[str, type] = {"string": str, "integer": int, "number": float, "boolean": bool}
ANNOTATIONS = {"title", "description", "default", "examples", "discord_max", "hidden"}
RULES = {"type", "enum", "const", "format", "minimum", "maximum", "minLength", "maxLength"}
LISTS = {"items", "maxItems", "minItems"}
PICTURES = {"asset", "mask"}
FILES = PICTURES | {"file"}
NUMBERED = PICTURES | {"character"}
"""What a list may be of: it becomes one option for each."""
SUGGESTED = {"provider", "model", "style", "dataset", "character"}
TEXT_LIMIT = 6000
"""Discord's limit for one option's text, in characters."""

Submit = Callable[[discord.Interaction, Tool, dict[str, Any]], Awaitable[None]]
Suggest = Callable[[discord.Interaction, str, str], Awaitable[list[app_commands.Choice[str]]]]
"""Interaction, the option's format, and what was typed so far."""


def option(name: str, schema: dict[str, Any]) -> list[inspect.Parameter]:
    """Restate one parameter's JSON Schema as what discord.py would have read from a signature.

    A list of pictures or characters becomes one option for each; what is hidden is not asked for.
    Raises `TypeError` at start-up for anything that Discord cannot ask for.
    """
    rule = unwrap(schema)
    if rule.get("hidden"):
        return []
    unknown = rule.keys() - RULES - ANNOTATIONS - (LISTS if rule.get("type") == "array" else set())
    if unknown or len([arm for arm in schema.get("anyOf", []) if arm != {"type": "null"}]) > 1:
        raise TypeError(f"Discord cannot ask for {name!r}: {schema}")
    if rule.get("type") == "array":
        if format_of(schema) not in NUMBERED or "maxItems" not in rule:
            raise TypeError(f"Discord cannot ask for a list {name!r}: {schema}")
        item = restated(rule["items"]) if format_of(schema) == "character" else discord.Attachment
        return [
            parameter(each, Optional[item], None)  # noqa: UP045
            for each in numbered_options(name, rule["maxItems"])
        ]
    if rule.get("format") in FILES:
        # Never required: what is not attached is the picture that was made here last.
        return [parameter(name, Optional[discord.Attachment], None)]  # noqa: UP045
    default = schema.get("default", inspect.Parameter.empty)
    kind = restated(rule)
    return [parameter(name, Optional[kind] if "anyOf" in schema else kind, default)]  # noqa: UP045


def numbered_options(name: str, most: int) -> list[str]:
    """The options that a list becomes: reference_1 and so on of references."""
    return [f"{name.removesuffix('s')}_{n}" for n in range(1, most + 1)]


def parameter(name: str, kind: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def restated(rule: dict[str, Any]) -> Any:
    """The annotation that makes discord.py ask for the same thing."""
    if "enum" in rule:
        return Literal[tuple(rule["enum"])]
    low = rule.get("minimum", rule.get("minLength"))
    high = rule.get("maximum", rule.get("maxLength"))
    kind = KINDS[rule["type"]]
    high = rule.get("discord_max", high)
    if kind is str and high is not None:
        high = min(high, TEXT_LIMIT)
    if low is None and high is None:
        return kind
    if kind is float:
        low, high = (None if each is None else float(each) for each in (low, high))
    return app_commands.Range[kind, low, high]


Extra = dict[str, tuple[str, Any]]
"""Options beside the tool's own, each with its help and its type: what only Discord can name."""


def slash_command(
    tool: Tool, submit: Submit, suggest: Suggest, extra: Extra | None = None
) -> app_commands.Command[Any, ..., None]:
    """Build the slash command whose options are exactly the tool's parameters, and the extra."""
    extra = extra or {}

    async def callback(interaction: discord.Interaction, **values: Any) -> None:
        await submit(interaction, tool, values)

    fields = tool.fields()
    # Discord wants what must be given before what may be.
    ordered = sorted(
        (each for name, schema in fields.items() for each in option(name, schema)),
        key=lambda each: each.default is not inspect.Parameter.empty,
    )
    ordered += [parameter(name, Optional[kind], None) for name, (_, kind) in extra.items()]  # noqa: UP045
    helps = {each.name: described(each.name, fields, extra) for each in ordered}
    who = inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_ONLY)
    setattr(callback, "__signature__", inspect.Signature([who, *ordered]))  # noqa: B010
    app_commands.describe(**helps)(callback)
    command: app_commands.Command[Any, ..., None] = app_commands.Command(
        name=tool.name, description=tool.summary, callback=callback
    )
    for name, kind in suggested(fields).items():
        command.autocomplete(name)(suggestion(kind, suggest))
    return everywhere(command)


def suggested(fields: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The options that complete what is typed, each with its format."""
    found: dict[str, str] = {}
    for name, schema in fields.items():
        kind, rule = format_of(schema), unwrap(schema)
        if kind not in SUGGESTED or rule.get("hidden"):
            continue
        listed = rule.get("type") == "array"
        names = numbered_options(name, rule["maxItems"]) if listed else [name]
        found |= dict.fromkeys(names, str(kind))
    return found


def described(name: str, fields: dict[str, dict[str, Any]], extra: Extra) -> str:
    """An option's help; a list's numbered options share the list's."""
    if name in extra:
        return extra[name][0]
    if name in fields:
        return fields[name]["description"]
    stem = name.rsplit("_", 1)[0] + "s"
    return fields[stem]["description"]


def suggestion(kind: str, suggest: Suggest) -> Any:
    async def complete(
        interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return await suggest(interaction, kind, current)

    return complete


def everywhere(command: Any) -> Any:
    """Offer a command in servers, in direct messages and, installed by one person, anywhere."""
    command.allowed_contexts = app_commands.AppCommandContext(
        guild=True, dm_channel=True, private_channel=True
    )
    command.allowed_installs = app_commands.AppInstallationType(guild=True, user=True)
    return command
