"""Reading PDFs with other people's programs: their text, their fonts, their tags, what is attached."""

import re
import subprocess
from pathlib import Path

FIGURE = re.compile(r"[\w.,:+-]*\d[\w.,:+-]*", re.ASCII)
_UNSEEN = re.compile(r"<(form|nav|svg|script|style|aside)\b.*?</\1>|<[^>]+>", re.DOTALL)


def _told(program: str, file: Path, *options: str) -> str:
    done = subprocess.run(
        [program, *options, str(file), *(["-"] if program == "pdftotext" else [])], capture_output=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def text_of(file: Path) -> str:
    """The text as a reader selects it."""
    return _told("pdftotext", file, "-layout")


def squeezed(text: str) -> str:
    """A text without any white space: a line may break anywhere."""
    return re.sub(r"\s+", "", text)


def facts(file: Path) -> str:
    """What the document says of itself, its metadata included."""
    return _told("pdfinfo", file) + _told("pdfinfo", file, "-meta")


def fonts(file: Path) -> list[tuple[str, str]]:
    """Each font by name, and whether it is embedded: yes or no."""
    rows = _told("pdffonts", file).splitlines()[2:]
    return [(row.split()[0], row.split()[-5]) for row in rows]


def attached(file: Path) -> str:
    """What is attached, in words."""
    return _told("pdfdetach", file, "-list")


def figures_of(html: str) -> set[str]:
    """Every word with a digit that a reader of this page's content sees, outside of its forms."""
    main = html[html.index("<main") : html.index("</main>")]
    return {found.strip(".,:") for found in FIGURE.findall(_UNSEEN.sub(" ", main))}
