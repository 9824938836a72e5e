"""What Discord's own description does not say is noticed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.discord import conformance
from tests.discord.by_hand import ByHand
from tests.discord.server import Made

BUTTON = {"type": 2, "style": 1, "label": "Go", "custom_id": "go", "colour": 1}
ROW = {"components": [{"type": 1, "components": [BUTTON]}]}


@pytest.mark.parametrize(
    ("request_", "body", "query", "complaint_"),
    [
        ("POST /channels/1/messages", {"content": "x"}, {}, None),
        ("POST /channels/1/messages", {"contents": "x"}, {}, "contents"),
        ("POST /channels/1/messages", {"content": 5}, {}, "content: 5"),
        ("POST /channels/1/messages", ROW, {}, "colour"),
        ("POST /channels/1/messages", {"content": "x"}, {"wait": "true"}, "wait"),
        ("GET /channels/1/messages", None, {"limit": "5"}, None),
        ("GET /channels/1/messages", None, {"limit": "many"}, "limit"),
        ("GET /channels/1/nothing", None, {}, "not described"),
        ("POST /interactions/1/t/callback", {"type": 4, "data": {"flag": 64}}, {}, "flag"),
        (
            "POST /interactions/1/t/callback",
            {"type": 9, "data": {"title": "Form"}},
            {},
            "custom_id",
        ),
    ],
)
def test_what_the_description_does_not_say_is_noticed(
    request_: str, body: Any, query: dict[str, str], complaint_: str | None
) -> None:
    found = conformance.check(request_, body, query, [])
    assert (complaint_ in found[0]) if complaint_ else (found == [])


async def test_a_misnamed_field_of_a_real_request_is_listed(hand: ByHand, home: Made) -> None:
    path = f"/channels/{home['general']}/messages"
    await hand.ask("POST", path, {"content": "x", "alowed_mentions": {"parse": []}})
    [found] = hand.discord.violations
    assert "alowed_mentions" in found


def test_answers_are_checked_as_well() -> None:
    assert conformance.check_answer("GET /users/@me", 200, {"id": "1"})
    assert conformance.check_answer("POST /channels/1/messages", 201, {})


def test_the_description_names_its_source_and_license() -> None:
    assert "discord-api-spec" in conformance.SPEC["source"]
    assert conformance.SPEC["license"] == "MIT"
