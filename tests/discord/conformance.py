"""Every request of the bot, held against Discord's own description of its API.

The answers can be held against it as well: the simulator's own tests do.
"""

from __future__ import annotations

import gzip
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

SPEC = json.loads(gzip.decompress((Path(__file__).parent / "openapi.json.gz").read_bytes()))
TRUTHS = {"0", "1", "true", "false"}


@cache
def routes() -> list[tuple[re.Pattern[str], str]]:
    """Each described request as a pattern, those with fewer variables first."""
    found = []
    for name in sorted(SPEC["requests"], key=lambda each: each.count("{")):
        pattern = "".join(
            "[^/]+" if part.startswith("{") else re.escape(part)
            for part in re.split(r"(\{[^}]+\})", name)
        )
        found.append((re.compile(pattern), name))
    return found


@cache
def described(request: str) -> str | None:
    """The description that a request, as in `GET /users/@me`, falls under."""
    return next((name for pattern, name in routes() if pattern.fullmatch(request)), None)


@cache
def validator(name: str, status: str | None = None) -> Draft202012Validator | None:
    """What checks a request's body, or the answer with a status; None where there is no body."""
    if status is None:
        schema, schemas = SPEC["requests"][name]["body"], SPEC["request_schemas"]
    else:
        schema, schemas = SPEC["answers"][name].get(status), SPEC["answer_schemas"]
    if schema is None:
        return None
    return Draft202012Validator({**schema, "components": {"schemas": schemas}})


def allowed(body: Any) -> Any:
    """The same body, where Discord takes what its description does not say.

    * `nsfw` of a command is in the guide; the description forgot it.
    * `tts` that is false comes with every edit by the library that has files, and `flags` that
      are 0 with every embed; neither says anything.
    * A new attachment's ID is the number of its file: the guide's own examples send a number.
    * The IDs of a message that is replied to may be numbers, as may a recipient's: Discord reads
      numbers as IDs, and the library has sent them so for years.
    """
    if isinstance(body, list):
        return [allowed(each) for each in body]
    if not isinstance(body, dict):
        return body
    body = {key: allowed(value) for key, value in body.items() if not idle(key, value)}
    for each in body.get("embeds") or []:
        if isinstance(each, dict) and each.get("flags") == 0:
            del each["flags"]
    for place in (body, body.get("message_reference"), *(body.get("attachments") or [])):
        for name, value in (place or {}).items() if isinstance(place, dict) else ():
            if name in IDS and isinstance(value, int):
                place[name] = str(value)
    return body


IDS = {"id", "message_id", "channel_id", "guild_id", "recipient_id"}


def idle(key: str, value: Any) -> bool:
    return key == "nsfw" or (key == "tts" and value is False)


def check(request: str, body: Any, query: dict[str, str], files: list[str]) -> list[str]:
    """What is wrong with a request; nothing when it conforms."""
    name = described(request)
    if name is None:
        return [f"{request} is not described"]
    found = check_query(name, query)
    if files and not SPEC["requests"][name]["files"]:
        found.append(f"{name} takes no files")
    if any(file != f"files[{index}]" for index, file in enumerate(files)) and files != ["file"]:
        found.append(f"{name}: files are called {files}")
    if (validates := validator(name)) is not None:
        errors = list(validates.iter_errors(allowed(body)))
        found += [f"{name}: {told(error)}" for error in errors[:3]]
    elif body:
        found.append(f"{name} takes no body")
    return found


def check_query(name: str, query: dict[str, str]) -> list[str]:
    known = SPEC["requests"][name]["query"]
    found = []
    for key, value in query.items():
        if key not in known:
            found.append(f"{name} knows no {key}")
        elif known[key].get("type") == "boolean" and value.lower() not in TRUTHS:
            found.append(f"{name}: {key} is not true or false")
        elif known[key].get("type") == "integer" and not value.isdecimal():
            found.append(f"{name}: {key} is not a number")
    return found


def check_answer(request: str, status: int, body: Any) -> list[str]:
    """What is wrong with a good answer of ours."""
    name = described(request)
    if name is None or not 200 <= status < 300:
        return []
    if str(status) not in SPEC["answers"][name]:
        return [f"{name} is never answered with {status}"]
    validates = validator(name, str(status))
    if validates is None:
        return []
    return [f"{name} answered {told(error)}" for error in validates.iter_errors(body)][:3]


def told(error: ValidationError) -> str:
    """The complaint that names what is wrong, rather than where it was noticed.

    Where one of several forms was to be met, it is about the form of the `type` that was given.
    """
    while error.context:
        forms: dict[Any, list[ValidationError]] = {}
        for each in error.context:
            forms.setdefault(each.schema_path[0], []).append(each)
        meant = min(forms.values(), key=lambda found: (any(map(mistyped, found)), len(found)))
        error = max(meant, key=lambda each: len(each.absolute_path))
    return f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"


def mistyped(error: ValidationError) -> bool:
    """Whether a form was not the one that was meant."""
    of_another_type = error.validator == "enum" and list(error.path)[-1:] == ["type"]
    return of_another_type or (error.validator == "type" and error.validator_value == "null")
