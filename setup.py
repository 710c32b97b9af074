"""Building the portal: everything else is in pyproject.toml.

Templates, static files, migrations and catalogues have their home at the top of the repository; in a wheel they travel
within the package, so that an installed portal needs no checkout.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
WITHIN_PORTAL = ("migrations", "static", "templates", "translations")


class BuildWithFiles(build_py):
    """Build the packages and put the top level's folders into `portal`; an editable install reads them in place."""

    def run(self) -> None:
        """Build, beginning with empty folders: nothing of an earlier build stays."""
        super().run()
        if not self.editable_mode:
            for name in WITHIN_PORTAL:
                target = Path(self.build_lib) / "portal" / name
                shutil.rmtree(target, ignore_errors=True)
                shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))

    def get_source_files(self) -> list[str]:
        """Return what a source distribution needs: the folders too."""
        files = [path for name in WITHIN_PORTAL for path in (ROOT / name).rglob("*") if path.is_file()]
        return [
            *super().get_source_files(),
            *(path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts),
        ]


setup(cmdclass={"build_py": BuildWithFiles})
