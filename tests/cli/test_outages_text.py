"""A CSV of outages is read row by row, and every row that cannot be taken is named."""

from fractions import Fraction
from pathlib import Path

import pytest

from portal.cli.outages_text import COLUMNS, read_outages
from portal.domain.documents.reading import InvalidDocument
from portal.domain.evidence.records import OutageRecord
from portal.domain.notices.refusals import Refusal

HEADING = ",".join(COLUMNS)
START, END = "2026-06-10T10:00:00Z", "2026-06-10T12:00:00+02:00"


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "outages.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_every_column_is_read_and_only_two_are_needed(tmp_path: Path) -> None:
    rows = f"{HEADING}\n{START},2026-06-10T11:00:00Z,degraded,{START},12,1/2,i-7\n{START},2026-06-10T10:00:01Z,,,,,\n"
    full, bare = read_outages(written(tmp_path, "\ufeff" + rows))
    assert full == OutageRecord(1781085600, 1781089200, "degraded", 1781085600, 12, Fraction(1, 2), "i-7")
    assert bare == OutageRecord(1781085600, 1781085601)


BAD_ROWS = [
    (f"{START},{END},,,,,", "row[1].end", "An outage ends after it starts."),
    (f",{START},,,,,", "row[1].start", "This is missing."),
    (f"yesterday,{START},,,,,", "row[1].start", "is not a time such as"),
    (f"{START},2026-06-10T11:00:00,,,,,", "row[1].end", "names no time zone"),
    (f"{START},2026-06-10T11:00:00Z,,,-1,,", "row[1].affected_users", "must be a whole number"),
    (f"{START},2026-06-10T11:00:00Z,,,,1.5,", "row[1].ratio", "must be from 0 to 1"),
    (f"{START},2026-06-10T11:00:00Z,=cmd(),,,,", "row[1].severity", "must be a name"),
    (f"{START},2026-06-10T11:00:00Z,,,,,,more", "row[1]", "more fields than the heading"),
]


@pytest.mark.parametrize(("row", "path", "words"), BAD_ROWS)
def test_a_bad_row_is_named_with_its_column(tmp_path: Path, row: str, path: str, words: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        read_outages(written(tmp_path, f"{HEADING}\n{row}\n"))
    (problem,) = refused.value.problems
    assert problem.path == path
    assert words in problem.sentence


@pytest.mark.parametrize("heading", ["", "start", "start,end,start", "start,end,cause", "a;b"])
def test_a_strange_heading_is_refused(tmp_path: Path, heading: str) -> None:
    with pytest.raises(Refusal, match="must begin with a heading"):
        read_outages(written(tmp_path, f"{heading}\n"))


def test_what_is_no_csv_is_refused(tmp_path: Path) -> None:
    for content in (b"start,end\n\xff\n", b'start,end\n"open\n'):
        with pytest.raises(Refusal, match="is not a CSV file"):
            read_outages(written(tmp_path, content))
    with pytest.raises(Refusal, match="cannot be read"):
        read_outages(tmp_path / "none.csv")
