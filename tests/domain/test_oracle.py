"""The engine and the independent oracle give the same numbers for vectors and for random worked cases."""

import ast
import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from portal.domain.quantities import zones
from portal.usecases.worked_cases.conformance import got
from tests.oracle.cases import random_case
from tests.oracle.judge import judge
from tests.oracle.places import Jump, every_jump
from tests.oracle.shrink import smallest
from tests.oracle.wall_clock import first_second_showing, use_zones_from, wall_clock

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sla.json").read_text())
AVAILABILITY = [case for case in VECTORS["vectors"] if case["kind"] == "availability"]
ORACLE = Path(__file__).parents[1] / "oracle"
SOAK_EXAMPLES = 20_000

Object = dict[str, Any]


@pytest.fixture(scope="module")
def _zones_of_the_vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The edition of the zones the vectors were made with."""
    folder = tmp_path_factory.mktemp("zones")
    kept = Path(zones.__file__).parent / "zone_editions" / f"{VECTORS['meta']['tzdata']}.zip"
    with zipfile.ZipFile(kept) as archive:
        archive.extractall(folder)
    use_zones_from(str(folder))
    yield
    use_zones_from()


def asked(case: Mapping[str, Any]) -> Object:
    """The case without its answer."""
    return {key: case[key] for key in ("kind", "contract", "observations", "exclusions")}


def differences(case: Mapping[str, Any]) -> Object:
    """Every key on which oracle and engine differ: (oracle, engine)."""
    mine, theirs = judge(case), got(case)
    keys = [*mine, *(key for key in theirs if key not in mine)]
    return {key: (mine.get(key), theirs.get(key)) for key in keys if mine.get(key) != theirs.get(key)}


def still_differs(case: Mapping[str, Any]) -> bool:
    """Whether a case, made smaller, is still a case and still differs."""
    try:
        return "unsupported" not in got(case) and bool(differences(case))
    except (KeyError, ValueError, TypeError):
        return False


def assert_same(seed: int, jump: Jump | None = None) -> None:
    """Fail with the seed and the smallest case when oracle and engine differ."""
    case = random_case(seed, jump)
    if not differences(case):
        return
    small = smallest(case, still_differs) if still_differs(case) else case
    pytest.fail(f"seed {seed}, place {jump}: (oracle, engine) differ: {differences(small)} in {json.dumps(small)}")


@pytest.mark.slow
@pytest.mark.usefixtures("_zones_of_the_vectors")
@pytest.mark.parametrize("case", AVAILABILITY, ids=[case["id"] for case in AVAILABILITY])
def test_the_oracle_alone_agrees_with_every_availability_vector(case: Object) -> None:
    assert judge(asked(case)) == case["expect"]


def test_the_oracle_imports_the_standard_library_and_itself_only() -> None:
    allowed = {*sys.stdlib_module_names}
    for path in ORACLE.glob("*.py"):
        for name in _imported(ast.parse(path.read_text())):
            assert name.startswith("tests.oracle") or name.split(".")[0] in allowed, f"{path.name} imports {name}"


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None
            yield node.module


@pytest.mark.parametrize("seed", range(30))
def test_engine_and_oracle_agree_on_a_few_random_cases(seed: int) -> None:
    assert_same(seed)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 1400, 50))
def test_engine_and_oracle_agree_on_hundreds_of_random_cases(start: int) -> None:
    for seed in range(start, start + 50):
        assert_same(seed)


@pytest.mark.slow
def test_local_midnights_around_clock_changes_are_found_by_walking_too() -> None:
    for jump in every_jump()[::40]:
        assert_same_midnights(jump)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_local_midnights_around_every_clock_change_are_found_by_walking_too() -> None:
    for jump in every_jump():
        assert_same_midnights(jump)


def assert_same_midnights(jump: Jump) -> None:
    """The local dates before, of and after a clock change begin at the same second for both."""
    zone, at = jump
    for days in (-1, 0, 1):
        local = wall_clock(at + days * 86_400, zone).replace(hour=0, minute=0, second=0)
        assert zones.instant_of(local.date(), zone) == first_second_showing(local, zone), (zone, local)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_engine_and_oracle_agree_on_20000_cases_at_every_clock_change(capsys: pytest.CaptureFixture[str]) -> None:
    jumps = every_jump()
    for seed in range(SOAK_EXAMPLES):
        assert_same(seed, jumps[seed % len(jumps)] if seed < 2 * len(jumps) else None)
        if seed % 1000 == 999:
            with capsys.disabled():
                print(f"oracle: {seed + 1} of {SOAK_EXAMPLES} cases without a difference")
