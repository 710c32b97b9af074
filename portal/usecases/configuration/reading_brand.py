"""Reading a provider's brand: one colour, and a logo that is a picture and nothing else.

A logo is a `data:` address of an SVG or PNG. It is read strictly: what a picture does not need is refused by name, and
what is kept is written anew from what was read.
"""

import base64
import binascii
import re
import struct
import zlib
from collections.abc import Iterator

from lxml import etree

KINDS = {"image/svg+xml", "image/png"}
BYTES_MOST = 24 * 1024
SIDE_MOST = 1024
SVG = "http://www.w3.org/2000/svg"
ELEMENTS = frozenset(
    {
        "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "defs", "title", "desc",
        "linearGradient", "radialGradient", "stop", "clipPath", "mask",
    }
)  # fmt: skip
ATTRIBUTES = frozenset(
    {
        "id", "viewBox", "width", "height", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "d",
        "points", "transform", "fill", "fill-rule", "fill-opacity", "stroke", "stroke-width", "stroke-linecap",
        "stroke-linejoin", "stroke-miterlimit", "stroke-opacity", "stroke-dasharray", "opacity", "clip-path",
        "clip-rule", "mask", "offset", "stop-color", "stop-opacity", "gradientUnits", "gradientTransform",
        "clipPathUnits", "maskUnits", "preserveAspectRatio", "version", "role", "aria-label", "color",
    }
)  # fmt: skip
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"sRGB", b"gAMA"})
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)
_ADDRESS = re.compile(r"data:([a-z+/]{1,30});base64,([A-Za-z0-9+/=\s]+)", re.ASCII)
_ELSEWHERE = re.compile(r"url\(\s*[\"']?(?!#)|javascript:|&|\\", re.IGNORECASE)


def read_colour(value: object) -> str:
    """Return a colour as "#rrggbb"; raise ValueError."""
    if not isinstance(value, str) or not _COLOUR.fullmatch(value):
        raise ValueError("must be a colour of six hexadecimal digits, such as #2f4b7c, in quotes.")
    return value.lower()


def read_logo(value: object) -> str:
    """Return a logo as a `data:` address of what was read of it; raise ValueError naming what cannot be in it."""
    found = _ADDRESS.fullmatch(value) if isinstance(value, str) else None
    if found is None or found[1] not in KINDS:
        raise ValueError("must be file:NAME of an SVG or PNG beside this file, or its data: address in base64.")
    try:
        content = base64.b64decode("".join(found[2].split()), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("is not valid base64.") from None
    if len(content) > BYTES_MOST:
        raise ValueError(f"has {len(content):,} bytes; {BYTES_MOST:,} are the most.")
    kept = _read_svg(content) if found[1] == "image/svg+xml" else _read_png(content)
    return f"data:{found[1]};base64,{base64.b64encode(kept).decode()}"


def content_of(logo: str) -> tuple[str, bytes]:
    """Return the media type and the bytes of a logo that was read."""
    head, _, text = logo.partition(",")
    return head.removeprefix("data:").removesuffix(";base64"), base64.b64decode(text)


def _read_svg(content: bytes) -> bytes:
    if b"<!" in content.replace(b"<!--", b""):
        raise ValueError("holds a document type or an entity, which no picture needs.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        raise ValueError("is not well-formed SVG.") from None
    if root.tag != f"{{{SVG}}}svg" or not (root.get("viewBox") or (root.get("width") and root.get("height"))):
        raise ValueError("must be an SVG with a viewBox.")
    for node in root.iter():
        _check_node(node)
    etree.cleanup_namespaces(root)
    return bytes(etree.tostring(root))


def _check_node(node: etree._Element) -> None:
    name = str(node.tag).removeprefix(f"{{{SVG}}}")
    if name not in ELEMENTS:
        raise ValueError(f"holds <{_plain(name)}>, which a logo here cannot have.")
    for attribute, value in node.attrib.items():
        if attribute not in ATTRIBUTES or _ELSEWHERE.search(str(value)):
            raise ValueError(f"holds the attribute {_plain(str(attribute))}, which a logo here cannot have so.")


def _plain(name: str) -> str:
    """The name without its namespace, cut, for a sentence."""
    return re.sub(r"[^\w:.-]", "?", name.rpartition("}")[2])[:40]


def _read_png(content: bytes) -> bytes:
    if not content.startswith(PNG_SIGNATURE):
        raise ValueError("is not a PNG.")
    chunks = list(_chunks(content))
    if not chunks or chunks[0][0] != b"IHDR" or len(chunks[0][1]) != 13 or chunks[-1][0] != b"IEND":
        raise ValueError("is not a whole PNG.")
    width, height = struct.unpack(">II", chunks[0][1][:8])
    if not (0 < width <= SIDE_MOST and 0 < height <= SIDE_MOST):
        raise ValueError(f"is larger than {SIDE_MOST} pixels.")
    return PNG_SIGNATURE + b"".join(_chunk(kind, body) for kind, body in chunks if kind in PNG_KEPT)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(PNG_SIGNATURE)
    while place < len(content):
        head = content[place : place + 8]
        length = int.from_bytes(head[:4], "big")
        body, check = content[place + 8 : place + 8 + length], content[place + 8 + length : place + 12 + length]
        if len(check) != 4 or zlib.crc32(head[4:] + body) != int.from_bytes(check, "big"):
            raise ValueError("is a PNG that was cut or altered.")
        yield head[4:], body
        place += 12 + length


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
