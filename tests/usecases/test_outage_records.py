"""Told outages: what a person tells adds downtime and never takes any away, and nothing that waits is lost (D9)."""

import pytest
from sqlalchemy.orm import Session

from portal.database import begin
from portal.domain.evidence.records import OutageRecord
from portal.domain.notices.refusals import Invalid
from portal.store.evidence import records
from portal.store.ground.tenancy import provider_scope
from portal.usecases.excluding import outage_records
from portal.usecases.excluding.outage_records import Draft
from tests import customers
from tests.customers import House, at, utc

NOW = utc("2026-11-03 12:00")


def tell(session: Session, house: House, end: str, severity: str = "down") -> None:
    draft = Draft("api", "2026-10-12T10:00", f"2026-10-12T{end}", severity, "The network told us.")
    outage_records.propose(session, house.responder, draft, "UTC", NOW)


def accept(session: Session, house: House) -> None:
    (one,) = outage_records.waiting(session, house.manager)
    outage_records.decide(session, house.manager, one.id, "", NOW, is_accepted=True, one_may=False)


def ends(session: Session, house: House) -> list[int]:
    found = records.outages_between(session, house.api, at("2026-10-01 00:00"), at("2026-11-01 00:00"))
    return [one.record.end for one in found]


def test_what_is_told_again_makes_an_accepted_outage_longer_and_never_shorter(session: Session) -> None:
    begin(session, write=True)
    house = customers.build(session)
    with provider_scope():
        tell(session, house, "11:00")
        with pytest.raises(Invalid, match="waits for a second person") as refused:
            tell(session, house, "10:30")
        assert refused.value.field == "start"
        accept(session, house)
        for end in ("10:30", "11:00"):
            with pytest.raises(Invalid, match="An accepted record of this outage ends at 2026-10-12 11:00") as refused:
                tell(session, house, end)
            assert refused.value.field == "end"
        assert outage_records.waiting(session, house.manager) == []
        tell(session, house, "10:30", severity="degraded")
        accept(session, house)
        tell(session, house, "11:30")
        assert sorted(ends(session, house)) == [at("2026-10-12 10:30"), at("2026-10-12 11:00")]
        accept(session, house)
        assert sorted(ends(session, house)) == [at("2026-10-12 10:30"), at("2026-10-12 11:30")]


def test_a_file_that_tells_of_an_outage_that_waits_decides_nothing_about_it(session: Session) -> None:
    begin(session, write=True)
    house = customers.build(session)
    with provider_scope():
        tell(session, house, "11:00")
        imported(session, house, "10:30")
        with pytest.raises(Invalid, match="waits for a second person"):
            tell(session, house, "11:30")
        accept(session, house)
        assert ends(session, house) == [at("2026-10-12 11:00")]
        tell(session, house, "11:30")
        imported(session, house, "12:00")
        with pytest.raises(Invalid, match="A file has told since that this outage was as long or longer"):
            accept(session, house)
        (one,) = outage_records.waiting(session, house.manager)
        outage_records.decide(session, house.manager, one.id, "The file.", NOW, is_accepted=False, one_may=False)
        assert (outage_records.waiting(session, house.manager), ends(session, house)) == ([], [at("2026-10-12 12:00")])


def imported(session: Session, house: House, end: str) -> None:
    """What a file leaves: a further revision, accepted by nobody in particular."""
    record = OutageRecord(at("2026-10-12 10:00"), at(f"2026-10-12 {end}"), "down")
    number = len(records.revisions_from(session, house.api, record.start, record.start + 1)) + 1
    origin = records.Origin("imported", "f" * 64, at("2026-11-03 12:00"))
    records.save_outages(session, house.api, [records.Revision(record, number)], origin)
