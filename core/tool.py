"""What a tool is: a name, a params model and a coroutine."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, cast, get_type_hints

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from core.errors import InvalidParams
from core.text import clean


def _clean(value: object) -> object:
    return clean(value) if isinstance(value, str) else value


Prose = Annotated[str, BeforeValidator(_clean), Field(json_schema_extra={"format": "prose"})]
"""Words from a person, possibly many lines."""
Line = Annotated[str, BeforeValidator(_clean)]
"""A few words from a person, on one line."""
AssetId = Annotated[str, Field(json_schema_extra={"format": "asset"})]
"""A picture we keep. Each front end asks for it in its own way: an attachment, an upload."""
MaskId = Annotated[str, Field(json_schema_extra={"format": "mask"})]
"""A picture that says where: white, or transparent, is where to paint."""
ProviderName = Annotated[str, Field(json_schema_extra={"format": "provider"})]
ModelName = Annotated[str, Field(json_schema_extra={"format": "model"})]
StyleName = Annotated[str, BeforeValidator(_clean), Field(json_schema_extra={"format": "style"})]
"""One of the suggested styles, or the person's own words."""

DatasetName = Annotated[
    str, BeforeValidator(_clean), Field(json_schema_extra={"format": "dataset"})
]
"""A named set of reference pictures."""
CharacterName = Annotated[
    str, BeforeValidator(_clean), Field(json_schema_extra={"format": "character"})
]
"""A saved character, or a new one: a name, or "Name: looks"."""
DataFile = Annotated[str, Field(json_schema_extra={"format": "file"})]
"""A file of data as an RFC 2397 data URL; an attachment or an upload where people are asked."""

Role = str
ASSET_FORMATS = {"asset", "mask"}


class ToolParams(BaseModel):
    """Base of every params model: JSON in, JSON out, nothing unknown, nothing mutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Parent:
    """What a tool needs of the generation it iterates on."""

    tool: str
    params: Mapping[str, Any]
    pictures: Sequence[str]
    """The asset IDs of the pictures it kept, in order."""
    position: int = 0
    """Which of them the person means."""
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """The asset IDs of what it kept beside them, in order, by the parts' names."""
    meta: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What its tool remembered of it."""


Iterate = Callable[[Parent, str, Sequence[str]], Mapping[str, Any]]
"""Parent, words and the asset IDs of further references in; this tool's parameters out."""
Prepare = Callable[..., Awaitable[Mapping[str, Any]]]
"""Studio, values and viewer in; the values with what they name looked up out."""


@dataclass(frozen=True)
class Tool:
    """One declaration, read by the slash command, the API, the web form and the stored row."""

    name: str
    summary: str
    params: type[ToolParams]
    run: Callable[..., Awaitable[None]]
    words: str
    """The parameter that holds what the person said: it is the row's prompt and title."""
    listed: bool = True
    """Whether it is offered as a command; the others are reached by a button."""
    iterate: Iterate | None = None
    prepare: Prepare | None = None

    def parse(self, values: Mapping[str, object]) -> ToolParams:
        """Check what someone asked for. The complaint, if any, is written for them."""
        try:
            return self.params.model_validate(values)
        except ValidationError as error:
            complaints = [complaint(each) for each in error.errors()]
            raise InvalidParams(" ".join(dict.fromkeys(complaints))) from error

    def iterates(self, iterate: Iterate) -> Tool:
        """Make a tool that answers a reply in its own way instead of through `/edit`."""
        return replace(self, iterate=iterate)

    def prepares(self, prepare: Prepare) -> Tool:
        """Make a tool that looks things up before its row is written: a set's pictures, a file."""
        return replace(self, prepare=prepare)

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the parameters; `format` says how to ask for each."""
        return self.params.model_json_schema()

    def fields(self) -> dict[str, dict[str, Any]]:
        """Each parameter's own JSON Schema, in order."""
        return self.schema()["properties"]

    def asset_fields(self) -> dict[str, str]:
        """The parameters that name pictures we keep, each with its role."""
        return {
            name: role_of(name)
            for name, schema in self.fields().items()
            if format_of(schema) in ASSET_FORMATS
        }


def tool(
    name: str, summary: str, *, words: str = "prompt", listed: bool = True
) -> Callable[[Callable[..., Awaitable[None]]], Tool]:
    """Declare the decorated coroutine as a tool; its `params` annotation is its input."""

    def declare(run: Callable[..., Awaitable[None]]) -> Tool:
        return Tool(name, summary, get_type_hints(run)["params"], run, words, listed)

    return declare


def unwrap(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Look through "or null" at what a parameter really is."""
    arms = [arm for arm in schema.get("anyOf", [schema]) if arm.get("type") != "null"]
    return {**arms[0], **{k: v for k, v in schema.items() if k != "anyOf"}}


def format_of(schema: Mapping[str, Any]) -> str | None:
    """The `format` of a parameter, or of the items of a list of them."""
    rule = unwrap(schema)
    return cast(dict[str, Any], rule.get("items", rule)).get("format")


def role_of(field: str) -> Role:
    """Source, mask or reference, by the parameter's public name."""
    return field if field in ("source", "mask") else "reference"


def complaint(error: ErrorDetails) -> str:
    """One sentence about one parameter, naming the limit that was crossed."""
    name = str(error["loc"][0]).replace("_", " ") if error["loc"] else "That"
    context = error.get("ctx", {})
    match error["type"]:
        case "missing" | "string_too_short" | "too_short":
            return f"Please give a {name}."
        case "string_too_long":
            length = len(error["input"]) if isinstance(error["input"], str) else 0
            return (
                f"The {name} is {length:,} characters long; "
                f"up to {context['max_length']:,} are possible."
            )
        case "too_long":
            return f"Up to {context['max_length']} {name} are possible."
        case "greater_than_equal" | "less_than_equal" | "greater_than" | "less_than":
            return f"The {name} must be {bound(error['type'])} {context[error_key(context)]:,}."
        case "literal_error":
            return f"The {name} must be one of {re.sub(chr(39), '', str(context['expected']))}."
        case "extra_forbidden":
            return f"There is no parameter called {name}."
        case _:
            return f"The {name} cannot be used: {error['msg'].removeprefix('Value error, ')}."


def bound(kind: str) -> str:
    return {
        "greater_than_equal": "at least",
        "less_than_equal": "at most",
        "greater_than": "more than",
        "less_than": "less than",
    }[kind]


def error_key(context: Mapping[str, Any]) -> str:
    return next(key for key in ("ge", "le", "gt", "lt") if key in context)
