"""Taking outage records, counts and tickets: each row whole or not at all, and nothing twice (decision D9)."""

import io
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.cli.csv_rows import rows_of
from portal.database import begin, reading, transaction
from portal.domain.evidence.records import OutageRecord, SlotCount, Ticket
from portal.domain.notices.refusals import Refusal
from portal.domain.promises.methodology import Continuous, MeanErrorRate, Percentile, RequestRatio, ResponseTime
from portal.domain.quantities.intervals import Interval
from portal.store.evidence import counts, imports, records, tickets
from portal.store.evidence.imports import ImportRow
from portal.store.evidence.records import OutageRow
from portal.store.evidence.tickets import EVERY_CONTRACT
from portal.store.ground.base import new_id
from portal.store.ground.tenancy import provider_scope
from portal.store.measuring.services import ServiceRow
from portal.store.people.audit import AuditRow
from portal.store.promises.agreements import AgreementRow
from portal.usecases.keeping.evidence import NOTHING_MEASURED, evidence_of
from portal.usecases.keeping.import_rows import COLUMNS, Row
from portal.usecases.keeping.importing import Order, Taken, take_file
from tests import customers
from tests.customers import House, at, terms_document, utc
from tests.databases import prepared_engine, sessions

NOW = utc("2026-11-22 12:00:30")
OCTOBER = (at("2026-10-01 00:00"), at("2026-11-01 00:00"))


@pytest.fixture
def house(session: Session) -> Iterator[House]:
    begin(session, write=True)
    with provider_scope():
        house = customers.build(session)
        session.commit()
        yield house


class Heard(list[tuple[int, str]]):
    """The rows that were refused."""

    def __call__(self, line: int, sentence: str) -> None:
        self.append((line, sentence))


def take(
    session: Session, kind: str, text: str, heard: Heard | None = None, now: datetime = NOW, **changes: Any
) -> Taken:
    """Take a file of these lines below its heading; its digest is its text."""
    data = f"{','.join(COLUMNS[kind])}\n{text}".encode()
    order = Order(**{"kind": kind, "service": "api", "source": sha256(data).hexdigest()} | changes)
    refuse = heard if heard is not None else lambda *why: pytest.fail(str(why))
    return take_file(session, order, rows_of(io.BytesIO(data), "FILE", COLUMNS[kind]), now, refuse)


def outages(session: Session, service: UUID) -> list[OutageRecord]:
    with reading(session):
        return [one.record for one in records.outages_between(session, service, *OCTOBER)]


def counted(session: Session, service: UUID) -> list[SlotCount]:
    with reading(session):
        return [count for count, _ in counts.counts_between(session, service, *OCTOBER)]


TWO_OUTAGES = """\
2026-10-05T10:00:00Z,2026-10-05T10:30:00Z,down,2026-10-05T10:02:00Z,250,1/4,incident-7
2026-10-06T12:00:00+02:00,2026-10-06T13:00:00+02:00,,,,,
"""


def test_what_a_file_tells_is_kept_as_it_says(session: Session, house: House) -> None:
    taken = take(session, "outages", TWO_OUTAGES)
    assert taken == Taken(added=2)
    first, second = outages(session, house.api)
    start = at("2026-10-05 10:00")
    assert (first.start, first.end, first.severity, first.event) == (start, start + 1800, "down", "incident-7")
    assert (first.reported_at, first.affected_users, str(first.ratio)) == (start + 120, 250, "1/4")
    assert (second.start, second.end) == (at("2026-10-06 10:00"), at("2026-10-06 11:00"))
    assert (second.severity, second.event, second.ratio) == ("down", None, None)
    assert outages(session, house.storage) == []


def test_the_same_file_again_changes_nothing_not_even_the_accounts(session: Session, house: House) -> None:
    take(session, "outages", TWO_OUTAGES)
    assert take(session, "outages", TWO_OUTAGES) == Taken(known=2)
    with reading(session):
        for row, expected in ((OutageRow, 2), (ImportRow, 1)):
            assert session.scalar(select(func.count()).select_from(row)) == expected
        notes = session.scalars(select(AuditRow).where(AuditRow.what == "imported evidence")).all()
        assert [(one.object_id, (one.after or {})["added"]) for one in notes] == [(str(house.api), 2)]


