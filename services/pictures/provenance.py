"""What a picture says about how it was made, readable by others.

The `parameters` text is the form that Stable Diffusion tools write and read; the source type is
IPTC's way of saying that a machine made it.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from PIL import Image

from services.pictures.header import riff, vp8x

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SOFTWARE = "Atelier"
EXIF_IFD, USER_COMMENT = 0x8769, 0x9286
SEGMENT_LIMIT = 65_000
"""A JPEG segment holds 65,533 bytes."""
XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 Iptc4xmpExt:DigitalSourceType="{source}" xmp:CreatorTool="{tool}"/></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """How a picture was made."""

    prompt: str
    negative_prompt: str = ""
    model: str = ""
    provider: str = ""
    seed: int | None = None
    strength: float | None = None
    tool: str = ""
    generation: int | None = None
    created: datetime | None = None
    edited: bool = False
    """Whether it was made from another picture."""


def parameters_text(made: Provenance, size: tuple[int, int]) -> str:
    """Prompt, negative prompt and a line of `Name: value` pairs."""
    facts = {
        "Steps": 1,  # Readers of this form look for the line that begins so.
        "Seed": made.seed,
        "Size": f"{size[0]}x{size[1]}",
        "Model": made.model or None,
        "Denoising strength": made.strength,
        "Provider": made.provider or None,
        "Tool": made.tool or None,
        "Generation": made.generation,
        "Created": made.created.isoformat(timespec="seconds") if made.created else None,
        "Version": SOFTWARE,
    }
    lines = [made.prompt]
    if made.negative_prompt:
        lines.append(f"Negative prompt: {made.negative_prompt}")
    lines.append(", ".join(f"{k}: {v}" for k, v in facts.items() if v is not None))
    return "\n".join(lines)


def source_type(made: Provenance) -> str:
    """IPTC's term: composed from a picture, procedural, or drawn by a trained model."""
    if made.provider == "offline":
        return SOURCE_TYPE + "algorithmicMedia"
    kind = "compositeWithTrainedAlgorithmicMedia" if made.edited else "trainedAlgorithmicMedia"
    return SOURCE_TYPE + kind


def embed(data: bytes, mime_type: str, made: Provenance, size: tuple[int, int]) -> bytes:
    """Add the text and the source type to a stripped file; its pixels are not touched."""
    text = parameters_text(made, size)
    xmp = XMP.format(source=source_type(made), tool=escape(SOFTWARE)).encode()
    if mime_type == "image/png":
        return embed_png(data, text, xmp)
    if mime_type == "image/jpeg":
        return embed_jpeg(data, text, xmp)
    return embed_webp(data, text, xmp, size)


def embed_png(data: bytes, text: str, xmp: bytes) -> bytes:
    after_header = 8 + 25
    added = international("parameters", text.encode()) + international("XML:com.adobe.xmp", xmp)
    try:
        plain = b"parameters\x00" + text.encode("latin-1")
        added = chunk(b"tEXt", plain) + international("XML:com.adobe.xmp", xmp)
    except UnicodeEncodeError:
        pass  # Only the international form holds these letters.
    return data[:after_header] + added + data[after_header:]


def international(keyword: str, text: bytes) -> bytes:
    return chunk(b"iTXt", keyword.encode() + b"\x00\x00\x00\x00\x00" + text)


def chunk(name: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(name + body).to_bytes(4, "big")
    return len(body).to_bytes(4, "big") + name + body + checksum


def exif_of(text: str, limit: int | None = None) -> bytes:
    """An EXIF block with only the user's comment, as the same tools write it in JPEG and WebP."""
    comment = b"UNICODE\x00" + text.encode("utf-16-be")
    if limit is not None and len(comment) > limit:
        comment = comment[: limit - limit % 2]
    exif = Image.Exif()
    exif.get_ifd(EXIF_IFD)[USER_COMMENT] = comment
    return exif.tobytes()


def embed_jpeg(data: bytes, text: str, xmp: bytes) -> bytes:
    added = segment(exif_of(text, SEGMENT_LIMIT - 200))
    added += segment(b"http://ns.adobe.com/xap/1.0/\x00" + xmp)
    return data[:2] + added + data[2:]


def segment(body: bytes) -> bytes:
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body


def embed_webp(data: bytes, text: str, xmp: bytes, size: tuple[int, int]) -> bytes:
    parts = webp_parts(data)
    pixels = [(name, body) for name, body in parts if name != b"VP8X"]
    alpha = any(name == b"ALPH" for name, _ in pixels) or lossless_alpha(pixels)
    header = vp8x(*size, alpha=alpha, exif=True, xmp=True)
    exif = exif_of(text).removeprefix(b"Exif\x00\x00")
    return riff([(b"VP8X", header), *pixels, (b"EXIF", exif), (b"XMP ", xmp)])


def webp_parts(data: bytes) -> list[tuple[bytes, bytes]]:
    parts: list[tuple[bytes, bytes]] = []
    position = 12
    while position + 8 <= len(data):
        length = int.from_bytes(data[position + 4 : position + 8], "little")
        parts.append((data[position : position + 4], data[position + 8 : position + 8 + length]))
        position += 8 + length + length % 2
    return parts


def lossless_alpha(parts: list[tuple[bytes, bytes]]) -> bool:
    return any(
        name == b"VP8L" and bool(int.from_bytes(body[1:5], "little") >> 28 & 1)
        for name, body in parts
    )
