"""A provider's colour can be read wherever it stands, and its logo is a picture and nothing else."""

import base64
import re
import struct
import zlib
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from portal import clock
from portal.cli.configuring import with_files
from portal.database import db, transaction
from portal.domain.documents.reading import InvalidDocument
from portal.domain.notices.refusals import Refusal
from portal.usecases.configuration.applying import apply_configuration
from portal.usecases.configuration.exporting import export_configuration
from portal.usecases.configuration.reading_brand import BYTES_MOST, read_colour, read_logo
from portal.usecases.groundwork import scopes
from portal.web.brand_colours import DARK_GROUNDS, LEAST, LIGHT_GROUNDS, contrast, palette
from tests.web.conftest import World
from tests.web.test_contrast import palettes

MARK = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><!-- mark --><path fill="#123" d="M0 0h9v9z"/></svg>'
OPEN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'


def address(content: str | bytes, kind: str = "image/svg+xml") -> str:
    data = content.encode() if isinstance(content, str) else content
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int = 1, extra: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def configured(world: World, brand: dict[str, str]) -> object:
    provider = {"name": "Northwind Cloud", "timezone": "Europe/Berlin", "contact": "help@northwind.example"}
    document = {"schema": "portal-config/1", "provider": {**provider, "brand": brand}}
    with world.app.app_context(), scopes.provider(), transaction(db.session()) as session:
        return apply_configuration(session, document, clock.now(), {})


@given(st.integers(0, 0xFFFFFF))
def test_any_colour_can_be_read_on_every_ground_and_its_ink_on_it(number: int) -> None:
    found = palette(f"#{number:06x}")
    assert min(contrast(found.light, ground) for ground in LIGHT_GROUNDS) >= LEAST
    assert min(contrast(found.dark, ground) for ground in DARK_GROUNDS) >= LEAST
    assert contrast(found.light, found.light_ink) >= LEAST
    assert contrast(found.dark, found.dark_ink) >= LEAST


def test_a_colour_that_can_be_read_stays_as_it_was_given() -> None:
    assert palette("#2f4b7c").light == "#2f4b7c"
    assert palette("#8fb0e6").dark == "#8fb0e6"


def test_the_grounds_are_those_of_the_tokens() -> None:
    names = ("paper", "card", "unknown-bg")
    assert tuple(palettes()["light"][name] for name in names) == LIGHT_GROUNDS
    assert tuple(palettes()["dark"][name] for name in names) == DARK_GROUNDS


def test_a_brand_stands_on_every_page_and_comes_from_here(world: World, client: FlaskClient) -> None:
    before = client.get("/").text
    assert "/brand" not in before
    assert client.get("/brand/logo.img").status_code == 404
    configured(world, {"colour": "#FF9900", "logo": address(MARK)})
    page = client.get("/").text
    sheet, logo = re.findall(r'"(/brand(?:\.css|/logo\.img)\?v=[0-9a-f]{12})"', page)
    assert f"--brand: var(--light, {palette('#ff9900').light})" in client.get(sheet).text
    picture = client.get(logo)
    assert (picture.content_type, b"<!-- mark" in picture.data, b"<path" in picture.data) == (
        "image/svg+xml",
        False,
        True,
    )
    for one in (sheet, logo):
        assert "immutable" in client.get(one).headers["Cache-Control"]
        assert "immutable" not in client.get(one.split("?")[0]).headers["Cache-Control"]


def test_a_brand_that_was_exported_changes_nothing(world: World) -> None:
    configured(world, {"colour": "#ff9900", "logo": address(png(), "image/png")})
    with world.app.app_context(), scopes.provider():
        provider = export_configuration(db.session())["provider"]
    with world.app.app_context(), scopes.provider(), transaction(db.session()) as session:
        plan = apply_configuration(session, {"schema": "portal-config/1", "provider": provider}, clock.now(), {})
    assert plan.is_empty


@pytest.mark.parametrize(
    ("content", "kind", "sentence"),
    [
        (f"{OPEN}<script>x</script></svg>", "image/svg+xml", "<script>"),
        (f"{OPEN}<foreignObject/></svg>", "image/svg+xml", "<foreignObject>"),
        (f'{OPEN}<g onload="x"/></svg>', "image/svg+xml", "onload"),
        (f'{OPEN}<g style="fill:red"/></svg>', "image/svg+xml", "style"),
        (f'{OPEN}<g fill="url(https://evil.example/x)"/></svg>', "image/svg+xml", "fill"),
        (f'{OPEN}<use href="#a"/></svg>', "image/svg+xml", "<use>"),
        (f'<!DOCTYPE svg [<!ENTITY a "b">]>{OPEN}</svg>', "image/svg+xml", "document type"),
        (f'{OPEN}<html xmlns="http://www.w3.org/1999/xhtml"/></svg>', "image/svg+xml", "html"),
        ('<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml", "viewBox"),
        ("<svg", "image/svg+xml", "well-formed"),
        (MARK.replace("M0 0", "M0 0" + " " * BYTES_MOST), "image/svg+xml", "are the most"),
        (png()[:-3], "image/png", "cut or altered"),
        (png(5_000), "image/png", "larger than"),
        (b"GIF89a", "image/png", "not a PNG"),
        (MARK, "image/gif", "file:NAME"),
    ],
)
def test_what_a_picture_does_not_need_is_refused_by_name(content: str | bytes, kind: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        read_logo(address(content, kind))


def test_what_stands_in_a_png_beside_the_picture_is_left_out() -> None:
    assert b"secret" not in base64.b64decode(
        read_logo(address(png(extra=chunk(b"tEXt", b"a\0secret")), "image/png"))[22:]
    )


@pytest.mark.parametrize("value", ["red", "#12345", "#1234567", "#12345g", "", None, ["#123456"], "#123456;}"])
def test_a_colour_is_six_digits_and_nothing_else(value: object) -> None:
    with pytest.raises(ValueError, match="six hexadecimal digits"):
        read_colour(value)


def test_a_brand_that_cannot_be_is_refused_whole(world: World, client: FlaskClient) -> None:
    with pytest.raises(InvalidDocument, match=r"provider\.brand\.colour"):
        configured(world, {"colour": "orange"})
    assert "/brand" not in client.get("/").text


def test_a_logo_beside_the_configuration_is_read_from_there_only(tmp_path: Path) -> None:
    (tmp_path / "mark.svg").write_text(MARK)
    (tmp_path / "inner").mkdir()

    def logo(name: str, folder: Path = tmp_path) -> object:
        document = {"provider": {"brand": {"logo": name}}}
        return with_files(document, folder)

    assert logo("file:mark.svg") == {"provider": {"brand": {"logo": address(MARK)}}}
    assert logo(address(MARK)) == {"provider": {"brand": {"logo": address(MARK)}}}
    for name, folder in (("file:../mark.svg", tmp_path / "inner"), ("file:mark.txt", tmp_path), ("file:", tmp_path)):
        with pytest.raises(Refusal, match=r"provider\.brand\.logo"):
            logo(name, folder)
