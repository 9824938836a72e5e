"""/chart: from a table to a picture, and from a reply to another."""

from __future__ import annotations

import base64
import io
import zipfile
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image
from sqlalchemy import select

from core.errors import InvalidParams
from core.settings import Settings
from core.viewer import Viewer
from core.writing import T, Writing, Written
from db.models import Generation, Status
from db.provider_models import ProviderCall
from services.generations import Origin, submit
from services.iterate import iterate
from services.studio import Studio
from tests.conftest import opened, working
from tests.waiting import ended

ANNA = Viewer(7, "Anna")
SALES = "Quarter,North,South\nQ1,1200,940\nQ2,1380,1010\nQ3,1525,1190"


def asked(request: str = "1") -> Origin:
    return Origin(viewer=ANNA, request_id=request)


async def drawn(studio: Studio, request: str = "1", **values: object) -> Generation:
    asking = await submit(studio, "chart", {"data": SALES, **values}, asked(request))
    done = await ended(studio, asking)
    assert (done.status, done.error) == (Status.SUCCEEDED, None)
    return done


async def picture(studio: Studio, generation: Generation) -> Image.Image:
    return Image.open(io.BytesIO(await studio.storage.get(generation.assets[0].key)))


def url(data: bytes, name: str) -> str:
    return f"data:application/octet-stream;name={name};base64,{base64.b64encode(data).decode()}"


CELL = '<c r="{ref}" t="inlineStr"><is><t>{text}</t></is></c>'
PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package'
        '.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.spreadsheetml.sheet.main+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="Sales" sheetId="1" r:id="r1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}


def sheet(text: str) -> bytes:
    """A minimal XLSX with a table of words and numbers."""
    rows: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        cells = "".join(
            f'<c r="{chr(65 + n)}{number}"><v>{value}</v></c>'
            if value.isdigit()
            else CELL.format(ref=f"{chr(65 + n)}{number}", text=value)
            for n, value in enumerate(line.split(","))
        )
        rows.append(f'<row r="{number}">{cells}</row>')
    return packed("".join(rows))


def packed(rows: str) -> bytes:
    body = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in {**PARTS, "xl/worksheets/sheet1.xml": body}.items():
            archive.writestr(name, part)
    return output.getvalue()


async def test_a_table_is_drawn_here_for_nothing_and_described(studio: Studio) -> None:
    async with working(studio):
        done = await drawn(studio, width=900, height=500, title="Sales")
        image = await picture(studio, done)
    [asset] = done.assets
    assert (image.size, done.provider, done.cost) == ((900, 500), "local", 0)
    assert "Sales" in asset.alt
    assert "North from 1,200 (Q1) to 1,525 (Q3)" in asset.alt
    assert done.tags == ["bar", "chart"]
    assert done.meta["spec"]["type"] == "bar"
    async with studio.transaction() as tx:
        assert (await tx.scalars(select(ProviderCall))).all() == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("sales.csv", SALES.encode()),
        ("sales.tsv", SALES.replace(",", "\t").encode()),
        ("deutsch.csv", "Stadt;Höhe\nMünchen;519,5\nKöln;53".encode("cp1252")),
        ("excel.txt", SALES.replace(",", "\t").encode("utf-16")),
        ("unmarked.csv", SALES.encode("utf-16-le")),
        ("bom.csv", b"\xef\xbb\xbf" + SALES.encode()),
        ("sales.json", b'[{"Quarter": "Q1", "North": 3}, {"Quarter": "Q2", "North": 4}]'),
        ("sales.xlsx", sheet(SALES)),
        ("misnamed.csv", sheet(SALES)),
    ],
)
async def test_a_file_is_read_by_what_it_is(studio: Studio, name: str, data: bytes) -> None:
    async with working(studio):
        asking = await submit(studio, "chart", {"file": url(data, name)}, asked())
        done = await ended(studio, asking)
    assert (done.status, done.error) == (Status.SUCCEEDED, None)
    assert "file" not in done.params
    assert done.assets[0].alt.startswith("Bar chart")


def packed_bomb() -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 70_000_000)
    return output.getvalue()


