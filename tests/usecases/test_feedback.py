"""Feedback: who may say what about what, and who sees the answer."""

import pytest
from sqlalchemy.orm import Session

from portal.database import begin
from portal.domain.notices.refusals import Invalid, NotFound
from portal.store.ground.base import new_id
from portal.store.ground.tenancy import ScopeMissing, customer_scope, provider_scope
from portal.store.notices.incidents import IncidentRow, IncidentServiceRow
from portal.store.people.people import UserRow
from portal.usecases.listening import feedback
from portal.usecases.listening.feedback import Draft
from tests import customers
from tests.customers import House, utc

NOW = utc("2026-11-22 12:00")
FINE = Draft("service:api", "4", "Quick, and it says what it does.")


@pytest.fixture
def house(session: Session) -> House:
    begin(session, write=True)
    return customers.build(session)


def give(session: Session, house: House, draft: Draft = FINE) -> None:
    with customer_scope(house.globex):
        feedback.give(session, house.globex, house.globex_owner, draft, NOW)


def test_what_a_person_says_is_listed_for_their_organisation_only(session: Session, house: House) -> None:
    give(session, house)
    with customer_scope(house.globex):
        (piece,) = feedback.listed(session).pieces
    assert (piece.author, piece.about_name, piece.rating, piece.rating_words) == ("Ada", "API", 4, "good")
    with customer_scope(house.initech):
        assert feedback.listed(session).pieces == ()


def test_the_answer_reaches_the_author(session: Session, house: House) -> None:
    give(session, house)
    with provider_scope():
        (piece,) = feedback.waiting(session)
        feedback.answer(session, piece.id, house.manager, "Thank you.", NOW)
        assert feedback.waiting(session) == ()
        assert feedback.waiting_count(session) == 0
    with customer_scope(house.globex):
        (answer,) = feedback.listed(session).pieces[0].answers
    assert (answer.author, answer.words, answer.at) == ("Mara", "Thank you.", NOW)


def test_the_longest_waiting_comes_first(session: Session, house: House) -> None:
    for words in ("first", "second"):
        give(session, house, Draft("service:api", "3", words))
    with provider_scope():
        assert [piece.words for piece in feedback.waiting(session)] == ["first", "second"]
        assert [piece.words for piece in feedback.listed(session).pieces] == ["second", "first"]


def test_a_long_list_goes_on_after_fifty(session: Session, house: House) -> None:
    for number in range(51):
        give(session, house, Draft("service:api", "3", str(number)))
    with customer_scope(house.globex):
        first = feedback.listed(session)
        rest = feedback.listed(session, first.after)
    assert [piece.words for piece in (*first.pieces, *rest.pieces)] == [str(number) for number in range(50, -1, -1)]
    assert (len(rest.pieces), rest.after) == (1, None)


def test_a_customer_writes_about_its_own_services_commitments_and_incidents(session: Session, house: House) -> None:
    with provider_scope():
        for title, service in (("Api is slow", house.api), ("Storage is slow", house.storage)):
            incident = IncidentRow(id=new_id(), title=title, impact="minor", created_at=NOW, resolved_at=None)
            session.add(incident)
            session.flush()
            session.add(IncidentServiceRow(incident_id=incident.id, service_id=service))
        session.flush()
    with customer_scope(house.initech):
        names = [subject.name for subject in feedback.subjects(session, NOW)]
    assert names == ["API", "API: availability, 100 %", "Api is slow"]


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft("", "4", "x"), "subject"),
        (Draft("service:nothing", "4", "x"), "subject"),
        (Draft("incident:" + str(new_id()), "4", "x"), "subject"),
        (Draft("service:api", "", "x"), "rating"),
        (Draft("service:api", "0", "x"), "rating"),
        (Draft("service:api", "6", "x"), "rating"),
        (Draft("service:api", "4.5", "x"), "rating"),
        (Draft("service:api", "٤", "x"), "rating"),
        (Draft("service:api", "4", " \n "), "words"),
        (Draft("service:api", "4", "a\x00b"), "words"),
        (Draft("service:api", "4", "x" * 4_001), "words"),
        (Draft("service:api", "4", "x" * 100_000), "words"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_field(
    session: Session, house: House, draft: Draft, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        give(session, house, draft)
    assert refusal.value.field == field
    with provider_scope():
        assert feedback.listed(session).pieces == ()


def test_a_customer_cannot_write_about_a_strangers_service(session: Session, house: House) -> None:
    with customer_scope(house.initech), pytest.raises(Invalid):
        feedback.give(session, house.initech, house.initech_owner, Draft("service:storage", "4", "x"), NOW)


def test_four_thousand_characters_and_markup_are_kept_as_they_are(session: Session, house: House) -> None:
    words = "<script>alert(1)</script>".ljust(4_000, "é")
    give(session, house, Draft("service:api", "1", words))
    with customer_scope(house.globex):
        assert feedback.listed(session).pieces[0].words == words


def test_a_strangers_piece_is_not_found(session: Session, house: House) -> None:
    give(session, house)
    with provider_scope():
        (piece,) = feedback.listed(session).pieces
    with customer_scope(house.initech), pytest.raises(NotFound):
        feedback.one(session, piece.id)
    with provider_scope(), pytest.raises(NotFound):
        feedback.answer(session, new_id(), house.manager, "x", NOW)


def test_without_a_scope_nothing_is_read(session: Session, house: House) -> None:
    with pytest.raises(ScopeMissing):
        feedback.listed(session)


def test_an_erased_author_is_called_a_person_who_has_left(session: Session, house: House) -> None:
    give(session, house)
    user = session.get(UserRow, house.globex_owner.id)
    assert user is not None
    user.name = None
    session.flush()
    with customer_scope(house.globex):
        assert feedback.listed(session).pieces[0].author == "a person who has left"
