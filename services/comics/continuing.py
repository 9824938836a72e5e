"""Going on from a page that is there: its parameters, changed as somebody wishes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import InvalidParams
from core.tool import Parent
from core.writing import Script
from services.comics.cast import MEMBERS, CastMember
from services.comics.script import format_script, parse_script
from services.comics.wishes import Change, read_wish

OF_ONE_DRAWING = ("script", "kept", "kept_at", "redraw", "wish", "added", "mirrored")
"""Parameters that say how one drawing of a page came about, and nothing of the next."""


def lasting(parent: Parent) -> dict[str, Any]:
    """The parent's parameters that hold for whatever follows it."""
    return {name: value for name, value in parent.params.items() if name not in OF_ONE_DRAWING}


def script_of(parent: Parent) -> Script:
    text = parent.meta.get("script") or parent.params.get("script")
    if not isinstance(text, str):
        raise InvalidParams("The script of that page is not known any more. Ask for a new page.")
    return parse_script(text)


def panels_of(parent: Parent) -> dict[int, str]:
    """The asset IDs of a page's panels, by number from 1; declined ones are missing."""
    drawn = parent.meta.get("drawn") or ()
    return dict(zip(drawn, parent.parts.get("panel", ()), strict=False))


def cast_names(parent: Parent) -> list[str]:
    return [CastMember.model_validate(each).name for each in parent.params.get("cast") or ()]


def changed_page(parent: Parent, words: str, references: Sequence[str]) -> dict[str, Any]:
    """The parameters of a page that is changed by somebody's words."""
    change = read_wish(words, script_of(parent), cast_names(parent))
    return with_change(parent, change, references)


def same_page(parent: Parent, *, again: bool = False, **values: Any) -> dict[str, Any]:
    """The same page with other parameters: put together anew, or drawn `again` from what it is."""
    script = script_of(parent)
    every = tuple(range(1, len(script.panels) + 1))
    change = Change(script, every, every if again else ())
    return {**with_change(parent, change), **values}


def next_page(parent: Parent, words: str, references: Sequence[str] = ()) -> dict[str, Any]:
    """The parameters of the page after this one. Without words the story goes on by itself."""
    lasts = lasting(parent)
    story = str(lasts.get("story") or lasts.get("scenario") or "")
    shown = [*(lasts.get("references") or ()), *references][:MEMBERS]
    return {
        **lasts,
        **({"references": shown} if shown else {}),
        "scenario": words.strip() or story,
        "story": story,
        "page": int(lasts.get("page") or 1) + 1,
        "previous": parent.pictures[parent.position],
        "before": format_script(script_of(parent)),
    }


def with_change(parent: Parent, change: Change, references: Sequence[str] = ()) -> dict[str, Any]:
    """The parameters of what a change makes of a page. Empty ones are left out."""
    there = panels_of(parent)
    kept = {
        number: there[old]
        for number, old in enumerate(change.kept, 1)
        if old is not None and old in there
    }
    own: Mapping[str, Any] = {
        "panels": len(change.script.panels),
        "script": format_script(change.script),
        "kept": list(kept.values()),
        "kept_at": list(kept),
        "redraw": list(change.redraw),
        "wish": change.wish,
        "added": list(references)[:MEMBERS],
    }
    return {**lasting(parent), **{name: value for name, value in own.items() if value}}
