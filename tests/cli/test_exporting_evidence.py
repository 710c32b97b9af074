"""`sla-portal evidence`: a whole new file or none, and a sentence where something is missing."""

import json
import sys
from pathlib import Path

import pytest

from tests.cli.test_importing import HEADING as HEADING
from tests.cli.test_importing import ROW, run, take, told
from tests.cli.test_importing import _own_folder as _own_folder  # the folder with its service
from tests.cli.test_importing import migrated as migrated

RANGE = ("--service", "api", "--from", "2026-10-01T00:00:00Z", "--until", "2026-11-01T00:00:00Z")


def test_the_ending_of_the_file_says_the_format(tmp_path: Path) -> None:
    take(tmp_path, told(ROW))
    file = tmp_path / "outages.jsonl"
    assert run("evidence", "outages", str(file), *RANGE).stdout == f"{file}: 1 rows.\n"
    assert json.loads(file.read_text())["severity"] == "down"
    assert not list(tmp_path.glob("*.part"))


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "outages.csv"
    file.write_text("mine")
    result = run("evidence", "outages", str(file), *RANGE, exit_code=1)
    assert result.stderr == f"{file} is there already. Choose another name or remove it.\n"
    assert file.read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("outages", "x.txt", *RANGE), "must end in .csv, .jsonl or .parquet"),
        (("outages", "no/folder/x.csv", *RANGE), "cannot be written: No such file or directory."),
        (("outages", "x.csv", "--service", "nothing", *RANGE[2:]), "There is no service nothing. There is: api."),
        (("outages", "x.csv", *RANGE[:3], "October", *RANGE[4:]), "--from 'October' is not a time such as"),
        (("outages", "x.csv", *RANGE[:5], "2026-10-01T00:00:00Z"), "The range ends before it begins."),
    ],
)
def test_what_is_wrong_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert sentence in run("evidence", *words, exit_code=1).stderr
    assert not (tmp_path / "x.csv").exists()


def test_without_pyarrow_parquet_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = run("evidence", "counts", str(tmp_path / "x.parquet"), *RANGE, exit_code=1)
    assert "Install sla-portal[parquet], or choose csv or jsonl." in result.stderr
    assert not (tmp_path / "x.parquet").exists()
