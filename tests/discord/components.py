"""The rules for buttons, selects, layouts and forms."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from tests.discord.refusals import Complaints

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS = (3, 5, 6, 7, 8)
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 9, 10, 11, 12, 13, 14, 17
LABEL, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 18, 19, 21, 22, 23
LAYOUT = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER)
IN_LABELS = (*SELECTS, TEXT_INPUT, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX)
LINK, PREMIUM = 5, 6

Component = dict[str, Any]


def children(component: Component) -> list[Component]:
    inner = list(component.get("components") or [])
    for name in ("component", "accessory"):
        if component.get(name):
            inner.append(component[name])
    return inner


def walk(components: list[Component]) -> Iterator[Component]:
    """Every component, those inside others included."""
    for each in components:
        yield each
        yield from walk(children(each))


def numbered(components: list[Component] | None) -> list[Component]:
    """Components as Discord stores them: each with a number that no other one has."""
    taken = {each["id"] for each in walk(components or []) if each.get("id")}
    free = (number for number in itertools.count(1) if number not in taken)
    return [with_number(each, free) for each in components or []]


def with_number(component: Component, free: Iterator[int]) -> Component:
    stored = {name: value for name, value in component.items() if value is not None}
    stored["id"] = component.get("id") or next(free)
    if component.get("type") in SELECTS:
        stored = {"min_values": 1, "max_values": 1, **stored}
    if "components" in stored:
        stored["components"] = [with_number(each, free) for each in stored["components"]]
    for name in ("component", "accessory"):
        if name in stored:
            stored[name] = with_number(stored[name], free)
    return stored


def check_components(complaints: Complaints, components: list[Component], *, v2: bool) -> None:
    """What a message may hold: up to five rows, or a layout if it is flagged as one."""
    if v2:
        if sum(1 for _ in walk(components)) > 40:
            complaints.add("components", "COMPONENT_MAX_TOTAL", "Must be 40 or fewer in total.")
    else:
        complaints.length("components", components, 0, 5)
    seen: set[str] = set()
    for index, each in enumerate(components):
        path = f"components.{index}"
        complaints.choice(f"{path}.type", each.get("type"), LAYOUT if v2 else (ROW,))
        check_component(complaints, path, each, seen)


def check_component(
    complaints: Complaints, path: str, component: Component, seen: set[str]
) -> None:
    kind = component.get("type")
    if kind == ROW:
        check_row(complaints, path, component)
    elif kind == BUTTON:
        check_button(complaints, path, component)
    elif kind in SELECTS:
        check_select(complaints, path, component)
    elif kind == TEXT:
        complaints.length(f"{path}.content", component.get("content"), 1, 4000)
    elif kind == GALLERY:
        check_gallery(complaints, path, component)
    elif kind == TEXT_INPUT:
        check_text_input(complaints, path, component)
    elif kind == FILE_UPLOAD:
        complaints.number(f"{path}.min_values", component.get("min_values"), 0, 10)
        complaints.number(f"{path}.max_values", component.get("max_values"), 1, 10)
    elif kind in (RADIO_GROUP, CHECKBOX_GROUP):
        check_options(complaints, path, component, 2 if kind == RADIO_GROUP else 1, 10)
    check_custom_id(complaints, path, component, seen)
    for name in ("component", "accessory"):
        if component.get(name):
            check_component(complaints, f"{path}.{name}", component[name], seen)
    for index, each in enumerate(component.get("components") or []):
        check_component(complaints, f"{path}.components.{index}", each, seen)


def check_row(complaints: Complaints, path: str, row: Component) -> None:
    inner = row.get("components") or []
    selects = [each for each in inner if each.get("type") != BUTTON]
    if not 1 <= len(inner) <= 5:
        message = "Must be between 1 and 5 in length."
        complaints.add(f"{path}.components", "BASE_TYPE_BAD_LENGTH", message)
    elif selects and len(inner) > 1:
        message = "The specified component exceeds the maximum width"
        complaints.add(f"{path}.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)


def check_button(complaints: Complaints, path: str, button: Component) -> None:
    complaints.length(f"{path}.label", button.get("label"), 0, 80)
    style = button.get("style")
    complaints.choice(f"{path}.style", style, (1, 2, 3, 4, LINK, PREMIUM))
    if style == LINK:
        complaints.length(f"{path}.url", button.get("url"), 1, 512)
    if style in (1, 2, 3, 4) and not button.get("custom_id"):
        complaints.required(f"{path}.custom_id")
    if button.get("custom_id") and button.get("url"):
        message = "A custom id and url cannot both be specified"
        complaints.add(path, "BUTTON_COMPONENT_CUSTOM_ID_URL_EXCLUSIVE", message)
    if style != PREMIUM and not button.get("label") and not button.get("emoji"):
        complaints.add(path, "BUTTON_COMPONENT_INVALID_LABEL", "A label or emoji is required")


def check_select(complaints: Complaints, path: str, select: Component) -> None:
    complaints.length(f"{path}.placeholder", select.get("placeholder"), 0, 150)
    complaints.number(f"{path}.min_values", select.get("min_values"), 0, 25)
    complaints.number(f"{path}.max_values", select.get("max_values"), 1, 25)
    if not select.get("custom_id"):
        complaints.required(f"{path}.custom_id")
    if select.get("type") == STRING_SELECT:
        check_options(complaints, path, select, 1, 25)


def check_options(
    complaints: Complaints, path: str, select: Component, low: int, high: int
) -> None:
    options = select.get("options") or []
    complaints.length(f"{path}.options", options, low, high)
    seen: set[str] = set()
    for index, each in enumerate(options):
        place = f"{path}.options.{index}"
        complaints.length(f"{place}.label", each.get("label"), 1, 100)
        complaints.length(f"{place}.value", each.get("value"), 1, 100)
        complaints.length(f"{place}.description", each.get("description"), 0, 100)
        if each.get("value") in seen:
            message = "The specified option value is already used"
            complaints.add(f"{place}.value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
        seen.add(each.get("value"))
    chosen = sum(bool(each.get("default")) for each in options)
    if chosen > (select.get("max_values") or 1):
        message = "The number of defaults exceeds the maximum number of values"
        complaints.add(path, "SELECT_COMPONENT_MAX_VALUES", message)


def check_gallery(complaints: Complaints, path: str, gallery: Component) -> None:
    items = gallery.get("items") or []
    complaints.length(f"{path}.items", items, 1, 10)
    for index, each in enumerate(items):
        complaints.length(f"{path}.items.{index}.description", each.get("description"), 0, 1024)


def check_text_input(complaints: Complaints, path: str, field: Component) -> None:
    complaints.choice(f"{path}.style", field.get("style"), (1, 2))
    complaints.number(f"{path}.min_length", field.get("min_length"), 0, 4000)
    complaints.number(f"{path}.max_length", field.get("max_length"), 1, 4000)
    complaints.length(f"{path}.value", field.get("value"), 0, 4000)
    complaints.length(f"{path}.placeholder", field.get("placeholder"), 0, 100)


def check_custom_id(
    complaints: Complaints, path: str, component: Component, seen: set[str]
) -> None:
    custom_id = component.get("custom_id")
    if custom_id is None:
        return
    complaints.length(f"{path}.custom_id", custom_id, 1, 100)
    if custom_id in seen:
        message = "Component custom id cannot be duplicated"
        complaints.add(f"{path}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", message)
    seen.add(custom_id)


def check_modal(form: dict[str, Any]) -> None:
    """What a form may hold: one to five labels or texts."""
    complaints = Complaints()
    complaints.length("data.title", form.get("title"), 1, 45)
    complaints.length("data.custom_id", form.get("custom_id"), 1, 100)
    components = form.get("components") or []
    complaints.length("data.components", components, 1, 5)
    seen: set[str] = set()
    for index, each in enumerate(components):
        path = f"data.components.{index}"
        complaints.choice(f"{path}.type", each.get("type"), (ROW, TEXT, LABEL))
        if each.get("type") == LABEL:
            complaints.length(f"{path}.label", each.get("label"), 1, 45)
            complaints.length(f"{path}.description", each.get("description"), 0, 100)
            inner = each.get("component") or {}
            complaints.choice(f"{path}.component.type", inner.get("type"), IN_LABELS)
        elif each.get("type") == ROW:
            for inner in each.get("components") or []:
                complaints.choice(f"{path}.components.0.type", inner.get("type"), (TEXT_INPUT,))
                complaints.length(f"{path}.components.0.label", inner.get("label"), 1, 45)
        check_component(complaints, path, each, seen)
    complaints.settle()
