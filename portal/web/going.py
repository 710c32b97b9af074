"""Where a reader goes on to after signing in: where they were going on this site, or home."""

import re
from uuid import UUID

from flask import url_for

from portal.domain.people.person import Person

SAFE_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\\]{0,2000}\Z")


def safe_path(text: str) -> str:
    """Return a path on this site to go on to, or nothing when the text is anything else (trust.md W4)."""
    return text if SAFE_PATH.match(text) else ""


def home_of(person: Person) -> str:
    """Return the path of the page a person begins at."""
    if person.staff_role is not None:
        return url_for("staff.desk")
    if len(person.memberships) == 1:
        only: UUID = next(iter(person.memberships))
        return url_for("customers.overview", customer=only)
    return url_for("accounts.show")
