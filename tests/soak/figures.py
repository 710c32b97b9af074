"""What the long suite found, as a table; and which cases are done already, so that an interrupted run goes on.

A case that passed is remembered beside a digest of the sources it ran. The next run of the same sources leaves it out,
until every case asked for is done: then the run after that begins afresh.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "var" / "soak.json"
SOURCES = ("portal", "probes", "migrations", "templates", "tests")
WIDTH = 110
Figures = dict[str, object]


class Done:
    """The cases that passed with these sources, and their figures."""

    def __init__(self, path: Path = KEPT) -> None:
        self._path = path
        self._digest = _digest()
        self.cases: dict[str, Figures] = self._read()

    def _read(self) -> dict[str, Figures]:
        if not self._path.exists():
            return {}
        kept = json.loads(self._path.read_text())
        return dict(kept["cases"]) if kept["sources"] == self._digest else {}

    def left(self, cases: Iterable[str]) -> set[str]:
        """Return the cases still to run; when none is left all of them, afresh."""
        asked = set(cases)
        left = asked - set(self.cases)
        if not left:
            self.cases = {name: found for name, found in self.cases.items() if name not in asked}
        return left or asked

    def keep(self, case: str, figures: Mapping[str, object]) -> None:
        """Remember a case that passed."""
        self.cases[case] = dict(figures)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps({"sources": self._digest, "cases": self.cases}, indent=1))
        fresh.replace(self._path)


def print_table(cases: Mapping[str, Mapping[str, object]]) -> None:
    """Print one row for each figure, grouped by case."""
    table = Table("Case", "What", "Figure", title="Faults")
    for case, figures in cases.items():
        name = case.rpartition("::")[2].removeprefix("test_").replace("_", " ")
        for number, (what, figure) in enumerate(figures.items()):
            table.add_row("" if number else escape(name), what, escape(str(figure)))
        table.add_section()
    Console(width=WIDTH).print(table)


def _digest() -> str:
    found = hashlib.sha256()
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".html") and path.is_file():
                found.update(path.read_bytes())
    return found.hexdigest()