def test_an_import_that_breaks_off_stands_in_the_audit_all_the_same(
    session: Session, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.usecases.keeping.importing.BATCH", 2)
    rows = [
        Row(day, {"slot": f"2026-10-0{day}T00:00:00Z", "class": "", "total": "10", "good": "9"}) for day in range(1, 8)
    ]
    order = Order("counts", "api", "f" * 64)

    def broken() -> Iterator[Row]:
        yield from rows[:5]
        raise KeyboardInterrupt

    def added() -> list[object]:
        with reading(session):
            notes = session.scalars(select(AuditRow).where(AuditRow.what == "imported evidence").order_by(AuditRow.id))
            return [(one.after or {})["added"] for one in notes]

    with pytest.raises(KeyboardInterrupt):
        take_file(session, order, broken(), NOW, pytest.fail)
    assert (len(counted(session, house.api)), added()) == (4, [2])
    assert take_file(session, order, rows, NOW, pytest.fail) == Taken(added=3, known=4)
    assert added() == [2, 2, 3]
    assert take_file(session, order, rows, NOW, pytest.fail) == Taken(known=7)
    assert added() == [2, 2, 3]


def test_a_correction_is_a_further_revision_and_the_latest_stands(session: Session, house: House) -> None:
    row = "2026-10-05T10:00:00Z,2026-10-05T{end}:00Z,down,,,,\n"
    take(session, "outages", row.format(end="12:00"))
    assert take(session, "outages", row.format(end="10:45")) == Taken(corrected=1)
    assert [one.end for one in outages(session, house.api)] == [at("2026-10-05 10:45")]
    with reading(session):
        late = records.outages_between(session, house.api, at("2026-10-05 11:00"), OCTOBER[1])
        kept = records.revisions_from(session, house.api, *OCTOBER)
    assert late == (), "what was corrected away reaches nowhere"
    assert [(one.revision, one.record.end) for one in kept] == [
        (1, at("2026-10-05 12:00")),
        (2, at("2026-10-05 10:45")),
    ]


def test_a_file_that_was_corrected_since_does_not_bring_its_error_back(session: Session, house: House) -> None:
    old, new = "2026-10-01T00:00:00Z,,10,9\n", "2026-10-01T00:00:00Z,,10,8\n"
    take(session, "counts", old)
    take(session, "counts", new)
    assert take(session, "counts", old) == Taken(known=1)
    assert counted(session, house.api) == [SlotCount(OCTOBER[0], 10, 2)]


def test_an_outage_without_length_withdraws_the_one_that_was_told(session: Session, house: House) -> None:
    take(session, "outages", "2026-10-05T10:00:00Z,2026-10-05T12:00:00Z,down,,,,x\n")
    take(session, "outages", "2026-10-05T10:00:00Z,2026-10-05T10:00:00Z,down,,,,x\n")
    assert outages(session, house.api) == []
    assert take(session, "outages", "2026-10-05T11:00:00Z,2026-10-05T12:00:00Z,down,,,,x\n") == Taken(added=1)


START, END = "2026-10-05T10:00:00Z", "2026-10-05T10:30:00Z"
BAD_OUTAGES = [
    (f"{END},{START},,,,,", "end lies before start."),
    (f"{START},2026-11-22T13:00:00Z,,,,,", "end lies in the future; it is 2026-11-22T12:00:30Z now."),
    ("2026-12-01T00:00:00Z,2026-12-02T00:00:00Z,,,,,", "start lies in the future; it is 2026-11-22T12:00:30Z now."),
    (f"2016-10-05T10:00:00Z,{END},,,,,", "end lies more than a year after start; look at the years."),
    ("1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,,,,,", "start lies before the year 2000."),
    (f",{END},,,,,", "start is missing."),
    (f"5.10.2026 10:00,{END},,,,,", "start '5.10.2026 10:00' is not a time such as 2026-06-10T10:00:00Z."),
    (
        f"2026-10-05T10:00:00,{END},,,,,",
        "start '2026-10-05T10:00:00' names no time zone; write it as 2026-06-10T10:00:00Z.",
    ),
    (f"9999-12-31T23:59:59-12:00,{END},,,,,", "start date value out of range."),
    (
        f"{START},{END},very bad,,,,",
        "severity must be a name of 1 to 64 letters, digits, dots, hyphens or underscores.",
    ),
    (f"{START},{END},,,-1,,", "affected_users must be a whole number from 0 to 9007199254740991."),
    (f"{START},{END},,,,1.5,", "ratio must be from 0 to 1."),
    (f"{START},{END},,,,1e3,", 'ratio must be an exact number without sign or exponent, like "99.9" or "1/2".'),
    (f"{START},{END},,,,,=HYPERLINK()", "incident begins with =, which a spreadsheet would run as a formula."),
    (f"{START},{END},,,,,a\x00b", "holds a control character."),
    (f"{START},{END},,,,", "has 6 fields; the heading has 7."),
    (f"{START},{END},,,,,,", "has 8 fields; the heading has 7."),
    (f'{START},{END},,,,,"a"b', "is no CSV: ',' expected after '\"'."),
    ("x" * 70_000, "is longer than 65536 characters."),
]


def test_a_row_that_makes_no_sense_is_listed_by_its_line_and_the_others_kept(session: Session, house: House) -> None:
    heard = Heard()
    good = "2026-10-07T00:00:00Z,2026-10-07T01:00:00Z,,,,,\n"
    bad = "".join(f"{row}\n" for row, _ in BAD_OUTAGES)
    taken = take(session, "outages", f"{good}{bad}{good.replace('-07', '-08')}", heard)
    assert taken == Taken(added=2, refused=len(BAD_OUTAGES))
    assert heard == [(line, sentence) for line, (_, sentence) in enumerate(BAD_OUTAGES, start=3)]
    assert [one.start for one in outages(session, house.api)] == [at("2026-10-07 00:00"), at("2026-10-08 00:00")]


BAD_COUNTS = [
    ("2026-10-01T00:00:00Z,,10,11", "good is 11 and total only 10."),
    ("2026-10-01T00:00:00Z,,ten,1", "total must be a whole number from 0 to 9007199254740991."),
    ("2026-10-01T00:00:00Z,@x,10,1", "class begins with @, which a spreadsheet would run as a formula."),
    ("2026-12-01T00:00:00Z,,10,1", "slot lies in the future; it is 2026-11-22T12:00:30Z now."),
]
BAD_TICKETS = [
    (f"t1,{END},{START},", "responded lies before opened."),
    (f",{START},{END},", "id is missing."),
    (f"t1,{START},{END},{END}", "pauses must be written start/end, with a semicolon between two of them."),
    (f"t1,{START},,{END}/{START}", "pauses end before they begin."),
    (f"t1,{END},,{START}/{END}", "pauses begin before opened."),
]


def test_so_is_a_row_of_counts_or_tickets(session: Session, house: House) -> None:
    for kind, bad in (("counts", BAD_COUNTS), ("tickets", BAD_TICKETS)):
        heard = Heard()
        assert take(session, kind, "\n".join(row for row, _ in bad), heard) == Taken(refused=len(bad))
        assert heard == [(line, sentence) for line, (_, sentence) in enumerate(bad, start=2)]


def test_outages_of_one_severity_and_incident_do_not_overlap(session: Session, house: House) -> None:
    heard = Heard()
    row = "2026-10-05T{}:00Z,2026-10-05T{}:00Z,down,,,,{}\n"
    take(session, "outages", row.format("10:00", "11:00", ""))
    text = row.format("10:30", "12:00", "") + row.format("10:30", "12:00", "other") + row.format("11:00", "12:00", "")
    assert take(session, "outages", text, heard) == Taken(added=2, refused=1)
    told = "from 2026-10-05T10:00:00Z to 2026-10-05T11:00:00Z"
    sentence = f"overlaps the outage {told} of this severity and incident; to change that one, repeat its start."
    assert heard == [(2, sentence)]


def test_a_severity_that_no_agreement_of_the_service_weighs_is_refused_until_one_does(
    session: Session, house: House
) -> None:
    heard = Heard()
    row = "2026-10-05T{0}:00:00Z,2026-10-05T{0}:30:00Z,{1},,,,\n"
    text = row.format("10", "Down") + row.format("11", "degraded") + row.format("12", "down")
    assert take(session, "outages", text, heard) == Taken(added=2, refused=1)
    assert heard == [(2, UNWEIGHED)]
    with transaction(session):
        gold = session.scalars(select(AgreementRow.id).where(AgreementRow.slug == "gold")).one()
        weighs = {"type": "continuous", "severity_weights": {"Down": "1/2"}}
        customers.version(session, gold, terms_document("gold", 2, "2026-11-01", commitment={"methodology": weighs}))
    assert take(session, "outages", text) == Taken(added=1, known=2)


UNWEIGHED = "severity Down would count nothing: no agreement of the service names it. Use degraded or down."


def test_one_file_cannot_say_two_things_about_one(session: Session, house: House) -> None:
    heard = Heard()
    text = "2026-10-01T00:00:00Z,,10,9\n2026-10-01T00:00:00Z,,10,8\n2026-10-01T00:00:00Z,,10,9\n"
    assert take(session, "counts", text, heard) == Taken(added=1, known=1, refused=1)
    assert heard == [(3, "says something else about the same thing than a row before it.")]


def test_with_all_or_nothing_one_bad_row_leaves_everything_as_it_was(session: Session, house: House) -> None:
    heard = Heard()
    text = "".join(f"2026-10-{day:02}T00:00:00Z,,10,9\n" for day in range(1, 31)) + "2026-10-31T00:00:00Z,,10,11\n"
    with pytest.raises(Refusal, match=r"Nothing was taken: 1 of 31 rows were refused\."):
        take(session, "counts", text, heard, all_or_nothing=True)
    assert [line for line, _ in heard] == [32]
    assert counted(session, house.api) == []
    with reading(session):
        assert session.scalar(select(func.count()).select_from(ImportRow)) == 0


UNKNOWN: list[tuple[dict[str, str], str]] = [
    ({"service": "nothing"}, "There is no service nothing. There is: api, storage."),
    ({"contract": "globex-gold"}, "Only tickets belong to a contract; leave --contract out."),
    ({"kind": "tickets", "contract": "nothing"}, "There is no contract nothing with the service api."),
    ({"kind": "tickets", "contract": "initech-platinum", "service": "storage"},
     "There is no contract initech-platinum with the service storage."),
]  # fmt: skip


def test_what_is_not_there_is_told(session: Session, house: House) -> None:
    for changes, sentence in UNKNOWN:
        with pytest.raises(Refusal) as refused:
            take(session, **{"kind": "outages", "text": ""} | changes)
        assert refused.value.sentence == sentence


def test_an_answered_ticket_corrects_the_open_one_and_belongs_to_its_contract(session: Session, house: House) -> None:
    opened = "t1,2026-10-05T10:00:00Z,{},2026-10-05T10:05:00Z/2026-10-05T10:10:00Z\n"
    take(session, "tickets", opened.format(""), contract="globex-gold")
    taken = take(session, "tickets", opened.format("2026-10-05T10:20:00Z"), contract="globex-gold")
    take(session, "tickets", "t2,2026-10-06T10:00:00Z,,\n")
    assert taken == Taken(corrected=1)
    start = at("2026-10-05 10:00")
    own = Ticket("t1", start, start + 1200, (Interval(start + 300, start + 600),))
    shared = Ticket("t2", start + 86_400, None)
    with reading(session):
        found = [(one.contract_id, one.ticket) for one in tickets.tickets_between(session, house.api, *OCTOBER)]
        known = evidence_of(session, house.api, *OCTOBER, [ResponseTime(60, None)])
    assert found == [(house.globex_contract, own), (EVERY_CONTRACT, shared)]
    answers = {
        name: known.read_by(ResponseTime(60, None), Interval(*OCTOBER), contract).tickets
        for name, contract in (("globex", house.globex_contract), ("initech", house.initech_contract))
    }
    assert answers == {"globex": (own, shared), "initech": (shared,)}


def test_a_ticket_stands_for_one_contract_or_for_all_and_is_withdrawn_by_its_id_alone(
    session: Session, house: House
) -> None:
    ticket, heard = "t1,2026-10-05T10:00:00Z,,\n", Heard()

    def standing() -> list[UUID]:
        with reading(session):
            return [one.contract_id for one in tickets.tickets_between(session, house.api, 0, OCTOBER[1])]

    assert take(session, "tickets", ticket) == Taken(added=1)
    assert take(session, "tickets", ticket, heard, contract="globex-gold") == Taken(refused=1)
    assert take(session, "tickets", "t1,,,\nt9,,,\n", heard) == Taken(corrected=1, refused=1)
    assert standing() == []
    assert take(session, "tickets", ticket) == Taken(known=1), "a file that was corrected does not bring its error back"
    assert take(session, "tickets", ticket, contract="globex-gold", source="again") == Taken(added=1)
    assert take(session, "tickets", ticket, heard, source="once more") == Taken(refused=1)
    assert standing() == [house.globex_contract]
    assert [sentence for _, sentence in heard] == [
        "was told for every contract and would count twice; withdraw it there first.",
        "opened is missing; there is no ticket to withdraw.",
        "was told for one contract and would count twice; withdraw it there first.",
    ]


def test_beside_outages_that_files_told_nothing_is_up_unless_they_cover_the_time(
    session: Session, house: House
) -> None:
    take(session, "outages", TWO_OUTAGES)
    with reading(session):
        uncovered = evidence_of(session, house.api, *OCTOBER, [Continuous()]).read_by(
            Continuous(), Interval(*OCTOBER), house.api
        )
    covers = Interval(at("2026-10-03 00:00"), at("2026-10-20 00:00"))
    assert take(session, "outages", TWO_OUTAGES, covers=covers) == Taken(known=2)
    with reading(session):
        covered = evidence_of(session, house.api, *OCTOBER, [Continuous()]).read_by(
            Continuous(), Interval(*OCTOBER), house.api
        )
    assert (uncovered.series, uncovered.unknown, len(uncovered.outages)) == ((NOTHING_MEASURED,), (), 2)
    assert covered.series == ()
    assert covered.unknown == (Interval(OCTOBER[0], covers.start), Interval(covers.end, OCTOBER[1]))
    assert covered.provenance == ("imported",)


def test_what_a_file_covered_by_mistake_is_taken_back_and_may_be_covered_again(session: Session, house: House) -> None:
    first, second, third = at("2026-10-03 00:00"), at("2026-10-10 00:00"), at("2026-10-20 00:00")

    def covered(**changes: Any) -> list[Interval]:
        take(session, "outages", TWO_OUTAGES, **changes)
        with reading(session):
            return list(imports.covered(session, house.api, *OCTOBER))

    assert covered(covers=Interval(first, third)) == [Interval(first, third)]
    assert covered(uncovers=Interval(second, third)) == [Interval(first, second)]
    assert covered(uncovers=Interval(*OCTOBER), covers=Interval(second, third)) == [Interval(second, third)]
    assert covered(uncovers=Interval(first, second)) == [Interval(second, third)]
    with reading(session):
        notes = session.scalars(select(AuditRow).where(AuditRow.what == "imported evidence").order_by(AuditRow.id))
        told = [
            after["complete no more from"] for row in notes if "complete no more from" in (after := row.after or {})
        ]
    assert told == ["2026-10-10T00:00:00Z", "2026-10-01T00:00:00Z"]


@pytest.mark.parametrize(
    "samples", [("up", "2026-06-01 00:00", "2026-09-30 23:59"), ("down", "2026-11-01 00:00", "2026-11-30 23:59")]
)
def test_files_tell_a_period_that_was_measured_only_before_or_after_it(
    session: Session, house: House, samples: tuple[str, str, str]
) -> None:
    with transaction(session):
        customers.runs(session, 1, [samples])
    take(session, "outages", TWO_OUTAGES, covers=Interval(*OCTOBER))
    end = OCTOBER[1] + 86_400
    with reading(session):
        read = evidence_of(session, house.api, OCTOBER[0], end, [Continuous()]).read_by(
            Continuous(), Interval(*OCTOBER), house.api
        )
    assert (read.series, read.unknown, len(read.outages)) == ((), (Interval(OCTOBER[1], end),), 2)


def test_a_file_with_a_refused_row_is_not_the_whole_story(session: Session, house: House) -> None:
    heard = Heard()
    covers = Interval(at("2026-10-03 00:00"), at("2026-10-20 00:00"))
    take(session, "outages", f"{TWO_OUTAGES}nonsense\n", heard, covers=covers)
    with reading(session):
        known = evidence_of(session, house.api, *OCTOBER, [Continuous()])
    assert (len(heard), known.covered) == (1, ())


def test_counts_are_read_where_there_are_any_and_samples_where_there_are_none(session: Session, house: House) -> None:
    with transaction(session):
        customers.runs(session, 1, [("up", "2026-10-01 00:00", "2026-10-31 23:59")])
    take(session, "counts", "2026-10-20T00:00:00Z,fast,10,9\n")
    method, later = MeanErrorRate(300, "skip"), at("2026-10-25 00:00")
    with reading(session):
        known = evidence_of(session, house.api, *OCTOBER, [method, RequestRatio()])
    periods = Interval(*OCTOBER), Interval(later, OCTOBER[1])
    with_counts, without = (known.read_by(method, period, house.api) for period in periods)
    assert (with_counts.counts, with_counts.series) == ((SlotCount(at("2026-10-20 00:00"), 10, 1, "fast"),), ())
    assert with_counts.provenance == ("imported",)
    assert (without.counts, [one.probe for one in without.series]) == ((), ["api-probe"])


def test_counts_of_the_day_after_a_period_do_not_stand_for_its_samples(session: Session, house: House) -> None:
    with transaction(session):
        customers.runs(session, 1, [("up", "2026-10-01 00:00", "2026-10-31 23:59")])
    take(session, "counts", "2026-11-01T00:00:00Z,fast,10,9\n")
    for method in (MeanErrorRate(300, "skip"), RequestRatio()):
        with reading(session):
            known = evidence_of(session, house.api, OCTOBER[0], OCTOBER[1] + 86_400, [method])
        read = known.read_by(method, Interval(*OCTOBER), house.api)
        assert (read.counts, [one.probe for one in read.series]) == ((), ["api-probe"])


def test_only_what_the_methods_need_is_read(session: Session, house: House, engine: Engine) -> None:
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *words: asked.append(words[2]))
    tables = ("sample", "request_count", "ticket", "run", "outage_record")

    def read(*methods: Any) -> set[str]:
        asked.clear()
        with reading(session):
            evidence_of(session, house.api, *OCTOBER, methods)
        return {
            name for name in tables if any(f"FROM {name} " in one or f"FROM {name}\n" in one for one in map(str, asked))
        }

    assert read(Continuous()) == {"run", "outage_record"}
    assert read(ResponseTime(60, None)) == {"ticket"}
    assert read(Percentile(percentile=95, threshold_ms=100)) == {"sample"}
    assert read(RequestRatio()) == {"run", "outage_record", "request_count"}


