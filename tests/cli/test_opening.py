"""A database that cannot be used ends a verb with one sentence, which says what helps against just that."""

from pathlib import Path

import pytest
from sqlalchemy import text

from portal import config
from portal.cli.opening import opened_app
from portal.database import db, transaction
from portal.domain.notices.refusals import Refusal

FILL = {
    "sqlite": [
        "PRAGMA max_page_count = 1",
        "CREATE TABLE more (content)",
        "INSERT INTO more VALUES (zeroblob(9999999))",
    ],
    "postgresql": ["DO $$BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END$$"],
}


def refused(url: str, home: Path, *statements: str) -> str:
    settings = config.load(environment="development", home=home, database_url=url)
    with pytest.raises(Refusal) as caught, opened_app(settings), transaction(db.session()):
        for statement in statements:
            db.session.execute(text(statement))
    return caught.value.sentence


def test_a_full_disk_is_called_full_and_nobody_is_told_to_migrate(database_url: str, tmp_path: Path) -> None:
    sentence = refused(database_url, tmp_path, *FILL[database_url.partition("+")[0].partition(":")[0]])
    assert sentence.startswith("The database cannot be used: ")
    assert sentence.endswith(". Make room on its disk, then run this again: nothing is half done.")


@pytest.mark.parametrize("statement", ["SELECT * FROM absent", "SELECT absent FROM sample"])
def test_where_tables_or_columns_are_missing_the_way_is_to_migrate(
    database_url: str, tmp_path: Path, statement: str
) -> None:
    assert refused(database_url, tmp_path, statement).endswith(" Is it new? Then run: sla-portal migrate")


def test_any_other_no_of_a_database_is_told_as_it_is(database_url: str, tmp_path: Path) -> None:
    assert refused(database_url, tmp_path, "SELECT FROM WHERE").endswith(".")
