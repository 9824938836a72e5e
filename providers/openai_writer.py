"""Writers by OpenAI's chat completions, which every compatible server speaks, too.

The answer is asked for as JSON of a strict schema. A server that does not know how to be asked for
that is told of the schema in words; whatever it answers is held to it all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from core.errors import BadRequest, ProviderError, Refused
from core.settings import Settings
from core.writing import T, Writing, Written
from providers import openai, structured
from providers.gemini.reading import listed, mapping
from providers.prices import Price, table
from providers.structured import Bill
from providers.wire import Answer, Said, Wire, declined, redacted

READING = 180.0
"""Seconds; a script is thought about for a minute or two."""
UNKNOWN_FIELD = "response_format"


def open_writer(settings: Settings) -> OpenAIWriter | None:
    """OpenAI's language model, where there is a key or a server of one's own."""
    own = httpx.URL(settings.openai_base_url).host != openai.HOME
    if settings.openai_text_model is None or not (settings.openai_api_key or own):
        return None
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
    return OpenAIWriter(
        settings.openai_base_url, key, settings.openai_text_model, table(settings.prices_file)
    )


class OpenAIWriter:
    """Writes by chat completions."""

    name = "openai"
    repeatable = False

    def __init__(
        self, base_url: str, key: str, model: str, prices: Mapping[str, Price], **options: Any
    ) -> None:
        home = httpx.URL(base_url).host == openai.HOME
        self.official = bool(options.pop("official", False)) or home
        self.label = openai.LABEL if self.official else f"{openai.LABEL}-compatible server"
        self.models: Sequence[str] = (model,)
        self.price = prices.get(model)
        self.plain = False
        """Whether the server turned out not to know how to be asked for JSON."""
        headers = {"authorization": f"Bearer {key}"} if key else {}
        options.setdefault("reading", READING)
        self.wire = Wire(self.label, base_url, headers, translate, **options)

    async def write(self, writing: Writing[T]) -> Written[T]:
        try:
            answer = await self.wire.post("chat/completions", json=self.asked(writing))
        except BadRequest as error:
            if self.official or self.plain or UNKNOWN_FIELD not in str(error.__cause__):
                raise
            self.plain = True  # It said no and did nothing, so asking otherwise is free.
            answer = await self.wire.post("chat/completions", json=self.asked(writing))
        return self.written(writing, answer)

    def asked(self, writing: Writing[Any]) -> dict[str, Any]:
        """A call's body. What people said is only ever in the user's message."""
        schema = structured.schema_of(writing.answer)
        instruction = writing.instruction
        if not self.official:
            instruction += structured.in_words(schema)
        said = [structured.material(writing), structured.again(writing)]
        body: dict[str, Any] = {
            "model": self.models[0],
            "messages": [
                {"role": "system", "content": instruction},
                *({"role": "user", "content": each} for each in said if each),
            ],
        }
        if self.official:
            body["max_completion_tokens"] = structured.TOKENS
        if not self.plain:
            strict = structured.is_closed(schema)
            form = {"name": writing.task, "strict": strict, "schema": schema}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        return body

    def written(self, writing: Writing[T], answer: Answer) -> Written[T]:
        """The answer in an answer. Raises `Refused` or `BadAnswer`, with what it cost."""
        if len(answer.body) > structured.BODY_LIMIT:
            raise structured.bad("it was much too long", Bill())
        found = answer.json()
        paid = self.bill(found.get("usage"))
        choice = [*listed(found.get("choices")), {}][0]
        message, reason = mapping(choice.get("message")), choice.get("finish_reason")
        if refusal := message.get("refusal"):
            raise self.refused(str(refusal), paid)
        if reason == "content_filter":
            raise self.refused(reason, paid)
        if reason == "length":
            raise structured.bad("it was cut off for its length: write less", paid)
        return structured.written(writing, message.get("content"), self.models[0], paid)

    def refused(self, said: str, paid: Bill) -> Refused:
        error = declined(self.label, charged=paid.cost > 0)
        error.cost = paid.cost
        error.__cause__ = Said(redacted(said))
        return error

    def bill(self, usage: Any) -> Bill:
        said = mapping(usage)
        return structured.bill(
            self.price,
            said,
            given=structured.count(said.get("prompt_tokens")),
            written=structured.count(said.get("completion_tokens")),
            cached=structured.count(mapping(said.get("prompt_tokens_details")).get("cached_tokens"))
            or 0,
        )

    async def check(self) -> str | None:
        """Ask for the list of models: whether the key works, and ours is still there."""
        try:
            found = (await self.wire.get("models")).json()
        except ProviderError as error:
            return f"{error} {error.__cause__ or ''}".strip()
        models = {str(each.get("id")): each for each in listed(found.get("data"))}
        model = self.models[0]
        if models and model not in models:
            return f"{self.label} does not have {model}: set OPENAI_TEXT_MODEL."
        if end := models.get(model, {}).get("shutdown_date"):
            return f"{self.label} will shut down {model} on {end}: set OPENAI_TEXT_MODEL."
        return None

    async def close(self) -> None:
        await self.wire.close()


def translate(answer: Answer) -> ProviderError | None:
    """The codes of OpenAI's images, and one that some servers have for text."""
    error = mapping(answer.complaint().get("error"))
    if error.get("code") == "content_filter":
        return declined(answer.label)
    found = openai.translate(answer)
    if isinstance(found, BadRequest) and answer.status == 400:
        return BadRequest(f"{answer.label} cannot write that as asked. Say it in other words.")
    return found
