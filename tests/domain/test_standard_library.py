"""The arithmetic stands on the standard library alone (decision D1)."""

import json
import pkgutil
import subprocess
import sys

import portal.domain

LISTING = """
import importlib, json, sys
before = set(sys.modules)
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
loaded = {name.split(".")[0] for name in set(sys.modules) - before}
own = {name for name in loaded if name.startswith("_sysconfigdata")}  # the interpreter's own, named by platform
print(json.dumps(sorted(loaded - own - set(sys.stdlib_module_names))))
"""


def test_importing_the_domain_loads_nothing_foreign() -> None:
    names = [one.name for one in pkgutil.walk_packages(portal.domain.__path__, "portal.domain.")]
    assert "portal.domain.evaluation.attainment" in names
    listing = subprocess.run(
        [sys.executable, "-c", LISTING, json.dumps(names)], capture_output=True, text=True, check=True
    )
    assert json.loads(listing.stdout) == ["portal"]
