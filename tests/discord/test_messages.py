"""Limits on messages and forms: what breaks them is refused as Discord does, and named."""

from __future__ import annotations

from typing import Any

import pytest

from tests.discord.by_hand import ByHand, complaint
from tests.discord.conftest import UPLOAD_LIMIT
from tests.discord.server import Made

MIB = 1024 * 1024


def button(**changes: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "Go", "custom_id": "go"} | changes


def row(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(components)}


def buttons(count: int) -> dict[str, Any]:
    return row(*(button(custom_id=str(number)) for number in range(count)))


def menu(count: int = 1, **changes: Any) -> dict[str, Any]:
    options = [{"label": f"Option {number}", "value": str(number)} for number in range(count)]
    return {"type": 3, "custom_id": "menu", "options": options} | changes


def embed(**given: Any) -> dict[str, Any]:
    return {"embeds": [{"description": "x"} | given]}


def shown(*components: dict[str, Any]) -> dict[str, Any]:
    return {"content": "x", "components": list(components)}


FIELD = {"name": "n", "value": "v"}
V2 = 1 << 15

MESSAGES = {
    "content of 2001": ({"content": "x" * 2001}, "content"),
    "eleven embeds": ({"embeds": [{"title": "x"}] * 11}, "embeds"),
    "an embed title of 257": (embed(title="x" * 257), "embeds.0.title"),
    "an embed description of 4097": (embed(description="x" * 4097), "embeds.0.description"),
    "an embed footer of 2049": (embed(footer={"text": "x" * 2049}), "embeds.0.footer.text"),
    "an embed author of 257": (embed(author={"name": "x" * 257}), "embeds.0.author.name"),
    "26 fields": (embed(fields=[FIELD] * 26), "embeds.0.fields"),
    "a field name of 257": (embed(fields=[FIELD | {"name": "x" * 257}]), "embeds.0.fields.0.name"),
    "a field of 1025": (embed(fields=[FIELD | {"value": "x" * 1025}]), "embeds.0.fields.0.value"),
    "a field without a value": (embed(fields=[FIELD | {"value": " "}]), "embeds.0.fields.0.value"),
    "embeds of 6001": (
        {"embeds": [{"description": "x" * 3001}, {"description": "x" * 3000}]}, "embeds.1",
    ),
    "an empty embed": ({"embeds": [{}]}, "embeds.0.description"),
    "an embed with a bad link": (embed(image={"url": "file:///x"}), "embeds.0.image.url"),
    "six rows": (shown(*[row(button(custom_id=str(n))) for n in range(6)]), "components"),
    "six buttons": (shown(buttons(6)), "components.0.components"),
    "no buttons": (shown(row()), "components.0.components"),
    "a button label of 81": (
        shown(row(button(label="x" * 81))), "components.0.components.0.label",
    ),
    "a button without a label": (shown(row(button(label=""))), "components.0.components.0"),
    "a button without a style": (
        shown(row(button(style=9))), "components.0.components.0.style",
    ),
    "a button without an ID": (
        shown(row(button(custom_id=None))), "components.0.components.0.custom_id",
    ),
    "a link with an ID": (
        shown(row(button(style=5, url="https://a.b"))), "components.0.components.0",
    ),
    "an ID of 101": (
        shown(row(button(custom_id="x" * 101))), "components.0.components.0.custom_id",
    ),
    "an ID twice": (
        shown(row(button(), button(label="Also"))), "components.0.components.1.custom_id",
    ),
    "a menu beside a button": (shown(row(menu(), button())), "components.0.components"),
    "26 options": (shown(row(menu(26))), "components.0.components.0.options"),
    "a placeholder of 151": (
        shown(row(menu(placeholder="x" * 151))), "components.0.components.0.placeholder",
    ),
    "an option twice": (
        shown(row(menu(options=[{"label": "a", "value": "a"}] * 2))),
        "components.0.components.0.options.1.value",
    ),
    "26 to be chosen": (shown(row(menu(max_values=26))), "components.0.components.0.max_values"),
    "a button outside a row": (shown(button()), "components.0.type"),
    "a text in a plain message": (shown({"type": 10, "content": "x"}), "components.0.type"),
    "41 parts of a layout": (
        {"flags": V2, "components": [{"type": 10, "content": "x"}] * 41}, "components",
    ),
    "content beside a layout": (
        {"flags": V2, "content": "x", "components": [{"type": 10, "content": "x"}]}, "content",
    ),
    "eleven pictures in a gallery": (
        {"flags": V2, "components": [{"type": 12, "items": [{"media": {"url": "x"}}] * 11}]},
        "components.0.items",
    ),
    "eleven attachments": (
        {"content": "x", "attachments": [{"id": str(n)} for n in range(11)]}, "attachments",
    ),
    "an alt text of 1025": (
        {"attachments": [{"id": 0, "description": "x" * 1025}]}, "attachments.0.description",
    ),
    "an unknown attachment": ({"content": "x", "attachments": [{"id": 7}]}, "attachments.0.id"),
    "a nonce of 26": ({"content": "x", "nonce": "x" * 26}, "nonce"),
    "a reply to nothing": (
        {"content": "x", "message_reference": {"message_id": "1"}}, "message_reference",
    ),
    "users to ping, and all of them": (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions",
    ),
    "a flag of Discord's own": ({"content": "x", "flags": 1 << 7}, "flags"),
}  # fmt: skip


