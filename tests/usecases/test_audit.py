"""What people and the command line did is noted as it was and is, by ids: no name, no address, no secret."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.store.people.audit import AuditRow
from portal.usecases.configuration.applying import apply_configuration
from portal.usecases.groundwork import audit, scopes
from portal.usecases.groundwork.audit import Deed
from portal.usecases.people import accounts, invitations, second_factor, sessions
from tests.usecases.configurations import probe, whole
from tests.usecases.people import BROWSER, add, sign_in, visit

NOW = datetime(2026, 6, 10, 12, 0, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def provider_scope() -> Iterator[None]:
    """The operator's work touches every customer."""
    with scopes.provider():
        yield


def noted(session: Session, document: object) -> list[AuditRow]:
    """Apply a document; return what was noted by it."""
    with reading(session):
        known = set(session.execute(select(AuditRow.id)).scalars())
    with transaction(session):
        apply_configuration(session, document, NOW, {})
    with reading(session):
        rows = [row for row in session.execute(select(AuditRow).order_by(AuditRow.id)).scalars() if row.id not in known]
        session.expunge_all()  # they are read after this transaction is over
        return rows


def test_a_role_that_changes_is_noted_as_it_was_and_is(session: Session) -> None:
    noted(session, whole())
    document = whole()
    document["users"][1]["staff"] = "administrator"
    changed, applied = noted(session, document)
    assert (changed.what, changed.object_kind) == (Deed.CHANGED_ROLES, "person")
    assert changed.before == {"staff": "manager", "customers": {}}
    assert changed.after == {"staff": "administrator", "customers": {}}
    assert (applied.what, applied.user_id) == (Deed.APPLIED_CONFIGURATION, None)


def test_no_note_names_a_person_or_holds_what_an_address_carries(session: Session) -> None:
    document = whole()
    document["probes"] = [probe(target="http://127.0.0.1:8181/health?key=a-secret")]
    rows = noted(session, document)
    text = str([(row.object_id, row.before, row.after) for row in rows])
    assert not [word for word in ("@", "Ann", "a-secret") if word in text]
    document["users"][0]["name"] = "Anna"
    document["provider"]["contact"] = "ops@northwind.example"
    renamed, provider, _ = noted(session, document)
    assert (renamed.what, renamed.before, renamed.after) == (Deed.RENAMED, None, None)
    assert (provider.before, provider.after) == ({"contact": "not told"}, {"contact": "not told"})


def test_everything_made_is_noted_as_it_is(session: Session) -> None:
    rows = noted(session, whole())
    people = [row for row in rows if row.what == Deed.ADDED_PERSON]
    made = {
        f"{row.object_kind} {row.object_id}": (row.before, row.after) for row in rows if row.what == Deed.CONFIGURED
    }
    assert len(people) == 2
    assert rows[-1].after == {"created": 11, "changed": 0, "ended": 0}
    assert made.keys() == {
        "provider Northwind Cloud", "location here", "service api", "service web", "probe api-health", "agreement gold",
        "agreement gold, version 1", "customer globex", "contract globex-1 of globex",
    }  # fmt: skip
    assert made["service web"] == (None, {"name": "Web", "group_name": "", "position": 1})
    assert made["agreement gold, version 1"][1].keys() == {"effective_from", "digest"}
    assert made["contract globex-1 of globex"][1]["agreement"] == "gold"


def renamed(document: dict[str, Any]) -> None:
    document["services"][0]["name"] = "Interface"


def slower(document: dict[str, Any]) -> None:
    document["probes"] = [probe(interval_seconds="30")]


def with_another_key(document: dict[str, Any]) -> None:
    document["probes"] = [probe(target="http://127.0.0.1:8181/health?key=another")]


def without_probes(document: dict[str, Any]) -> None:
    document["probes"] = []


def elsewhere(document: dict[str, Any]) -> None:
    document["customers"][0]["timezone"] = "America/New_York"


