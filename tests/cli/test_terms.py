"""`sla-portal terms`: words, doubts and differences of terms in a file, without a database."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from portal.cli.entry import verbs
from tests.domain.agreements import gold_terms, promising

PRESETS = json.loads((Path(__file__).parents[1] / "vectors" / "presets.json").read_text())["presets"]


def run(*words: object) -> Result:
    result = CliRunner().invoke(verbs, ["terms", *(str(word) for word in words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def file(folder: Path, document: Any, name: str = "terms.yaml") -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(document) if name.endswith(".yaml") else json.dumps(document))
    return path


def test_terms_are_told_in_words_with_an_example(tmp_path: Path) -> None:
    told = run("words", file(tmp_path, gold_terms()))
    assert told.exit_code == 0
    for words in (
        "Version 3 of acme-gold is in force from 1 June 2026.",
        "You get 10 % of the month's fee below 99.9 %.",
        "An example: the service is completely down once, for 1 hour. The credit is EUR 100.00.",
        "- You need not ask for a credit: it is given by itself.",
    ):
        assert words in told.output


def test_every_doubt_is_named_with_code_and_path_and_ends_with_code_1(tmp_path: Path) -> None:
    schedule = {"type": "tiers", "tiers": [{"below": "99.5", "percent": "10"}]}
    told = run("lint", file(tmp_path, promising(credit_schedule=schedule)))
    assert told.exit_code == 1
    assert "no_claim_rule" in told.output
    assert (
        "commitments[0].credit_schedule.tiers: What is attained from 99.5 % to below 99.9 % breaks the promise"
        in told.output
    )


def test_terms_without_a_doubt_end_with_code_0(tmp_path: Path) -> None:
    told = run("lint", file(tmp_path, gold_terms(claim={"required": "false"})))
    assert (told.exit_code, told.output) == (0, "No doubts.\n")


def test_a_preset_is_read_too_and_its_published_holes_are_named(tmp_path: Path) -> None:
    path = file(tmp_path, next(one for one in PRESETS if one["id"] == "zitadel-99.95"), "preset.json")
    told = run("lint", path)
    assert "published_ranges: What is attained from 99.9 % to below 99.95 %" in told.output
    assert "promises" not in run("words", path).stderr


def test_what_changed_is_told_with_its_meaning(tmp_path: Path) -> None:
    before, after = file(tmp_path, gold_terms(), "a.yaml"), file(tmp_path, promising(target_percent="99.95"), "b.yaml")
    told = run("diff", before, after)
    assert told.output.splitlines()[:3] == [
        "availability, target_percent: better for the customer",
        "  before: We promise 99.9 % in every period.",
        "  after:  We promise 99.95 % in every period.",
    ]
    assert run("diff", before, before).output == "Nothing changed.\n"


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({**gold_terms(), "timezone": None}, "timezone: "),
        ({**gold_terms(), "timezone": "Mars/Base"}, "timezone: "),
        (promising(target_percent="99,9"), "commitments[0].target_percent: "),
        (gold_terms(surprise="x"), "surprise: This key is not known here."),
        (None, "is empty. Write the terms into it."),
        ([], "This must be an object with named keys."),
    ],
)
def test_what_is_no_terms_document_is_refused_with_path_and_sentence(
    tmp_path: Path, document: Any, sentence: str
) -> None:
    for verb in ("words", "lint"):
        told = run(verb, file(tmp_path, document, "terms.json"))
        assert told.exit_code == 1
        assert sentence in told.stderr
