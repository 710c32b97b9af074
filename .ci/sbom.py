"""Write the bill of materials of an installation, CycloneDX 1.6 as JSON, from the lock: what is locked is what runs.

It names no time and no random number: the same lock gives the same bytes.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_PINNED = re.compile(r"(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^\s;\\]+)(?: ; (?P<marker>[^\\]+?))? \\$")
_HASH = re.compile(r"--hash=sha256:(?P<digest>[0-9a-f]{64})")


def bill(lock: str, name: str, version: str) -> dict[str, object]:
    """Return the bill of materials of a program with the packages a lock pins."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": name, "name": name, "version": version}},
        "components": sorted(_components(lock), key=lambda one: str(one["name"])),
    }


def _components(lock: str) -> Iterator[dict[str, object]]:
    entries = re.split(r"(?m)^(?=[a-z0-9])", lock)
    for entry in entries:
        pinned = _PINNED.match(entry.partition("\n")[0])
        if pinned is None:
            if entry.strip() and not entry.startswith("#"):
                raise ValueError(f"This line pins nothing: {entry.splitlines()[0]}")
            continue
        purl = f"pkg:pypi/{pinned['name']}@{pinned['version']}"
        digests = [{"name": "sha256", "value": found["digest"]} for found in _HASH.finditer(entry)]
        marker = [{"name": "marker", "value": pinned["marker"]}] if pinned["marker"] else []
        yield {
            "type": "library",
            "bom-ref": purl,
            "name": pinned["name"],
            "version": pinned["version"],
            "purl": purl,
            "properties": [*marker, *digests],
        }


def main() -> None:
    """Print the bill of the lock of an installation."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lock = (ROOT / "requirements.txt").read_text()
    json.dump(bill(lock, project["name"], project["version"]), sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
