"""The provider: the one row that says whose portal this is."""

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.ground.base import Base, Identified


class ProviderRow(Identified, Base):
    """The provider of this installation (decision D2: there is one).

    `colour` is "#rrggbb" and `logo` a `data:` address that was read strictly; both are empty without a brand.
    """

    __tablename__ = "provider"

    name: Mapped[str]
    timezone: Mapped[str]
    contact: Mapped[str]
    colour: Mapped[str] = mapped_column(server_default="", default="")
    logo: Mapped[str] = mapped_column(server_default="", default="")


_PROVIDER = select(ProviderRow)


def the_provider(session: Session) -> ProviderRow | None:
    """Return the provider of this installation, or None before anything is configured."""
    return session.execute(_PROVIDER).scalar_one_or_none()