def far_away() -> bytes:
    """Two cells so far apart that what lies between them fills the memory of any host."""
    first, last = '<c r="A1"><v>1</v></c>', '<c r="XFD1048576"><v>2</v></c>'
    return packed(f'<row r="1">{first}</row><row r="1048576">{last}</row>')


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "no table I can read"),
        (b"PK\x03\x04 and no more", "is damaged"),
        (b"\xd0\xcf\x11\xe0 locked", "locked with a password"),
        (packed_bomb(), "unpacks to 70 MB"),
        (far_away(), "could not be read safely. Send it as CSV"),
        (sheet(""), "no sheet with anything in it"),
        (b"%PDF-1.7\n1 0 obj", "no table I can read"),
        (b"a" * 900_000, "no table in that"),
        (b"a:1," * 200_000, "200,000 rows; up to 20,000 are read"),
        (b"x" * 1_000_001, "is 1.0 MB"),
        (b"Month,Sales\nJan,12\nFeb,twelve\nMar,14\nApr,15", "Row 3, column Sales: “twelve”"),
        (b"just some words about nothing", "no table in that"),
    ],
)
async def test_a_bad_file_is_answered_with_what_is_wrong_where(
    studio: Studio, data: bytes, sentence: str
) -> None:
    with pytest.raises(InvalidParams, match=sentence.replace("(", r"\(")):
        await submit(studio, "chart", {"file": url(data, "it.csv")}, asked())


async def test_a_column_s_name_may_have_commas_in_quotation_marks(studio: Studio) -> None:
    data = 'Month,"Wages, gross",Costs,Tax\nJan,3,4,5\nFeb,6,7,8'
    async with working(studio):
        done = await drawn(studio, data=data, series='"Wages, gross", Tax')
    assert done.prompt == "Wages, gross and Tax by Month"


async def test_a_file_that_grows_too_long_is_said(studio: Studio) -> None:
    row = ",".join(["123456789"] * 26)
    rows = sheet("\n".join([row] * 5000))
    with pytest.raises(InvalidParams, match="up to 1,000,000 are read"):
        await submit(studio, "chart", {"file": url(rows, "it.xlsx")}, asked())


async def test_replies_change_the_spec_always_the_same_way(studio: Studio) -> None:
    async with working(studio):
        first = await drawn(studio)
        found: list[bytes] = []
        for request in ("2", "3"):
            reply = await iterate(studio, asked(request), first.id, "make it a pie, drop Q2")
            done = await ended(studio, reply)
            found.append(await studio.storage.get(done.assets[0].key))
        again = await ended(
            studio, await iterate(studio, asked("4"), done.id, "title: Sales; bring Q2 back")
        )
    assert image_of(found[0]) == image_of(found[1])
    assert (done.meta["spec"]["type"], done.meta["spec"]["drop"]) == ("pie", ["Q2"])
    assert again.meta["spec"] == {
        **done.meta["spec"], "title": "Sales", "drop": [], "colors": {}
    }  # fmt: skip
    assert (again.parent_id, again.params["title"], again.cost) == (done.id, "Sales", 0)


def image_of(data: bytes) -> bytes:
    return Image.open(io.BytesIO(data)).tobytes()


async def test_stacking_lines_makes_areas(studio: Studio) -> None:
    async with working(studio):
        lines = await drawn(studio, type="line")
        done = await ended(studio, await iterate(studio, asked("2"), lines.id, "stacked"))
    assert (done.meta["spec"]["type"], done.meta["spec"]["stacked"]) == ("area", True)


async def test_a_reply_that_cannot_be_read_is_answered_with_what_can(studio: Studio) -> None:
    async with working(studio):
        first = await drawn(studio)
        with pytest.raises(InvalidParams, match="make it a pie"):
            await iterate(studio, asked("2"), first.id, "what would my mother say?")
        with pytest.raises(InvalidParams, match="There is no “Q9” in this chart"):
            await iterate(studio, asked("3"), first.id, "drop Q9")


async def test_a_name_is_not_there_said_with_those_that_are(studio: Studio) -> None:
    async with working(studio):
        first = await drawn(studio)
        with pytest.raises(
            InvalidParams, match=r"no “Nort” in this chart\. It has North, South, Q1"
        ):
            await iterate(studio, asked("2"), first.id, "drop Nort")


async def test_a_title_of_ours_goes_by_what_is_drawn(studio: Studio) -> None:
    async with working(studio):
        first = await drawn(studio)
        only = await ended(studio, await iterate(studio, asked("2"), first.id, "only North"))
        swapped = await ended(studio, await iterate(studio, asked("3"), only.id, "no title"))
    assert (first.prompt, only.prompt) == ("North and South by Quarter", "North by Quarter")
    assert "“North by Quarter”" in only.assets[0].alt
    assert "“" not in swapped.assets[0].alt


