"""The bill of materials is the lock: every pinned package, its version and the digests of its files, and no other."""

import json
import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    done = subprocess.run(["./dev", "sbom"], cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def test_it_lists_exactly_what_the_lock_pins(bill: dict[str, Any]) -> None:
    lock = (ROOT / "requirements.txt").read_text()
    pinned = set(re.findall(r"^([\w.-]+)==([^\s;]+)", lock, re.MULTILINE))
    listed = {(one["name"], one["version"]) for one in bill["components"]}
    assert len(listed) == len(bill["components"])
    assert listed == pinned
    digests = [one for part in bill["components"] for one in part["properties"] if one["name"] == "sha256"]
    assert len(digests) == lock.count("--hash=sha256:")


def test_what_it_lists_is_what_is_installed(bill: dict[str, Any]) -> None:
    everywhere = [one for one in bill["components"] if all(part["name"] != "marker" for part in one["properties"])]
    assert {one["name"]: version(one["name"]) for one in everywhere} == {
        one["name"]: one["version"] for one in everywhere
    }


def test_it_is_cyclonedx_and_names_each_thing_once(bill: dict[str, Any]) -> None:
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    references = [one["bom-ref"] for one in bill["components"]]
    assert len(set(references)) == len(references)
    assert all(one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}" for one in bill["components"])
