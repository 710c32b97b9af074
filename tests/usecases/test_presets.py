"""The 47 published agreements that ship with the product: each loads, reads, is linted, and is worked through."""

import json
from pathlib import Path

import pytest

from portal.domain.evaluation.result import Status
from portal.domain.notices.refusals import NotFound
from portal.domain.promises.terms import parse_terms
from portal.usecases.publishing.presets import benchmarks, preset, preset_findings, presets
from portal.usecases.wording.example import worked_example
from portal.usecases.wording.promise import terms_words
from tests.domain.agreements import promising

CHECKED = Path(__file__).parents[1] / "vectors" / "presets.json"
PUBLISHED_WITH_FLAWS = {
    "github-enterprise-cloud-2021": {"conflict_with_target", "gap"},
    "telus-wavelength-protected": {"gap"},
    "zitadel-99.95": {"gap"},
}


def test_the_models_are_those_that_were_checked() -> None:
    shipped = Path(__file__).parents[2] / "portal" / "presets" / "presets.json"
    assert json.loads(shipped.read_text()) == json.loads(CHECKED.read_text())


@pytest.mark.slow
def test_every_model_loads_reads_is_linted_and_is_worked_through() -> None:
    assert len(presets()) == 47
    for one in presets():
        words = terms_words(one.terms)
        for commitment, promise in zip(one.terms.commitments, words.promises, strict=True):
            told = [*promise.short, *(sentence.text for sentence in promise.sentences)]
            assert all(text.endswith(".") and "_" not in text and "None" not in text for text in told), one.id
            example = worked_example(one.terms, commitment)
            assert example.attainment.status is Status.BREACHED, one.id
            assert bool(example.attainment.credit.amount_minor) == (commitment.credit_schedule.type != "none"), one.id
        for found in preset_findings(one):
            assert found.code, one.id
            assert found.path, one.id
            assert found.sentence.endswith("."), one.id


def test_published_tables_with_holes_are_named() -> None:
    flawed = {
        one.id: {found.code for found in preset_findings(one) if found.path == "published_ranges"}
        for one in presets()
        if one.published_ranges
    }
    assert flawed == PUBLISHED_WITH_FLAWS


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("github-enterprise-cloud-2021", "An attained 99 % breaks the promise but is in no tier."),
        ("github-enterprise-cloud-2021", "An attained 99.9 % keeps the promise but is in a tier."),
        ("zitadel-99.95", "What is attained from 99.9 % to below 99.95 % breaks the promise but is in no tier."),
        (
            "telus-wavelength-protected",
            "What is attained above 99.98 % to below 99.99 % breaks the promise but is in no tier.",
        ),
    ],
)
def test_a_hole_of_a_published_table_is_named_with_its_ends(model: str, sentence: str) -> None:
    assert sentence in [one.sentence for one in preset_findings(preset(model))]


def test_only_a_verified_model_stands_under_the_name_of_who_published_it() -> None:
    mine = parse_terms(promising(methodology={"type": "slots", "slot_seconds": 60}))
    found = benchmarks(mine)
    named = {one.title: one.verified for one in presets()}
    assert {one.is_verified for one in found} == {True, False}
    assert all(named[one.name] for one in found if one.is_verified)
    assert not [one for one in found if not one.is_verified and one.name in named]


def test_benchmarks_count_in_the_same_way_checked_ones_first_and_of_those_the_strictest() -> None:
    found = benchmarks(
        parse_terms(promising(methodology={"type": "mean_error_rate", "slot_seconds": 60, "empty": "skip"}))
    )
    ranked = [(not one.is_verified, -float(one.promise.target.removesuffix(" %"))) for one in found]
    assert ranked == sorted(ranked)
    assert len(found) >= 4


def test_a_model_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound):
        preset("nobody")