@pytest.mark.parametrize("name", MESSAGES)
async def test_a_message_is_refused_for(hand: ByHand, home: Made, name: str) -> None:
    body, place = MESSAGES[name]
    files = {"a.png": b"x"} if "alt text" in name else None
    status, told = await hand.ask("POST", f"/channels/{home['general']}/messages", body, files)
    assert (status, told["code"]) == (400, 50035)
    assert complaint(told, place), told["errors"]
    assert hand.discord.world.messages == {}


JUST_FITS = {
    "content": {"content": "x" * 2000},
    "embeds": {"embeds": [{"title": "x" * 256, "description": "x" * 4096},
                          {"fields": [{"name": "x" * 256, "value": "x" * 1024}] * 1}]},
    "rows": shown(*[
        row(*[button(custom_id=f"{n} {m}", label="x" * 80) for m in range(5)]) for n in range(5)
    ]),
    "a menu": shown(row(menu(25, placeholder="x" * 150, max_values=25))),
    "a layout": {"flags": V2, "components": [{"type": 10, "content": "x" * 100}] * 40},
    "a long ID": shown(row(button(custom_id="x" * 100))),
}  # fmt: skip


@pytest.mark.parametrize("name", JUST_FITS)
async def test_a_message_may_be_as_large_as(hand: ByHand, home: Made, name: str) -> None:
    path = f"/channels/{home['general']}/messages"
    status, told = await hand.ask("POST", path, JUST_FITS[name])
    assert status == 200, told
    assert hand.discord.violations == []


@pytest.mark.parametrize(
    ("body", "files", "expected"),
    [
        ({}, None, (400, 50006)),
        ({"content": " \n "}, None, (400, 50006)),
        ({}, {"a.png": b"x" * (UPLOAD_LIMIT + 1)}, (413, 40005)),
        ({}, {f"{n}.png": b"x" for n in range(11)}, (400, 50035)),
        ({}, {"a.png": b"x" * UPLOAD_LIMIT}, (200, None)),
    ],
)
async def test_something_of_a_fitting_size_has_to_be_sent(
    hand: ByHand, home: Made, body: Any, files: Any, expected: tuple[int, int | None]
) -> None:
    status, told = await hand.ask("POST", f"/channels/{home['general']}/messages", body, files)
    assert (status, told.get("code")) == expected


async def test_a_request_is_no_larger_than_25_mib(hand: ByHand, home: Made) -> None:
    home.state.upload_limit = 10 * MIB
    files = {f"{number}.png": bytes(9 * MIB) for number in range(3)}
    status, told = await hand.ask("POST", f"/channels/{home['general']}/messages", {}, files)
    assert (status, told["code"]) == (413, 40005)


