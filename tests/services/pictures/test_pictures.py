"""Hostile and unusual files: what is refused, what is kept, what must not survive."""

from __future__ import annotations

import asyncio
import io
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import psutil
import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from core.errors import UnusableFile
from services.pictures.clean import clean, dhash
from services.pictures.header import walk
from services.pictures.pool import PicturePool
from services.pictures.provenance import Provenance
from services.pictures.reshape import fit, mask

CANARY = "CANARY-7f3a"
MADE = Provenance(
    prompt="a red fox ☃", negative_prompt="hats", model="scenery-1", provider="offline", seed=5,
    tool="image", generation=12, created=datetime(2026, 11, 20, tzinfo=UTC),
)  # fmt: skip


def photo(size: tuple[int, int] = (120, 80), mode: str = "RGB") -> Image.Image:
    image = Image.radial_gradient("L").resize(size)
    return (
        image.convert(mode)
        if mode != "RGB"
        else Image.merge("RGB", [image, image.rotate(90).resize(size), image.transpose(0)])
    )


def saved(image: Image.Image, kind: str, **how: object) -> bytes:
    output = io.BytesIO()
    image.save(output, kind, **how)
    return output.getvalue()


def exif(orientation: int = 1) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010E] = CANARY
    block.get_ifd(0x8825)[1] = "N"
    return block.tobytes()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_claiming(width: int, height: int) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + header
        + chunk(b"IDAT", zlib.compress(b"\0" * 99))
        + chunk(b"IEND", b"")
    )


def noted_png() -> bytes:
    info = PngInfo()
    info.add_text("Comment", CANARY)
    info.add_itxt("XML:com.adobe.xmp", CANARY)
    return saved(photo(), "PNG", pnginfo=info, exif=exif()) + CANARY.encode()


PRIVATE = {
    "PNG": noted_png(),
    "JPEG": saved(photo(), "JPEG", exif=exif(), comment=CANARY.encode(), quality=90)
    + CANARY.encode(),
    "WebP": saved(photo(), "WEBP", exif=exif(), xmp=CANARY.encode()),
    "lossless WebP": saved(photo(mode="RGBA"), "WEBP", lossless=True, exif=exif()),
    "GIF": saved(photo(mode="P"), "GIF", comment=CANARY.encode()),
}


@pytest.mark.parametrize("kind", PRIVATE)
def test_nothing_private_survives(kind: str) -> None:
    kept = clean(PRIVATE[kind])
    for data in (kept.data, kept.thumbnail):
        assert CANARY.encode() not in data
        assert CANARY.encode("utf-16-be") not in data
    assert Image.open(io.BytesIO(kept.data)).size == (120, 80)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WebP", "lossless WebP"])
def test_what_came_well_formed_keeps_its_pixels_and_does_not_grow(kind: str) -> None:
    kept = clean(PRIVATE[kind])
    before, after = (
        Image.open(io.BytesIO(each)).convert("RGBA") for each in (PRIVATE[kind], kept.data)
    )
    assert before.tobytes() == after.tobytes()
    assert len(kept.data) <= len(PRIVATE[kind])


