"""The models of published agreements as documents: read strictly, their published tables linted."""

import json
from pathlib import Path
from typing import Any

import pytest

from portal.domain.documents.reading import InvalidDocument
from portal.domain.promises.preset import parse_preset
from portal.domain.promises.terms import parse_terms
from portal.domain.promises.tier_lint import lint_ranges
from tests.domain.agreements import promising

PRESETS = json.loads((Path(__file__).parents[1] / "vectors" / "presets.json").read_text())["presets"]


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset["id"])
def test_every_preset_is_read_with_its_terms(preset: dict[str, Any]) -> None:
    found = parse_preset(preset)
    assert (found.id, found.verified) == (preset["id"], preset["verified"])
    assert found.terms == parse_terms(preset["terms"])
    assert len(found.published_ranges) == len(preset.get("published_ranges", []))


def test_a_published_table_can_be_linted() -> None:
    found = next(one for one in map(parse_preset, PRESETS) if one.id == "telus-wavelength-protected")
    findings = lint_ranges(found.terms.commitments[0].target, [one.stretch for one in found.published_ranges])
    assert [one.flaw.value for one in findings] == ["gap"] * 4


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"terms": None}, "terms"),
        ({"terms": promising(target_percent=99.9)}, "terms.commitments[0].target_percent"),
        ({"terms": promising(target="99.9")}, "terms.commitments[0].target"),
        ({"verified": "perhaps"}, "verified"),
        ({"vendor": "x"}, "vendor"),
        ({"schema": "sla-terms/1"}, "schema"),
        (
            {"published_ranges": [{"from": "99", "from_incl": True, "to": "98", "to_incl": True, "percent": "5"}]},
            "published_ranges[0].to",
        ),
    ],
)
def test_a_preset_that_cannot_be_meant_is_refused_with_path_and_sentence(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        parse_preset(PRESETS[0] | changes)
    assert [problem.path for problem in refused.value.problems] == [path]
