"""Judging contract periods one after another: measured once for all who were promised the same, priced for each."""

import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.documents.canonical import canonical_bytes
from portal.domain.evaluation.attainment import Attainment, Carried, evaluate
from portal.domain.evaluation.exclusions import CapUse, Exclusion
from portal.domain.evaluation.result import Status
from portal.domain.promises.closing_periods import ClosingPeriod
from portal.domain.promises.commitment import Commitment
from portal.domain.promises.methodology import ResponseTime
from portal.domain.promises.terms import Terms
from portal.domain.quantities.periods import Period
from portal.domain.quantities.zones import instant_of
from portal.domain.statements.body import Judgement, Ruled, ServiceFacts
from portal.domain.statements.judging import (
    JudgedLine,
    Measured,
    Promised,
    Question,
    Ruling,
    Version,
    commitments_promised,
    judge_line,
    settle,
    settling_terms,
)
from portal.domain.statements.measurement import measurement_document
from portal.store.promises.contracts import BoughtService, PublishedTerms, StoredContract
from portal.usecases.judging.carried_caps import caps_carried, has_yearly_cap
from portal.usecases.judging.closing_facts import ServiceKnown, known_of, known_without_proof
from portal.usecases.judging.deleted_evidence import refuse_deleted
from portal.usecases.judging.exclusion_register import Register, register_of

CapsCarried = Callable[[UUID, Period, str, str], tuple[CapUse, ...]]


@dataclass(frozen=True, slots=True)
class Job:
    """One contract period to judge, under the published versions of its agreement, with a ruling if there is one."""

    stored: StoredContract
    closing: ClosingPeriod
    published: Sequence[PublishedTerms]
    ruled: Ruled | None = None

    @property
    def is_as_measured(self) -> bool:
        """Whether a person decided that too little evidence is enough."""
        return self.ruled is not None and self.ruled.ruling == Ruling.AS_MEASURED


class Judge:
    """Judges jobs within one reading transaction each; keeps what jobs of the same period share.

    `workings` collects the documents of what was measured, by digest, until they are taken. `carried` says what earlier
    periods of a contract used of yearly caps for one service and commitment; else their statements say it. Without
    `is_proven` nothing is made that only proves a statement later: neither workings nor digests of the evidence.
    """

    def __init__(self, session: Session, carried: CapsCarried | None = None, *, is_proven: bool = True) -> None:
        self._session = session
        self._is_proven = is_proven
        self._caps_carried = carried or partial(caps_carried, session)
        self._bounds: tuple[int, int] | None = None
        self._register: Register | None = None
        self._known: dict[Hashable, ServiceKnown] = {}
        self._measured: dict[Hashable, Measured] = {}
        self.workings: dict[str, bytes] = {}

    def take_workings(self) -> Mapping[str, bytes]:
        """Return the documents measured since they were taken last, by digest."""
        taken, self.workings = self.workings, {}
        return taken

    def judgement(self, job: Job) -> Judgement:
        """Judge everything a contract promises over a period; a ruling counts only while too little is known.

        Raises ValueError when something cannot be computed, such as money in a foreign currency.
        """
        self._turn_to(job.closing)
        plain = self._judgement(replace(job, ruled=None))
        return self._judgement(job) if job.ruled is not None and undecided(plain) else plain

    def _judgement(self, job: Job) -> Judgement:
        versions = _versions(job)
        lines: list[JudgedLine] = []
        facts: list[ServiceFacts] = []
        for service in sorted(job.stored.services, key=lambda one: one.key):
            promises = _promises(job, service, versions) if _is_covered(job, service) else ()
            if promises:
                known = self._known_of(job, service, promises)
                facts.append(ServiceFacts(service.key, known.samples, known.told_to(job.stored.id)))
                lines.extend(self._line(job, service, one, known) for one in promises)
        contract, terms = job.stored.contract, settling_terms(versions)
        line = contract.line(job.stored.services[0].key, terms, _first_day(job.closing))
        settled = settle(lines, terms, line)
        return Judgement(contract, line, job.closing, versions, lines, settled, facts, job.ruled)

    def _turn_to(self, closing: ClosingPeriod) -> None:
        """Forget what another period's jobs shared: memory is that of one period, however many there are."""
        bounds = (closing.period.start, closing.period.end)
        if bounds == self._bounds:
            return
        self._bounds, self._register = bounds, register_of(self._session, *bounds)
        self._known.clear()
        self._measured.clear()

    def _known_of(self, job: Job, service: BoughtService, promises: Sequence[Sequence[Promised]]) -> ServiceKnown:
        methods = {one.commitment.methodology.type: one.commitment.methodology for some in promises for one in some}
        key = (service.id, tuple(sorted(methods)))
        if key not in self._known:
            known = known_of if self._is_proven else known_without_proof
            self._known[key] = known(self._session, service.id, job.closing, list(methods.values()))
        return self._known[key]

    def _line(self, job: Job, service: BoughtService, promised: Sequence[Promised], known: ServiceKnown) -> JudgedLine:
        period = job.closing.period
        exclusions: Sequence[Exclusion] = ()
        if self._register is not None:
            exclusions = self._register.of(job.stored.customer_id, service.id, period.start, period.end)

        def measure(question: Question) -> Measured:
            return self._measure(job, question, tuple(exclusions), known)

        return judge_line(promised, period, self._carried(job, promised), measure)

    def _carried(self, job: Job, promised: Sequence[Promised]) -> Carried:
        if not any(has_yearly_cap(one.commitment) for one in promised):
            return Carried()
        first = promised[0]
        used = self._caps_carried(job.stored.id, job.closing.period, first.line.service, first.commitment.id)
        return Carried(used)

    def _measure(
        self, job: Job, question: Question, exclusions: tuple[Exclusion, ...], known: ServiceKnown
    ) -> Measured:
        method = question.commitment.methodology
        whose: UUID | None = job.stored.id if isinstance(method, ResponseTime) else None
        what = (question.version.digest, question.commitment.id, job.is_as_measured, whose)
        key = (what, question.line, question.period, question.carried, exclusions)
        if key not in self._measured:
            evidence = known.evidence.read_by(method, question.period, job.stored.id)
            as_of = job.closing.closable_from
            result = evaluate(
                question.commitment, question.line, question.period, evidence, exclusions, question.carried, as_of
            )
            digest = self._keep_working(result) if self._is_proven else ""
            self._measured[key] = Measured(replace(result, stretches=(), details=(), steps=()), digest)
        return self._measured[key]

    def _keep_working(self, result: Attainment) -> str:
        content = canonical_bytes(measurement_document(result))
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        self.workings[digest] = content
        return digest


