"""A developer's own machine needs no second factor for its staff, unless something else is said; production does."""

import os
from pathlib import Path
from unittest.mock import patch

import pytest

from portal import config
from portal.cli.settling import settle_for_development
from portal.domain.people.second_factor import StaffPolicy

NAMES = ("ENVIRONMENT", "EXTERNAL_URL", "STAFF_SECOND_FACTOR", "SECRET_KEY")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, StaffPolicy.OPTIONAL),
        ({"STAFF_SECOND_FACTOR": "required"}, StaffPolicy.REQUIRED),
        ({"ENVIRONMENT": "production", "SECRET_KEY": "k9Jf3mQ7xZ2vB8nW5tR1yL6pD4sG0hCa"}, StaffPolicy.REQUIRED),
    ],
)
def test_the_second_factor_of_staff_is_optional_in_development_only(
    said: dict[str, str], expected: StaffPolicy, tmp_path: Path
) -> None:
    with patch.dict(os.environ):
        for name in NAMES:
            os.environ.pop(f"SLA_PORTAL_{name}", None)
        os.environ.update({f"SLA_PORTAL_{name}": value for name, value in said.items()})
        os.environ["SLA_PORTAL_HOME"] = str(tmp_path)
        assert settle_for_development().staff_second_factor is expected
        assert config.load().staff_second_factor is expected  # what the processes it starts will read
