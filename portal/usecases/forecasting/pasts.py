"""The pasts of services by the rules of each commitment, judged once a day and kept in memory while they hold."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.evaluation.attainment import Carried, evaluate
from portal.domain.evaluation.pricing import without_contract
from portal.domain.quantities.periods import Period
from portal.domain.quantities.zones import local_text
from portal.store.settling.figures import FigureKey
from portal.usecases.forecasting.history import NO_HISTORY, History, history_of
from portal.usecases.judging.exclusion_register import Register, register_of
from portal.usecases.judging.promises import Promise
from portal.usecases.keeping.evidence import ServiceEvidence, evidence_of

DAY_S = 86_400
LONGEST_S = 365 * DAY_S


class Pasts:
    """Histories for the promises about one service at a time; those that are judged alike share one."""

    def __init__(self) -> None:
        self._day = 0
        self._found: dict[Hashable, History] = {}
        self._shared: dict[Hashable, History] = {}

    def of(self, session: Session, lines: Sequence[Promise], as_of: int) -> Mapping[FigureKey, History]:
        """Return what is known of the past of each of these promises, all about one service.

        A past ends at the last UTC midnight or where the open period begins, whichever is later. Raises ValueError when
        evidence cannot be read.
        """
        self._turn_to(as_of - as_of % DAY_S)
        missing = [one for one in lines if _whose(one, self._day) not in self._found]
        if missing:
            self._look_back(session, missing)
        return {one.key: self._found[_whose(one, self._day)] for one in lines}

    def _turn_to(self, day: int) -> None:
        if day != self._day:
            self._day = day
            self._found.clear()
            self._shared.clear()

    def _look_back(self, session: Session, lines: Sequence[Promise]) -> None:
        until = max(_until(one, self._day) for one in lines)
        methods = [one.commitment.methodology for one in lines]
        known = evidence_of(session, lines[0].service.id, until - LONGEST_S, until, methods)
        register = register_of(session, until - LONGEST_S, until)
        for one in lines:
            self._found[_whose(one, self._day)] = self._past(one, known, register)

    def _past(self, promise: Promise, known: ServiceEvidence, register: Register) -> History:
        until, zone = _until(promise, self._day), promise.period.timezone
        start = max(until - LONGEST_S, _first_known(known, until))
        if start >= until:
            return NO_HISTORY
        period = Period(start, until, local_text(start, zone), local_text(until, zone), zone, "custom")
        line = replace(without_contract(promise.line, period), service_start=None, service_end=None)
        excluded = register.of(promise.stored.customer_id, promise.service.id, start, until)
        alike = (promise.service.id, promise.published.digest, promise.commitment.id, line, excluded, start, until)
        if alike not in self._shared:
            read = known.read_by(promise.commitment.methodology, period, promise.stored.id)
            result = evaluate(promise.commitment, line, period, read, excluded, Carried(), until)
            self._shared[alike] = history_of(result)
        return self._shared[alike]


def _until(promise: Promise, day: int) -> int:
    return max(day, promise.period.start)


def _whose(promise: Promise, day: int) -> tuple[UUID, UUID, str, int]:
    key = promise.key
    return key.contract_id, key.service_id, key.commitment, _until(promise, day)


def _first_known(known: ServiceEvidence, until: int) -> int:
    """The first second anything is known of: before it nobody measured, which is no past without outages."""
    measured = [run.first for series in known.series for run in series.runs[:1]]
    told = [one.start for one in known.covered[:1]] + [one.start for one in known.counts[:1]]
    return min([*measured, *told], default=until)
