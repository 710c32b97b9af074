"""One row that says when what the public reads was changed last, told in the transaction of the change.

Every connection notes which of the watched tables it writes to, whoever writes; before its transaction is committed
the row gets a new mark. Whoever keeps prepared pages compares marks (portal/web/prepared). A mark is random and not a
count, so that a restored database never has a mark that stood for something else.
"""

import re
import secrets

from sqlalchemy import Connection, Engine, event, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.ground.base import Base

WATCHED = frozenset(
    {
        "agreement",
        "agreement_version",
        "day_seal",
        "exclusion",
        "exclusion_event",
        "exclusion_location",
        "exclusion_service",
        "gap",
        "incident",
        "incident_service",
        "incident_update",
        "location",
        "maintenance",
        "maintenance_service",
        "maintenance_word",
        "outage_record",
        "probe",
        "provider",
        "publication",
        "schedule",
        "service",
        "service_day",
        "track_record",
        "user_account",
    }
)
"""The tables behind public pages whose every change counts. Measuring tells by itself when a state may have changed."""
UNTOLD = "portal_changes_untold"
"""The execution option of a connection on which changes are not told: migrations, before there is such a row."""
THE_ONE = 1
_NOTED = "portal_public_change"
_WRITES = re.compile(r'\s*(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM) "?(\w+)', re.IGNORECASE)


class PublicChangeRow(Base):
    """The one row: the mark of the last change."""

    __tablename__ = "public_change"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mark: Mapped[str]


_MARK = select(PublicChangeRow.mark).where(PublicChangeRow.id == THE_ONE)


def mark(session: Session) -> str:
    """Return the mark of the last change; empty before the first, and in a transaction that changes something itself.

    What such a transaction reads must not be kept under the mark of what was before it.
    """
    return "" if session.connection().info.get(_NOTED, False) else session.scalar(_MARK) or ""


def tell(session: Session) -> None:
    """Have the transaction at hand give a new mark."""
    session.connection().info[_NOTED] = True


def watch(engine: Engine) -> None:
    """Watch what connections of this engine write; call once, before its first use."""
    event.listen(engine, "before_cursor_execute", _note)
    event.listen(engine, "commit", _give_mark)
    event.listen(engine, "rollback", _forget)


def _note(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
    written = _WRITES.match(statement)
    if written is not None and written[1].lower() in WATCHED:
        connection.info[_NOTED] = True


def _give_mark(connection: Connection) -> None:
    if not connection.info.pop(_NOTED, False) or connection.get_execution_options().get(UNTOLD, False):
        return
    fresh = secrets.token_hex(8)
    changed = connection.execute(update(PublicChangeRow).where(PublicChangeRow.id == THE_ONE).values(mark=fresh))
    if changed.rowcount == 0:
        connection.execute(insert(PublicChangeRow).values(id=THE_ONE, mark=fresh))


def _forget(connection: Connection) -> None:
    if not connection.invalidated:  # one that died takes its notes with it, and may not be asked for them
        connection.info.pop(_NOTED, None)
