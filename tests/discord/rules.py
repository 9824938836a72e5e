"""Discord's limits, and its answers to what breaks them."""

from __future__ import annotations

from typing import Any

REQUEST_LIMIT = 25 * 1024 * 1024


class Refusal(Exception):
    """An error answer in Discord's form."""

    def __init__(self, status: int, code: int, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, **extra}


def unknown(what: str, code: int) -> Refusal:
    return Refusal(404, code, f"Unknown {what}")


def invalid(field: str, code: str, message: str) -> Refusal:
    errors = {field: {"_errors": [{"code": code, "message": message}]}}
    return Refusal(400, 50035, "Invalid Form Body", errors=errors)


def too_long(field: str, value: str | None, limit: int) -> None:
    if value is not None and len(value) > limit:
        raise invalid(field, "BASE_TYPE_MAX_LENGTH", f"Must be {limit} or fewer in length.")


def check_message(body: dict[str, Any], files: list[tuple[str, bytes]], limit: int) -> None:
    """The limits on one message, as it would be after this request."""
    too_long("content", body.get("content"), 2000)
    check_files(body, files, limit)
    check_embeds(body.get("embeds") or [])
    check_components(body.get("components") or [])


def check_files(body: dict[str, Any], files: list[tuple[str, bytes]], limit: int) -> None:
    if len(body.get("attachments") or []) > 10 or len(files) > 10:
        raise invalid("attachments", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    for each in body.get("attachments") or []:
        too_long("description", each.get("description"), 1024)
    sizes = [len(data) for _, data in files]
    if any(size > limit for size in sizes) or sum(sizes) > REQUEST_LIMIT:
        raise Refusal(413, 40005, "Request entity too large")


def check_embeds(embeds: list[dict[str, Any]]) -> None:
    if len(embeds) > 10:
        raise invalid("embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    total = 0
    for embed in embeds:
        too_long("embeds.title", embed.get("title"), 256)
        too_long("embeds.description", embed.get("description"), 4096)
        fields = embed.get("fields") or []
        if len(fields) > 25:
            raise invalid("embeds.fields", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer.")
        texts = [embed.get("title"), embed.get("description")]
        texts.append((embed.get("footer") or {}).get("text"))
        texts.append((embed.get("author") or {}).get("name"))
        too_long("embeds.footer", texts[2], 2048)
        for each in fields:
            if not each.get("name") or not each.get("value"):
                raise invalid("embeds.fields", "BASE_TYPE_REQUIRED", "This field is required")
            too_long("embeds.fields.name", each["name"], 256)
            too_long("embeds.fields.value", each["value"], 1024)
            texts += [each["name"], each["value"]]
        total += sum(len(text) for text in texts if text)
    if total > 6000:
        raise invalid("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds 6000.")


def check_components(rows: list[dict[str, Any]]) -> None:
    if len(rows) > 5:
        raise invalid("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    seen: set[str] = set()
    for row in rows:
        if len(row.get("components", [])) > 5:
            raise invalid("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5.")
        for each in row.get("components", []):
            too_long("components.label", each.get("label"), 80)
            check_custom_id(each.get("custom_id"), seen)


def check_custom_id(custom_id: str | None, seen: set[str]) -> None:
    if custom_id is None:
        return
    if not 1 <= len(custom_id) <= 100:
        raise invalid("custom_id", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    if custom_id in seen:
        raise invalid("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Custom id is duplicated.")
    seen.add(custom_id)


def check_modal(data: dict[str, Any]) -> None:
    too_long("title", data.get("title"), 45)
    components = data.get("components", [])
    if not 1 <= len(components) <= 5:
        raise invalid("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    seen: set[str] = set()
    for each in components:
        too_long("label", each.get("label"), 45)
        inner = each.get("component") or each["components"][0]
        check_custom_id(inner.get("custom_id"), seen)
        if inner["type"] == 4 and not 1 <= inner.get("max_length", 4000) <= 4000:
            raise invalid("max_length", "NUMBER_TYPE_MAX", "Must be 4000 or less.")
        if inner["type"] == 19 and inner.get("max_values", 1) > 10:
            raise invalid("max_values", "NUMBER_TYPE_MAX", "Must be 10 or less.")


def check_commands(commands: list[dict[str, Any]]) -> None:
    slash = [each for each in commands if each.get("type", 1) == 1]
    if len(slash) > 100 or len(commands) - len(slash) > 30:
        raise Refusal(400, 30032, "Maximum number of application commands reached (100)")
    names = [(each.get("type", 1), each["name"]) for each in commands]
    if len(set(names)) != len(names):
        raise invalid("name", "APPLICATION_COMMANDS_DUPLICATE_NAME", "Names must be unique")
    for command in slash:
        check_options(command)


def check_options(command: dict[str, Any]) -> None:
    options = command.get("options") or []
    if not 1 <= len(command["name"]) <= 32 or command["name"] != command["name"].lower():
        raise invalid("name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    if not 1 <= len(command.get("description", "")) <= 100:
        raise invalid("description", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100.")
    if len(options) > 25:
        raise invalid("options", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    optional = False
    for option in options:
        if option["type"] in (1, 2):
            check_options(option)
            continue
        if option.get("required") and optional:
            raise invalid("options", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                          "Required options must be placed before non-required options")  # fmt: skip
        optional = optional or not option.get("required")
        if not 1 <= len(option["description"]) <= 100:
            raise invalid("options", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100.")
        if len(option.get("choices") or []) > 25:
            raise invalid("choices", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