def test_what_was_told_cannot_be_changed_in_the_database(session: Session, house: House) -> None:
    take(session, "outages", TWO_OUTAGES)
    take(session, "counts", "2026-10-20T00:00:00Z,fast,10,9\n")
    for statement in (
        "UPDATE outage_record SET revision = 7",
        "DELETE FROM outage_record",
        "UPDATE request_count SET good = 1",
        "DELETE FROM request_count",
        "DELETE FROM evidence_import",
    ):
        with pytest.raises(DBAPIError, match=r"never change|permission denied"), transaction(session):
            session.connection().exec_driver_sql(statement)


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Iterator[Engine]:
    engine = prepared_engine(sqlite_url)
    yield engine
    engine.dispose()


rows = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["", "a"]), st.integers(0, 2)), max_size=12)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rows, min_size=1, max_size=4), st.data())
def test_files_in_any_number_of_tellings_leave_what_each_said_last(
    sqlite_engine: Engine, files: list[list[tuple[int, str, int]]], data: st.DataObject
) -> None:
    with sessions(sqlite_engine)() as session, provider_scope():
        key, service_id = _fresh_service(session)
        expected: dict[tuple[int, str], int] = {}
        for number, content in enumerate(files):
            said: dict[tuple[int, str], int] = {}
            for slot, name, good in content:
                said.setdefault((slot, name), good)
            lines = [f"{_slot(slot)},{name},2,{good}" for slot, name, good in content]
            for _ in range(data.draw(st.integers(1, 2))):
                take(session, "counts", "\n".join(lines), Heard(), service=key, source=f"{key} {number}")
            expected |= said
        found = {
            ((one.start - OCTOBER[0]) // 60, one.request_class): one.total - one.errors
            for one in counted(session, service_id)
        }
        assert found == expected


def _slot(number: int) -> str:
    return f"2026-10-01T00:{number:02}:00Z"


def _fresh_service(session: Session) -> tuple[str, UUID]:
    service_id = new_id()
    with transaction(session):
        session.add(ServiceRow(id=service_id, key=str(service_id), name="x", group_name="All", position=1))
    return str(service_id), service_id
