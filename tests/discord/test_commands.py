"""Limits on commands: what breaks them is refused as Discord does, and named."""

from __future__ import annotations

from typing import Any

import pytest

from tests.discord.by_hand import ByHand, complaint
from tests.discord.server import Made


def option(**given: Any) -> dict[str, Any]:
    return {"type": 3, "name": "prompt", "description": "x"} | given


def command(*options: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {"name": "draw", "description": "x", "options": list(options)} | given


COMMANDS = {
    "a name of 33": (command(name="x" * 33), "0.name"),
    "a name in capitals": (command(name="Draw"), "0.name"),
    "a name with a space": (command(name="draw it"), "0.name"),
    "no description": (command(description=""), "0.description"),
    "a description of 101": (command(description="x" * 101), "0.description"),
    "26 options": (command(*[option(name=f"o{n}") for n in range(26)]), "0.options"),
    "an option of 101": (command(option(description="x" * 101)), "0.options.0.description"),
    "an option twice": (command(option(), option()), "0.options.1.name"),
    "a required option after others": (
        command(option(), option(name="more", required=True)), "0.options.1",
    ),
    "26 choices": (
        command(option(choices=[{"name": str(n), "value": str(n)} for n in range(26)])),
        "0.options.0.choices",
    ),
    "a choice of 101": (
        command(option(choices=[{"name": "x" * 101, "value": "x"}])),
        "0.options.0.choices.0.name",
    ),
    "choices and suggestions": (
        command(option(autocomplete=True, choices=[{"name": "x", "value": "x"}])), "0.options.0",
    ),
    "a text of 6001": (command(option(max_length=6001)), "0.options.0.max_length"),
    "a length of a number": (command(option(type=4, max_length=5)), "0.options.0"),
    "options beside a subcommand": (
        command(option(), option(type=1, name="sub")), "0.options",
    ),
    "an unknown language": (
        command(name_localizations={"xx": "draw"}), "0.name_localizations",
    ),
    "a translation of 101": (
        command(description_localizations={"de": "x" * 101}), "0.description_localizations.de",
    ),
    "an unknown context": (command(contexts=[9]), "0.contexts"),
    "no way to install it": (command(integration_types=[]), "0.integration_types"),
    "a menu with a description": (
        {"type": 3, "name": "Edit this", "description": "x"}, "0.description",
    ),
    "more than 8000 characters": (
        command(*[option(name=f"o{n}", choices=[{"name": "x" * 90, "value": f"{m}" + "x" * 90}
                                                for m in range(25)]) for n in range(2)]),
        "0",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
async def test_a_command_is_refused_for(hand: ByHand, name: str) -> None:
    given, place = COMMANDS[name]
    path = f"/applications/{hand.discord.application_id}/commands"
    status, told = await hand.ask("PUT", path, [given])
    assert (status, told["code"]) == (400, 50035)
    assert complaint(told, place), told["errors"]
    assert hand.discord.world.commands == []


async def test_there_are_only_so_many_commands(hand: ByHand, home: Made) -> None:
    path = f"/applications/{hand.discord.application_id}/commands"
    for given in ([command(name=f"c{n}", options=[]) for n in range(101)],
                  [{"type": 3, "name": f"Menu {n}"} for n in range(16)]):  # fmt: skip
        status, told = await hand.ask("PUT", path, given)
        assert (status, told["code"]) == (400, 30032)
    status, told = await hand.ask("PUT", path, [command(), command()])
    assert complaint(told, "1")


async def test_commands_keep_their_ids_and_two_hundred_are_made_a_day(
    hand: ByHand, home: Made
) -> None:
    path = f"/applications/{hand.discord.application_id}/commands"
    _, [first] = await hand.ask("PUT", path, [command()])
    _, [again] = await hand.ask("PUT", path, [command(description="changed")])
    assert (first["id"], again["description"]) == (again["id"], "changed")
    for start in (0, 99):
        names = [command(name=f"c{start + n}", options=[]) for n in range(99)]
        assert (await hand.ask("PUT", path, names))[0] == 200
    here = f"/applications/{hand.discord.application_id}/guilds/{home.id}/commands"
    assert (await hand.ask("PUT", here, [command()]))[0] == 200
    status, told = await hand.ask("PUT", here, [command(name="last")])
    assert (status, told["code"]) == (400, 30034)
