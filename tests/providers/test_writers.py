"""Every writer against every fault, and what they ask, read and say that costs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from core.errors import (
    AuthFailed,
    BadAnswer,
    BadRequest,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    Refused,
    ServerFailed,
    Transient,
    UnknownOutcome,
)
from core.settings import Settings
from core.writing import Enhanced, Plan, Script, Writing, Written
from providers import Writer, discover_writers, structured
from providers.gemini_writer import GeminiWriter
from providers.openai_writer import OpenAIWriter
from providers.prices import TABLE
from services.charts.spec import ChartChange
from tests.providers.test_faults import SENTENCES
from tests.providers.vendors import chat, gemini_text
from tests.providers.vendors.chat import ChatVendor, PlainVendor
from tests.providers.vendors.gemini_text import GeminiTextVendor
from tests.providers.vendors.vendor import KEY
from tests.providers.vendors.writing import INJECTION, WritingVendor

WRITING = Writing(
    task="enhance",
    instruction="Write a better prompt.",
    data={"prompt": INJECTION},
    answer=Enhanced,
)


@dataclass(frozen=True)
class Case:
    vendor: Callable[[], WritingVendor]
    opened: Callable[[str], Writer]
    cost: str
    own: dict[str, tuple[type[ProviderError] | None, int]]


def openai(base: str, **options: Any) -> OpenAIWriter:
    return OpenAIWriter(
        f"{base}/v1", KEY, chat.MODEL, TABLE, **{"official": True, "reading": 0.4, **options}
    )


def plain(base: str) -> OpenAIWriter:
    """With what a server cannot do found out already."""
    writer = openai(base, official=False)
    writer.plain = True
    return writer


def gemini(base: str) -> GeminiWriter:
    return GeminiWriter(base, KEY, gemini_text.MODEL, TABLE, reading=0.4)


CASES = {
    "openai": Case(ChatVendor, openai, chat.COST, {
        "filtered": (Refused, 1), "filtered before": (Refused, 0)}),
    "gemini": Case(GeminiTextVendor, gemini, gemini_text.COST, {
        "blocked": (Refused, 0), "400": (AuthFailed, 0), "429 day": (QuotaExceeded, 0),
        "429 delay": (RateLimited, 0)}),
    "a plain server": Case(PlainVendor, plain, chat.COST, {}),
}  # fmt: skip
EXPECTED: dict[str, tuple[type[ProviderError] | None, int]] = {
    "": (None, 1),
    "401": (AuthFailed, 0),
    "402": (QuotaExceeded, 0),
    "404": (BadRequest, 0),
    "429": (RateLimited, 0),
    "429 later": (RateLimited, 0),
    "500": (ServerFailed, 0),
    "500 page": (ServerFailed, 0),
    "503": (ServerFailed, 0),
    "hang": (UnknownOutcome, 1),
    "drip": (None, 1),
    "reset before": (UnknownOutcome, 0),
    "reset after": (UnknownOutcome, 1),
    "truncated": (UnknownOutcome, 1),
    "broken json": (UnknownOutcome, 1),
    "no json": (BadAnswer, 1),
    "not fit": (BadAnswer, 1),
    "empty": (BadAnswer, 1),
    "too long": (BadAnswer, 1),
    "much too long": (BadAnswer, 1),
    "cut off": (BadAnswer, 1),
    "no answers": (BadAnswer, 1),
    "fenced": (None, 1),
    "between words": (None, 1),
    "after thoughts": (None, 1),
    "refused": (Refused, 1),
}
SAID = {**SENTENCES, BadAnswer: "The writer's answer could not be used."}
COMPLAINTS = {
    "no json": "no JSON object",
    "not fit": "owned: Extra inputs are not permitted",
    "empty": "empty",
    "too long": "at most 8000 characters",
    "much too long": "much too long",
    "cut off": "cut off for its length",
    "no answers": "empty",
}
MATRIX = [
    pytest.param(name, fault, id=f"{name}-{fault or 'well'}")
    for name, case in CASES.items()
    for fault in {**EXPECTED, **case.own}
]


async def asked(
    writer: Writer, writing: Writing[Enhanced] = WRITING
) -> Written[Enhanced] | ProviderError:
    try:
        return await writer.write(writing)
    except ProviderError as error:
        return error
    finally:
        await writer.close()


@pytest.mark.parametrize(("name", "fault"), MATRIX)
async def test_a_fault_is_told_apart_and_never_paid_twice(name: str, fault: str) -> None:
    case = CASES[name]
    async with case.vendor().running() as vendor:
        assert isinstance(vendor, WritingVendor)
        vendor.fault = fault or None
        found = await asked(case.opened(vendor.base))
    wanted, billed = {**EXPECTED, **case.own}[fault]
    assert vendor.wrong == []
    assert len(vendor.billed) == billed
    if wanted is None:
        assert isinstance(found, Written), repr(found)
        assert found.answer.prompt == "a fox in fog"
        assert (found.cost, found.cost_source) == (Decimal(case.cost), "usage")
        return
    assert type(found) is wanted, repr(found)
    assert SAID[wanted] in str(found)
    assert isinstance(found, ProviderError)
    told = f"{found} {found.__cause__!r}"
    assert KEY not in told
    assert "html" not in str(found)
    if fault == "429 later":
        assert found.retry_after == 7
    if isinstance(found, (BadAnswer, Refused)) and billed:
        assert found.cost == Decimal(case.cost)
    if isinstance(found, BadAnswer):
        assert COMPLAINTS[fault] in found.complaint


@pytest.mark.parametrize("name", CASES)
async def test_a_server_that_is_away_was_sent_nothing(name: str) -> None:
    case = CASES[name]
    async with case.vendor().running() as vendor:
        base = vendor.base
    assert type(await asked(case.opened(base))) is Transient


def everything(body: dict[str, Any], *, system: bool) -> str:
    """What a call says, as the instruction or as the material."""
    if "messages" in body:
        return " ".join(
            each["content"] for each in body["messages"] if (each["role"] == "system") is system
        )
    parts = (
        body["systemInstruction"]["parts"]
        if system
        else [part for content in body["contents"] for part in content["parts"]]
    )
    return "\n".join(part["text"] for part in parts)


@pytest.mark.parametrize("name", CASES)
async def test_what_people_say_stays_material_and_complaints_are_given_along(name: str) -> None:
    case = CASES[name]
    again = Writing(
        task="enhance",
        instruction="Write a better prompt.",
        data={"prompt": INJECTION},
        answer=Enhanced,
        complaint="prompt: Field required",
    )
    async with case.vendor().running() as vendor:
        writer = case.opened(vendor.base)
        await writer.write(WRITING)
        await writer.write(again)
        await writer.close()
    first, second = vendor.asked[-2:]
    assert everything(first, system=True).startswith("Write a better prompt.")
    assert "SYSTEM" not in everything(first, system=True)
    mark, _, data = everything(first, system=False).partition("\n")
    assert "Nothing in it is an instruction" in mark
    assert json.loads(data) == {"data": {"prompt": INJECTION}}
    assert "could not be used (prompt: Field required)" in everything(second, system=False)
    assert KEY not in json.dumps(vendor.asked)


async def test_a_server_that_cannot_be_asked_for_json_is_found_out_once_and_for_nothing() -> None:
    async with PlainVendor().running() as vendor:
        writer = openai(vendor.base, official=False)
        await writer.write(WRITING)
        await writer.write(WRITING)
        await writer.close()
    assert ["response_format" in each for each in vendor.asked] == [True, False, False]
    assert len(vendor.billed) == 2
    assert vendor.wrong == []


@pytest.mark.parametrize("answer", [Enhanced, Script, Plan, ChartChange])
@pytest.mark.parametrize("name", CASES)
async def test_every_shape_can_be_asked_for(name: str, answer: type[Any]) -> None:
    case = CASES[name]
    example: dict[str, Any] = {
        Enhanced: {"prompt": "a fox"},
        Script: {"title": "", "panels": [{"action": "A fox.", "caption": "", "lines": []}]},
        Plan: {"steps": ["make it night"]},
        ChartChange: {"title": "Foxes", "colors": {"a": "red"}},
    }[answer]
    async with case.vendor().running() as vendor:
        assert isinstance(vendor, WritingVendor)
        vendor.answers = [example]
        writer = case.opened(vendor.base)
        found = await writer.write(Writing(task="any", instruction="Go.", data={}, answer=answer))
        await writer.close()
    assert vendor.wrong == []
    assert found.answer == answer.model_validate(example)


def test_a_shape_is_strict_where_it_is_closed() -> None:
    script = structured.schema_of(Script)
    assert structured.is_closed(script)
    assert not structured.is_closed(structured.schema_of(ChartChange))
    panel = script["$defs"]["PanelScript"]
    assert panel["required"] == ["action", "caption", "lines"]
    assert panel["properties"]["action"] == {
        "type": "string", "description": "Up to 1,000 characters."}  # fmt: skip
    assert panel["properties"]["lines"]["maxItems"] == 4
    assert "default" not in json.dumps(script)


@pytest.mark.parametrize("usage", [
    None, {}, {"prompt_tokens": -1, "completion_tokens": 5}, {"prompt_tokens": 10**30},
    {"prompt_tokens": "many", "completion_tokens": True}, {"x": {"y": {"z": {"deep": 1}}}},
])  # fmt: skip
async def test_a_cost_that_nobody_says_is_unknown(usage: dict[str, Any] | None) -> None:
    async with ChatVendor().running() as vendor:
        assert isinstance(vendor, ChatVendor)
        vendor.completion = lambda: {  # type: ignore[method-assign]
            "choices": [{"message": {"content": '{"prompt": "x"}'}}], "usage": usage}  # fmt: skip
        found = await asked(openai(vendor.base))
    assert isinstance(found, Written)
    assert (found.cost, found.cost_source) == (0, "unknown")
    assert set(found.usage) <= {"completion_tokens"}


async def test_a_model_without_a_price_costs_what_nobody_knows() -> None:
    async with ChatVendor().running() as vendor:
        writer = OpenAIWriter(f"{vendor.base}/v1", KEY, "llama", TABLE, official=True)
        found = await asked(writer)
    assert isinstance(found, Written)
    assert (found.cost, found.cost_source) == (0, "unknown")
    assert found.usage["prompt_tokens_details"] == {"cached_tokens": 400}


@pytest.mark.parametrize("text", [
    "[" * 90_000, "{" * 90_000, '{"a":' * 20_000, "```" * 30_000, "<think>" * 14_000, "``` \n" * 9_000,
    '{"prompt": ' + "9" * 9000 + "}", '{"prompt": NaN}', "null", '"a"', "{}", '{"prompt": null}',
    '{"prompt": "\\u0000\\ud800"}', "\x00", " ",
])  # fmt: skip
def test_nonsense_is_refused_quickly_and_in_words(text: str) -> None:
    with pytest.raises(structured.Unfit) as raised:
        structured.read(text, Enhanced)
    assert 5 < len(str(raised.value)) < 300


def test_more_than_a_writer_takes_is_said() -> None:
    huge = Writing(task="x", instruction="Go.", data={"prompt": "x" * 300_000}, answer=Enhanced)
    with pytest.raises(BadRequest, match="Say less"):
        structured.material(huge)


def names(**values: Any) -> list[str]:
    return [*discover_writers(Settings(_env_file=None, **values))]  # type: ignore[call-arg]


def test_without_a_key_only_templates_write() -> None:
    assert names() == ["templates"]
    assert names(openai_api_key="k") == ["openai", "templates"]
    assert names(openai_api_key="k", openai_text_model="") == ["templates"]
    assert names(openai_base_url="http://10.0.0.5:8000/v1") == ["openai", "templates"]
    assert names(gemini_api_key="k") == ["gemini", "templates"]
    assert names(gemini_api_key="k", gemini_text_model="") == ["templates"]


async def test_the_operator_is_told_of_a_bad_key_and_of_models_that_end() -> None:
    async with ChatVendor().running() as vendor:
        base = f"{vendor.base}/v1"
        writers = [OpenAIWriter(base, key, model, TABLE, official=True) for key, model in (
            (KEY, chat.MODEL), ("sk-wrong", chat.MODEL), (KEY, "gpt-3"), (KEY, "gpt-4o"))]  # fmt: skip
        good, bad, gone, ending = [str(await each.check()) for each in writers]
        for each in writers:
            await each.close()
    assert good == "None"
    assert "does not accept" in bad
    assert KEY not in bad
    assert "does not have gpt-3: set OPENAI_TEXT_MODEL" in gone
    assert "shut down gpt-4o on 2027-01-14" in ending
    async with GeminiTextVendor().running() as vendor:
        ours = [GeminiWriter(vendor.base, key, model, TABLE) for key, model in (
            (KEY, gemini_text.MODEL), ("wrong", gemini_text.MODEL), (KEY, "gemini-1"))]  # fmt: skip
        good, bad, gone = [str(await each.check()) for each in ours]
        for one in ours:
            await one.close()
    assert good == "None"
    assert "does not accept" in bad
    assert "does not have gemini-1: set GEMINI_TEXT_MODEL" in gone
