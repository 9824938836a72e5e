"""Reduce Discord's published OpenAPI description to the requests that bots here make.

python -m tests.discord.reduce_openapi PATH/TO/discord-openapi.json
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
USED = {
    "/gateway/bot": ("get",),
    "/users/@me": ("get",),
    "/oauth2/applications/@me": ("get",),
    "/applications/@me": ("get",),
    "/applications/{application_id}/commands": ("get", "put"),
    "/interactions/{interaction_id}/{interaction_token}/callback": ("post",),
    "/webhooks/{webhook_id}/{webhook_token}": ("post",),
    "/webhooks/{webhook_id}/{webhook_token}/messages/@original": ("get", "patch", "delete"),
    "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}": ("get", "patch", "delete"),
    "/channels/{channel_id}": ("get",),
    "/channels/{channel_id}/messages": ("get", "post"),
    "/channels/{channel_id}/messages/{message_id}": ("get", "patch", "delete"),
    "/channels/{channel_id}/typing": ("post",),
    "/users/@me/channels": ("post",),
    "/guilds/{guild_id}": ("get",),
    "/guilds/{guild_id}/members/{user_id}": ("get",),
}
PROSE = {"description", "title", "example", "examples", "x-enum-descriptions", "externalDocs"}


def without_prose(node: Any, *, names: bool = False) -> Any:
    """Drop what only people read; `names` where the keys are names of properties."""
    if isinstance(node, dict):
        return {
            key: without_prose(value, names=key in ("properties", "schemas"))
            for key, value in node.items()
            if names or (key not in PROSE and not key.startswith("x-"))
        }
    return [without_prose(each) for each in node] if isinstance(node, list) else node


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        found = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return found.union(*(references(value) for value in node.values()), set())
    return set().union(*map(references, node)) if isinstance(node, list) else set()


def reduced(spec: dict[str, Any]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for path, methods in USED.items():
        kept = {method: request_of(spec["paths"][path][method]) for method in methods}
        paths[path] = {"parameters": spec["paths"][path].get("parameters", []), **kept}
    schemas: dict[str, Any] = {}
    waiting = references(paths)
    while waiting:
        name = waiting.pop().rsplit("/", 1)[-1]
        if name not in schemas:
            schemas[name] = spec["components"]["schemas"][name]
            waiting |= references(schemas[name])
    source = f"discord-api-spec {spec['info'].get('version')}, license {spec['info']['license']}"
    return without_prose({"source": source, "paths": paths, "components": {"schemas": schemas}})


def request_of(operation: dict[str, Any]) -> dict[str, Any]:
    return {key: operation[key] for key in ("parameters", "requestBody") if key in operation}


if __name__ == "__main__":
    spec = json.loads(Path(sys.argv[1]).read_text())
    body = json.dumps(reduced(spec), separators=(",", ":"), sort_keys=True).encode()
    (HERE / "openapi.json.gz").write_bytes(gzip.compress(body, 9, mtime=0))
