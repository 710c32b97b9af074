"""The press reaches nothing, whatever a page asks for, and what it prints is tagged, with its fonts in it (X4)."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal import press
from tests.web import pdfs

HOSTILE = """<!DOCTYPE html>
<html lang="en">
  <head>
    <title>A note</title>
    <base href="file:///etc/">
    <link rel="attachment" href="file:///etc/passwd">
    <link rel="stylesheet" href="{listener}/link.css">
    <style>@import url("{listener}/import.css"); body {{ background: url("{listener}/ground.png") }}</style>
  </head>
  <body>
    <img src="file:///etc/passwd" alt="none"><img src="passwd" alt="none"><img src="{listener}/x.png" alt="none">
    <a rel="attachment" href="{listener}/secret">a link</a><a rel="attachment" href="file:///etc/passwd">another</a>
    <object data="file:///etc/passwd"></object><embed src="{listener}/e"><iframe src="{listener}/f"></iframe>
    <svg width="9" height="9" xmlns:xlink="http://www.w3.org/1999/xlink">
      <image href="{listener}/svg.png" width="9" height="9" />
      <image xlink:href="file:///etc/passwd" width="9" height="9" />
      <use href="{listener}/use.svg#a" />
    </svg>
    <p>Words that stay.</p>
  </body>
</html>"""
SHEETS = [
    '@import url("{listener}/sheet.css"); @font-face {{ font-family: X; src: url("{listener}/x.woff2") }}',
    'p {{ font-family: X; list-style-image: url("{listener}/y.png") }} p::after {{ content: url("{listener}/z.png") }}',
]


@contextmanager
def listening() -> Iterator[tuple[str, list[bytes]]]:
    """A listener on loopback, and what anybody ever sent it."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    heard.append(connection.recv(100))

        threading.Thread(target=listen, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}", heard
        finally:
            server.shutdown(socket.SHUT_RDWR)


@pytest.mark.slow
def test_a_hostile_page_yields_no_byte_of_a_file_and_no_request(tmp_path: Path) -> None:
    file = tmp_path / "note.pdf"
    with listening() as (listener, heard):
        sheets = [one.format(listener=listener) for one in SHEETS]
        (content,) = press.printed([HOSTILE.format(listener=listener)], sheets)
        assert isinstance(content, bytes)
        file.write_bytes(content)
        assert heard == []
    text = pdfs.text_of(file)
    assert "Words that stay." in text
    assert "root:" not in text
    assert b"root:" not in file.read_bytes()
    assert "0 embedded files" in pdfs.attached(file)


@pytest.mark.slow
def test_a_page_that_ends_the_press_takes_no_other_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    page = "<!DOCTYPE html><html lang=en><title>T</title><p>words"
    monkeypatch.setattr(press, "SECONDS", 0.05)
    for found in press.printed([page, page], []):
        assert isinstance(found, press.NotPrinted)
        assert "took longer than" in str(found)


def test_without_pango_a_sentence_says_what_to_install() -> None:
    look = "import sys; sys.modules['weasyprint'] = None; from portal import press; sys.exit(press.main(['--look']))"
    assert subprocess.run([sys.executable, "-c", look], capture_output=True).returncode == press.LIBRARY_MISSING
    assert "apt-get install libpango-1.0-0" in press.INSTALL
