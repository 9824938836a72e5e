"""Reduce Discord's published OpenAPI description to the requests that are simulated here.

python -m tests.discord.reduce_openapi PATH/TO/discord-openapi.json
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
APP, GUILD, CHANNEL = (
    "/applications/{application_id}",
    "/guilds/{guild_id}",
    "/channels/{channel_id}",
)
MESSAGE, WEBHOOK = f"{CHANNEL}/messages/{{message_id}}", "/webhooks/{webhook_id}/{webhook_token}"
USED = {
    "/gateway": ("get",),
    "/gateway/bot": ("get",),
    "/users/@me": ("get",),
    "/users/{user_id}": ("get",),
    "/users/@me/channels": ("post",),
    "/oauth2/applications/@me": ("get",),
    "/applications/@me": ("get",),
    f"{APP}/commands": ("get", "put"),
    f"{APP}/guilds/{{guild_id}}/commands": ("get", "put"),
    f"{APP}/emojis": ("get", "post"),
    f"{APP}/emojis/{{emoji_id}}": ("get", "patch", "delete"),
    "/interactions/{interaction_id}/{interaction_token}/callback": ("post",),
    WEBHOOK: ("post",),
    f"{WEBHOOK}/messages/@original": ("get", "patch", "delete"),
    f"{WEBHOOK}/messages/{{message_id}}": ("get", "patch", "delete"),
    CHANNEL: ("get",),
    f"{CHANNEL}/messages": ("get", "post"),
    MESSAGE: ("get", "patch", "delete"),
    f"{MESSAGE}/reactions/{{emoji_name}}/@me": ("put", "delete"),
    f"{MESSAGE}/threads": ("post",),
    f"{CHANNEL}/threads": ("post",),
    f"{CHANNEL}/typing": ("post",),
    GUILD: ("get", "patch"),
    f"{GUILD}/channels": ("get",),
    f"{GUILD}/members": ("get",),
    f"{GUILD}/members/{{user_id}}": ("get",),
    f"{GUILD}/roles": ("get",),
    f"{GUILD}/emojis": ("get", "post"),
    f"{GUILD}/emojis/{{emoji_id}}": ("get", "patch", "delete"),
    f"{GUILD}/stickers": ("get", "post"),
    f"{GUILD}/stickers/{{sticker_id}}": ("get", "delete"),
}
PROSE = {"description", "title", "example", "examples", "externalDocs", "discriminator"}


def without_prose(node: Any, *, names: bool = False) -> Any:
    """Drop what only people read; `names` where the keys are names of properties."""
    if isinstance(node, dict):
        return {
            key: without_prose(value, names=key in ("properties", "schemas"))
            for key, value in node.items()
            if names or (key not in PROSE and not key.startswith("x-"))
        }
    return [without_prose(each) for each in node] if isinstance(node, list) else node


def strict(node: Any) -> Any:
    """Let an object have only the properties that are described.

    Discord ignores a property that it does not know; for us it is a mistake of the bot.
    """
    if isinstance(node, list):
        return [strict(each) for each in node]
    if not isinstance(node, dict):
        return node
    found = {key: strict(value) for key, value in node.items()}
    if isinstance(node.get("properties"), dict) and "additionalProperties" not in node:
        found["additionalProperties"] = False
    return found


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        found = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return found.union(*(references(value) for value in node.values()), set())
    return set().union(*map(references, node)) if isinstance(node, list) else set()


def reached(start: Any, spec: dict[str, Any]) -> dict[str, Any]:
    """Every schema that something refers to, and those that they refer to."""
    found: dict[str, Any] = {}
    waiting = references(start)
    while waiting:
        name = waiting.pop().rsplit("/", 1)[-1]
        if name not in found:
            found[name] = spec["components"]["schemas"][name]
            waiting |= references(found[name])
    return found


def reduced(spec: dict[str, Any]) -> dict[str, Any]:
    requests: dict[str, Any] = {}
    answers: dict[str, Any] = {}
    for path, methods in USED.items():
        described = spec["paths"][path]
        for method in methods:
            name = f"{method.upper()} {path}"
            shared = described.get("parameters", [])
            requests[name] = request_of(described[method], shared)
            answers[name] = answers_of(described[method])
    info = spec["info"]
    return without_prose({
        "source": f"{info['title']} {info['version']}, discord/discord-api-spec",
        "license": info["license"]["name"],
        "requests": strict(requests),
        "request_schemas": strict(reached(requests, spec)),
        "answers": answers,
        "answer_schemas": reached(answers, spec),
    })  # fmt: skip


def request_of(operation: dict[str, Any], shared: list[Any]) -> dict[str, Any]:
    """A request's query, and its body's schema: of the JSON, which a form only wraps."""
    parameters = shared + operation.get("parameters", [])
    content = operation.get("requestBody", {}).get("content", {})
    body = content.get("application/json") or content.get("multipart/form-data") or {}
    return {
        "query": {each["name"]: each["schema"] for each in parameters if each["in"] == "query"},
        "body": body.get("schema"),
        "files": "multipart/form-data" in content,
    }


def answers_of(operation: dict[str, Any]) -> dict[str, Any]:
    """The schemas of a request's good answers, by status; None for one without a body."""
    return {
        status: each.get("content", {}).get("application/json", {}).get("schema")
        for status, each in operation["responses"].items()
        if status.startswith("2")
    }


if __name__ == "__main__":
    spec = json.loads(Path(sys.argv[1]).read_text())
    body = json.dumps(reduced(spec), separators=(",", ":"), sort_keys=True).encode()
    (HERE / "openapi.json.gz").write_bytes(gzip.compress(body, 9, mtime=0))
