"""A tool's form: its parameters' JSON Schema as controls, and what was entered as values."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from fastapi import UploadFile
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile as Uploaded

from core.errors import InvalidParams, StudioError
from core.text import shorten
from core.tool import Tool, complaint, format_of, unwrap
from core.viewer import Viewer
from services.images import keep_mask, keep_upload, read_asset
from services.studio import Studio

FRONT = 5
"""How many parameters beside the words and the pictures are in view at once; the rest is a click
away."""
LATER = {
    "negative_prompt", "seed", "strength", "fidelity", "quality", "provider", "model", "spoiler",
    "dataset", "enhance",
}  # fmt: skip
"""What most people never touch, wherever a tool declares it."""
MENU = 12
"""Up to here a range of whole numbers is a menu."""
DATA_LIMIT = 1_000_000
"""The largest file of data, in bytes."""
DATA_TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""By the end of a file's name: a browser's own idea is what is installed where it runs."""
KEPT = "kept:"
"""Before a parameter's name: the picture that an earlier try of the same form left with us."""
LISTED = {"provider", "model"}
SUGGESTED = {"style", "dataset", "character"}
FILES = {"asset": "picture", "mask": "mask", "file": "file"}

Known = Mapping[str, Sequence[str]]
"""What there is to choose from, by the format of a parameter: providers, models, styles."""


@dataclass(frozen=True, kw_only=True)
class Control:
    """One parameter as people are asked for it."""

    name: str
    kind: str
    """words, line, choice, number, switch, names, picture, mask or file."""
    help: str
    required: bool
    default: Any = None
    options: Sequence[tuple[str, str]] = ()
    """What to choose from: the value and the word for it."""
    suggestions: Sequence[str] = ()
    minimum: float | None = None
    maximum: float | None = None
    step: str = "any"
    max_length: int | None = None
    most: int = 1
    """How many may be given."""
    entered: Sequence[str] = ()
    """What stands in it: what somebody entered before, else the default."""
    kept: Sequence[str] = ()
    """The asset IDs of pictures that were given before."""
    error: str | None = None

    @property
    def label(self) -> str:
        return self.name.replace("_", " ").capitalize()

    @property
    def value(self) -> str:
        return self.entered[-1] if self.entered else ""

    @property
    def wide(self) -> bool:
        """Whether it wants a line of its own."""
        return self.kind in ("words", "names")

    @property
    def picture(self) -> bool:
        """Whether it is asked for as a file."""
        return self.kind in FILES.values()


@dataclass
class Entered:
    """What somebody filled in: the parameters it makes, and what is wrong with it."""

    texts: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    kept: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    errors: dict[str, str] = field(default_factory=dict[str, str])
    complaint: str | None = None
    """What is wrong with no control in particular."""
    status: int = 422

    def refuse(self, error: StudioError) -> None:
        """Note what a submission was refused for, beside the controls that it is about."""
        self.status = error.status
        cause = error.__cause__
        if isinstance(error, InvalidParams) and isinstance(cause, ValidationError):
            for each in cause.errors():
                self.errors.setdefault(str(each["loc"][0]) if each["loc"] else "", complaint(each))
            self.complaint = self.errors.pop("", None)
        else:
            self.complaint = str(error)


@dataclass(frozen=True)
class Form:
    """A tool's controls in the order they are asked for."""

    tool: Tool
    words: Control | None
    front: Sequence[Control]
    more: Sequence[Control]
    complaint: str | None = None

    @property
    def controls(self) -> list[Control]:
        return [*([self.words] if self.words else []), *self.front, *self.more]

    @property
    def open(self) -> bool:
        """Whether something behind "More options" needs to be seen."""
        return any(each.error or each.kept for each in self.more)


def build(tool: Tool, known: Known, entered: Entered | None = None) -> Form:
    """Make a tool's form; raises `TypeError` for a parameter nobody can be asked for."""
    entered = entered or Entered()
    needed = set(tool.schema().get("required", []))
    controls = [
        control(name, schema, name in needed, known, entered) for name, schema in asked(tool)
    ]
    words = main_of(tool, controls)
    rest = [each for each in controls if each is not words]
    rest.sort(key=lambda each: not each.required)
    front = list(in_front(rest))
    more = [each for each in rest if each not in front]
    shown = {each.name for each in controls}
    unplaced = [said for name, said in entered.errors.items() if name not in shown]
    said = " ".join([*([entered.complaint] if entered.complaint else []), *unplaced])
    return Form(tool, words, front, more, said or None)


