"""Text set in boxes and ellipses: whole, as large as fits, and never a way in."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from core.errors import InvalidParams
from services.lettering import BIGGEST, engine, fit, measure, set_text
from services.lettering.lines import BOX
from services.lettering.setting import lines_of
from services.lettering.words import wording
from tests.services.lettering.prompts import PROMPTS

WORD = "Donaudampfschifffahrtsgesellschaft"


def lines(text: str, width: float, size: float, **how: str) -> tuple[str, ...]:
    found = fit(wording(text, **how), width, BIGGEST, size, size, BOX)  # type: ignore[arg-type]
    return lines_of(found.words, found.division)


def lettered(text: str) -> bytes:
    return set_text(text, width=200, height=80, largest=30, smallest=8).image.tobytes()


def test_text_is_as_large_as_its_box_allows() -> None:
    small = set_text("Hello there", width=100, height=40, largest=60, smallest=8)
    large = set_text("Hello there", width=300, height=120, largest=60, smallest=8)
    assert small.image.size == (100, 40)
    assert small.size < large.size <= 60
    assert not small.cut


def test_text_in_an_ellipse_keeps_out_of_its_corners() -> None:
    text = "One two three four five six seven eight nine ten eleven twelve"
    made = set_text(text, width=240, height=160, largest=40, smallest=8, shape="ellipse")
    for corner in ((0, 0, 30, 20), (210, 0, 240, 20), (0, 140, 30, 160), (210, 140, 240, 160)):
        assert made.image.crop(corner).getbbox() is None
    assert made.size > 15


def test_what_does_not_fit_is_cut_at_a_word() -> None:
    made = set_text("many words " * 60, width=120, height=60, largest=20, smallest=12)
    assert made.cut
    assert made.size == 12


def test_words_are_divided_as_their_language_does_and_only_at_need() -> None:
    assert lines(WORD, 150, 20, language="de") == ("Donaudampf-", "schifffahrts-", "gesellschaft")
    assert lines(WORD, 900, 20, language="de") == (WORD,)
    english = lines("hyphenation", 80, 20, language="en")
    assert english == ("hyphen-", "ation")
    assert lines("электрификация", 100, 20)[0] == "электри-"


def test_an_endless_word_is_divided_anywhere() -> None:
    found = lines("w" * 100, 100, 20)
    assert len(found) > 5
    assert "".join(found) == "w" * 100


def test_chinese_and_thai_break_between_words_and_never_before_a_period() -> None:
    chinese = lines(PROMPTS["Chinese"][0], 90, 20)
    assert len(chinese) > 3
    assert not any(line[0] in "\uff0c\u3002\uff01" for line in chinese)
    assert lines("ภาษาไทย", 50, 20) == ("ภาษา", "ไทย")


@pytest.mark.parametrize(("text", "side"), [("שלום עולם", "right"), ("Hello you", "left")])
def test_text_starts_where_its_script_does(text: str, side: str) -> None:
    made = set_text(text, width=400, height=60, largest=24, smallest=24, align="start")
    left, _, right, _ = made.image.getbbox() or (0, 0, 0, 0)
    assert (400 - right < 6) == (side == "right")
    assert (left < 6) == (side == "left")


def test_the_exclamation_mark_ends_an_arabic_line_on_the_left() -> None:
    with_mark = set_text("مرحبا!", width=300, height=60, largest=30, smallest=30, align="start")
    without = set_text("مرحبا", width=300, height=60, largest=30, smallest=30, align="start")
    assert with_mark.image.getbbox()[0] < without.image.getbbox()[0] - 3  # type: ignore[index]
    assert with_mark.image.getbbox()[2] == without.image.getbbox()[2]  # type: ignore[index]


def test_capitals_are_those_of_the_language() -> None:
    assert wording("istanbul", upper=True, language="tr").text == "İSTANBUL"
    assert wording("Καλημέρα", upper=True).text == "ΚΑΛΗΜΕΡΑ"
    assert wording("straße 😀 né", upper=True).text == "STRASSE 😀 NÉ"


def test_a_word_is_never_in_two_faces() -> None:
    assert wording("Hello").face == "comic"
    assert wording("İstanbul'a, değil").face == "sans"


def test_markup_in_text_is_only_letters() -> None:
    plain = measure("x", size=20, width=2000).width
    for attack in ("<b>x</b>", "</style>x", "<img src=file:///etc/passwd>", "&lt;x"):
        assert measure(attack, size=20, width=2000).width > plain * 3, attack
        assert lettered(attack) != lettered("x")


def test_the_engine_loads_nothing(tmp_path: Path) -> None:
    Image.new("RGB", (50, 50), "red").save(tmp_path / "red.png")
    inline = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>"
    for source in (f"file://{tmp_path}/red.png", str(tmp_path / "red.png"), inline):
        painted = engine.paint(f'<img src="{source}" width=50 height=50>', 60, 60)
        assert painted.getbbox() is None, source


def test_what_cannot_be_seen_changes_nothing() -> None:
    assert lettered("Hello \u202eyou\u2066\x00\x07") == lettered("Hello you")
    assert lettered("Hi\U000e0041\U000e0042") == lettered("Hi")
    assert lettered("\u200b\u200d\u2060 \n\t") == lettered("…")


def test_ten_thousand_characters_are_cut() -> None:
    for text in ("x" * 10_000, "word " * 2_000, "猫" * 10_000, "\n".join("a" * 5_000)):
        made = set_text(text, width=300, height=200, largest=30, smallest=10)
        assert made.cut
        assert made.image.getbbox()


def test_what_no_font_has_is_a_question_mark() -> None:
    assert wording("a \U00012000 b").text == "a ? b"


def test_an_unknown_color_is_explained() -> None:
    with pytest.raises(InvalidParams, match="not a color"):
        set_text("x", width=50, height=50, largest=20, smallest=8, color="url(http://x)")


def test_a_measured_text_fits_what_was_measured() -> None:
    for text in ("Hello there, how are you?", "ภาษาไทยเป็นภาษา", "مرحبا بالعالم"):
        room = measure(text, size=24, width=160)
        made = set_text(text, width=room.width, height=room.height, largest=24, smallest=10)
        assert made.size > 22
        assert not made.cut


SCRIPT = """
import hashlib
from services.lettering.balloons import balloon
made = balloon("Zoë 😀 жизнь 生命 حياة", max_width=300, max_height=200, letter=24, tail="left")
print(hashlib.sha256(made.image.tobytes()).hexdigest())
"""


def test_every_machine_letters_the_same(tmp_path: Path) -> None:
    fonts = tmp_path / "fonts.conf"
    fonts.write_text("<fontconfig><dir>/nowhere</dir></fontconfig>")
    homes = ({"XDG_CACHE_HOME": str(tmp_path)}, {"XDG_CACHE_HOME": "/dev/null/none"})
    digests = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "FONTCONFIG_FILE": str(fonts), "PYTHONHASHSEED": "7", **home},
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        for home in homes
    }
    assert len(digests) == 1
    assert len(digests.pop()) == hashlib.sha256().digest_size * 2


def test_no_japanese_line_begins_with_a_small_letter() -> None:
    text = "もう片方の靴下はどこ?さっきここに置いたのに!きょうはケーキやチョコレートっぽい"
    for width in range(60, 400, 20):
        found = lines(text, width, 20)
        assert "".join(found) == text
        assert not any(each[0] in "っょャュョッー!?" for each in found)
