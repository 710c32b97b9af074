"""What the verbs say and the exit codes they end with; a no is a sentence on standard error, never a traceback."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from portal.cli.entry import verbs
from portal.cli.yaml_text import MIB
from tests.usecases.configurations import contract, probe, terms, whole

VECTORS = Path(__file__).parents[1] / "vectors" / "sla.json"
Verb = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def verb(home: Path, monkeypatch: pytest.MonkeyPatch) -> Verb:
    """Runs a verb of the command line on a data folder of its own."""
    monkeypatch.setenv("SLA_PORTAL_HOME", str(home))
    monkeypatch.setenv("SLA_PORTAL_ENVIRONMENT", "development")

    def run(*words: object) -> Result:
        result = CliRunner().invoke(verbs, [str(word) for word in words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run


@pytest.fixture
def migrated(verb: Verb) -> Verb:
    assert verb("migrate").exit_code == 0
    return verb


def written(folder: Path, document: object, name: str = "provider.yaml") -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(document) if name.endswith(".yaml") else json.dumps(document))
    return path


def rows(home: Path, *tables: str) -> list[int]:
    with closing(sqlite3.connect(home / "portal.sqlite")) as connection:
        return [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]


def test_a_file_is_applied_and_the_second_time_there_is_nothing_to_change(
    migrated: Verb, home: Path, tmp_path: Path
) -> None:
    path = written(tmp_path, whole())
    first = migrated("apply", path)
    assert first.exit_code == 0
    assert "  create  probe api-health\n" in first.stdout
    assert first.stdout.endswith("Done: 11 created, 0 changed, 0 ended, 0 unchanged.\n")
    second = migrated("apply", path)
    assert second.stdout == "Nothing to change: all 11 things are as the file says.\n"
    assert rows(home, "provider", "schedule", "contract") == [1, 1, 1]


def test_a_dry_run_says_the_same_and_does_nothing(migrated: Verb, home: Path, tmp_path: Path) -> None:
    result = migrated("apply", written(tmp_path, whole()), "--dry-run")
    assert "  create  contract globex-1 of globex\n" in result.stdout
    assert "A dry run, nothing was changed. It would be: 11 created" in result.stdout
    assert rows(home, "provider", "service", "user_account") == [0, 0, 0]


@pytest.mark.slow
def test_an_export_of_more_than_a_mebibyte_is_applied(migrated: Verb, home: Path, tmp_path: Path) -> None:
    many = [{"id": f"service-{number}", "name": f"{number} " + "x" * 190} for number in range(6_000)]
    document = {"schema": "portal-config/1", "provider": whole()["provider"], "services": many}
    assert migrated("apply", written(tmp_path, document, "many.json")).exit_code == 0
    exported = migrated("export").stdout
    assert len(exported) > MIB
    (tmp_path / "export.json").write_text(exported)
    again = migrated("apply", tmp_path / "export.json")
    assert again.stdout == "Nothing to change: all 6001 things are as the file says.\n"
    assert rows(home, "service") == [6_000]


def with_float() -> dict[str, object]:
    document = whole()
    document["agreements"][0]["versions"][0]["commitments"][0]["target_percent"] = 99.9
    return document


def with_component(name: str) -> dict[str, object]:
    document = whole()
    document["contracts"][0]["services"][0]["component"] = name
    return document


REFUSED = [
    (whole() | {"probes": [probe(target="gopher://x")]}, "probes[0].target: ", "provider.yaml"),
    (whole() | {"probes": [probe(target="http://127.1/")]}, "probes[0].target: ", "provider.yaml"),
    (whole() | {"probes": [probe(target="http://[::ffff:10.0.0.1]/")]}, "probes[0].target: ", "provider.yaml"),
    (with_float(), "agreements[0].versions[0].commitments[0].target_percent: ", "provider.json"),
    (whole() | {"agreements": [], "nonsense": 1}, "nonsense: This key is not known here.", "provider.yaml"),
    (with_component("apii"), "contracts[0].services[0].component: The agreement gold has no", "provider.yaml"),
    (whole() | {"contracts": [contract(id="a\x07b")]}, "contracts[0].id: ", "provider.json"),
]


@pytest.mark.parametrize(("document", "words", "name"), REFUSED, ids=[words for _, words, _ in REFUSED])
def test_a_bad_file_is_refused_with_its_path_and_nothing_is_half_saved(
    migrated: Verb, home: Path, tmp_path: Path, document: object, words: str, name: str
) -> None:
    result = migrated("apply", written(tmp_path, document, name))
    assert result.exit_code == 1
    assert words in result.stderr
    assert result.stderr.splitlines()[-1] == "Nothing was changed."
    assert "Traceback" not in result.output
    tables = ("provider", "location", "service", "probe", "agreement", "customer", "user_account")
    assert rows(home, *tables) == [0] * len(tables)


def test_a_database_without_tables_is_a_sentence(verb: Verb, tmp_path: Path) -> None:
    result = verb("apply", written(tmp_path, whole()))
    assert result.exit_code == 1
    assert result.stderr.startswith("The database cannot be used: no such table")
    assert "sla-portal migrate" in result.stderr


def test_bad_settings_are_a_sentence(verb: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLA_PORTAL_ENVIRONMENT", "production")
    monkeypatch.setenv("SLA_PORTAL_SECRET_KEY", "secret")
    result = verb("migrate")
    assert result.exit_code == 1
    assert "SLA_PORTAL_SECRET_KEY needs 32 random characters" in result.stderr
    monkeypatch.setenv("SLA_PORTAL_COLOUR", "blue")
    assert "SLA_PORTAL_COLOUR is not known" in verb("migrate").stderr


def test_a_folder_made_in_development_stays_one(migrated: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLA_PORTAL_ENVIRONMENT")
    assert migrated("migrate").exit_code == 0


def test_a_person_is_added_once_and_their_password_is_printed_once(migrated: Verb, tmp_path: Path) -> None:
    migrated("apply", written(tmp_path, whole()))
    words = ("user", "add", "Bob@globex.example", "--name", "Bob", "--customer", "globex:billing", "--staff", "finance")
    added = migrated(*words)
    assert added.exit_code == 0
    assert len(added.stdout.split()[-1]) == 20
    again = migrated(*words)
    assert again.exit_code == 1
    assert "bob@globex.example exists already" in again.stderr
    renewed = migrated("user", "password", "bob@globex.example")
    assert renewed.exit_code == 0
    assert renewed.stdout.split()[-1] != added.stdout.split()[-1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("user", "add", "bob", "--name", "Bob"), "must be an e-mail address"),
        (("user", "add", "bob@b.example", "--name", " "), "The name must not be empty."),
        (("user", "add", "bob@b.example", "--name", "B", "--customer", "globex"), "must be KEY:ROLE"),
        (("user", "add", "bob@b.example", "--name", "B", "--customer", "mars:owner"), "There is no customer 'mars'."),
        (("user", "password", "nobody@b.example"), "Nobody signs in as nobody@b.example."),
    ],
)
def test_an_impossible_person_is_refused(migrated: Verb, words: tuple[str, ...], sentence: str) -> None:
    result = migrated(*words)
    assert result.exit_code == 1
    assert sentence in result.stderr


def test_the_worked_cases_pass_and_wrong_answers_change_nothing_that_is_got(verb: Verb, tmp_path: Path) -> None:
    good = verb("conformance", VECTORS, "--check")
    assert good.exit_code == 0
    assert all(set(json.loads(line)) == {"id", "got"} for line in good.stdout.splitlines())
    document = json.loads(VECTORS.read_text())
    for case in document["vectors"]:
        case["expect"] = dict.fromkeys(case["expect"], "wrong")
    wrong = verb("conformance", written(tmp_path, document, "wrong.json"), "--check")
    assert wrong.exit_code == 1
    assert wrong.stdout == good.stdout
    assert f"{document['vectors'][0]['id']}: " in wrong.stderr


def test_terms_are_judged_on_outages_from_a_file(verb: Verb, tmp_path: Path) -> None:
    outages = tmp_path / "outages.csv"
    outages.write_text("start,end\n2026-05-05T10:00:00Z,2026-05-05T11:00:00Z\n")
    path = written(tmp_path, terms(), "terms.yaml")
    shown = verb("evaluate", path, "--outages", outages, "--period", "2026-05", "--fee", "400.00")
    assert shown.exit_code == 0
    assert "availability: promised 99.9 %, attained 99.865 % — breached." in shown.stdout
    assert "credit 40.00 EUR." in shown.stdout
    working = json.loads(verb("evaluate", path, "--outages", outages, "--period", "2026-05", "--json").stdout)
    assert (working["schema"], working["totals"]["downtime"]) == ("sla-working/1", "3600")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--period", "2026-13"), "must be a month such as 2026-10"),
        (("--period", "2026-05", "--timezone", "Mars/Base"), "must be the name of a time zone"),
        (("--period", "2026-05", "--currency", "EURO"), "--currency must be a currency of ISO 4217"),
        (("--period", "2026-05", "--fee", "-1"), "--fee must be an amount"),
        (("--period", "2026-05", "--commitment", "x"), "There is no commitment x. There is: availability."),
    ],
)
def test_impossible_questions_are_refused(verb: Verb, tmp_path: Path, words: tuple[str, ...], sentence: str) -> None:
    result = verb("evaluate", written(tmp_path, terms(), "terms.yaml"), *words)
    assert result.exit_code == 1
    assert sentence in result.stderr


def test_an_unknown_verb_is_refused(verb: Verb) -> None:
    assert verb("dance").exit_code == 2