async def test_an_edit_keeps_the_files_that_it_names(hand: ByHand, home: Made) -> None:
    path = f"/channels/{home['general']}/messages"
    _, sent = await hand.ask("POST", path, {"content": "x"}, {"a.png": b"a", "b.png": b"b"})
    kept = {"id": sent["attachments"][1]["id"]}
    new = {"id": 0, "description": "new"}
    edit = {"attachments": [kept, new]}
    _, changed = await hand.ask("PATCH", f"{path}/{sent['id']}", edit, {"c.png": b"c"})
    assert [each["filename"] for each in changed["attachments"]] == ["b.png", "c.png"]
    assert changed["attachments"][1]["description"] == "new"
    status, told = await hand.ask("PATCH", f"{path}/{sent['id']}", {"attachments": [{"id": "7"}]})
    assert (status, told["code"]) == (400, 50035)
    bare = {"content": "", "attachments": []}
    status, told = await hand.ask("PATCH", f"{path}/{sent['id']}", bare)
    assert (status, told["code"]) == (400, 50006)


async def test_a_file_that_an_embed_shows_is_not_shown_beneath_it(hand: ByHand, home: Made) -> None:
    body = embed(image={"url": "attachment://a.png"})
    path = f"/channels/{home['general']}/messages"
    _, sent = await hand.ask("POST", path, body, {"a.png": b"a"})
    assert sent["attachments"] == []
    assert sent["embeds"][0]["image"]["url"].startswith(hand.discord.cdn_url)


FORM = {"title": "Form", "custom_id": "form"}
WORDS = {"type": 4, "custom_id": "words", "style": 1}


def labeled(**inner: Any) -> dict[str, Any]:
    return FORM | {"components": [{"type": 18, "label": "Words", "component": WORDS | inner}]}


MODALS = {
    "a title of 46": (labeled() | {"title": "x" * 46}, "data.title"),
    "no ID": (labeled() | {"custom_id": ""}, "data.custom_id"),
    "six fields": (
        FORM | {"components": [{"type": 18, "label": "x", "component": WORDS | {"custom_id": str(n)}}
                               for n in range(6)]},
        "data.components",
    ),
    "no fields": (FORM | {"components": []}, "data.components"),
    "a label of 46": (
        FORM | {"components": [{"type": 18, "label": "x" * 46, "component": WORDS}]},
        "data.components.0.label",
    ),
    "a text of 4001": (labeled(max_length=4001), "data.components.0.component.max_length"),
    "a value of 4001": (labeled(value="x" * 4001), "data.components.0.component.value"),
    "a hint of 101": (labeled(placeholder="x" * 101), "data.components.0.component.placeholder"),
    "eleven files": (
        labeled(type=19, max_values=11), "data.components.0.component.max_values",
    ),
    "a button in a label": (labeled(type=2), "data.components.0.component.type"),
}  # fmt: skip


@pytest.mark.parametrize("name", MODALS)
async def test_a_form_is_refused_for(hand: ByHand, home: Made, name: str) -> None:
    form, place = MODALS[name]
    asked = await hand.asked(home.member("Anna"), home["general"])
    status, told = await hand.answer(asked, 9, form)
    assert (status, told["code"]) == (400, 50035)
    assert complaint(told, place), told["errors"]
    assert not asked.answered


@pytest.mark.parametrize(
    ("asked_for", "answered_with"),
    [(2, 6), (2, 7), (2, 8), (4, 4), (5, 9), (5, 7), (3, 8), (2, 99)],
)
async def test_an_answer_has_to_fit_what_was_asked(
    hand: ByHand, home: Made, asked_for: int, answered_with: int
) -> None:
    asked = await hand.asked(home.member("Anna"), home["general"], asked_for)
    status, told = await hand.answer(asked, answered_with, {"content": "x"})
    assert (status, told["code"]) == (400, 50035)
    assert complaint(told, "type")


async def test_more_than_25_suggestions_are_refused(hand: ByHand, home: Made) -> None:
    asked = await hand.asked(home.member("Anna"), home["general"], 4)
    choices = [{"name": str(number), "value": str(number)} for number in range(26)]
    status, told = await hand.answer(asked, 8, {"choices": choices})
    assert (status, complaint(told, "data.choices") != []) == (400, True)
    assert (await hand.answer(asked, 8, {"choices": choices[:25]}))[0] == 204


async def test_nothing_is_followed_up_before_the_first_answer(hand: ByHand, home: Made) -> None:
    asked = await hand.asked(home.member("Anna"), home["general"])
    path = f"/webhooks/{hand.discord.application_id}/{asked.payload['token']}"
    for method, each in (("POST", path), ("PATCH", f"{path}/messages/@original")):
        status, told = await hand.ask(method, each, {"content": "x"})
        assert (status, told["code"]) == (404, 10015)
