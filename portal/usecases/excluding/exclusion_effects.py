"""What an exclusion does to the figures of each customer it is for: before and after, by the one evaluation (D16)."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.evaluation.attainment import Attainment, Carried, evaluate
from portal.domain.evaluation.exclusions import Exclusion, Outcome, accept
from portal.domain.promises.commitment import Commitment
from portal.domain.promises.contract_line import ContractLine
from portal.domain.promises.open_period import ROLLING
from portal.domain.quantities.exact import truncate
from portal.domain.quantities.intervals import Interval
from portal.domain.quantities.periods import Period
from portal.store.people import customers
from portal.usecases.explaining.exclusion_words import Notice, outcome_words
from portal.usecases.judging.carried_caps import carried_by
from portal.usecases.judging.exclusion_register import Entry, Register, register_of
from portal.usecases.judging.promises import Phase, Promise, promises
from portal.usecases.keeping.evidence import ServiceEvidence, evidence_of

PROPOSED = "proposed"
NOTHING = Carried()


@dataclass(frozen=True, slots=True)
class Window:
    """Time that may be left out: its kind, [start, end) in UTC seconds, when it was announced, and for whom it is.

    `customers` None: for all. `id` is that of its entry in the register, empty before it has one.
    """

    type: str
    start: int
    end: int
    announced_at: int | None
    services: Collection[UUID]
    customers: Collection[UUID] | None = None
    id: str = PROPOSED


@dataclass(frozen=True, slots=True)
class Figures:
    """One figure as people read it: attained (None when nothing is known), the verdict, and the credit as text."""

    attained: str | None
    verdict: str
    credit: str | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a window does to one figure; `before` and `after` are None for a period that has not begun.

    `reason` is why it does not count, or not in full (exclusions.Outcome), None when all of it does; `words` say it.
    """

    customer_id: UUID
    customer: str
    contract_id: UUID
    contract: str
    service_id: UUID
    service: str
    commitment: str
    period: str
    currency: str
    before: Figures | None
    after: Figures | None
    left_out_s: int
    reason: str | None
    words: str

    @property
    def counts(self) -> bool:
        """Whether any of the window is left out."""
        return self.left_out_s > 0


def window_of(entry: Entry) -> Window:
    """Return the window an entry of the register asks for."""
    chosen = None if entry.customers is None else [one.id for one in entry.customers]
    services = [one.id for one in entry.services]
    return Window(entry.type, entry.start, entry.end, entry.announced_at, services, chosen, str(entry.id))


def effects(session: Session, window: Window, now: datetime) -> Sequence[Effect]:
    """Return what a window would do if it were approved now, by customer, service and commitment.

    Every period it touches is judged; of a rolling one the window that ends now. Needs the provider's own scope.
    """
    touched = _touched(session, window, now)
    if not touched:
        return ()
    names = {
        row.id: row.name for row in customers.customers_by_id(session, {one.stored.customer_id for one in touched})
    }
    first, last = min(one.period.start for one in touched), max(one.period.end for one in touched)
    judge = _Judge(session, window, register_of(session, first, last), clock.seconds(now), {})
    found = [
        judge.effect(one, known, names[one.stored.customer_id])
        for lines in _by_service(touched)
        for known in [_known(session, lines, judge.as_of)]
        for one in lines
    ]
    return sorted(found, key=lambda one: (one.customer, one.contract, one.service, one.commitment, one.period))


@dataclass(frozen=True, slots=True)
class _Judge:
    """Judges lines with and without a window; lines that differ in their contract's name only are judged once."""

    session: Session
    window: Window
    register: Register
    as_of: int
    judged: dict[object, Attainment]

    def effect(self, promise: Promise, known: ServiceEvidence, customer: str) -> Effect:
        """The effect on one line."""
        proposed = _exclusion(self.window)
        period = promise.period
        others = tuple(
            one
            for one in self.register.of(promise.stored.customer_id, promise.service.id, period.start, period.end)
            if one.id != proposed.id
        )
        if period.start > self.as_of:
            return _effect(promise, customer, None, None, _announced(promise, proposed), self.window)
        before = self._judged(promise, known, others)
        after = self._judged(promise, known, (*others, proposed))
        outcome = next(one for one in after.exclusions if one.exclusion.id == proposed.id)
        return _effect(promise, customer, before, after, outcome, self.window)

    def _judged(self, promise: Promise, known: ServiceEvidence, excluded: tuple[Exclusion, ...]) -> Attainment:
        commitment, line, period = promise.commitment, promise.line, promise.period
        read = known.read_by(commitment.methodology, period, promise.stored.id)
        carried = carried_by(self.session, promise)
        key = _key(commitment, line, period, (excluded, carried), None if not read.tickets else promise.stored.id)
        if key not in self.judged:
            self.judged[key] = evaluate(commitment, line, period, read, excluded, carried, self.as_of)
        return self.judged[key]


