"""The provider as readers see it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.notices.refusals import NotFound
from portal.store.people import providers
from portal.usecases.configuration.reading_brand import content_of


@dataclass(frozen=True, slots=True)
class Site:
    """Whose portal this is: the provider's name, IANA time zone, colour and logo (empty without a brand)."""

    name: str
    timezone: str
    contact: str
    colour: str = ""
    logo: str = ""


NOBODYS = Site("Service status", "UTC", "")
"""What is shown while nothing is configured, or cannot be asked for."""


def logo(session: Session) -> tuple[str, bytes]:
    """Return the media type and the bytes of the provider's logo; raise NotFound without one."""
    found = site(session).logo
    if not found:
        raise NotFound("This provider has no logo here.")
    return content_of(found)


def site(session: Session) -> Site:
    """Return whose portal this is; before anything is configured, an unnamed one in UTC."""
    row = providers.the_provider(session)
    return Site(row.name, row.timezone, row.contact, row.colour, row.logo) if row else NOBODYS
