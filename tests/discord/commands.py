"""The rules for application commands, and how Discord registers them."""

from __future__ import annotations

import re
from typing import Any

from tests.discord.refusals import Complaints, Refusal
from tests.discord.world import snowflake

CHAT, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUBCOMMAND, GROUP = 1, 2
STRING, INTEGER, BOOLEAN, USER, CHANNEL, NUMBER, ATTACHMENT = 3, 4, 5, 6, 7, 10, 11
COUNTS = {CHAT: 100, USER_MENU: 15, MESSAGE_MENU: 15}
CREATES_PER_DAY = 200
LOCALES = (
    "bg", "cs", "da", "de", "el", "en-GB", "en-US", "es-419", "es-ES", "fi", "fr", "hi", "hr",
    "hu", "id", "it", "ja", "ko", "lt", "nl", "no", "pl", "pt-BR", "ro", "ru", "sv-SE", "th",
    "tr", "uk", "vi", "zh-CN", "zh-TW",
)  # fmt: skip
NAME = re.compile(r"^[-_'\w]{1,32}$")

Command = dict[str, Any]


def check_commands(commands: list[Command]) -> None:
    """Refuse a list of commands that Discord would not register."""
    kinds = [each.get("type") or CHAT for each in commands]
    for kind, limit in COUNTS.items():
        if kinds.count(kind) > limit:
            message = f"Maximum number of application commands reached ({limit})"
            raise Refusal(400, 30032, message)
    complaints = Complaints()
    seen: set[tuple[int, str]] = set()
    for index, command in enumerate(commands):
        check_command(complaints, str(index), command)
        key = (kinds[index], command.get("name", ""))
        if key in seen:
            message = "Application command names must be unique"
            complaints.add(str(index), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        seen.add(key)
    complaints.settle()


def check_command(complaints: Complaints, path: str, command: Command) -> None:
    kind = command.get("type") or CHAT
    complaints.choice(f"{path}.type", kind, tuple(COUNTS))
    if kind == CHAT:
        check_words(complaints, path, command)
        check_options(complaints, path, command)
        if written(command) > 8000:
            message = "Command exceeds maximum size (8000)"
            complaints.add(path, "APPLICATION_COMMAND_TOO_LARGE", message)
    else:
        complaints.length(f"{path}.name", command.get("name"), 1, 32)
        if command.get("description"):
            message = "Context menu commands cannot have description"
            code = "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION"
            complaints.add(f"{path}.description", code, message)
    for name, known in (("contexts", {0, 1, 2}), ("integration_types", {0, 1})):
        given = command.get(name)
        if given is not None and (not given or not set(given) <= known):
            listed = ", ".join(map(str, sorted(known)))
            complaints.add(f"{path}.{name}", "BASE_TYPE_CHOICES", f"Must be among {listed}.")


def check_words(complaints: Complaints, path: str, named: dict[str, Any]) -> None:
    """A name and a description, with their translations."""
    check_name(complaints, f"{path}.name", named.get("name"))
    complaints.length(f"{path}.description", named.get("description"), 1, 100)
    for locale, name in (named.get("name_localizations") or {}).items():
        complaints.choice(f"{path}.name_localizations", locale, LOCALES)
        check_name(complaints, f"{path}.name_localizations.{locale}", name)
    for locale, text in (named.get("description_localizations") or {}).items():
        complaints.choice(f"{path}.description_localizations", locale, LOCALES)
        complaints.length(f"{path}.description_localizations.{locale}", text, 1, 100)


def check_name(complaints: Complaints, path: str, name: str | None) -> None:
    complaints.length(path, name, 1, 32)
    if name and (not NAME.match(name) or name != name.lower()):
        complaints.add(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def check_options(complaints: Complaints, path: str, command: Command) -> None:
    options = command.get("options") or []
    complaints.length(f"{path}.options", options, 0, 25)
    nested = [each.get("type") in (SUBCOMMAND, GROUP) for each in options]
    if any(nested) and not all(nested):
        message = "Sub-command and sub-command group option types are mutually exclusive to others"
        code = "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"
        complaints.add(f"{path}.options", code, message)
    names = [each.get("name") for each in options]
    optional = False
    for index, option in enumerate(options):
        place = f"{path}.options.{index}"
        check_words(complaints, place, option)
        if names.index(option.get("name")) < index:
            code = "APPLICATION_COMMAND_OPTIONS_NAME_INVALID"
            complaints.add(f"{place}.name", code, "Option name must be unique")
        if option.get("type") in (SUBCOMMAND, GROUP):
            check_options(complaints, place, option)
            continue
        if option.get("required") and optional:
            code = "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"
            message = "Required options must be placed before non-required options"
            complaints.add(place, code, message)
        optional = optional or not option.get("required")
        check_option(complaints, place, option)


def check_option(complaints: Complaints, path: str, option: dict[str, Any]) -> None:
    kind = option.get("type")
    complaints.choice(f"{path}.type", kind, tuple(range(1, 12)))
    choices = option.get("choices") or []
    complaints.length(f"{path}.choices", choices, 0, 25)
    for index, each in enumerate(choices):
        complaints.length(f"{path}.choices.{index}.name", each.get("name"), 1, 100)
        if kind == STRING:
            complaints.length(f"{path}.choices.{index}.value", each.get("value"), 0, 100)
    if option.get("autocomplete") and (choices or kind not in (STRING, INTEGER, NUMBER)):
        code = "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID"
        complaints.add(path, code, "Autocomplete is for texts and numbers without choices")
    if kind == STRING:
        complaints.number(f"{path}.min_length", option.get("min_length"), 0, 6000)
        complaints.number(f"{path}.max_length", option.get("max_length"), 1, 6000)
    elif option.get("min_length") is not None or option.get("max_length") is not None:
        complaints.add(path, "APPLICATION_COMMAND_OPTIONS_LENGTH_INVALID", "Only for strings")


def written(named: dict[str, Any]) -> int:
    """The characters of all names, descriptions and values, as Discord counts a command's size."""
    own = len(named.get("name") or "") + len(named.get("description") or "")
    values = sum(len(str(each.get("value", ""))) for each in named.get("choices") or [])
    inner = (named.get("options") or []) + (named.get("choices") or [])
    return own + values + sum(written(each) for each in inner)


def registered(
    given: list[Command], before: list[Command], application_id: str, guild_id: str | None = None
) -> list[Command]:
    """The commands as Discord answers them; those it knew keep their IDs."""
    ids = {(each["type"], each["name"]): each["id"] for each in before}
    return [with_defaults(each, ids, application_id, guild_id) for each in given]


def with_defaults(
    command: Command, ids: dict[Any, str], application_id: str, guild_id: str | None
) -> Command:
    kind = command.get("type") or CHAT
    permissions = command.get("default_member_permissions")
    found = {
        **{name: value for name, value in command.items() if value is not None},
        "id": ids.get((kind, command["name"])) or snowflake(),
        "application_id": application_id,
        "version": snowflake(),
        "type": kind,
        "description": command.get("description") or "",
        "default_member_permissions": None if permissions is None else str(permissions),
        "integration_types": command.get("integration_types") or [0],
        "nsfw": bool(command.get("nsfw")),
    }
    if guild_id is not None:
        return {**found, "guild_id": guild_id}
    contexts = command.get("contexts")
    return {**found, "contexts": contexts, "dm_permission": contexts is None or 1 in contexts}
