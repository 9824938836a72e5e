"""What a client checks and sends when somebody fills in options and forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.discord.commands import (
    ATTACHMENT,
    BOOLEAN,
    CHANNEL,
    GROUP,
    INTEGER,
    NUMBER,
    STRING,
    SUBCOMMAND,
    USER,
)
from tests.discord.components import (
    CHECKBOX,
    CHECKBOX_GROUP,
    FILE_UPLOAD,
    LABEL,
    RADIO_GROUP,
    STRING_SELECT,
    TEXT,
    TEXT_INPUT,
)
from tests.discord.seen import File
from tests.discord.world import Guild, World

KINDS = {STRING: str, INTEGER: int, NUMBER: (int, float), BOOLEAN: bool}
MENTIONABLE = 9
USER_SELECT, MENTIONABLE_SELECT = 5, 7

Attach = Callable[[File], dict[str, Any]]


class Filling:
    """One command or form being filled in, and what its values refer to."""

    def __init__(self, world: World, guild: Guild | None, attach: Attach) -> None:
        self.world, self.guild, self.attach = world, guild, attach
        self.resolved: dict[str, dict[str, Any]] = {}

    def person(self, user: dict[str, Any]) -> str:
        """Refer to somebody, who is a member here or not."""
        self.resolved.setdefault("users", {})[user["id"]] = user
        if self.guild is not None and user["id"] in self.guild.members:
            known = self.guild.members[user["id"]]
            partial = {key: value for key, value in known.items() if key not in ("user", "deaf")}
            partial["permissions"] = str(self.guild.permissions[user["id"]])
            self.resolved.setdefault("members", {})[user["id"]] = partial
        return user["id"]

    def channel(self, channel_id: str) -> str:
        channel = self.world.channels[channel_id]
        partial = {key: channel.get(key) for key in ("id", "type", "name", "parent_id", "flags")}
        partial["permissions"] = "0"
        self.resolved.setdefault("channels", {})[channel_id] = partial
        return channel_id

    def file(self, file: File) -> str:
        kept = self.attach(file)
        self.resolved.setdefault("attachments", {})[kept["id"]] = kept
        return kept["id"]

    def message(self, message: dict[str, Any]) -> str:
        self.resolved.setdefault("messages", {})[message["id"]] = message
        return message["id"]

    def refer(self, kind: int, value: Any) -> Any:
        """A value as it is sent: people, channels and files by their IDs."""
        if kind == ATTACHMENT:
            assert isinstance(value, File), "an attachment is a File"
            return self.file(value)
        if kind in (USER, MENTIONABLE):
            return self.person(getattr(value, "user", value))
        if kind == CHANNEL:
            return self.channel(value)
        return value

    def command(
        self, declared: dict[str, Any], sub: list[str], given: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """The options of a command, within its subcommand if it has one."""
        if not sub:
            return self.options(declared, given)
        inner = [each for each in declared.get("options") or [] if each["name"] == sub[0]]
        assert inner, f"there is no {declared['name']} {sub[0]}"
        assert inner[0]["type"] in (SUBCOMMAND, GROUP)
        options = self.command(inner[0], sub[1:], given)
        return [{"type": inner[0]["type"], "name": sub[0], "options": options}]

    def options(self, declared: dict[str, Any], given: dict[str, Any]) -> list[dict[str, Any]]:
        """Check what was typed as the client does, before anything is sent."""
        known = {each["name"]: each for each in declared.get("options") or []}
        assert given.keys() <= known.keys(), f"no such option: {given.keys() - known.keys()}"
        missing = {name for name, each in known.items() if each.get("required")} - given.keys()
        assert not missing, f"required: {missing}"
        found = []
        for name, value in given.items():
            option = known[name]
            check_option(option, value)
            sent = self.refer(option["type"], value)
            found.append({"type": option["type"], "name": name, "value": sent})
        return found

    def form(self, modal: dict[str, Any], given: dict[str, Any]) -> list[dict[str, Any]]:
        """A form's fields, by their custom IDs or labels, each checked as the client does."""
        left = dict(given)
        filled = []
        for part in modal["components"]:
            if part["type"] == TEXT:
                continue
            field = part["component"] if part["type"] == LABEL else part["components"][0]
            words = part.get("label") or field.get("label")
            name = field["custom_id"] if field["custom_id"] in left else words
            sent = self.field(field, left.pop(name, None))
            sent |= {"type": field["type"], "id": 3, "custom_id": field["custom_id"]}
            inner = {"component": sent} if part["type"] == LABEL else {"components": [sent]}
            filled.append({"type": part["type"], "id": 2, **inner})
        assert not left, f"the form has no {list(left)}"
        return filled

    def field(self, field: dict[str, Any], value: Any) -> dict[str, Any]:
        """What is sent for one field; what was left alone keeps what it was opened with."""
        kind, name = field["type"], field["custom_id"]
        if kind == TEXT_INPUT:
            return {"value": typed(field, field.get("value") if value is None else value)}
        if kind == CHECKBOX:
            return {"value": bool(field.get("default") if value is None else value)}
        if kind in (STRING_SELECT, RADIO_GROUP, CHECKBOX_GROUP):
            default = [each["value"] for each in field["options"] if each.get("default")]
            values = default if value is None else as_list(value)
            offered = [each["value"] for each in field["options"]]
            assert set(values) <= set(offered), f"{name} offers {offered}"
        else:
            values = [self.refer(reference(kind), each) for each in as_list(value)]
        check_count(field, values)
        return {"value": next(iter(values), None)} if kind == RADIO_GROUP else {"values": values}


def reference(kind: int) -> int:
    """The kind of option that a field's values refer to things like."""
    kinds = {FILE_UPLOAD: ATTACHMENT, USER_SELECT: USER, MENTIONABLE_SELECT: USER, 8: CHANNEL}
    return kinds.get(kind, STRING)


def as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def typed(field: dict[str, Any], value: str | None) -> str:
    text, name = value or "", field["custom_id"]
    assert text or not field.get("required", True), f"required: {name}"
    assert len(text) <= (field.get("max_length") or 4000), f"{name} is too long"
    assert not text or len(text) >= (field.get("min_length") or 0), f"{name} is too short"
    return text


def check_count(field: dict[str, Any], values: list[Any]) -> None:
    name, required = field["custom_id"], field.get("required", True)
    least = field.get("min_values")
    least = 1 if least is None else least
    assert values or not required, f"required: {name}"
    assert not values or least <= len(values), f"{name} needs {least}"
    most = field.get("max_values") or (10 if field["type"] == CHECKBOX_GROUP else 1)
    assert len(values) <= most, f"{name} takes {most}"


def check_option(option: dict[str, Any], value: Any) -> None:
    """What the client would not even send."""
    name, kind = option["name"], option["type"]
    if kind not in KINDS:
        return
    fits = isinstance(value, KINDS[kind]) and (kind == BOOLEAN or not isinstance(value, bool))
    assert fits, f"{name} is of another type"
    if option.get("choices"):
        assert value in [each["value"] for each in option["choices"]], f"{name} is no choice"
    size = len(value) if isinstance(value, str) else value
    low, high = (
        ("min_length", "max_length") if isinstance(value, str) else ("min_value", "max_value")
    )
    assert option.get(low) is None or size >= option[low], f"{name} is too small"
    most = option.get(high) or (6000 if isinstance(value, str) else None)
    assert most is None or size <= most, f"{name} is too large"
