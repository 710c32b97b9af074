"""The walls and floors of the house hold: each import contract names the breach planted for it in a copy."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BREACHES = {
    "floors": ("portal/store/ground", "import portal.usecases.people.accounts"),
    "rooms-of-the-domain": ("portal/domain/promises", "import portal.domain.evidence.records"),
    "rooms-of-the-usecases": ("portal/usecases/people", "import portal.usecases.closing.closing"),
    "rooms-of-the-store": ("portal/store/measuring", "import portal.store.settling.ledger"),
    "doors": ("portal/web/pages", "import portal.store.people.people"),
    "probes-are-strangers": ("probes", "import portal.clock"),
    "portal-knows-little-of-probes": ("portal/usecases/groundwork", "import probes.runner"),
    "pages": ("portal/web/pages", "import portal.web.pages.accounts"),
    "circles": ("portal/store/people", "import portal.store.people.people"),
    "domain": ("portal/domain/quantities", "import sqlalchemy"),
    "oracle": ("tests/oracle", "import portal.domain.people.roles"),
    "press": ("portal/usecases/groundwork", "import portal.press"),
    "demo": ("portal/usecases/groundwork", "import demo"),
}
"""For each contract the folder its breach is planted in, and the line that breaks it."""


def contracts() -> dict[str, str]:
    """The name of each import contract by its id."""
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return {contract["id"]: contract["name"] for contract in listed}


def lint(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    return subprocess.run([*command, "--no-cache", *options], cwd=folder, capture_output=True, text=True, check=False)


def planted(contract: str) -> str:
    """The name of the module planted to break a contract."""
    return f"planted_{contract.replace('-', '_')}"


def copied_house(folder: Path) -> Path:
    skip = shutil.ignore_patterns("__pycache__")
    for name in ("portal", "probes", "bench", "tests", "demo"):
        shutil.copytree(ROOT / name, folder / name, ignore=skip)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.fixture(scope="module")
def whole_and_broken(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str]:
    """The exit code for a copy of the house as it is, and the report of that copy with every breach planted."""
    house = copied_house(tmp_path_factory.mktemp("house"))
    before = lint(house).returncode
    for contract, (place, line) in BREACHES.items():
        (house / place / f"{planted(contract)}.py").write_text(f"{line}\n")
    back = house / "portal/store/people/people.py"
    back.write_text(f"{back.read_text()}\nimport portal.store.people.{planted('circles')}\n")
    return before, lint(house).stdout


def test_every_contract_has_a_breach_planted_here() -> None:
    assert set(contracts()) == set(BREACHES)


@pytest.mark.slow
def test_a_planted_breach_of_each_contract_is_named_by_that_contract(whole_and_broken: tuple[int, str]) -> None:
    before, report = whole_and_broken
    assert before == 0
    _, *parts = re.split(r"^(.+)\n-{3,}$", report, flags=re.MULTILINE)
    told = dict(zip(parts[::2], parts[1::2], strict=True))
    silent = [name for contract, name in contracts().items() if planted(contract) not in told.get(name, "")]
    assert silent == []


@pytest.mark.slow
def test_a_new_folder_on_no_floor_is_caught(tmp_path: Path) -> None:
    (copied_house(tmp_path) / "portal/helpers").mkdir()
    (tmp_path / "portal/helpers/__init__.py").write_text("")
    assert lint(tmp_path, "--contract", "floors").returncode == 1
