"""Where somebody who found a hole in the portal can say so: /.well-known/security.txt (RFC 9116, trust.md P4)."""

from datetime import UTC, datetime

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from portal import clock
from portal.database import db
from portal.domain.notices.refusals import NotFound
from portal.usecases.configuration import provider
from portal.web import access
from portal.web.prepared.declared import prepared

blueprint = Blueprint("disclosure", __name__)
MONTHS_VALID = 11
MONTHS = 12


@blueprint.get("/.well-known/security.txt")
@access.public
@prepared()
def show() -> ResponseReturnValue:
    """Name the provider's contact; not found when it has none a program can use."""
    contact = contact_address(provider.site(db.session()).contact)
    if not contact:
        raise NotFound("This provider names no address for reports. Look for one on its own site.")
    text = f"Contact: {contact}\nExpires: {expiry(clock.now()):%Y-%m-%dT%H:%M:%SZ}\nPreferred-Languages: en\n"
    return Response(text, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "public, max-age=3600"})


def contact_address(contact: str) -> str:
    """Return a contact as an address of its own kind (https or mailto), or nothing when it is only words."""
    if contact.startswith("https://"):
        return contact
    is_mail = contact.count("@") == 1 and not any(character.isspace() for character in contact)
    return f"mailto:{contact}" if is_mail else ""


def expiry(now: datetime) -> datetime:
    """Return the first of the month eleven months ahead: under a year away, and the same all month long."""
    year, month = divmod(now.year * MONTHS + now.month - 1 + MONTHS_VALID, MONTHS)
    return datetime(year, month + 1, 1, tzinfo=UTC)
