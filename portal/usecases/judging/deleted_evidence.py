"""Whether a period can be judged again: not where a method reads single samples and some of them were deleted."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.notices.refusals import Conflict
from portal.domain.promises.methodology import Methodology, Percentile
from portal.store.evidence.deletions import first_deleted_day


class EvidenceDeleted(Conflict):
    """A period cannot be judged again, because samples it needs were deleted when their time was over."""


def refuse_deleted(session: Session, service_id: UUID, start: int, end: int, methods: Iterable[Methodology]) -> None:
    """Raise EvidenceDeleted where one of these methods reads samples of [start, end) UTC seconds that were deleted.

    Only latencies are read from samples; all other methods read runs, counts, records and tickets, which stay (D10).
    """
    if not any(isinstance(one, Percentile) for one in methods):
        return
    key = first_deleted_day(session, service_id, start, end)
    if key is not None:
        raise EvidenceDeleted(
            f"It cannot be judged again: the samples of {key.name} were deleted when their time was over. "
            "Its statement stays as it is."
        )
