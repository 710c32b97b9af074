"""The worked cases, told by CSV files and read back from the database, come out as the engine alone has them (D9)."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portal.cli.csv_rows import rows_of
from portal.database import reading, transaction
from portal.domain.evaluation.attainment import Attainment, Carried, evaluate
from portal.domain.evidence.records import Evidence
from portal.domain.promises.flat_contract import from_flat
from portal.domain.quantities import zones
from portal.domain.quantities.exact import parse_exact
from portal.domain.quantities.intervals import Interval
from portal.domain.quantities.periods import Period, period_from
from portal.domain.quantities.zones import instant_text, parse_instant
from portal.store.ground.base import new_id
from portal.store.ground.tenancy import provider_scope
from portal.store.measuring.services import ServiceRow
from portal.usecases.keeping.evidence import evidence_of
from portal.usecases.keeping.import_rows import COLUMNS
from portal.usecases.keeping.importing import Order, take_file
from portal.usecases.worked_cases import conformance_evidence

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sla.json").read_text())
NOW = datetime(2100, 1, 1, tzinfo=UTC)
LATER = 1 << 40
NOBODY = UUID(int=7)
LARGE = {
    "ERROR_RATE-008",
    "ERROR_RATE-010",
    "PRESET-008",
    "PRESET-015",
    "PRESET-016",
    "ERROR_RATE-003",
    "ERROR_RATE-006",
}
"""Many rows of the same methods as ERROR_RATE-001 and 011, which have one for every slot of a month."""
OUTAGE_GROUPS = {"overlap", "boundary", "min_outage"}
"""Of the many cases about outages alone, those that look closely at how one lies beside another."""
METHODS = {
    "affected_ratio", "continuous", "error_rate_slots", "mean_error_rate", "request_ratio", "response_time", "slots",
    "user_minutes",
}  # fmt: skip

Case = Mapping[str, Any]


def told(vector: Case) -> bool:
    """Whether a case is about something files tell: not about samples, and not about time told to be unknown."""
    observations = vector.get("observations", {})
    if vector["kind"] not in ("availability", "response"):
        return False
    is_plain = vector["contract"]["methodology"]["type"] == "continuous" and vector["group"] not in OUTAGE_GROUPS
    return not is_plain and not {"series", "unknown"} & observations.keys() and vector["id"] not in LARGE


def outage_rows(vector: Case) -> Iterator[Sequence[object]]:
    for number, one in enumerate(vector["observations"].get("outages", ())):
        named = [one.get(key, "") or "" for key in ("start", "end", "severity", "reported_at")]
        yield (*named, one.get("affected_users", ""), one.get("ratio", ""), one.get("event") or f"report {number}")


def count_rows(vector: Case, period: Period) -> Iterator[Sequence[object]]:
    observations = vector["observations"]
    if observations.get("classes") == []:
        yield instant_text(period.start), "", 0, 0
    for one in observations.get("classes", ()):
        assert not one.get("excluded")
        good = one["count"] * parse_exact(one["score"])
        yield instant_text(period.start), one["name"], one["count"], int(good)
    counted = {one["start"]: one for one in observations.get("samples", ())}
    for one in counted.values():
        yield one["start"], "", one["total"], one["total"] - one["errors"]
    if default := observations.get("default"):
        slot_s = vector["contract"]["methodology"]["slot_seconds"]
        for start in range(period.start, period.end, slot_s):
            if instant_text(start) not in counted:
                yield instant_text(start), "", default["total"], default["total"] - default["errors"]


def ticket_rows(vector: Case) -> Iterator[Sequence[object]]:
    for one in vector["observations"].get("tickets", ()):
        pauses = ";".join(f"{start}/{end}" for start, end in one.get("pauses") or ())
        yield one["id"], one["opened"], one["responded"] or "", pauses


def take(session: Session, kind: str, service: str, rows: Sequence[Sequence[object]], **more: Any) -> None:
    text = "\n".join(",".join(map(str, row)) for row in [COLUMNS[kind], *rows])
    file = io.BytesIO(text.encode())
    order = Order(kind, service, f"{kind} of {service}", **more)
    taken = take_file(session, order, rows_of(file, kind, COLUMNS[kind]), NOW, lambda *why: pytest.fail(str(why)))
    assert (taken.added, taken.refused) == (len(rows), 0)


def tell(session: Session, vector: Case, period: Period) -> UUID:
    """Give the case a service of its own and tell about it what the case observed."""
    key, service_id = vector["id"], new_id()
    with transaction(session):
        session.add(ServiceRow(id=service_id, key=key, name=key, group_name="All", position=1))
    covers = Interval(period.start - 86_400, period.end + 86_400)
    take(session, "outages", key, list(outage_rows(vector)), covers=covers)
    take(session, "counts", key, list(count_rows(vector, period)))
    take(session, "tickets", key, list(ticket_rows(vector)))
    return service_id


def essence(result: Attainment) -> dict[str, object]:
    tickets = {
        (one.key, one.inputs, one.value)
        for one in result.details
        if one.key == "ticket" and one.value != "not_in_period"
    }
    figures = {one.key: one.value for one in result.details if one.key.endswith(("_weight", "_counted", "_sum"))}
    return {
        "totals": result.totals,
        "attained": result.attained,
        "status": result.status,
        "credit": (result.credit.percent, result.credit.exact, result.credit.amount_text, result.credit.reason),
        "outages": [(one.start, one.end, one.counted_seconds, one.weighted_seconds) for one in result.outages],
        "stretches": [(one.start, one.end, one.kind, one.weight) for one in result.stretches],
        "tickets": tickets,
        "figures": figures,
    }


@pytest.mark.slow
def test_what_files_told_is_judged_like_what_the_engine_is_given(session: Session) -> None:
    judged = set()
    with zones.edition(VECTORS["meta"]["tzdata"]), provider_scope():
        for vector in filter(told, VECTORS["vectors"]):
            flat, observations = from_flat(vector["contract"]), vector["observations"]
            period = period_from(flat.period_keys(), flat.line.timezone)
            as_of = parse_instant(observations["as_of"]) if "as_of" in observations else LATER
            service_id = tell(session, vector, period)
            method = flat.commitment.methodology
            with reading(session):
                known = evidence_of(session, service_id, period.start, period.end, [method])
            exclusions = conformance_evidence.exclusions_of(vector.get("exclusions", ()))

            def result(evidence: Evidence, flat=flat, period=period, as_of=as_of, given=exclusions) -> Attainment:  # type: ignore[no-untyped-def]
                return evaluate(flat.commitment, flat.line, period, evidence, given, Carried(), as_of)

            alone = result(conformance_evidence.evidence_of(observations))
            stored = result(known.read_by(method, period, NOBODY))
            assert essence(stored) == essence(alone), vector["id"]
            assert stored.provenance in (("imported",), ()), vector["id"]
            judged.add(method.type)
    assert judged == METHODS