def main_of(tool: Tool, controls: Sequence[Control]) -> Control | None:
    """What the large box is for: the tool's words, or the first long text where those are short."""
    own = next((each for each in controls if each.name == tool.words), None)
    if own is not None and own.kind == "words":
        return own
    return next((each for each in controls if each.kind == "words"), own)


def asked(tool: Tool) -> Iterator[tuple[str, dict[str, Any]]]:
    """The parameters people are asked for, with their schemas."""
    for name, schema in tool.fields().items():
        if not schema.get("hidden"):
            yield name, schema


def in_front(controls: Sequence[Control]) -> Iterator[Control]:
    """What must be given, every picture, and the first few of what may be."""
    few = 0
    for each in controls:
        if each.required or each.picture:
            yield each
        elif each.name not in LATER and few < FRONT:
            few += 1
            yield each


def control(
    name: str, schema: Mapping[str, Any], required: bool, known: Known, entered: Entered
) -> Control:
    """Restate one parameter's JSON Schema as a control, with what was entered in it before."""
    rule = unwrap(schema)
    default = schema.get("default")
    return Control(
        name=name,
        kind=kind_of(name, schema),
        help=str(schema.get("description", "")),
        required=required,
        default=default,
        options=options_of(schema, known),
        suggestions=suggestions_of(schema, known),
        minimum=rule.get("minimum"),
        maximum=rule.get("maximum"),
        step="1" if rule.get("type") == "integer" else "any",
        max_length=rule.get("items", rule).get("maxLength"),
        most=rule.get("maxItems", 1),
        entered=entered.texts.get(name, texts_of(default)),
        kept=entered.kept.get(name, ())[: rule.get("maxItems", 1)],
        error=entered.errors.get(name),
    )


def kind_of(name: str, schema: Mapping[str, Any]) -> str:
    """Which control a parameter is asked with. Raises `TypeError` when there is none."""
    rule, format_ = unwrap(schema), format_of(schema)
    if format_ in FILES:
        return FILES[format_]
    if rule.get("type") == "array":
        if rule["items"].get("type") == "string" and "maxItems" in rule:
            return "names"
        raise TypeError(f"A form cannot ask for a list {name!r}: {schema}")
    if "enum" in rule or "const" in rule or format_ in LISTED or few_numbers(rule):
        return "choice"
    kinds = {"integer": "number", "number": "number", "boolean": "switch", "string": "line"}
    if rule.get("type") not in kinds:
        raise TypeError(f"A form cannot ask for {name!r}: {schema}")
    return "words" if format_ == "prose" else kinds[rule["type"]]


def few_numbers(rule: Mapping[str, Any]) -> bool:
    """Whether a whole number is one of so few that they are listed."""
    return (
        rule.get("type") == "integer"
        and {"minimum", "maximum"} <= rule.keys()
        and rule["maximum"] - rule["minimum"] < MENU
    )


def options_of(schema: Mapping[str, Any], known: Known) -> list[tuple[str, str]]:
    """What a menu offers; nothing at all is a choice, too, where a parameter may be left out."""
    rule, format_ = unwrap(schema), format_of(schema)
    if "enum" in rule or "const" in rule:
        choices = [str(each) for each in rule.get("enum", [rule.get("const")])]
    elif format_ in LISTED:
        choices = list(known.get(str(format_), ()))
    elif few_numbers(rule):
        choices = [str(each) for each in range(rule["minimum"], rule["maximum"] + 1)]
    else:
        return []
    free = [("", "any")] if "default" in schema and schema["default"] is None else []
    return free + [(each, worded(each)) for each in choices]


def worded(value: str) -> str:
    """A choice as people read it: `pixel-art` is pixel art, while a model's ID stays as it is."""
    plain = value.replace("-", "").replace("_", "").isalpha()
    return value.replace("-", " ").replace("_", " ") if plain else value


