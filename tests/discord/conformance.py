"""Every request of the bot, held against Discord's own description of its API."""

from __future__ import annotations

import gzip
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SPEC = json.loads(gzip.decompress((Path(__file__).parent / "openapi.json.gz").read_bytes()))


@cache
def routes() -> list[tuple[re.Pattern[str], str]]:
    """Each described path as a pattern, those with fewer variables first."""
    found = []
    for path in sorted(SPEC["paths"], key=lambda each: each.count("{")):
        pattern = "".join(
            "[^/]+" if part.startswith("{") else re.escape(part)
            for part in re.split(r"(\{[^}]+\})", path)
        )
        found.append((re.compile(pattern + "$"), path))
    return found


@cache
def validator(path: str, method: str, kind: str) -> Draft202012Validator | None:
    content = SPEC["paths"][path][method].get("requestBody", {}).get("content", {})
    if kind not in content:
        return None
    schema = {**content[kind]["schema"], "components": SPEC["components"]}
    return Draft202012Validator(schema)


def allowed(body: Any) -> Any:
    """What Discord takes although its description does not say so.

    A new attachment's ID is the index of its file: the guide's own examples send a number. The
    IDs of a message that is replied to may be numbers; the library has sent them so for years.
    """
    if isinstance(body, dict):
        body = {key: allowed(value) for key, value in body.items()}
        for each in body.get("attachments") or []:
            if isinstance(each, dict) and isinstance(each.get("id"), int):
                each["id"] = str(each["id"])
        for name, value in (body.get("message_reference") or {}).items():
            if isinstance(value, int) and name.endswith("_id"):
                body["message_reference"][name] = str(value)
        return body
    return [allowed(each) for each in body] if isinstance(body, list) else body


def check(method: str, path: str, body: Any, *, multipart: bool) -> list[str]:
    """What is wrong with a request; nothing when it conforms."""
    described = next((name for pattern, name in routes() if pattern.match(path)), None)
    if described is None or method.lower() not in SPEC["paths"][described]:
        return [f"{method} {path} is not described"]
    if body is None:
        return []
    kinds = ("multipart/form-data", "application/json") if multipart else ("application/json",)
    for kind in kinds:
        if (found := validator(described, method.lower(), kind)) is not None:
            return [
                f"{method} {described}: {told(error)}" for error in found.iter_errors(allowed(body))
            ][:3]
    return [f"{method} {described} takes no {kinds[0]}"]


def told(error: Any) -> str:
    """The deepest complaint, which names what is wrong rather than where it was noticed."""
    while error.context:
        error = max(error.context, key=lambda each: len(each.absolute_path))
    return f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
