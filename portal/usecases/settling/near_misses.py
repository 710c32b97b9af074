"""Near misses: closed commitments that were kept, but with little to spare; a word before the next one is broken."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.evaluation.result import Status
from portal.domain.indicators.budget import consumed_percent
from portal.domain.quantities.exact import parse_exact
from portal.domain.statements.judging import JudgedLine
from portal.store.measuring import measured
from portal.store.people import customers
from portal.store.settling import statements as store

NEAR_PERCENT = 80
"""From this share of what is allowed on a kept commitment is a near miss."""
STATEMENTS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A commitment of a customer's closed period that was kept with `used_percent` of what is allowed, cut off."""

    customer_id: UUID
    customer: str
    statement_id: UUID
    contract: str
    period: str
    service: str
    service_key: str
    commitment: str
    promised: str
    attained: str
    used_percent: int


def near_misses(session: Session) -> Sequence[tuple[str, Sequence[NearMiss]]]:
    """Return the near misses of the scope's latest statements that have any, by period, the latest first.

    Within a period the narrowest come first.
    """
    found = store.statements_with_near_misses(session, STATEMENTS_SHOWN)
    names = {one.id: one.name for one in customers.customers_by_id(session, {one.row.customer_id for one in found})}
    services = {one.key: one.name for one in measured.services(session)}
    lines = [line for one in found for line in _lines(one, names, services)]
    periods = sorted({one.period for one in lines}, reverse=True)
    return [(period, sorted((one for one in lines if one.period == period), key=_narrowest)) for period in periods]


def used_of(line: Mapping[str, Any]) -> int | None:
    """The share of what was allowed that a kept line of a body used, in whole percent, when it is a near miss."""
    if line["status"] != Status.MET:
        return None
    parts = line["parts"] if line["governing"] is None else [line["parts"][line["governing"]]]
    used = [_used(one) for one in parts if one["attained"] is not None]
    return _near([one for one in used if one is not None])


def near_misses_of(lines: Iterable[JudgedLine]) -> int:
    """How many judged lines are near misses."""
    return sum(_near(_consumed(one)) is not None for one in lines if one.status is Status.MET)


def _consumed(line: JudgedLine) -> Sequence[Fraction]:
    budgets = [part.result.budget for part in line.counted]
    return [one.consumed_percent for one in budgets if one is not None and one.consumed_percent is not None]


def _used(part: Mapping[str, Any]) -> Fraction | None:
    return consumed_percent(parse_exact(part["attained"]["exact"]), parse_exact(part["target_percent"]))


def _near(used: Sequence[Fraction]) -> int | None:
    most = max(used, default=Fraction(0))
    return floor(most) if most >= NEAR_PERCENT else None


def _lines(one: store.NamedStatement, names: Mapping[UUID, str], services: Mapping[str, str]) -> Iterable[NearMiss]:
    for line in json.loads(one.row.body)["commitments"]:
        used = used_of(line)
        if used is None:
            continue
        part = line["parts"][line["governing"] or 0]
        yield NearMiss(
            customer_id=one.row.customer_id,
            customer=names[one.row.customer_id],
            statement_id=one.row.id,
            contract=one.contract,
            period=one.row.period,
            service=services.get(line["service"], line["service"]),
            service_key=line["service"],
            commitment=line["commitment"],
            promised=part["target_percent"],
            attained=part["attained"]["display"],
            used_percent=used,
        )


def _narrowest(one: NearMiss) -> tuple[int, str, str]:
    return -one.used_percent, one.customer, one.service
