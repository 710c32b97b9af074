"""The settings a verb works with, where the environment leaves something open."""

import os
from pathlib import Path

from portal import config
from portal.config import PREFIX, Environment, Settings
from portal.domain.people.second_factor import StaffPolicy

ENVIRONMENT = PREFIX + "ENVIRONMENT"
HOME = PREFIX + "HOME"


def operator_settings() -> Settings:
    """Return the settings for a verb that serves nobody.

    A data folder that was made by `run` or `demo` on a developer's machine holds a written-down secret; where nothing
    else is said it stays a development one. Raises BadSettings.
    """
    if ENVIRONMENT not in os.environ and (Path(os.environ.get(HOME, "var")) / "secret").exists():
        return config.load(environment=Environment.DEVELOPMENT)
    return config.load()


def settle_for_development(home: Path | None = None) -> Settings:
    """Fill in what a developer's own machine needs, for this process and those it starts, and return the settings.

    What the environment says already wins. Raises BadSettings.
    """
    os.environ.setdefault(ENVIRONMENT, Environment.DEVELOPMENT.value)
    if home is not None:
        os.environ.setdefault(HOME, str(home))
    settings = config.load()
    if settings.is_development:
        os.environ.setdefault(PREFIX + "EXTERNAL_URL", f"http://{settings.host}:{settings.port}")
        os.environ.setdefault(PREFIX + "STAFF_SECOND_FACTOR", StaffPolicy.OPTIONAL.value)
    return config.load()
