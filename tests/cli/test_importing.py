"""`sla-portal import`: what it says, what it leaves, and with which exit code it ends."""

import shutil
import tracemalloc
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.cli.csv_rows import rows_of
from portal.cli.entry import verbs
from portal.usecases.keeping.import_rows import COLUMNS

HEADING = "start,end,severity,reported_at,affected_users,ratio,incident"
ROW = "2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,down,,,,"
PROVIDER = """\
{"schema": "portal-config/1", "provider": {"name": "Northwind", "timezone": "UTC", "contact": "mail@northwind.example"},
 "services": [{"id": "api", "name": "API", "group": "All"}]}
"""


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the service; tests get copies."""
    folder = tmp_path_factory.mktemp("migrated")
    (folder / "portal.json").write_text(PROVIDER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLA_PORTAL_HOME", str(folder))
        patch.setenv("SLA_PORTAL_ENVIRONMENT", "development")
        run("migrate")
        run("apply", str(folder / "portal.json"))
    return folder


@pytest.fixture(autouse=True)
def _own_folder(migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("SLA_PORTAL_HOME", str(tmp_path))
    monkeypatch.setenv("SLA_PORTAL_ENVIRONMENT", "development")


def run(*words: str, exit_code: int = 0) -> Result:
    result = CliRunner().invoke(verbs, words)
    assert result.exit_code == exit_code, result.output
    return result


def take(tmp_path: Path, content: bytes, *words: str, exit_code: int = 0) -> Result:
    file = tmp_path / "told.csv"
    file.write_bytes(content)
    return run("import", "outages", str(file), "--service", "api", *words, exit_code=exit_code)


def told(*rows: str, end: str = "\n") -> bytes:
    return end.join([HEADING, *rows, ""]).encode()


def test_a_file_is_taken_and_a_second_time_nothing_changes(tmp_path: Path) -> None:
    assert take(tmp_path, told(ROW)).stdout == "api: 1 added, 0 corrected, 0 known already, 0 refused.\n"
    again = take(tmp_path, told(ROW))
    assert again.stdout == "Nothing changed: all 1 rows of this file were known already.\n"


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + told(ROW),
        told(ROW, end="\r\n"),
        told(ROW, end="\r"),
        told("", ROW, ""),
        told(",".join(f'"{cell}"' for cell in ROW.split(","))),
        told(ROW.replace(",", " , ")),
        f"incident,end,start,severity,reported_at,ratio,affected_users\n,{ROW.split(',')[1]},{ROW.split(',')[0]},,,,".encode(),
    ],
    ids=["byte order mark", "CRLF", "CR", "empty lines", "quoted", "spaces", "another order"],
)
def test_a_spreadsheet_may_have_written_it(tmp_path: Path, content: bytes) -> None:
    assert take(tmp_path, content).stdout.startswith("api: 1 added")


@pytest.mark.parametrize(
    "content",
    [b"", b"start,end\n", told(ROW).replace(b"ratio", b"share"), told(ROW).decode().encode("utf-16"), b"\x00" * 100,
     b"PK\x03\x04" + bytes(range(256)) * 20, b'"' + b"x" * 200_000],
    ids=["empty", "too few", "another word", "UTF-16", "zeros", "an archive", "an open quote"],
)  # fmt: skip
def test_another_heading_is_one_sentence_that_names_the_expected_one(tmp_path: Path, content: bytes) -> None:
    result = take(tmp_path, content, exit_code=1)
    expected = f"{tmp_path / 'told.csv'} must be a CSV file in UTF-8 that begins with the heading {HEADING}.\n"
    assert (result.stdout, result.stderr) == ("", expected)


def test_bad_rows_are_listed_by_line_and_end_with_exit_code_1(tmp_path: Path) -> None:
    other = ROW.replace("-05T", "-06T")
    broken = told(ROW, "nonsense", other).replace(b"nonsense", b"caf\xe9,,,,,,")
    result = take(tmp_path, broken, exit_code=1)
    assert result.stderr == "line 3: is not UTF-8; save the file as CSV in UTF-8.\n"
    assert result.stdout == "api: 2 added, 0 corrected, 0 known already, 1 refused.\n"


def test_all_or_nothing_takes_nothing_beside_a_bad_row(tmp_path: Path) -> None:
    result = take(tmp_path, told(ROW, "nonsense"), "--all-or-nothing", exit_code=1)
    assert result.stderr == ("line 3: has 1 fields; the heading has 7.\nNothing was taken: 1 of 2 rows were refused.\n")
    assert take(tmp_path, told(ROW)).stdout.startswith("api: 1 added")


def test_a_quote_that_never_ends_costs_its_own_rows_only(tmp_path: Path) -> None:
    result = take(tmp_path, told(ROW, f'"{ROW}'), exit_code=1)
    assert result.stdout == "api: 1 added, 0 corrected, 0 known already, 1 refused.\n"


@pytest.mark.parametrize(
    ("covers", "sentence"),
    [
        (("2026-10-02T00:00:00Z", "2026-10-01T00:00:00Z"), "must name a time that has passed, its beginning before"),
        (("2026-10-02T00:00:00Z", "2199-10-01T00:00:00Z"), "must name a time that has passed, its beginning before"),
        (("October", "November"), "'October' is not a time such as"),
    ],
)
def test_a_time_to_cover_is_one_that_has_passed(tmp_path: Path, covers: tuple[str, str], sentence: str) -> None:
    assert sentence in take(tmp_path, told(ROW), "--covers", *covers, exit_code=1).stderr


def test_tickets_are_somebodys_and_to_show_them_to_everybody_takes_a_word(tmp_path: Path) -> None:
    file = tmp_path / "told.csv"
    file.write_text("id,opened,responded,pauses\nt1,2026-10-05T10:00:00Z,,\n")
    words = ("import", "tickets", str(file), "--service", "api")
    sentence = "Say whose tickets these are: either --contract KEY or --every-contract.\n"
    assert run(*words, exit_code=1).stderr == sentence
    assert run(*words, "--contract", "gold", "--every-contract", exit_code=1).stderr == sentence
    assert run(*words, "--every-contract").stdout.startswith("api: 1 added")


def test_a_file_that_is_not_there_and_a_kind_there_is_none_of(tmp_path: Path) -> None:
    missing = run("import", "counts", str(tmp_path / "none.csv"), "--service", "api", exit_code=1)
    assert missing.stderr == f"{tmp_path / 'none.csv'} cannot be read: No such file or directory.\n"
    assert "is not one of" in run("import", "samples", "x.csv", "--service", "api", exit_code=2).stderr


def test_rows_are_read_as_they_come(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        file = tmp_path / f"{rows}.csv"
        file.write_text("slot,class,total,good\n" + "2026-10-01T00:00:00Z,,10,9\n" * rows)
        tracemalloc.start()
        with file.open("rb") as source:
            assert sum(1 for _ in rows_of(source, "FILE", COLUMNS["counts"])) == rows
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(10_000) < peak(1_000) + 50_000
