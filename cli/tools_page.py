"""docs/tools.md: every tool, its parameters as they are declared, and what it makes.

The pictures are drawn by `make gallery`; the text alone by `python -m cli.tools_page`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import tools
from cli.examples import EXAMPLES, Example
from core.tool import Tool, unwrap

PAGE = Path("docs/tools.md")
PICTURES = Path("docs/gallery")
ORDER = ("image", "avatar", "anime", "comic", "icon", "edit", "context-edit", "chart")
HEAD = """# Tools

Each is a slash command, an address of the API and a web form, all made from one declaration; its parameters have the same
names everywhere. Every picture here was drawn by `make gallery` with the built-in offline provider and without a language
model: it shows what each tool does with a picture, not how well a real provider draws.

A reply to any result changes it. Nothing is ever overwritten.
"""


def page() -> str:
    """The whole page as Markdown."""
    found = tools.discover()
    ordered = sorted(
        (each for each in found.values() if each.listed), key=lambda each: ORDER.index(each.name)
    )
    return "\n".join([HEAD, *(section(each) for each in ordered)])


def section(tool: Tool) -> str:
    rows = [
        f"| `{name}` | {limits(schema)} | {default(schema)} | {schema.get('description', '')} |"
        for name, schema in tool.fields().items()
        if not schema.get("hidden")
    ]
    table = ["| parameter | takes | default | what it is |", "|---|---|---|---|", *rows]
    shown = [example(each) for each in EXAMPLES if each.tool == tool.name]
    return "\n".join([f"## /{tool.name}", "", tool.summary, "", *shown, *table, ""])


def example(each: Example) -> str:
    lines = [f"`{typed(each)}`", "", each.about, ""]
    alt = f"{each.about.rstrip('.')}: {typed(each)}".replace('"', "'")
    names = pictures_of(each)
    width = 100 // min(len(names), 4) - 2 if len(names) > 1 else None
    attribute = f' width="{width}%"' if width else ' width="640"'
    lines += [f'<img src="gallery/{name}" alt="{alt}"{attribute}>' for name in names]
    return "\n".join([*lines, ""])


def pictures_of(each: Example) -> list[str]:
    """The names of an example's files: its results, then its parts."""
    results = [each.name, *(f"{each.name}-{number}" for number in range(2, each.count + 1))]
    return [f"{name}.webp" for name in [*results, *(f"{each.name}-{part}" for part in each.parts)]]


def typed(each: Example) -> str:
    """An example as somebody types it."""
    if each.reply is not None:
        return f"reply: {each.reply}"
    given = dict(each.values)
    if each.of is not None:
        given = {each.takes: f"(the picture of {each.of})"} | given
    words = [f"{name}:{written(value)}" for name, value in given.items()]
    return f"/{each.tool} {' '.join(words)}"


def written(value: object) -> str:
    several = cast("list[object]", value) if isinstance(value, list) else [value]
    return ", ".join(str(each).splitlines()[0] for each in several)


def limits(schema: dict[str, Any]) -> str:
    """What a parameter takes, with its limits."""
    rule = unwrap(schema)
    if "enum" in rule:
        return ", ".join(f"`{each}`" for each in rule["enum"])
    match rule.get("type"):
        case "array":
            most = f"up to {rule['maxItems']} " if "maxItems" in rule else ""
            return f"{most}{noun(cast(dict[str, Any], rule['items']))}s"
        case "integer" | "number":
            low, high = rule.get("minimum"), rule.get("maximum")
            return f"{low:,} to {high:,}" if low is not None and high is not None else "a number"
        case "boolean":
            return "yes or no"
        case _:
            most = f", up to {rule['maxLength']:,} characters" if "maxLength" in rule else ""
            kind = noun(rule)
            return f"{kind}{most}" if kind == "word" or "format" not in rule else kind


def noun(rule: dict[str, Any]) -> str:
    names = {"asset": "picture", "mask": "picture", "file": "file", "dataset": "set's name"}
    return names.get(rule.get("format", ""), rule.get("format") or "word")


def default(schema: dict[str, Any]) -> str:
    value = schema.get("default")
    if value in (None, "", []):
        return ""
    return "yes" if value is True else "no" if value is False else f"`{value}`"


if __name__ == "__main__":
    print(page(), end="")
