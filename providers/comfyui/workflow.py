"""The operator's workflow: a graph in ComfyUI's API format with places for what is asked for.

`{{prompt}}` and the like may stand anywhere in a text. A text that is nothing but one placeholder
becomes what stands for it, so a seed arrives as a number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from providers import Capabilities
from providers.comfyui.reading import mapping

PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
KNOWN = re.compile(
    r"prompt|negative_prompt|seed|count|source|mask|strength|reference_[1-9]"
    r"|(?:width|height)(?:_\d{2,4})?"
)
NAMED = "prompt, negative_prompt, seed, width, height, count, source, mask, strength, reference_1"
BATCH = 4
"""Pictures at once; what a graphics card of 8 GB still holds."""
SAMPLERS = 20
"""How much longer a sampler takes than any other node, about."""
Value = str | int | float


@dataclass(frozen=True)
class Workflow:
    """One graph, or what is wrong with it."""

    name: str
    nodes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    wrong: str | None = None
    """A sentence for the operator; such a workflow is not run."""

    @property
    def places(self) -> frozenset[str]:
        """The names of its placeholders."""
        return frozenset(
            name for text in texts(dict(self.nodes)) for name in PLACEHOLDER.findall(text)
        )

    def capabilities(self) -> Capabilities:
        """What it has places for."""
        places = self.places
        return Capabilities(
            source="source" in places,
            mask={"mask", "source"} <= places,
            references=len(self.references),
            count=BATCH if "count" in places else 1,
            seed="exact" if "seed" in places else "none",
            negative_prompt="negative_prompt" in places,
            previews=True,
            fidelity=False,
            strength="strength" in places,
            qualities=(),
            price=Decimal(0),
        )

    @property
    def references(self) -> tuple[str, ...]:
        return tuple(sorted(each for each in self.places if each.startswith("reference_")))

    def filled(self, values: Mapping[str, Value]) -> dict[str, Any]:
        """The graph to run."""
        return cast("dict[str, Any]", filled(dict(self.nodes), values))

    def seed_in(self, graph: Mapping[str, Any]) -> int | None:
        """The seed that a filled graph has where this one has a place for it."""
        for name, node in self.nodes.items():
            for each, text in node["inputs"].items():
                whole = PLACEHOLDER.fullmatch(text) if isinstance(text, str) else None
                if whole and whole[1] == "seed":
                    found = inputs_of(graph.get(name)).get(each)
                    return found if isinstance(found, int) else None
        return None

    def weights(self) -> dict[str, float]:
        """How long each node takes, next to the others."""
        return {
            each: SAMPLERS if "sampler" in str(node["class_type"]).lower() else 1
            for each, node in self.nodes.items()
        }


def read_all(path: Path | None) -> list[Workflow]:
    """The workflow of a file, or those of a folder by name; never none, and never raises."""
    if path is None:
        return [Workflow("workflow", wrong="Set COMFYUI_WORKFLOW to the workflow it is to run.")]
    try:
        paths = sorted(path.glob("*.json")) if path.is_dir() else [path]
    except OSError as error:
        return [Workflow("workflow", wrong=f"{path} cannot be read: {error.strerror}.")]
    if not paths:
        return [Workflow("workflow", wrong=f"There is no workflow (*.json) in {path}.")]
    return [read(each) for each in paths]


def read(path: Path) -> Workflow:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        return Workflow(path.stem, wrong=f"{path} cannot be read: {error.strerror}.")
    except ValueError as error:
        return Workflow(path.stem, wrong=f"{path} is not JSON: {error}.")
    wrong = trouble(found)
    if wrong:
        return Workflow(path.stem, wrong=f"{path}: {wrong}")
    return Workflow(path.stem, cast("dict[str, dict[str, Any]]", found))


def trouble(found: Any) -> str | None:
    """What keeps a file from being a workflow with places, as a sentence."""
    if not isinstance(found, dict) or not found:
        return "there are no nodes in it."
    nodes = cast("dict[str, Any]", found)
    if isinstance(nodes.get("nodes"), list):
        return "it is saved for the editor; save it anew with “Export (API)”."
    for name, node in nodes.items():
        if not isinstance(node, dict) or not isinstance(
            cast("dict[str, Any]", node).get("class_type"), str
        ):
            return f"node {name} has no class_type, so this is no workflow in API format."
        if not isinstance(cast("dict[str, Any]", node).get("inputs"), dict):
            return f"node {name} has no inputs, so this is no workflow in API format."
    for name, node in nodes.items():
        for place in (each for text in texts(node) for each in PLACEHOLDER.findall(text)):
            if not KNOWN.fullmatch(place):
                return f"node {name} has {{{{{place}}}}}, which nobody fills; there are {NAMED}."
    if not any("prompt" in PLACEHOLDER.findall(text) for text in texts(nodes)):
        return "it has no {{prompt}}, so it would draw the same whatever it is asked for."
    return None


def inputs_of(node: Any) -> Mapping[str, Any]:
    """What a node of a graph was given."""
    found = mapping(node)
    return mapping(found.get("inputs"))


def texts(value: Any) -> Iterator[str]:
    """Every text in it, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in cast("Mapping[str, Any]", value).values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in cast("list[Any]", value):
            yield from texts(each)


def filled(value: Any, values: Mapping[str, Value]) -> Any:
    """The same with every placeholder replaced, once: what is put in is never looked at again."""
    if isinstance(value, str):
        if whole := PLACEHOLDER.fullmatch(value):
            return values[whole[1]]
        return PLACEHOLDER.sub(lambda found: str(values[found[1]]), value)
    if isinstance(value, Mapping):
        found = cast("Mapping[str, Any]", value)
        return {name: filled(each, values) for name, each in found.items()}
    if isinstance(value, list):
        return [filled(each, values) for each in cast("list[Any]", value)]
    return value
