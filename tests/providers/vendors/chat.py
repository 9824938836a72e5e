"""Chat completions: OpenAI's, held against the types of its SDK, and a server that is less able."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from openai.types.chat import ChatCompletion
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from pydantic import TypeAdapter, ValidationError

from tests.providers.vendors.vendor import KEY, Wrong, json_of, only
from tests.providers.vendors.writing import WritingVendor, check_material, check_schema

MODEL = "gpt-6-luna"
PARAMS = TypeAdapter(CompletionCreateParamsNonStreaming)
USAGE = {
    "prompt_tokens": 1000,
    "completion_tokens": 500,
    "total_tokens": 1500,
    "prompt_tokens_details": {"cached_tokens": 400},
    "completion_tokens_details": {"reasoning_tokens": 300},
}
COST = "0.000314"
"""US dollars: 600 tokens in at $0.10, 400 known ones at $0.01, 500 out at $0.50 a million."""


class ChatVendor(WritingVendor):
    """One choice, in the form that was asked for."""

    able = True
    """Whether it knows `response_format`, as OpenAI does and many do not."""

    def routes(self) -> None:
        self.usage: dict[str, Any] | None = USAGE
        self.app.router.add_post("/v1/chat/completions", self.paid(self.complete))
        self.app.router.add_get("/v1/models", self.models)

    def failure(self, status: int) -> dict[str, Any]:
        code = {401: "invalid_api_key", 402: "insufficient_quota", 404: "model_not_found",
                429: "rate_limit_exceeded"}.get(status)  # fmt: skip
        message = f"Incorrect API key provided: {KEY}" if status == 401 else "It failed."
        return {"error": {"message": message, "type": "error", "param": None, "code": code}}

    async def models(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return web.json_response(self.failure(401), status=401)
        ending = {"id": "gpt-4o", "shutdown_date": "2027-01-14"}
        return web.json_response({"object": "list", "data": [{"id": MODEL}, ending]})

    async def complete(self, request: web.Request) -> web.StreamResponse:
        body = await json_of(request)
        only(body, "model", "messages", "response_format", "max_completion_tokens")
        if not self.able and "response_format" in body:
            self.asked.append(body)
            return refused("Unknown field: response_format")
        self.check(body)
        self.asked.append(body)
        if self.fault == "filtered before":
            return refused("The prompt was filtered.", code="content_filter")
        self.billed.append(self.usage)
        if self.fault == "no answers":
            return web.json_response({"id": "c1", "choices": [], "usage": self.usage})
        return web.json_response(self.completion())

    def check(self, body: dict[str, Any]) -> None:
        try:
            PARAMS.validate_python(body)
        except ValidationError as error:
            raise Wrong(str(error)[:500]) from error
        system, material, *more = body["messages"]
        if [each["role"] for each in body["messages"]] != ["system", "user", *["user"] * len(more)]:
            raise Wrong("roles")
        check_material(material["content"])
        if self.able:
            form = body["response_format"]["json_schema"]
            only(form, "name", "strict", "schema")
            check_schema(form["schema"], closed=form["strict"])
        elif "additionalProperties" not in system["content"]:
            raise Wrong("nobody says in which form")

    def completion(self) -> dict[str, Any]:
        ends = {"cut off": "length", "filtered": "content_filter"}
        message = {"role": "assistant", "content": self.text(), "refusal": None}
        if self.fault == "cut off":
            message["content"] = '{"prompt": "a fox in'
        if self.fault == "refused":
            message |= {"content": None, "refusal": "I cannot write about that."}
        choice = {"index": 0, "message": message, "logprobs": None,
                  "finish_reason": ends.get(self.fault or "", "stop")}  # fmt: skip
        whole = {"id": "c1", "object": "chat.completion", "created": 1, "model": f"{MODEL}-2026",
                 "choices": [choice], "usage": self.usage}  # fmt: skip
        return ChatCompletion.model_validate(whole).model_dump(mode="json", exclude_unset=True)


class PlainVendor(ChatVendor):
    """A server that has never heard of `response_format`."""

    able = False


def refused(message: str, code: str | None = None) -> web.Response:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return web.json_response({"error": error}, status=400)
