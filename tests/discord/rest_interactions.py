"""Answers to interactions: the first one within three seconds, more for fifteen minutes."""

from __future__ import annotations

from typing import Any

from tests.discord.components import check_modal
from tests.discord.messages import EPHEMERAL, LOADING
from tests.discord.refusals import Complaints, Refusal, invalid, unknown
from tests.discord.rest import Area, Call, route
from tests.discord.rules import Upload
from tests.discord.world import EXTERNAL_APPS, Interaction

TOKEN_LIFE = 15 * 60
ANSWER_WITHIN = 3.0
FOLLOWUPS_AS_GUEST = 5
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
MESSAGE, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
SLASH_ANSWER, MENU_ANSWER = 20, 23


class Interactions(Area):
    @route("POST", "/interactions/{id}/{token}/callback")
    async def callback(self, call: Call) -> Any:
        interaction = self.world.interactions.get(call.path["id"])
        if interaction is None or interaction.payload["token"] != call.path["token"]:
            raise unknown("interaction", 10062)
        if interaction.answered:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        if self.world.clock() - interaction.created > ANSWER_WITHIN:
            raise unknown("interaction", 10062)
        kind, data = call.body.get("type"), call.body.get("data") or {}
        self.check_kind(interaction, kind)
        message = self.answer(interaction, kind, data, call.files)
        interaction.answered = True
        if message is not None:
            await self.announce(kind, message)
        if call.query.get("with_response", "").lower() not in ("1", "true"):
            return None
        return self.response(interaction, kind, message)

    def check_kind(self, interaction: Interaction, kind: Any) -> None:
        """Refuse an answer that does not fit what was asked."""
        asked = interaction.payload["type"]
        fitting = {
            COMMAND: (MESSAGE, DEFER, MODAL),
            COMPONENT: (MESSAGE, DEFER, DEFER_UPDATE, UPDATE, MODAL),
            AUTOCOMPLETE: (CHOICES,),
            MODAL_SUBMIT: (MESSAGE, DEFER),
        }[asked]
        if asked == MODAL_SUBMIT and "message" in interaction.payload:
            fitting += (DEFER_UPDATE, UPDATE)
        complaints = Complaints()
        complaints.choice("type", kind, fitting)
        complaints.settle()

    def answer(
        self, interaction: Interaction, kind: int, data: dict[str, Any], files: list[Upload]
    ) -> dict[str, Any] | None:
        """Do what a first answer says; the message that it shows, if it shows one."""
        if kind == MESSAGE:
            return self.begin(interaction, self.write(interaction, data, files))
        if kind == DEFER:
            return self.begin(interaction, self.defer(interaction, data))
        if kind in (DEFER_UPDATE, UPDATE):
            return self.update(interaction, kind, data, files)
        if kind == CHOICES:
            interaction.choices = checked_choices(data)
        else:
            check_modal(data)
            interaction.modal = data
        return None

    def begin(self, interaction: Interaction, message: dict[str, Any]) -> dict[str, Any]:
        interaction.message_id = message["id"]
        interaction.ephemeral = bool(message["flags"] & EPHEMERAL)
        interaction.loading = bool(message["flags"] & LOADING)
        interaction.results.append(message["id"])
        return message

    def update(
        self, interaction: Interaction, kind: int, data: dict[str, Any], files: list[Upload]
    ) -> dict[str, Any] | None:
        """Answer by changing the message whose component was used, now or later."""
        original_id = interaction.payload["message"]["id"]
        interaction.message_id = original_id
        if kind == DEFER_UPDATE:
            return None
        original = self.world.messages.get(original_id)
        if original is None:
            raise unknown("Message", 10008)
        limit = interaction.payload["attachment_size_limit"]
        changed = self.messages.change(original, data, files, limit)
        interaction.results.append(original_id)
        return changed

    async def announce(self, kind: int, message: dict[str, Any]) -> None:
        if kind == UPDATE:
            await self.messages.changed(message)
        else:
            await self.messages.publish(message)

    def response(
        self, interaction: Interaction, kind: int, message: dict[str, Any] | None
    ) -> dict[str, Any]:
        """What Discord tells of an answer when it is asked to."""
        payload = interaction.payload
        state = {"id": payload["id"], "type": payload["type"]}
        if message is None:
            return {"interaction": state}
        state |= {
            "response_message_id": message["id"],
            "response_message_loading": interaction.loading,
            "response_message_ephemeral": bool(message["flags"] & EPHEMERAL),
        }
        if kind == DEFER:
            return {"interaction": state}
        resource = {"type": kind, "message": self.files.renewed(message)}
        return {"interaction": state, "resource": resource}

    def write(
        self, interaction: Interaction, data: dict[str, Any], files: list[Upload]
    ) -> dict[str, Any]:
        """A new message from the bot in answer to an interaction."""
        payload = interaction.payload
        limit = payload["attachment_size_limit"]
        message = self.messages.compose(payload["channel_id"], data, files, limit)
        return self.as_answer(interaction, message, data.get("flags") or 0)

    def defer(self, interaction: Interaction, data: dict[str, Any]) -> dict[str, Any]:
        """The message that says that the app is thinking."""
        flags = data.get("flags") or 0
        if flags & ~EPHEMERAL:
            raise invalid("data.flags", "MESSAGE_FLAGS_INVALID", "Only EPHEMERAL may be set.")
        message = self.messages.draft(interaction.payload["channel_id"], self.world.bot, "")
        message["flags"] = LOADING
        return self.as_answer(interaction, message, flags)

    def as_answer(
        self, interaction: Interaction, message: dict[str, Any], flags: int
    ) -> dict[str, Any]:
        """Mark a message as the answer that it is; only its person may see a private one."""
        payload = interaction.payload
        message |= {"webhook_id": self.world.application_id}
        message |= {"application_id": self.world.application_id}
        message["interaction_metadata"] = interaction.metadata()
        if interaction.message_id is None and payload["type"] == COMMAND:
            menu = payload["data"]["type"] != 1
            message["type"] = MENU_ANSWER if menu else SLASH_ANSWER
        original = interaction.message_id or payload.get("message", {}).get("id")
        if original in self.world.messages and original not in self.world.visible_to:
            self.messages.make_reply(message, self.world.messages[original])
        if flags & EPHEMERAL or not self.in_public(interaction):
            message["flags"] |= EPHEMERAL
            self.world.visible_to[message["id"]] = interaction.person["id"]
        return message

    def in_public(self, interaction: Interaction) -> bool:
        """Whether others may see it: a guild may keep the apps of its members to themselves."""
        member = interaction.payload.get("member")
        allowed = int(member["permissions"]) if member else EXTERNAL_APPS
        return interaction.member_of or bool(allowed & EXTERNAL_APPS)

    def by_token(self, call: Call) -> Interaction:
        interaction = self.world.tokens.get(call.path["token"])
        if interaction is None or call.path["application"] != self.world.application_id:
            raise unknown("Webhook", 10015)
        if self.world.clock() - interaction.created > TOKEN_LIFE:
            raise Refusal(401, 50027, "Invalid Webhook Token")
        if not interaction.answered:
            raise unknown("Webhook", 10015)
        return interaction

    def own(self, interaction: Interaction, message_id: str) -> dict[str, Any]:
        """A message that this interaction answered with, or that it may change."""
        if message_id == "@original":
            message_id = interaction.message_id or ""
        message = self.world.messages.get(message_id)
        known = message_id == interaction.message_id or message_id in interaction.results
        if message is None or not known:
            raise unknown("Message", 10008)
        return message

    @route("POST", "/webhooks/{application}/{token}")
    async def followup(self, call: Call) -> Any:
        """One more message; right after a deferred answer it takes that one's place instead."""
        interaction = self.by_token(call)
        if interaction.loading:
            return await self.edit(interaction, self.own(interaction, "@original"), call)
        if not interaction.member_of and interaction.followups >= FOLLOWUPS_AS_GUEST:
            message = "This interaction has hit the maximum number of follow up messages"
            raise Refusal(400, 40094, message)
        message = self.write(interaction, call.body, call.files)
        interaction.followups += 1
        interaction.results.append(message["id"])
        await self.messages.publish(message)
        return self.files.renewed(message)

    @route("PATCH", "/webhooks/{application}/{token}/messages/{message}")
    async def edit_by_token(self, call: Call) -> Any:
        interaction = self.by_token(call)
        return await self.edit(interaction, self.own(interaction, call.path["message"]), call)

    async def edit(self, interaction: Interaction, message: dict[str, Any], call: Call) -> Any:
        limit = interaction.payload["attachment_size_limit"]
        changed = self.messages.change(message, call.body, call.files, limit)
        if message["id"] == interaction.message_id:
            interaction.loading = False
        if message["id"] not in interaction.results:
            interaction.results.append(message["id"])
        await self.messages.changed(changed)
        return self.files.renewed(changed)

    @route("GET", "/webhooks/{application}/{token}/messages/{message}")
    async def get_by_token(self, call: Call) -> Any:
        return self.files.renewed(self.own(self.by_token(call), call.path["message"]))

    @route("DELETE", "/webhooks/{application}/{token}/messages/{message}")
    async def delete_by_token(self, call: Call) -> None:
        interaction = self.by_token(call)
        message = self.own(interaction, call.path["message"])
        interaction.loading = interaction.loading and message["id"] != interaction.message_id
        await self.messages.remove(message)


def checked_choices(data: dict[str, Any]) -> list[dict[str, Any]]:
    complaints = Complaints()
    choices = data.get("choices") or []
    complaints.length("data.choices", choices, 0, 25)
    for index, each in enumerate(choices):
        complaints.length(f"data.choices.{index}.name", each.get("name"), 1, 100)
    complaints.settle()
    return choices