def undecided(judgement: Judgement) -> Sequence[JudgedLine]:
    """The lines that too little is known about for a verdict (R16)."""
    return [one for one in judgement.lines if one.status is Status.INSUFFICIENT_DATA]


def unruled(judgement: Judgement) -> str | None:
    """The sentence that a named person has to decide about a judgement (E2); None when nothing is to be decided."""
    lines = () if judgement.ruled is not None else undecided(judgement)
    names = ", ".join(f"{one.commitment} of {one.service}" for one in lines)
    return f"Too little is known of {names}. A named person has to decide." if lines else None


def refuse_lost(session: Session, job: Job) -> None:
    """Raise EvidenceDeleted where samples that the period is judged on were deleted, their time being over (R52)."""
    period = job.closing.period
    promised = [one for version in job.closing.versions for one in version.terms.commitments]
    for service in job.stored.services:
        methods = [one.methodology for one in promised if one.component == service.component]
        refuse_deleted(session, service.id, period.start, period.end, methods)


def terms_of(published: Sequence[PublishedTerms]) -> Sequence[Terms]:
    """The terms of published versions, in their order."""
    return [one.terms for one in published]


def _versions(job: Job) -> Sequence[Version]:
    digests = {id(one.terms): one.digest for one in job.published}
    return tuple(
        Version(one.terms.version.number, digests[id(one.terms)], one.from_, one.terms) for one in job.closing.versions
    )


def _is_covered(job: Job, service: BoughtService) -> bool:
    """Whether the contract covers a service for any second of the period."""
    period, (first, until) = job.closing.period, job.stored.contract.dates_of(service.key)
    ends = until is not None and instant_of(until, period.timezone) <= period.start
    return instant_of(first, period.timezone) < period.end and not ends


def _promises(job: Job, service: BoughtService, versions: Sequence[Version]) -> Sequence[Sequence[Promised]]:
    """What is promised about a service: for each commitment the versions that have it."""
    found = []
    for commitment_id in commitments_promised(versions, service.component):
        promised = [_promised(job, service, one, commitment_id) for one in versions]
        found.append([one for one in promised if one is not None])
    return found


def _promised(job: Job, service: BoughtService, version: Version, commitment_id: str) -> Promised | None:
    commitment = version.terms.commitment(commitment_id)
    if commitment is None or commitment.component != service.component:
        return None
    if job.is_as_measured:
        commitment = _without_limit(commitment)
    line = job.stored.contract.line(service.key, version.terms, _first_day(job.closing))
    return Promised(version, commitment, line)


def _without_limit(commitment: Commitment) -> Commitment:
    return replace(commitment, unknown_policy=replace(commitment.unknown_policy, max_unknown_percent=None))


def _first_day(closing: ClosingPeriod) -> date:
    return date.fromisoformat(closing.period.start_local[:10])