def _key(commitment: Commitment, line: ContractLine, period: Period, excluded: object, contract: UUID | None) -> object:
    """All that decides a figure but the evidence, which is the service's; tickets may be the contract's own."""
    fields = [getattr(line, name) for name in line.__dataclass_fields__ if name != "contract"]
    return (commitment, *fields, period, excluded, contract)


def _touched(session: Session, window: Window, now: datetime) -> Sequence[Promise]:
    """The promises the window is for, once in every period it touches."""
    found: dict[object, Promise] = {}
    for instant in _instants(session, window, clock.seconds(now)):
        for one in promises(session, instant):
            if one.phase is Phase.OPEN and _is_for(window, one):
                found.setdefault((one.key, one.period_key), one)
    return tuple(one for one in found.values() if one.period.start < window.end and one.period.end > window.start)


def _instants(session: Session, window: Window, now: int) -> Iterator[int]:
    """Now, for rolling periods, and seconds of the window such that every other period it touches holds one."""
    yield now
    ends = [window.start]
    while ends:
        instant = min(ends)
        yield instant
        ends = [
            one.period.end
            for one in promises(session, instant)
            if one.period_key != ROLLING and instant < one.period.end < window.end
        ]


def _is_for(window: Window, promise: Promise) -> bool:
    if promise.service.id not in window.services:
        return False
    return window.customers is None or promise.stored.customer_id in window.customers


def _by_service(lines: Sequence[Promise]) -> Sequence[Sequence[Promise]]:
    found: dict[UUID, list[Promise]] = defaultdict(list)
    for one in lines:
        found[one.service.id].append(one)
    return tuple(found.values())


def _known(session: Session, lines: Sequence[Promise], as_of: int) -> ServiceEvidence:
    start, end = min(one.period.start for one in lines), max(one.period.end for one in lines)
    methods = [one.commitment.methodology for one in lines]
    return evidence_of(session, lines[0].service.id, start, max(start, min(end, as_of)), methods)


def _exclusion(window: Window) -> Exclusion:
    return Exclusion(window.id, window.type, window.start, window.end, window.announced_at)


def _announced(promise: Promise, proposed: Exclusion) -> Outcome:
    """What becomes of it in a period that has not begun: notice and type decide, nothing has been measured."""
    period = Interval(promise.period.start, promise.period.end)
    policy, zone = promise.commitment.exclusions_policy, promise.period.timezone
    return accept((proposed,), policy, period, (), NOTHING, zone).outcomes[0]


def _effect(
    promise: Promise,
    customer: str,
    before: Attainment | None,
    after: Attainment | None,
    outcome: Outcome,
    window: Window,
) -> Effect:
    kind = promise.commitment.exclusions_policy.type_named(window.type)
    needs_s = None if kind is None else kind.notice_seconds
    notice = Notice(customer, promise.stored.agreement, window.type, needs_s, _given(window))
    return Effect(
        customer_id=promise.stored.customer_id,
        customer=customer,
        contract_id=promise.stored.id,
        contract=promise.stored.contract.id,
        service_id=promise.service.id,
        service=promise.service.name,
        commitment=promise.commitment.id,
        period=promise.period_key,
        currency=promise.stored.contract.currency,
        before=_figures(before),
        after=_figures(after),
        left_out_s=outcome.counted_seconds,
        reason=outcome.reason,
        words=outcome_words(outcome.reason, notice),
    )


def _given(window: Window) -> int | None:
    return None if window.announced_at is None else window.start - window.announced_at


def _figures(result: Attainment | None) -> Figures | None:
    if result is None:
        return None
    attained = result.attained
    shown = None if attained is None else truncate(attained, result.contract.display_decimals)
    return Figures(shown, result.status.value, result.credit.amount_text)


def by_customer(found: Sequence[Effect]) -> Mapping[str, Sequence[Effect]]:
    """Return effects by the name of their customer."""
    grouped: dict[str, list[Effect]] = defaultdict(list)
    for one in found:
        grouped[one.customer].append(one)
    return grouped
