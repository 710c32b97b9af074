"""`seal`, `verify`, `rebuild`, `retain` and `hold` as an operator runs them: what they say, and their exit codes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.cli.entry import verbs
from portal.database import transaction
from tests.databases import opened
from tests.sealing import as_owner, furnish

Verb = Callable[..., Result]


@pytest.fixture
def verb(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Verb:
    """Runs a verb on a database with two probes and two days of samples, long over."""
    monkeypatch.setenv("SLA_PORTAL_HOME", str(tmp_path))
    monkeypatch.setenv("SLA_PORTAL_ENVIRONMENT", "development")
    monkeypatch.setenv("SLA_PORTAL_DATABASE_URL", sqlite_url)
    monkeypatch.setattr("tests.sealing.FIRST", 20_000 * 86_400)
    with opened(sqlite_url) as session:
        furnish(session, probes=2, days=2)

    def run(*words: str) -> Result:
        result = CliRunner().invoke(verbs, words)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run


def test_seal_seals_what_is_over_and_a_second_time_nothing(verb: Verb) -> None:
    first, second = verb("seal"), verb("seal")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.output == "4 days of a probe at a location were sealed, with 192 samples.\n"
    assert second.output == "0 days of a probe at a location were sealed, with 0 samples.\n"


def test_verify_and_rebuild_find_nothing_before_and_after_sealing(verb: Verb) -> None:
    for _ in range(2):
        proved, derived = verb("verify"), verb("rebuild")
        assert (proved.exit_code, derived.exit_code) == (0, 0)
        assert proved.output.startswith("192 samples of 2 probes and locations fit together.")
        assert derived.output == "4 days of a probe at a location were derived anew, 0 of them changed.\n"
        assert verb("seal").exit_code == 0


def test_verify_names_the_first_thing_that_does_not_fit_or_all_of_them(verb: Verb, sqlite_url: str) -> None:
    verb("seal")
    with opened(sqlite_url) as session:
        as_owner(session, "UPDATE chunk SET digest = content")
    first, every = verb("verify"), verb("verify", "--all")
    assert (first.exit_code, every.exit_code) == (1, 1)
    assert first.stderr == (
        "Chunk 0 of probe 1 at location 1 on 2024-10-04 does not have the digest it was sealed with: it was changed.\n"
    )
    assert every.stderr.startswith(first.stderr)
    assert len(every.stderr.splitlines()) == 4
    assert "fit together" not in first.output + every.output


def test_rebuild_puts_right_what_it_names_within_the_days_asked_for(verb: Verb, sqlite_url: str) -> None:
    with opened(sqlite_url) as session, transaction(session):
        session.connection().exec_driver_sql("DELETE FROM run WHERE probe = 2")
    named = verb("rebuild", "--from", "2024-10-05", "--to", "2024-10-06", "--service", "api")
    assert named.exit_code == 0
    assert "probe 2 at location 1 on 2024-10-05: the runs were not what the samples say" in named.output
    assert named.output.endswith("2 days of a probe at a location were derived anew, 1 of them changed.\n")
    assert verb("verify").exit_code == 1
    assert verb("rebuild").exit_code == 0
    assert verb("verify").exit_code == 0


def test_rebuild_says_which_chunk_was_altered_and_derives_nothing_from_it(verb: Verb, sqlite_url: str) -> None:
    verb("seal")
    with opened(sqlite_url) as session:
        as_owner(session, "UPDATE chunk SET digest = content WHERE probe = 2")
    refused = verb("rebuild")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Chunk 0 of probe 2 at location 1 on 2024-10-04 does not have the digest")
    assert refused.stderr.endswith("Nothing more was derived. Everything altered: sla-portal verify --all\n")


def test_rebuild_refuses_a_service_nobody_probes_with_a_sentence(verb: Verb) -> None:
    refused = verb("rebuild", "--service", "shop")
    assert (refused.exit_code, refused.stderr) == (1, "There is no service shop with probes.\n")


def test_retain_says_what_would_go_deletes_it_once_and_hold_refuses_a_stranger(verb: Verb) -> None:
    verb("seal")
    tried, done, again = verb("retain", "--dry-run"), verb("retain"), verb("retain")
    assert (tried.exit_code, done.exit_code, again.exit_code) == (0, 0, 0)
    assert tried.output.startswith("probe 1 at location 1, 2024-10: 2 days, 96 samples\n")
    assert "192 samples would be deleted" in tried.output
    assert "192 samples were deleted" in done.output
    assert again.output.startswith("0 samples were deleted")
    assert verb("verify").exit_code == 0
    refused = verb("hold", "place", "nobody", "--reason", "a lawsuit")
    assert (refused.exit_code, refused.stderr) == (1, "There is no customer nobody.\n")