def until_december(document: dict[str, Any]) -> None:
    document["contracts"][0]["until"] = "2026-12-01"


CHANGES = [
    (renamed, "service api", {"name": "API"}, {"name": "Interface"}),
    (slower, "probe api-health", {"interval_s": 10}, {"interval_s": 30}),
    (elsewhere, "customer globex", {"timezone": "Europe/Berlin"}, {"timezone": "America/New_York"}),
    (until_december, "contract globex-1 of globex", {"until": None}, {"until": "2026-12-01"}),
]


@pytest.mark.parametrize(("change", "thing", "before", "after"), CHANGES)
def test_what_changed_is_noted_as_it_was_and_is(
    session: Session, change: Callable[[dict[str, Any]], None], thing: str, before: object, after: object
) -> None:
    noted(session, whole())
    document = whole()
    change(document)
    row, applied = noted(session, document)
    assert (f"{row.object_kind} {row.object_id}", row.before, row.after) == (thing, before, after)
    assert applied.after == {"created": 0, "changed": 1, "ended": 0}


def test_another_query_of_a_probes_address_is_a_change_without_being_told(session: Session) -> None:
    noted(session, whole())
    document = whole()
    with_another_key(document)
    row, _ = noted(session, document)
    assert row.before["target"]["address"] == row.after["target"]["address"] == "http://127.0.0.1:8181/health"
    assert row.before != row.after
    assert "another" not in str(row.after)


def test_a_probe_that_ends_is_noted_as_it_was(session: Session) -> None:
    noted(session, whole())
    document = whole()
    without_probes(document)
    row, applied = noted(session, document)
    assert (row.object_id, row.before["interval_s"], row.after) == ("api-health", 10, None)
    assert applied.after == {"created": 0, "changed": 0, "ended": 1}


def test_applying_what_is_in_force_notes_nothing(session: Session) -> None:
    noted(session, whole())
    assert noted(session, whole()) == []


def test_signing_out_beginning_a_factor_and_asking_for_a_reset_are_noted(session: Session) -> None:
    add(session)
    first, second, _ = (sign_in(session) for _ in range(3))
    here = visit(session, first)
    with transaction(session):
        second_factor.begin_pairing(session, here, ["k" * 40], NOW)
        sessions.end_one(session, here, visit(session, second).id, NOW)
        sessions.end_others(session, here, NOW)
        accounts.sign_out(session, here, NOW)
    for address in ("ada@globex.example", "nobody@globex.example"):
        invitations.ask_for_reset(session, address, BROWSER, NOW)
    with reading(session):
        rows = list(session.execute(select(AuditRow).order_by(AuditRow.id)).scalars())
        entries = audit.entries(session).entries
    deeds = [row.what for row in rows if row.what != Deed.SIGNED_IN]
    assert deeds == [
        Deed.BEGAN_FACTOR, Deed.ENDED_SESSIONS, Deed.ENDED_SESSIONS, Deed.SIGNED_OUT, Deed.ASKED_FOR_RESET,
        Deed.ASKED_FOR_RESET,
    ]  # fmt: skip
    assert [(row.user_id, row.object_kind, row.before, row.after) for row in rows[-2:]] == [
        (None, "request", None, None)
    ] * 2
    assert [one.by for one in entries[:3]] == ["somebody not signed in"] * 2 + [here.person.name]


def test_edges_of_time_are_told_as_instants(session: Session) -> None:
    thing = audit.Thing("outage record", "api")
    told = {"start": 1_796_071_679, "end": 1_796_075_279, "severity": "down"}
    with transaction(session):
        audit.note(session, None, Deed.CHANGED_ROLES, thing, NOW, before={"start": 1_796_071_678}, after=told)
    with reading(session):
        entry = audit.entries(session, None).entries[0]
    assert entry.changes == (
        "start: 2026-11-30 20:47:58 UTC → 2026-11-30 20:47:59 UTC",
        "end: 2026-11-30 21:47:59 UTC",
        "severity: down",
    )