class Scripted:
    """A language model that has its answer ready, and counts how often it was asked."""

    name = "scripted"
    label = "Scripted"
    models = ("scripted-1",)
    repeatable = False

    def __init__(self, **answer: object) -> None:
        self.answer = answer
        self.asked: list[Writing[Any]] = []

    async def write(self, writing: Writing[T]) -> Written[T]:
        self.asked.append(writing)
        answer = writing.answer.model_validate(self.answer)
        return Written(answer=answer, model="scripted-1", cost=Decimal("0.01"))

    async def check(self) -> str | None:
        return None

    async def close(self) -> None:
        """Nothing is open."""


async def wished(settings: Settings, database: str, writer: Scripted, words: str) -> Generation:
    async with (
        opened(settings, database, writers={"scripted": writer}) as studio,
        working(studio),
    ):
        first = await drawn(studio)
        return await ended(studio, await iterate(studio, asked("2"), first.id, words))


async def test_a_writer_reads_what_rules_cannot(settings: Settings, database: str) -> None:
    writer = Scripted(type="line", drop=["South"])
    done = await wished(settings, database, writer, "show me how the north fared over the year")
    [writing] = writer.asked
    assert (done.status, done.error, done.cost) == (Status.SUCCEEDED, None, Decimal("0.01"))
    assert done.assets[0].alt.startswith("Line chart “North by Quarter”")
    assert writing.data["names"] == ["North", "South", "Q1", "Q2", "Q3"]


async def test_what_rules_can_read_asks_no_writer(settings: Settings, database: str) -> None:
    writer = Scripted(type="line")
    done = await wished(settings, database, writer, "make it a pie, drop Q2")
    assert (done.meta["spec"]["type"], done.cost, writer.asked) == ("pie", 0, [])


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"drop": ["Q9"]}, "There is no “Q9” in this chart"),
        ({}, "I did not understand that change of the chart"),
        ({"type": "pie", "scale": "log", "only": ["nothing"]}, "There is no “nothing”"),
    ],
)
async def test_an_answer_that_cannot_be_drawn_is_recorded(
    settings: Settings, database: str, answer: dict[str, object], sentence: str
) -> None:
    done = await wished(settings, database, Scripted(**answer), "tell it like my mother would")
    assert (done.status, done.error_class) == (Status.FAILED, InvalidParams.error_class)
    assert sentence in (done.error or "")


async def test_an_svg_comes_beside_the_picture_and_runs_nothing(studio: Studio) -> None:
    hostile = 'Name,"<script>alert(1)</script>"\n"datum.x & \'\'",5\n"javascript:alert(1)",7'
    async with working(studio):
        done = await drawn(studio, data=hostile, format="svg")
        [part] = done.parts
        svg = await studio.storage.get(part.key)
    assert (part.part, part.mime_type) == ("svg", "image/svg+xml")
    assert part.alt == done.assets[0].alt
    tags = {each.tag.rsplit("}")[-1] for each in ElementTree.fromstring(svg).iter()}
    assert tags <= {"svg", "g", "path", "text", "tspan", "rect", "line", "defs", "clipPath"}
    assert b"<script" not in svg
    assert b"href" not in svg


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            "a," + ",".join(f"s{n}" for n in range(25)) + "\nx," + ",".join("1" * 25),
            "25 series; up to 20 can",
        ),
        ("name,v\n" + "\n".join(f"n{n},{n}" for n in range(90)), "90 categories; up to 60 can"),
        ("x,y\n" + "\n".join(f"{n},{n % 7}" for n in range(5200)), "5,200 points; up to 5,000 can"),
    ],
)
async def test_limits_are_said(studio: Studio, data: str, sentence: str) -> None:
    kind = {"type": "bar"} if "categories" in sentence else {}
    with pytest.raises(InvalidParams, match=sentence):
        await submit(studio, "chart", {"data": data, **kind}, asked())


async def test_nothing_to_draw_is_said(studio: Studio) -> None:
    with pytest.raises(InvalidParams, match="Paste a table, or attach one"):
        await submit(studio, "chart", {"title": "Nothing"}, asked())
