"""The writer that needs no key and no network: templates filled with a person's own words.

It answers the four tasks that tools ask of a writer. The same data always give the same answer,
so nothing has to be paid for or remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from core.errors import BadRequest
from core.settings import Settings
from core.writing import T, Writing, Written
from providers.templates.enhance import enhance
from providers.templates.likeness import likeness
from providers.templates.plan import plan
from providers.templates.script import script

MODEL = "templates-1"

TASKS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "enhance": enhance,
    "script": script,
    "plan": plan,
    "likeness": likeness,
}


class Templates:
    name = "templates"
    label = "Templates"
    models: Sequence[str] = (MODEL,)
    repeatable = True

    async def write(self, writing: Writing[T]) -> Written[T]:
        """Fill the task's template. Raises `BadRequest` where there is none, or it cannot hold."""
        task = TASKS.get(writing.task)
        if task is None:
            raise BadRequest("That needs a language model, and none is set up here.")
        try:
            answer = writing.answer.model_validate(task(writing.data))
        except ValidationError as error:
            raise BadRequest("That is too long to be rewritten here. Shorten it.") from error
        return Written(answer=answer, model=MODEL, cost_source="free")

    async def check(self) -> str | None:
        """It is always well."""
        return None

    async def close(self) -> None:
        """Nothing to do: it holds nothing open."""


def open_writer(settings: Settings) -> Templates:
    return Templates()
