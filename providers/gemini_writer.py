"""Writers by Gemini's `generateContent`, asked for JSON of a schema. A 200 may be a refusal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import BadRequest, ProviderError, Refused
from core.settings import Settings
from core.writing import T, Writing, Written
from providers import structured
from providers.gemini.reading import code_in, listed, mapping, refusal, translate
from providers.prices import Price, table
from providers.structured import Bill
from providers.wire import Answer, Wire

LABEL = "Gemini"
READING = 180.0
"""Seconds; a script is thought about for a minute or two."""
CUT_OFF = "MAX_TOKENS"


def open_writer(settings: Settings) -> GeminiWriter | None:
    """Gemini's language model, where there is a key."""
    if settings.gemini_api_key is None or settings.gemini_text_model is None:
        return None
    return GeminiWriter(
        settings.google_gemini_base_url,
        settings.gemini_api_key.get_secret_value(),
        settings.gemini_text_model,
        table(settings.prices_file),
    )


class GeminiWriter:
    """Writes by `generateContent`."""

    name = "gemini"
    label = LABEL
    repeatable = False

    def __init__(
        self, base_url: str, key: str, model: str, prices: Mapping[str, Price], **options: Any
    ) -> None:
        self.models: Sequence[str] = (model,)
        self.price = prices.get(model)
        versioned = re.search(r"/v\d\w*/?$", base_url)
        base_url = base_url if versioned else f"{base_url.rstrip('/')}/v1"
        headers = {"x-goog-api-key": key}
        options.setdefault("reading", READING)
        self.wire = Wire(self.label, base_url, headers, in_words, **options)

    async def write(self, writing: Writing[T]) -> Written[T]:
        path = f"models/{self.models[0]}:generateContent"
        return self.written(writing, await self.wire.post(path, json=self.asked(writing)))

    def asked(self, writing: Writing[Any]) -> dict[str, Any]:
        """A call's body. What people said is only ever in the user's part."""
        said = [structured.material(writing), structured.again(writing)]
        return {
            "systemInstruction": {"parts": [{"text": writing.instruction}]},
            "contents": [{"role": "user", "parts": [{"text": each} for each in said if each]}],
            "generationConfig": {
                "responseMimeType": "application/json",
                "responseJsonSchema": structured.schema_of(writing.answer),
                "maxOutputTokens": structured.TOKENS,
            },
        }

    def written(self, writing: Writing[T], answer: Answer) -> Written[T]:
        """The answer in an answer. Raises `Refused` or `BadAnswer`, with what it cost."""
        if len(answer.body) > structured.BODY_LIMIT:
            raise structured.bad("it was much too long", Bill())
        found = answer.json()
        paid = self.bill(mapping(found.get("usageMetadata")))
        candidate = [*listed(found.get("candidates")), {}][0]
        parts = listed(mapping(candidate.get("content")).get("parts"))
        texts = [each.get("text") for each in parts if not each.get("thought")]
        text = "".join(each for each in texts if isinstance(each, str))
        blocked = mapping(found.get("promptFeedback")).get("blockReason")
        reason = str(blocked or candidate.get("finishReason") or "")
        if blocked or code_in(reason):
            raise self.refused(reason, text, paid)
        if reason == CUT_OFF:
            raise structured.bad("it was cut off for its length: write less", paid)
        return structured.written(writing, text, self.models[0], paid)

    def refused(self, reason: str, said: str, paid: Bill) -> Refused:
        return refusal(self.label, reason if code_in(reason) else "OTHER", paid.cost, said)

    def bill(self, usage: dict[str, Any]) -> Bill:
        """Thoughts are paid for as what they lead to."""
        thought = structured.count(usage.get("thoughtsTokenCount")) or 0
        answered = structured.count(usage.get("candidatesTokenCount")) or 0
        return structured.bill(
            self.price,
            usage,
            given=structured.count(usage.get("promptTokenCount")),
            written=answered + thought,
        )

    async def check(self) -> str | None:
        """Ask for the model: whether the key works, and the model is still there."""
        try:
            await self.wire.get(f"models/{self.models[0]}")
        except BadRequest:
            return f"{self.label} does not have {self.models[0]}: set GEMINI_TEXT_MODEL."
        except ProviderError as error:
            return f"{error} {error.__cause__ or ''}".strip()
        return None

    async def close(self) -> None:
        await self.wire.close()


def in_words(answer: Answer) -> ProviderError | None:
    """Google's failures, in words for what was to be written."""
    found = translate(answer)
    if found is None and answer.status == 400:
        return BadRequest(f"{answer.label} cannot write that as asked. Say it in other words.")
    return found