REFUSED = {
    "empty": (b"", "empty"),
    "text": (b"hello", "not a picture"),
    "html": (b"<html>", "a web page"),
    "svg": (b"<svg xmlns='x'/>", "an SVG"),
    "pdf": (b"%PDF-1.4", "a PDF"),
    "bmp": (saved(photo(), "BMP"), "a BMP"),
    "tiff": (saved(photo(), "TIFF"), "a TIFF"),
    "heic": (b"\0\0\0\x18ftypheic", "a HEIC"),
    "bomb": (png_claiming(50_000, 50_000), "50,000 x 50,000"),
    "many pixels": (png_claiming(9_000, 9_000), "32 megapixels"),
    "tall": (png_claiming(1, 20_000), "up to 16,384 a side"),
    "nothing wide": (png_claiming(0, 10), "damaged"),
    "cut PNG": (saved(photo(), "PNG")[:-40], "damaged or cut off"),
    "cut JPEG": (saved(photo(), "JPEG")[:-400], "damaged or cut off"),
    "cut WebP": (saved(photo(), "WEBP")[:-100], "damaged or cut off"),
    "long chunk": (b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 2**31 - 1) + b"IHDR", "damaged"),
    "webp bomb": (b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0/" + struct.pack("<I", 9399 | 9399 << 14) + b"\0" * 8, "9,400 x 9,400"),
    "profile bomb": (saved(photo(), "PNG")[:33] + chunk(b"iCCP", b"x\0\0" + zlib.compress(b"\0" * 9_000_000)) + saved(photo(), "PNG")[33:], "color profile is too large"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_used_is_refused_with_a_sentence(name: str) -> None:
    data, sentence = REFUSED[name]
    with pytest.raises(UnusableFile) as error:
        clean(data)
    assert sentence in str(error.value)


def test_a_jpeg_with_thousands_of_scans_is_refused() -> None:
    plain = saved(photo(), "JPEG", progressive=True)
    start = plain.index(b"\xff\xda")
    end = start + 2 + int.from_bytes(plain[start + 2 : start + 4], "big")
    bomb = plain[:start] + (plain[start:end] + b"\0") * 100 + plain[start:]
    with pytest.raises(UnusableFile, match="scans"):
        clean(bomb)


def test_orientation_is_applied() -> None:
    kept = clean(saved(photo((120, 80)), "JPEG", exif=exif(6)))
    assert (kept.width, kept.height) == (80, 120)


def test_cmyk_16_bit_palette_and_animation_become_plain() -> None:
    frames = [photo((60, 40), "P"), photo((60, 40), "P").point(lambda value: 255 - value)]
    cases = {
        "CMYK": saved(photo(mode="CMYK"), "JPEG"),
        "16-bit": saved(Image.new("I;16", (30, 20), 30_000), "PNG"),
        "animated GIF": saved(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        "animated WebP": saved(frames[0], "WEBP", save_all=True, append_images=frames[1:]),
    }
    for name, data in cases.items():
        kept = clean(data)
        image = Image.open(io.BytesIO(kept.data))
        assert image.mode in ("RGB", "RGBA"), name
        assert getattr(image, "n_frames", 1) == 1, name
        assert bool(kept.notes) == name.startswith("animated"), name


def test_another_color_space_is_converted() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    kept = clean(saved(photo(), "PNG", icc_profile=lab))
    assert "icc_profile" not in Image.open(io.BytesIO(kept.data)).info
    assert b"iCCP" not in kept.data


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_provenance_is_written_where_others_read_it(kind: str) -> None:
    plain = saved(photo(), kind)
    kept = clean(plain, MADE)
    image = Image.open(io.BytesIO(kept.data))
    image.load()
    if kind == "PNG":
        told = image.info["parameters"]
    else:
        told = (
            image.getexif().get_ifd(0x8769)[0x9286].removeprefix(b"UNICODE\0").decode("utf-16-be")
        )
    assert told.startswith("a red fox ☃\nNegative prompt: hats\nSteps: ")
    assert "Seed: 5, Size: 120x80, Model: scenery-1" in told
    assert b"digitalsourcetype/algorithmicMedia" in kept.data
    assert (
        image.convert("RGB").tobytes()
        == Image.open(io.BytesIO(clean(plain).data)).convert("RGB").tobytes()
    )


def test_a_bomb_costs_next_to_no_memory() -> None:
    script = (
        "import sys, resource\n"
        "from services.pictures.clean import clean\nfrom core.errors import UnusableFile\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "data = sys.stdin.buffer.read()\n"
        "try: clean(data)\nexcept UnusableFile: pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    for data in (png_claiming(50_000, 50_000), REFUSED["webp bomb"][0]):
        done = subprocess.run(
            [sys.executable, "-c", script], input=data, capture_output=True, check=True
        )
        assert int(done.stdout) < 50_000  # kilobytes


def test_a_mask_is_read_from_white_or_from_transparency() -> None:
    white = Image.new("L", (40, 20), 0)
    white.paste(255, (0, 0, 10, 20))
    clear = Image.new("RGBA", (40, 20), (9, 9, 9, 255))
    clear.paste((0, 0, 0, 0), (0, 0, 10, 20))
    for each in (white, clear):
        read = Image.open(io.BytesIO(mask(saved(each, "PNG"), (40, 20)).data))
        assert (read.getpixel((5, 5)), read.getpixel((30, 5))) == (255, 0)
    larger = Image.open(io.BytesIO(mask(saved(white, "PNG"), (80, 40)).data))
    assert larger.size == (80, 40)
    with pytest.raises(UnusableFile, match="40 x 20 pixels and the picture 40 x 40"):
        mask(saved(white, "PNG"), (40, 40))
    with pytest.raises(UnusableFile, match="nothing to change"):
        mask(saved(Image.new("L", (40, 20), 0), "PNG"), (40, 20))


def test_a_copy_fits_its_limit() -> None:
    noise = Image.effect_noise((900, 700), 90).convert("RGB")
    data = saved(noise, "PNG")
    for limit in (len(data), 200_000, 20_000, 2_000):
        copy, mime, extension = fit(data, "image/png", limit)
        assert len(copy) <= limit
        assert (mime, extension) in [("image/png", "png"), ("image/webp", "webp")]
        assert Image.open(io.BytesIO(copy)).format in ("PNG", "WEBP")


def test_the_hash_stays_close_when_the_picture_does() -> None:
    image = Image.linear_gradient("L").resize((384, 256)).rotate(30)
    near = dhash(image) ^ dhash(image.resize((300, 200)))
    far = dhash(image) ^ dhash(image.rotate(90).resize((384, 256)))
    assert near.bit_count() < 8 < far.bit_count()


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(PRIVATE)),
    st.integers(0, 10_000),
    st.binary(min_size=1, max_size=4),
    st.floats(0, 1),
)
def test_damage_is_refused_or_survived(kind: str, place: int, junk: bytes, cut: float) -> None:
    data = bytearray(PRIVATE[kind])
    data[place % len(data) : place % len(data) + len(junk)] = junk
    for each in (bytes(data), bytes(data[: int(len(data) * cut)])):
        try:
            clean(each)
        except UnusableFile:
            continue


def test_walking_never_needs_the_decoder() -> None:
    assert walk(png_claiming(100, 50)).width == 100


@pytest.fixture
async def pool() -> AsyncIterator[PicturePool]:
    yield PicturePool(processes=1, deadline=5)


def slow(_: bytes) -> None:
    import time

    time.sleep(60)


def crash(_: bytes) -> None:
    os._exit(3)


async def test_a_picture_that_takes_too_long_is_given_up_and_the_next_is_fine(
    pool: PicturePool,
) -> None:
    await pool.clean(saved(photo(), "PNG"))
    hurried = PicturePool(processes=1, deadline=0.3)
    with pytest.raises(UnusableFile, match="too long"):
        await hurried.run(slow, b"")
    assert (await pool.clean(saved(photo(), "PNG"))).width == 120


async def test_a_crash_costs_one_picture_only(pool: PicturePool) -> None:
    with pytest.raises(UnusableFile, match="safely"):
        await pool.run(crash, b"")
    assert (await pool.clean(saved(photo(), "PNG"))).width == 120


async def test_a_canceled_job_is_killed(pool: PicturePool) -> None:
    job = asyncio.create_task(pool.run(slow, b""))
    await asyncio.sleep(1.5)
    before = len(psutil.Process().children())
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)
    assert (
        len([each for each in psutil.Process().children() if each.status() != psutil.STATUS_ZOMBIE])
        < before
    )


def test_no_process_is_left_when_its_owner_is_killed() -> None:
    script = (
        "import asyncio, sys\nfrom services.pictures.pool import PicturePool\n"
        "async def main():\n"
        "    await PicturePool().clean(sys.stdin.buffer.read())\n"
        "    print('ready', flush=True)\n    await asyncio.sleep(60)\n"
        "asyncio.run(main())"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert owner.stdin is not None
    assert owner.stdout is not None
    owner.stdin.write(saved(photo(), "PNG"))
    owner.stdin.close()
    assert owner.stdout.readline() == b"ready\n"
    children = psutil.Process(owner.pid).children(recursive=True)
    assert children
    owner.kill()
    owner.wait()
    owner.stdout.close()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
