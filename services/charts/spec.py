"""What a chart is, apart from its data, and how words change it."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from core.errors import InvalidParams
from core.tool import Line
from core.writing import Answer

ChartType = Literal[
    "bar", "horizontal bar", "stacked bar", "line", "area", "scatter", "pie", "doughnut",
    "histogram", "heat map",
]  # fmt: skip
Theme = Literal["light", "dark"]
Format = Literal["png", "svg"]
Scale = Literal["linear", "log"]
Sort = Literal["ascending", "descending", "name", "given"]
Legend = Literal["auto", "right", "top", "bottom", "left", "hidden"]

SERIES = 20
POINTS = 5000
CATEGORIES = 60
NAMES = 60
"""The most names one wish may list."""

WIDTH, HEIGHT = (400, 2000), (300, 2000)
COLORS = {
    "blue": "#2463d1", "orange": "#d97706", "red": "#d12f2f", "green": "#1f8a4c",
    "purple": "#7a4fd0", "violet": "#7a4fd0", "pink": "#d9488f", "magenta": "#c2389a",
    "teal": "#0d8f83", "cyan": "#0891b2", "turquoise": "#0d9b9b", "yellow": "#b98a00",
    "gold": "#b98a00", "brown": "#8a5a2b", "gray": "#7d8590", "grey": "#7d8590",
    "navy": "#1f3f7a", "maroon": "#8a1538", "olive": "#6b7a1f", "lime": "#5f9e1a",
    "black": "#111318", "white": "#f4f5f7", "crimson": "#c4183c", "indigo": "#4b45c6",
    "coral": "#e0603f", "salmon": "#dd6b5e", "sky blue": "#2f93d6", "dark blue": "#1f3f7a",
    "dark green": "#1d5c33", "light blue": "#4f9fe0", "light green": "#3fa35f",
    "dark red": "#9a1c1c",
}  # fmt: skip
"""Colors by name, each at least 3:1 against the white or the dark background that suits it."""
HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)


def color_of(value: object) -> object:
    """A color by its name or in hexadecimals; anything else is not one."""
    name = str(value).strip().lower()
    if HEX.fullmatch(name):
        return name if len(name) == 7 else "#" + "".join(each * 2 for each in name[1:])
    if name not in COLORS:
        raise ValueError(f"“{name[:30]}” is no color I know; say one such as blue or #2463d1")
    return COLORS[name]


Color = Annotated[str, BeforeValidator(color_of), Field(pattern=r"^#[0-9a-f]{6}$")]
Name = Annotated[Line, Field(max_length=120)]
Names = Annotated[tuple[Name, ...], Field(max_length=NAMES)]


class ChartSpec(BaseModel):
    """Everything that decides how a table is drawn. Stored with the chart; JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["auto"] | ChartType = "auto"
    title: Line | None = Field(default=None, max_length=200)
    """None says it from the columns' names; empty leaves it out."""
    x_title: Line | None = Field(default=None, max_length=120)
    y_title: Line | None = Field(default=None, max_length=120)
    width: int = Field(default=800, ge=WIDTH[0], le=WIDTH[1])
    height: int = Field(default=600, ge=HEIGHT[0], le=HEIGHT[1])
    theme: Theme = "light"
    format: Format = "png"
    x: Name | None = None
    """The column along the axis."""
    series: Names = ()
    """The columns to draw; all that hold numbers when empty."""
    drop: Names = ()
    only: Names = ()
    sort: Sort = "given"
    top: int | None = Field(default=None, ge=1, le=POINTS)
    """How many of the largest categories to keep; the smallest, when sorted ascending."""
    scale: Scale = "linear"
    x_scale: Scale = "linear"
    zero: bool | None = None
    """Whether the value axis begins at zero; None where bars need it."""
    stacked: bool | None = None
    horizontal: bool | None = None
    percent: bool = False
    transposed: bool = False
    smooth: bool = False
    points: bool | None = None
    labels: bool | None = None
    """Whether values are written at their marks; None where there is room."""
    grid: bool = True
    legend: Legend = "auto"
    bins: int | None = Field(default=None, ge=2, le=100)
    trend: bool = False
    colors: dict[Name, Color] = Field(default_factory=dict[str, str], max_length=NAMES)


