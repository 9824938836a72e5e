"""The page of every setting, made from the settings themselves.

python -m cli.configuration > docs/configuration.md
"""

from __future__ import annotations

from pydantic_core import PydanticUndefined

from core.settings import Settings

HEAD = """# Configuration

Environment variables, or lines in a `.env` file beside the project. Everything has a default; an empty value is none.

| setting | default | what it is |
|---|---|---|
"""


def page() -> str:
    rows: list[str] = []
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = "" if default in (None, PydanticUndefined, frozenset()) else f"`{default}`"
        rows.append(f"| `{name.upper()}` | {shown} | {field.description} |")
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    print(page(), end="")
