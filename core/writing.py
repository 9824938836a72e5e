"""Words a writer makes: what a tool asks of one, and the shapes of the answers.

A writer is a language model, or templates where there is none. What people said travels as data
and is never an instruction to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from core.pictures import CostSource
from core.tool import Line, Prose

PANELS = 6
"""The most panels of one page."""
LINES = 4
"""The most spoken lines in one panel."""

Manner = Literal["say", "think", "shout", "whisper"]


class Answer(BaseModel):
    """Base of every answer: JSON, checked as strictly as what a person sends."""

    model_config = ConfigDict(extra="forbid", frozen=True)


T = TypeVar("T", bound=Answer)


class Enhanced(Answer):
    """A better prompt."""

    prompt: Prose = Field(min_length=1, max_length=8000)


class SpokenLine(Answer):
    """What somebody in a panel says."""

    speaker: Line = Field(max_length=40)
    text: Line = Field(min_length=1, max_length=300)
    manner: Manner = "say"


class PanelScript(Answer):
    """One panel: what is seen, told and said."""

    action: Prose = Field(min_length=1, max_length=1000)
    caption: Line = Field("", max_length=200)
    lines: tuple[SpokenLine, ...] = Field((), max_length=LINES)


class Script(Answer):
    """A page of a comic in words."""

    title: Line = Field("", max_length=100)
    panels: tuple[PanelScript, ...] = Field(min_length=1, max_length=PANELS)


class Plan(Answer):
    """Atomic changes, in the order to make them."""

    steps: tuple[Prose, ...] = Field(min_length=1, max_length=5)


class Likeness(Answer):
    """How somebody might look as a character."""

    description: Prose = Field(min_length=1, max_length=2000)


@dataclass(frozen=True, kw_only=True)
class Writing(Generic[T]):
    """One request to a writer."""

    task: str
    """What it is for, by name: enhance, script, plan, likeness. Templates go by it."""
    instruction: str
    """What a language model is told; nothing in it comes from a person."""
    data: Mapping[str, Any] = field(repr=False)
    """What people said, and other facts; JSON."""
    answer: type[T]
    complaint: str = field(default="", repr=False)
    """What was wrong with the answer before, where the writer is asked once more."""


@dataclass(frozen=True, kw_only=True)
class Written(Generic[T]):
    """A writer's answer to one request."""

    answer: T = field(repr=False)
    model: str
    usage: Mapping[str, Any] = field(default_factory=dict[str, Any])
    cost: Decimal = Decimal(0)
    """US dollars."""
    cost_source: CostSource = "unknown"