class ChartChange(Answer):
    """What is to be different about a chart; what is null stays."""

    type: ChartType | None = None
    title: Line | None = Field(default=None, max_length=200)
    x_title: Line | None = Field(default=None, max_length=120)
    y_title: Line | None = Field(default=None, max_length=120)
    width: int | None = Field(default=None, ge=WIDTH[0], le=WIDTH[1])
    height: int | None = Field(default=None, ge=HEIGHT[0], le=HEIGHT[1])
    theme: Theme | None = None
    format: Format | None = None
    x: Name | None = None
    drop: Names = ()
    restore: Names = ()
    """What was dropped and is wanted again; "everything" for all of it."""
    only: Names = ()
    sort: Sort | None = None
    top: int | None = Field(default=None, ge=1, le=POINTS)
    scale: Scale | None = None
    x_scale: Scale | None = None
    zero: bool | None = None
    stacked: bool | None = None
    horizontal: bool | None = None
    percent: bool | None = None
    transpose: bool = False
    smooth: bool | None = None
    points: bool | None = None
    labels: bool | None = None
    grid: bool | None = None
    legend: Legend | None = None
    bins: int | None = Field(default=None, ge=2, le=100)
    trend: bool | None = None
    colors: dict[Name, Color] = Field(default_factory=dict[str, str], max_length=NAMES)


RELATIVE = {"drop", "restore", "only", "transpose", "colors"}
"""What adds to the spec instead of taking its place."""


def changed(spec: ChartSpec, change: ChartChange) -> ChartSpec:
    """The spec with a change made to it."""
    values: dict[str, Any] = {
        name: value
        for name, value in change.model_dump().items()
        if value is not None and name not in RELATIVE
    }
    if change.stacked and change.type is None and spec.type not in ("bar", "horizontal bar"):
        # Nothing else can be stacked: lines become areas, and all others bars.
        values["type"] = "area" if spec.type in ("line", "area") else "stacked bar"
    if change.type is not None:
        # "A pie" after "stacked" is a pie; each type begins with its own habits.
        values.setdefault("stacked", None)
        values.setdefault("horizontal", None)
    if "everything" in {name.casefold() for name in change.restore}:
        values = {"top": None} | values
    values |= narrowing(spec, change)
    values["colors"] = {**spec.colors, **change.colors}
    if change.transpose:
        values["transposed"] = not spec.transposed
    return spec.model_copy(update=values)


def narrowing(spec: ChartSpec, change: ChartChange) -> dict[str, Any]:
    """What is left out and what alone is kept, after a change: the last word counts.

    Raises `InvalidParams` for bringing back what was never away.
    """
    back = {name.casefold() for name in change.restore}
    everything = "everything" in back
    away = {name.casefold() for name in spec.drop}
    strange = [name for name in change.restore if name.casefold() not in away]
    if strange and not everything and not spec.only:
        raise InvalidParams(f"“{strange[0]}” was not left out, so there is nothing to bring back.")
    wanted = back | {name.casefold() for name in change.only}
    drop = () if everything else tuple(n for n in spec.drop if n.casefold() not in wanted)
    only = change.only or (() if everything else spec.only)
    if only and not everything:
        only = (*only, *(name for name in strange if name not in only))
    dropped = {name.casefold() for name in change.drop}
    only = tuple(name for name in only if name.casefold() not in dropped)
    drop = tuple(dict.fromkeys((*drop, *change.drop)))
    if max(len(drop), len(only)) > NAMES:
        raise InvalidParams(f"Up to {NAMES} things can be named; say “only …” or “drop …” instead.")
    return {"drop": drop, "only": only}
