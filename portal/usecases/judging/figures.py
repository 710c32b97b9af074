"""Figures of open promises: computed again each minute, and whenever something happens (decision D20)."""

from collections.abc import Collection, Sequence
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from portal import clock
from portal.database import reading, transaction
from portal.domain.documents.canonical import canonical_bytes
from portal.domain.evaluation.attainment import evaluate
from portal.domain.evaluation.working import document
from portal.store.settling import figures as store
from portal.store.settling.figures import Figure, FigureKey
from portal.usecases.groundwork import scopes
from portal.usecases.judging.carried_caps import carried_by
from portal.usecases.judging.due import Pace, by_service, is_due
from portal.usecases.judging.exclusion_register import Register, register_of
from portal.usecases.judging.promises import Phase, Promise, promises
from portal.usecases.keeping.evidence import ServiceEvidence, evidence_of

PACE = Pace(refresh_s=60, least_s=1)
log = structlog.get_logger()


def refresh_figures(session: Session, now: datetime) -> int:
    """Compute every open figure that is due and return how many were; costs by what is due.

    One is due when it is older than a minute, when its service is not up, or shortly after its measured state changed.
    """
    as_of = clock.seconds(now)
    with scopes.provider():
        gone, due = _due(session, as_of)
        store.delete_figures(session, gone)
        return sum(_save(session, _compute_service(session, lines, as_of)) for lines in by_service(due))


def keep_figures_fresh(session: Session, now: datetime) -> int:
    """Do what refresh_figures does in transactions of its own, and write only while storing.

    Computing takes long where much is due, and a writer would keep the probes' results waiting all the while.
    """
    as_of = clock.seconds(now)
    with scopes.provider():
        with reading(session):
            gone, due = _due(session, as_of)
        if gone:
            with transaction(session):
                store.delete_figures(session, gone)
        return sum(_refresh_service(session, lines, as_of) for lines in by_service(due))


def _due(session: Session, as_of: int) -> tuple[Collection[FigureKey], Sequence[Promise]]:
    """The figures of what is open no more, and the open promises whose figures are due."""
    times = store.figure_times(session)
    found = {one.key: one for one in promises(session, as_of) if one.phase is Phase.OPEN}
    latest = store.latest_runs(session) if found else {}
    return times.keys() - found.keys(), [
        one
        for key, one in found.items()
        if is_due(one.period_key, times.get(key), latest.get(one.service.id), as_of, PACE)
    ]


def _refresh_service(session: Session, lines: Sequence[Promise], as_of: int) -> int:
    with reading(session):
        computed = _compute_service(session, lines, as_of)
    with transaction(session):
        return _save(session, computed)


def _compute_service(session: Session, lines: Sequence[Promise], as_of: int) -> Sequence[tuple[Promise, Figure]]:
    """Load the evidence of one service once and compute all its lines from it; those that cannot be, are left out."""
    start, end = min(one.period.start for one in lines), max(one.period.end for one in lines)
    register = register_of(session, start, end)
    methods = [one.commitment.methodology for one in lines]
    try:
        known = evidence_of(session, lines[0].service.id, start, as_of, methods)
    except ValueError as problem:
        return _compute_one_by_one(session, lines, as_of, problem)
    return [(one, figure) for one in lines if (figure := _computed(session, one, known, register, as_of))]


def _compute_one_by_one(
    session: Session, lines: Sequence[Promise], as_of: int, problem: ValueError
) -> Sequence[tuple[Promise, Figure]]:
    """Evidence that cannot be read leaves out the lines that need it; one alone is told to the operator."""
    if len(lines) > 1:
        return [found for one in lines for found in _compute_service(session, [one], as_of)]
    log.error("figure not computed", contract=str(lines[0].stored.id), problem=str(problem))
    return []


def _computed(
    session: Session, promise: Promise, known: ServiceEvidence, register: Register, as_of: int
) -> Figure | None:
    """One figure; one that cannot be computed is told to the operator and holds up nobody else's."""
    try:
        return _figure(session, promise, known, register, as_of)
    except ValueError as problem:
        log.error("figure not computed", contract=str(promise.stored.id), problem=str(problem))
        return None


def _save(session: Session, computed: Sequence[tuple[Promise, Figure]]) -> int:
    for promise, figure in computed:
        store.save_figure(session, promise.stored.customer_id, promise.key, figure)
    return len(computed)


def _figure(session: Session, promise: Promise, known: ServiceEvidence, register: Register, as_of: int) -> Figure:
    period, stored = promise.period, promise.stored
    read = known.read_by(promise.commitment.methodology, period, stored.id)
    excluded = register.of(stored.customer_id, promise.service.id, period.start, period.end)
    carried = carried_by(session, promise)
    result = evaluate(promise.commitment, promise.line, period, read, excluded, carried, as_of)
    return Figure(promise.period_key, as_of, canonical_bytes(document(result)).decode())
