"""Gemini's `generateContent` for text, held against the types of Google's SDK 3.4."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from google.genai import types
from pydantic import ValidationError

from tests.providers.vendors.gemini import GeminiVendor
from tests.providers.vendors.vendor import Wrong, json_of, only
from tests.providers.vendors.writing import WritingVendor, check_material, check_schema

MODEL = "gemini-3.8-flash"
USAGE = {
    "promptTokenCount": 1000,
    "candidatesTokenCount": 200,
    "thoughtsTokenCount": 300,
    "totalTokenCount": 1500,
}
COST = "0.002625"
"""US dollars: 1000 tokens in at $0.75, 500 thought and said at $3.75 a million."""


class GeminiTextVendor(WritingVendor):
    """Thinks aloud, then writes."""

    details = True
    failure = GeminiVendor.failure
    denied = GeminiVendor.denied

    def routes(self) -> None:
        self.usage: dict[str, Any] | None = USAGE
        self.app.router.add_post("/v1/models/{call}", self.paid(self.generate))
        self.app.router.add_get("/v1/models/{model}", self.model)

    async def model(self, request: web.Request) -> web.StreamResponse:
        if denied := self.denied(request):
            return denied
        if request.match_info["model"] != MODEL:
            return web.json_response(self.failure(404), status=404)
        return web.json_response({"name": f"models/{MODEL}"})

    async def generate(self, request: web.Request) -> web.StreamResponse:
        if denied := self.denied(request):
            return denied
        if request.match_info["call"] != f"{MODEL}:generateContent":
            return web.json_response(self.failure(404), status=404)
        body = await json_of(request)
        self.check(body)
        self.asked.append(body)
        if self.fault == "blocked":
            return web.json_response({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}})
        self.billed.append(self.usage)
        return web.json_response(self.content())

    def check(self, body: dict[str, Any]) -> None:
        only(body, "systemInstruction", "contents", "generationConfig")
        config = body["generationConfig"]
        only(config, "responseMimeType", "responseJsonSchema", "maxOutputTokens")
        if config["responseMimeType"] != "application/json":
            raise Wrong("type of answer")
        check_schema(config["responseJsonSchema"], closed=False)
        [content] = body["contents"]
        check_material(content["parts"][0]["text"])
        try:
            types.Content.model_validate(content)
            types.Content.model_validate(body["systemInstruction"])
            types.GenerationConfig.model_validate(config)
        except ValidationError as error:
            raise Wrong(str(error)[:500]) from error

    def content(self) -> dict[str, Any]:
        answer: dict[str, Any] = {"responseId": "r1", "modelVersion": MODEL}
        if self.usage is not None:
            answer["usageMetadata"] = self.usage
        if self.fault == "no answers":
            return answer
        ends = {"cut off": "MAX_TOKENS", "refused": "SAFETY"}
        parts: list[dict[str, Any]] = [{"text": "{Let me think.", "thought": True}]
        if self.fault == "cut off":
            parts.append({"text": '{"prompt": "a fox in'})
        elif self.fault != "refused":
            text = self.text()
            parts += [{"text": text[:9]}, {"text": text[9:]}]
        reason = ends.get(self.fault or "", "STOP")
        content = {"role": "model", "parts": parts}
        types.Content.model_validate(content)
        return {**answer, "candidates": [{"content": content, "finishReason": reason, "index": 0}]}
