"""What ComfyUI says: why it did not take a workflow, how a run ended, where its pictures are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from core.errors import BadRequest, ProviderError
from providers.wire import Answer, Said, redacted

MEMORY = re.compile(r"OutOfMemory|out of memory|Allocation on device", re.IGNORECASE)


@dataclass(frozen=True)
class File:
    """A picture on ComfyUI's disk."""

    filename: str
    subfolder: str
    type: str


def mapping(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def word(value: Any) -> str:
    """A name that is safe to show: nothing but what names are made of."""
    return re.sub(r"[^\w .:+-]", "", str(value))[:60]


def translate(answer: Answer) -> ProviderError | None:
    """ComfyUI's own failures: a workflow that it does not take, or something else at its address."""
    who = answer.label
    if answer.status == 404:
        return BadRequest(
            f"There is no {who} at its address. The operator should check COMFYUI_URL; choose "
            "another provider meanwhile."
        )
    found = answer.complaint()
    if answer.status != 400 or "error" not in found:
        return None
    return BadRequest(
        f"{who} cannot run its workflow{because(found)}. The operator has to mend it."
    )


def because(found: Mapping[str, Any]) -> str:
    """Which node it does not take, and which of its inputs."""
    nodes = mapping(found.get("node_errors"))
    if not nodes:
        kind = mapping(found.get("error")).get("type")
        return f" ({word(kind)})" if isinstance(kind, str) else ""
    name, node = next(iter(nodes.items()))
    about = mapping(node)
    inputs = [
        word(mapping(mapping(each).get("extra_info")).get("input_name"))
        for each in listed(about.get("errors"))
        if mapping(mapping(each).get("extra_info")).get("input_name")
    ]
    what = f" does not accept {', '.join(inputs)}" if inputs else " is not valid"
    return f": node {word(name)} ({word(about.get('class_type'))}){what}"


def failure(who: str, entry: Mapping[str, Any]) -> ProviderError | None:
    """How a run that is over failed; None where it did not."""
    status = mapping(entry.get("status"))
    if status.get("status_str") != "error":
        return None
    said = {str(each[0]): mapping(each[1]) for each in messages(status)}
    if "execution_error" in said:
        return of_node(who, said["execution_error"])
    if "execution_interrupted" in said:
        return ProviderError(f"Somebody stopped this at {who}. Ask again if you still want it.")
    return BadRequest(f"{who} failed. The operator can see why in its log.")


def messages(status: Mapping[str, Any]) -> list[list[Any]]:
    pairs = [listed(each) for each in listed(status.get("messages"))]
    return [each for each in pairs if len(each) == 2]


def of_node(who: str, said: Mapping[str, Any]) -> ProviderError:
    """What broke in a node. It would break again, so nobody tries again unasked."""
    words = f"{said.get('exception_type')} {said.get('exception_message')}"
    node = f"node {word(said.get('node_id'))} ({word(said.get('node_type'))})"
    if MEMORY.search(words):
        error = BadRequest(
            f"{who} ran out of memory at {node}. Ask for fewer or smaller pictures, or later."
        )
    else:
        error = BadRequest(f"{who} failed at {node}. The operator can see why in its log.")
    error.__cause__ = Said(redacted(f"{node}: {words}"))
    return error


def files_of(entry: Mapping[str, Any]) -> list[File]:
    """The pictures of a run: those it saved, or where there are none those it only showed."""
    found = [
        File(str(each["filename"]), str(each.get("subfolder") or ""), str(each.get("type")))
        for output in mapping(entry.get("outputs")).values()
        for each in map(mapping, listed(mapping(output).get("images")))
        if isinstance(each.get("filename"), str)
    ]
    saved = [each for each in found if each.type == "output"]
    return saved or [each for each in found if each.type == "temp"]


def graph_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The graph that was run, as ComfyUI noted it: `[number, prompt_id, graph, …]`."""
    noted = listed(entry.get("prompt"))
    return mapping(noted[2]) if len(noted) > 2 else {}
