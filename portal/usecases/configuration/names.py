"""What the configuration's names stand for elsewhere."""

from sqlalchemy.orm import Session

from portal.database import reading
from portal.store.measuring.services import ProbeRow
from portal.store.promises import configuration as store


def probe_numbers(session: Session) -> dict[str, int]:
    """Return the short key in the evidence of every probe by its name in the configuration."""
    with reading(session):
        return {key: row.number for key, row in store.rows_by_key(session, ProbeRow).items()}
