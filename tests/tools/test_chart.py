"""/chart: from a table to a picture, and from a reply to another."""

from __future__ import annotations

import asyncio
import base64
import io
import zipfile
from xml.etree import ElementTree

import pytest
from PIL import Image
from sqlalchemy import select

from core.errors import InvalidParams
from core.viewer import Viewer
from db.models import Generation, ProviderCall, Status
from services import generations
from services.generations import Origin, submit
from services.iterate import iterate
from services.studio import Studio
from tests.conftest import working

ANNA = Viewer(7, "Anna")
SALES = "Quarter,North,South\nQ1,1200,940\nQ2,1380,1010\nQ3,1525,1190"


def asked(request: str = "1") -> Origin:
    return Origin(viewer=ANNA, request_id=request)


async def made(studio: Studio, generation: Generation) -> Generation:
    async with asyncio.timeout(30):
        while True:
            found = await generations.read(studio, generation.id, ANNA)
            if found.finished_at is not None:
                return found
            await asyncio.sleep(0.02)


async def drawn(studio: Studio, request: str = "1", **values: object) -> Generation:
    asking = await submit(studio, "chart", {"data": SALES, **values}, asked(request))
    done = await made(studio, asking)
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
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        cells = "".join(
            f'<c r="{chr(65 + n)}{number}"><v>{value}</v></c>'
            if value.isdigit()
            else CELL.format(ref=f"{chr(65 + n)}{number}", text=value)
            for n, value in enumerate(line.split(","))
        )
        rows.append(f'<row r="{number}">{cells}</row>')
    body = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{''.join(rows)}</sheetData></worksheet>"
    )
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in {**PARTS, "xl/worksheets/sheet1.xml": body}.items():
            packed.writestr(name, part)
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
        ("bom.csv", b"\xef\xbb\xbf" + SALES.encode()),
        ("sales.json", b'[{"Quarter": "Q1", "North": 3}, {"Quarter": "Q2", "North": 4}]'),
        ("sales.xlsx", sheet(SALES)),
        ("misnamed.csv", sheet(SALES)),
    ],
)
async def test_a_file_is_read_by_what_it_is(studio: Studio, name: str, data: bytes) -> None:
    async with working(studio):
        asking = await submit(studio, "chart", {"file": url(data, name)}, asked())
        done = await made(studio, asking)
    assert (done.status, done.error) == (Status.SUCCEEDED, None)
    assert "file" not in done.params
    assert done.assets[0].alt.startswith("Bar chart")


def packed_bomb() -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 70_000_000)
    return output.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "no table I can read"),
        (b"PK\x03\x04 and no more", "is damaged"),
        (b"\xd0\xcf\x11\xe0 locked", "locked with a password"),
        (packed_bomb(), "unpacks to 70 MB"),
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


async def test_replies_change_the_spec_always_the_same_way(studio: Studio) -> None:
    async with working(studio):
        first = await drawn(studio)
        found: list[bytes] = []
        for request in ("2", "3"):
            reply = await iterate(studio, asked(request), first.id, "make it a pie, drop Q2")
            done = await made(studio, reply)
            found.append(await studio.storage.get(done.assets[0].key))
        again = await made(
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
        done = await made(studio, await iterate(studio, asked("2"), lines.id, "stacked"))
    assert (done.meta["spec"]["type"], done.meta["spec"]["stacked"]) == ("area", True)


async def test_a_reply_that_cannot_be_read_is_answered_with_what_can(studio: Studio) -> None:
    async with working(studio):
        first = await drawn(studio)
        with pytest.raises(InvalidParams, match="make it a pie"):
            await iterate(studio, asked("2"), first.id, "what would my mother say?")
        with pytest.raises(InvalidParams, match="There is no “Q9” in this chart"):
            await iterate(studio, asked("3"), first.id, "drop Q9")


async def test_an_svg_comes_beside_the_picture_and_runs_nothing(studio: Studio) -> None:
    hostile = 'Name,"<script>alert(1)</script>"\n"datum.x & \'\'",5\n"javascript:alert(1)",7'
    async with working(studio):
        done = await drawn(studio, data=hostile, format="svg")
        [part] = done.parts
        svg = await studio.storage.get(part.key)
    assert (part.part, part.mime_type) == ("svg", "image/svg+xml")
    tags = {each.tag.rsplit("}")[-1] for each in ElementTree.fromstring(svg).iter()}
    assert tags <= {"svg", "g", "path", "text", "tspan", "rect", "line", "defs", "clipPath"}
    assert b"<script" not in svg
    assert b"href" not in svg


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("a," + ",".join(f"s{n}" for n in range(25)) + "\nx," + ",".join("1" * 25), "25 series; up to 20 can"),
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
