"""The track record of agreements: kept beside the statements it is made of, and shown where it names nobody."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from uuid import UUID

from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.documents.canonical import canonical_bytes
from portal.domain.notices.phrases import counted, duration, percentage, phrase
from portal.domain.quantities.exact import truncate
from portal.domain.statements.track_record import (
    DECIMALS,
    ClosedAccount,
    PeriodRecord,
    are_enough,
    read_record,
    record_document,
    record_of,
)
from portal.store.settling import track_records as store
from portal.store.settling.track_records import Issued
from portal.usecases.explaining.receipt_words import type_words
from portal.usecases.groundwork import scopes

PERIODS_SHOWN = 12
SHARE_DECIMALS = 2
TOGETHER = ""
"""Under this name stand the agreements that have too few customers to be shown alone, as one group."""


@dataclass(frozen=True, slots=True)
class Spread:
    """What the commitments of a period attained, in percent: the worst, a quarter, half, three quarters, the best."""

    lowest: Fraction
    quarter: Fraction
    half: Fraction
    three_quarters: Fraction
    highest: Fraction


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One closed period: how many commitments were kept, missed or have no verdict, and what they attained.

    `credits` are sentences, one a currency, `exclusions` one a type. Everything else is None where too few customers
    stand behind it.
    """

    period: str
    begins: date
    is_shown: bool
    kept: int | None = None
    judged: int | None = None
    undecided: int | None = None
    spread: Spread | None = None
    lowest: str = ""
    half: str = ""
    highest: str = ""
    credits: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """The last 12 closed periods, the latest first; `is_together` where small agreements are shown as one group.

    `periods` are those that can be shown; in them so many commitments of those judged were kept.
    """

    lines: tuple[RecordLine, ...]
    is_together: bool
    is_generated: bool
    periods: int
    kept: int
    judged: int


def keep_track_records(session: Session) -> int:
    """Make the records of every period whose statements or credits have changed; return how many periods had.

    Runs transactions of its own, one a period.
    """
    with scopes.provider():
        with reading(session):
            there, kept = store.editions_of_statements(session), store.editions_of_records(session)
        changed = [period for period, edition in there.items() if kept.get(period) != edition]
        for period in changed:
            with reading(session):
                records = _records(session, period)
            documents = {slug: canonical_bytes(record_document(one)).decode() for slug, one in records.items()}
            with transaction(session):
                store.save_records(session, period, there[period], documents)
    return len(changed)


def lowest_attained(session: Session, slug: str) -> Mapping[str, Fraction]:
    """Return the lowest percentage that each commitment attained in the last 12 closed periods, for staff."""
    found: dict[str, Fraction] = {}
    for _, record in _latest(session, slug):
        for name, figure in record.lowest.items():
            found[name] = min(figure, found.get(name, figure))
    return found


def track_record(session: Session, slug: str) -> TrackRecord:
    """Return the record of an agreement over its last 12 closed periods, as anybody may see it.

    Where it has too few customers in all of them, the record of all such agreements together stands in its place.
    """
    own = _latest(session, slug)
    is_together = not any(record.may_be_shown for _, record in own)
    shown = _latest(session, TOGETHER) if is_together else own
    lines = tuple(_line(period, record) for period, record in shown)
    if is_together and not any(one.is_shown for one in lines):
        lines = ()
    return TrackRecord(
        lines=lines,
        is_together=is_together,
        is_generated=any(record.is_generated for _, record in shown if record.may_be_shown),
        periods=sum(one.is_shown for one in lines),
        kept=sum(one.kept or 0 for one in lines),
        judged=sum(one.judged or 0 for one in lines),
    )


def _records(session: Session, period: str) -> Mapping[str, PeriodRecord]:
    """The record of each agreement in a period, and of the small ones together."""
    paid = store.issued(session, period)
    accounts: dict[str, list[ClosedAccount]] = defaultdict(list)
    for one in store.latest_bodies(session, period):
        account = ClosedAccount(str(one.customer_id), json.loads(one.body), _paid(paid, one.contract_id))
        accounts[one.slug].append(account)
    records = {slug: record_of(some) for slug, some in accounts.items()}
    small = [account for slug, some in accounts.items() if not records[slug].may_be_shown for account in some]
    return {**records, TOGETHER: record_of(small)}


def _paid(paid: Mapping[UUID, Issued], contract_id: UUID) -> Fraction:
    found = paid.get(contract_id)
    return Fraction(0) if found is None else Fraction(found.amount_minor, 10**found.minor_digits)


def _latest(session: Session, slug: str) -> Sequence[tuple[str, PeriodRecord]]:
    found = store.latest_records(session, slug, PERIODS_SHOWN)
    return [(period, read_record(json.loads(document))) for period, document in found]


def _line(period: str, record: PeriodRecord) -> RecordLine:
    begins = date.fromisoformat(period)
    if not record.may_be_shown:
        return RecordLine(period, begins, is_shown=False)
    spread = _spread(record)
    return RecordLine(
        period=period,
        begins=begins,
        is_shown=True,
        kept=record.kept,
        judged=record.kept + record.missed,
        undecided=record.undecided,
        spread=spread,
        lowest="" if spread is None else percentage(truncate(spread.lowest, DECIMALS)),
        half="" if spread is None else percentage(truncate(spread.half, DECIMALS)),
        highest="" if spread is None else percentage(truncate(spread.highest, DECIMALS)),
        credits=tuple(_credits(record)),
        exclusions=tuple(_exclusions(record)),
    )


def _spread(record: PeriodRecord) -> Spread | None:
    figures = [record.attained_at(percent) for percent in (0, 25, 50, 75, 100)]
    known = [one for one in figures if one is not None]
    return Spread(*known) if len(known) == len(figures) else None


def _credits(record: PeriodRecord) -> Sequence[str]:
    """What was owed and paid as shares of the fees; a currency of too few customers is left out."""
    found = []
    for one in record.money:
        if are_enough(one.customers) and one.fee:
            owed, paid = (percentage(truncate(part * 100 / one.fee, SHARE_DECIMALS)) for part in (one.owed, one.paid))
            found.append(phrase("{owed} owed, {paid} paid ({currency})", owed=owed, paid=paid, currency=one.currency))
    return found


def _exclusions(record: PeriodRecord) -> Sequence[str]:
    return [
        counted(
            "{type}: {count} entry, at most {length}",
            "{type}: {count} entries, at most {length}",
            one.entries,
            type=type_words(one.type),
            length=duration(one.longest_seconds),
        )
        for one in record.exclusions
    ]