def suggestions_of(schema: Mapping[str, Any], known: Known) -> list[str]:
    format_ = format_of(schema)
    given = [str(each) for each in schema.get("examples", [])]
    return given or (list(known.get(str(format_), ())) if format_ in SUGGESTED else [])


def texts_of(default: Any) -> list[str]:
    """A default as it stands in a control."""
    if default is None:
        return []
    if isinstance(default, bool):
        return ["true" if default else "false"]
    if isinstance(default, list | tuple):
        return [str(each) for each in default]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return [str(default)]


async def read(studio: Studio, tool: Tool, form: FormData, viewer: Viewer) -> Entered:
    """Read a submitted form; its files are kept, and what is wrong with one is noted beside it."""
    entered = Entered()
    for name, schema in asked(tool):
        kind = kind_of(name, schema)
        try:
            if kind in FILES.values():
                await read_files(studio, kind, name, schema, form, viewer, entered)
            else:
                read_texts(kind, name, schema, form, entered)
        except StudioError as error:
            entered.errors[name], entered.status = str(error), error.status
    return entered


def read_texts(
    kind: str, name: str, schema: Mapping[str, Any], form: FormData, entered: Entered
) -> None:
    """Read a parameter that is words, a number or a choice; left empty, it is left out."""
    texts = [each.strip() for each in form.getlist(name) if isinstance(each, str)]
    if texts:
        entered.texts[name] = texts
    given = [each for each in texts if each]
    if not given:
        return
    if kind == "names":
        entered.values[name] = given
    else:
        entered.values[name] = typed(given[-1], unwrap(schema))


def typed(text: str, rule: Mapping[str, Any]) -> object:
    """The choice that a text stands for, where choices are not texts themselves."""
    return next((each for each in rule.get("enum", ()) if str(each) == text), text)


async def read_files(
    studio: Studio,
    kind: str,
    name: str,
    schema: Mapping[str, Any],
    form: FormData,
    viewer: Viewer,
    entered: Entered,
) -> None:
    """Read a parameter that is one file or several. Raises `StudioError` with what is wrong."""
    uploads = [each for each in form.getlist(name) if isinstance(each, Uploaded) and each.filename]
    if kind == "file":
        if uploads:
            entered.values[name] = await data_url(uploads[-1])
        return
    many = unwrap(schema).get("type") == "array"
    most = unwrap(schema).get("maxItems", 1)
    if len(uploads) > most and many:
        raise InvalidParams(f"Up to {most} {name.replace('_', ' ')} are possible.")
    if kind == "mask" and uploads:
        kept = [await kept_mask(studio, uploads[-1], viewer, entered)]
    elif uploads:
        kept = [await kept_picture(studio, each, viewer) for each in uploads]
    else:
        kept = [each for each in form.getlist(KEPT + name) if isinstance(each, str)][:most]
    if kept:
        entered.kept[name] = kept
        entered.values[name] = kept if many else kept[-1]


async def kept_picture(studio: Studio, upload: UploadFile | Uploaded, viewer: Viewer) -> str:
    """Keep an uploaded picture; its asset's ID. Raises `UnusableFile`."""
    data = await upload.read()
    return str((await keep_upload(studio, data, viewer, upload.filename or "picture")).id)


async def kept_mask(studio: Studio, upload: Uploaded, viewer: Viewer, entered: Entered) -> str:
    """Keep a mask of the form's source. Raises `UnusableFile` when it does not fit that."""
    if "source" not in entered.values:
        raise InvalidParams("A mask needs the picture it is for: choose that, too.")
    source = await read_asset(studio, entered.values["source"], viewer)
    return str((await keep_mask(studio, await upload.read(), viewer, source)).id)


async def data_url(upload: Uploaded) -> str:
    """A file of data as an RFC 2397 URL. Raises `InvalidParams` when it is too large."""
    name = shorten(upload.filename or "The file", 60)
    if (upload.size or 0) > DATA_LIMIT:
        size = (upload.size or 0) / 1e6
        raise InvalidParams(f"{name} is {size:.1f} MB; a file of data may have up to 1 MB.")
    extension = PurePath(upload.filename or "").suffix.lower()
    kind = DATA_TYPES.get(extension, "application/octet-stream")
    return f"data:{kind};base64,{base64.b64encode(await upload.read()).decode()}"
