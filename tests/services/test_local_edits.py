"""Plain instructions: what is understood without anybody drawing, and what is left to a provider."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies as st

from services.local_edits import LONGEST, MOST, understand
from services.pictures.captions import Caption, Watermark
from services.pictures.operations import (
    Adjust,
    Blur,
    Circle,
    Crop,
    Cut,
    Flip,
    Grayscale,
    Invert,
    Operation,
    Resize,
    Rotate,
    RoundCorners,
    Scale,
    Sepia,
    Sharpen,
)

ONE: list[tuple[str, Operation]] = [
    ("crop to 16:9", Crop(16, 9)),
    ("Could you please crop it to 4 : 3?", Crop(4, 3)),
    ("16:9", Crop(16, 9)),
    ("crop to a square", Crop(1, 1)),
    ("crop this to a circle, thanks!", Circle()),
    ("crop to 800x600", Cut(800, 600)),
    ("resize to 512x512", Resize(512, 512)),
    ("resize the image to 1024 × 768 pixels", Resize(1024, 768)),  # noqa: RUF001
    ("make it 1024 px wide", Resize(width=1024)),
    ("resize to 300 high", Resize(height=300)),
    ("shrink it to 50 %", Scale(0.5)),
    ("shrink by 20%", Scale(0.8)),
    ("scale it by 2", Scale(2)),
    ("make the picture twice as big", Scale(2)),
    ("rotate left", Rotate(-90)),
    ("rotate it clockwise", Rotate(90)),
    ("Rotate the photo by 30 degrees counter-clockwise.", Rotate(-30)),
    ("turn it upside down", Rotate(180)),
    ("flip", Flip()),
    ("mirror it vertically", Flip(upside_down=True)),
    ("flip around the vertical axis", Flip()),
    ("make it brighter", Adjust("brightness", 1.35)),
    ("darken it a bit", Adjust("brightness", 0.88)),
    ("increase the contrast by 20%", Adjust("contrast", 1.2)),
    ("a lot less saturation", Adjust("saturation", 0.25)),
    ("make it black and white", Grayscale()),
    ("make it B&W please", Grayscale()),
    ("convert to greyscale", Grayscale()),
    ("turn the picture into sepia", Sepia()),
    ("invert its colours", Invert()),
    ("blur", Blur(0.008)),
    ("blur it a lot", Blur(0.02)),
    ("sharpen the image slightly", Sharpen(0.5)),
    ("round the corners", RoundCorners(0.1)),
    ("give it very rounded corners", RoundCorners(0.2)),
    ("caption: Hello, world and all", Caption("Hello, world and all")),
    ("Caption it “Grüße aus 東京”", Caption("Grüße aus 東京")),
    ('add "Good morning" at the top', Caption("Good morning", top=True)),
    ("top text: ONE DOES NOT SIMPLY", Caption("ONE DOES NOT SIMPLY", top=True)),
    ("watermark: © Anna", Watermark("© Anna")),
    ('add a watermark "blur it" in the top left', Watermark("blur it", "top left")),
]


@pytest.mark.parametrize(("instruction", "operation"), ONE)
def test_a_plain_instruction_is_the_operation(instruction: str, operation: Operation) -> None:
    assert understand(instruction) == [operation]


@pytest.mark.parametrize(
    ("instruction", "operations"),
    [
        ("flip horizontally and blur it a bit", [Flip(), Blur(0.003)]),
        ("flip it horizontally and vertically", [Flip(), Flip(upside_down=True)]),
        ("crop to 1:1, then make it black and white", [Crop(1, 1), Grayscale()]),
        ("Rotate right. Also sharpen it.\nThen invert the colors", [Rotate(90), Sharpen(1), Invert()]),
        ("make it sepia & caption: Old, and worn", [Sepia(), Caption("Old, and worn")]),
        ("caption it 'Hi' and flip it", [Caption("Hi"), Flip()]),
    ],
)  # fmt: skip
def test_several_are_done_in_the_order_they_are_said(
    instruction: str, operations: list[Operation]
) -> None:
    assert understand(instruction) == operations


@pytest.mark.parametrize(
    "instruction",
    [
        "make the car black and white striped",
        "make it black and white striped",
        "make the sky black and white",
        "rotate the car to the left",
        "turn left",
        "blur the background",
        "sharpen the pencil",
        "flip the pancake",
        "brighten her eyes",
        "make it night",
        "make it bigger",
        "make it round",
        "make it grey",
        "make it 3x3",
        "make it lighter than air",
        "crop the tree out",
        "crop to 16:9 and add a dog",
        "make it black and white and red",
        "crop to 0:5",
        'write "Open" on the sign',
        'add "a dog"',
        "change the text: Closed",
        "mirror the lake",
        "remove the background",
        "caption:",
        "",
        "and",
    ],
)
def test_anything_that_may_mean_more_is_left_to_a_provider(instruction: str) -> None:
    assert understand(instruction) is None


def test_an_endless_list_is_left_to_a_provider() -> None:
    assert len(understand(", ".join(["flip"] * MOST)) or []) == MOST
    assert understand(", ".join(["flip"] * (MOST + 1))) is None
    assert understand("caption: " + "a" * LONGEST) is None


WORDS = sorted(set(re.findall(r"\S+", " ".join(each for each, _ in ONE))))


@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join) | st.text(max_size=200))
def test_whatever_is_said_is_read_in_no_time(instruction: str) -> None:
    for operation in understand(instruction) or []:
        assert operation.said
