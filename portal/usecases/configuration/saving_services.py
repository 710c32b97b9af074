"""Saving locations, services and probes; what a probe does is a dated schedule that never changes (decision D5)."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import cast
from uuid import UUID

from sqlalchemy.orm import Session

from portal.store.ground import leases
from portal.store.measuring.services import LocationRow, ProbeRow, ScheduleRow, ServiceRow
from portal.store.promises import configuration as store
from portal.usecases.configuration.entries import Configuration, LocationEntry, ProbeEntry, ServiceEntry
from portal.usecases.configuration.plan import Ledger
from portal.usecases.measuring.measurement import LEASE

ENDED = 0


def save(session: Session, configuration: Configuration, now_s: int, ledger: Ledger) -> None:
    """Save the places, the services and, where the file lists them, all probes; `now_s` in UTC seconds."""
    _save_locations(session, configuration.locations, ledger)
    _save_services(session, configuration.services, ledger)
    session.flush()
    if configuration.probes is not None:
        _save_probes(session, configuration.probes, now_s, ledger)
        session.flush()


def _save_locations(session: Session, entries: Sequence[LocationEntry], ledger: Ledger) -> None:
    stored = store.rows_by_key(session, LocationRow)
    number = store.highest_number(session, LocationRow.number)
    for entry in entries:
        allow = list(entry.allow)
        if entry.key in stored:
            ledger.change(f"location {entry.key}", stored[entry.key], {"name": entry.name, "allow": allow})
            continue
        number += 1
        session.add(LocationRow(number=number, key=entry.key, name=entry.name, allow=allow))
        ledger.create(f"location {entry.key}", {"name": entry.name, "allow": allow})


def _save_services(session: Session, entries: Sequence[ServiceEntry], ledger: Ledger) -> None:
    stored = store.rows_by_key(session, ServiceRow)
    for position, entry in enumerate(entries):
        name = f"service {entry.key}"
        values = {"name": entry.name, "group_name": entry.group, "position": position}
        if entry.key in stored:
            ledger.change(name, stored[entry.key], values)
            continue
        session.add(ServiceRow(key=entry.key, **values))
        ledger.create(name, values)


def _save_probes(session: Session, entries: Sequence[ProbeEntry], now_s: int, ledger: Ledger) -> None:
    stored = store.rows_by_key(session, ProbeRow)
    services = store.rows_by_key(session, ServiceRow)
    locations = store.rows_by_key(session, LocationRow)
    latest = store.latest_schedules(session)
    free_from = max(now_s, leases.frontier(session, LEASE) or 0) + 1
    number = store.highest_number(session, ProbeRow.number)
    for entry in entries:
        row = stored.get(entry.key)
        name = f"probe {entry.key}"
        wanted = _terms_of(entry, locations)
        if row is None:
            number += 1
            row = ProbeRow(number=number, key=entry.key, service_id=services[entry.service].id)
            session.add(row)
            session.flush()
            ledger.create(name, {"service": entry.service, **_facts(wanted)})
        else:
            ledger.compare(name, _facts_of_row(latest.get(row.id)), _facts(wanted))
        before = latest.get(row.id)
        if before is None or _terms_of_row(before) != wanted:
            session.add(ScheduleRow(probe_id=row.id, effective_from=_start(before, free_from), **wanted))
    _end_unlisted(session, entries, stored, latest, free_from, ledger)


def _terms_of(entry: ProbeEntry, locations: Mapping[str, LocationRow]) -> dict[str, object]:
    return {
        "kind": entry.kind,
        "target": dict(entry.target),
        "interval_s": entry.interval_s,
        "timeout_ms": entry.timeout_ms,
        "latency_limit_ms": entry.latency_limit_ms,
        "locations": sorted(locations[key].number for key in entry.locations),
    }


def _terms_of_row(row: ScheduleRow) -> dict[str, object]:
    return {
        "kind": row.kind,
        "target": dict(row.target),
        "interval_s": row.interval_s,
        "timeout_ms": row.timeout_ms,
        "latency_limit_ms": row.latency_limit_ms,
        "locations": list(row.locations),
    }


def _facts(terms: Mapping[str, object]) -> Mapping[str, object]:
    """What is noted of a probe: all but the query of its address, where a key may stand, which counts by its digest."""
    target = cast(Mapping[str, object], terms["target"])
    address, _, query = str(target["address"]).partition("?")
    hidden = {"query": hashlib.sha256(query.encode()).hexdigest()} if query else {}
    return {**terms, "target": {**target, "address": address, **hidden}}


def _facts_of_row(row: ScheduleRow | None) -> Mapping[str, object]:
    return {} if row is None else _facts(_terms_of_row(row))


def _start(before: ScheduleRow | None, free_from: int) -> int:
    """The first second a new schedule may govern: not claimed yet, and a whole interval of the running one done."""
    if before is None:
        return free_from
    whole = before.interval_s or 1
    return max(-(-free_from // whole) * whole, before.effective_from + 1)


def _end_unlisted(
    session: Session,
    entries: Sequence[ProbeEntry],
    stored: Mapping[str, ProbeRow],
    latest: Mapping[UUID, ScheduleRow],
    free_from: int,
    ledger: Ledger,
) -> None:
    listed = {entry.key for entry in entries}
    for key in sorted(stored.keys() - listed):
        before = latest.get(stored[key].id)
        if before is None or before.interval_s == ENDED:
            continue
        values = {**_terms_of_row(before), "interval_s": ENDED}
        session.add(ScheduleRow(probe_id=stored[key].id, effective_from=_start(before, free_from), **values))
        ledger.end(f"probe {key}", _facts_of_row(before), "its measurements stay")
