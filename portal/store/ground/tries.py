"""Tries that are counted: how often somebody may try something within a window, exact under parallel tries."""

from sqlalchemy import delete, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.ground.base import Base, Seconds


class TryRow(Base):
    """How many tries a key has used in one window; `window` is the window's first second."""

    __tablename__ = "try_count"

    key: Mapped[str] = mapped_column(primary_key=True)
    window: Mapped[Seconds] = mapped_column(primary_key=True)
    tries: Mapped[int]


def count_try(session: Session, key: str, window: int) -> int:
    """Count one more try of a key in a window and return how many it has now, this one included."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(TryRow).values(key=key, window=window, tries=1)
    counted = statement.on_conflict_do_update(
        index_elements=[TryRow.key, TryRow.window], set_={"tries": TryRow.tries + literal_column("1")}
    ).returning(TryRow.tries)
    return session.execute(counted).scalar_one()


def forget_tries_before(session: Session, window: int) -> None:
    """Delete the counts of windows that began before an instant."""
    session.execute(delete(TryRow).where(TryRow.window < window))
