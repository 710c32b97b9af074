"""Staff see a customer's pages by a grant only: with a reason, for a while, visible to the customer (D16)."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.notices.refusals import Invalid, NotFound
from portal.domain.people.person import Person
from portal.domain.people.roles import Permission
from portal.store.ground.base import new_id
from portal.store.ground.tenancy import customer_scope, provider_scope
from portal.usecases.customer import support
from tests import customers
from tests.customers import House
from tests.usecases.people import NOW

WHY = "Ticket 4711: the credit of October"


@pytest.fixture
def house(session: Session) -> House:
    with transaction(session):
        return customers.build(session)


def take(session: Session, house: House, person: Person | None = None, hours: int = 4, reason: str = WHY) -> None:
    with transaction(session), provider_scope():
        support.take_access(session, person or house.manager, house.globex, reason, hours, NOW)


def sees(session: Session, person: Person, customer_id: UUID, after: timedelta = timedelta()) -> bool:
    with reading(session):
        return support.access_of(session, person, customer_id, NOW + after) is not None


def test_a_grant_lets_its_own_person_in_at_its_own_customer_until_it_ends(session: Session, house: House) -> None:
    take(session, house)
    assert sees(session, house.manager, house.globex)
    assert sees(session, house.manager, house.globex, timedelta(hours=4, seconds=-1))
    assert not sees(session, house.manager, house.globex, timedelta(hours=4))
    assert not sees(session, house.manager, house.globex, timedelta(seconds=-1))
    assert not sees(session, house.manager, house.initech)
    assert not sees(session, house.responder, house.globex)
    assert not sees(session, house.initech_owner, house.globex)


def test_support_looks_and_changes_nothing(house: House) -> None:
    helper = Person(house.manager.id, "Mara", "", house.manager.staff_role, support=frozenset({house.globex}))
    granted = {one for one in Permission if helper.may(one, house.globex)}
    assert granted == {Permission.SEE_CUSTOMER, Permission.SEE_MONEY}
    assert not any(helper.may(one, house.initech) for one in Permission)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "because"}, "reason"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 301}, "reason"),
        ({"reason": "a reason with \x00 in it"}, "reason"),
        ({"hours": 0}, "hours"),
        ({"hours": 8760}, "hours"),
    ],
)
def test_access_needs_a_reason_and_an_end(
    session: Session, house: House, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        take(session, house, **changes)  # type: ignore[arg-type]  # a table of arguments
    assert caught.value.field == field
    assert not sees(session, house.manager, house.globex)


def test_there_is_no_access_to_a_customer_that_does_not_exist(session: Session, house: House) -> None:
    with pytest.raises(Invalid), transaction(session), provider_scope():
        support.take_access(session, house.manager, new_id(), WHY, 1, NOW)


def test_the_customer_sees_every_grant_and_others_see_none_of_it(session: Session, house: House) -> None:
    take(session, house)
    take(session, house, house.responder, hours=1)
    later = NOW + timedelta(hours=2)
    with reading(session), customer_scope(house.globex):
        found = support.grants(session, None, later).grants
    assert [(one.staff, one.reason, one.is_in_force) for one in found] == [("Rob", WHY, False), ("Mara", WHY, True)]
    with reading(session), customer_scope(house.initech):
        assert support.grants(session, None, later).grants == ()
    with reading(session):
        assert [one.staff for one in support.grants_in_force(session, house.globex_member, later)] == ["Mara"]
        assert support.grants_in_force(session, house.initech_owner, later) == ()


def test_an_owner_ends_access_to_their_own_pages_only(session: Session, house: House) -> None:
    take(session, house)
    with reading(session), customer_scope(house.globex):
        (grant,) = support.grants(session, None, NOW).grants
    with pytest.raises(NotFound), transaction(session), customer_scope(house.initech):
        support.end_access(session, house.initech_owner, grant.id, NOW)
    assert sees(session, house.manager, house.globex)
    with transaction(session), customer_scope(house.globex):
        support.end_access(session, house.globex_owner, grant.id, NOW)
    assert not sees(session, house.manager, house.globex)
    with pytest.raises(NotFound), transaction(session), customer_scope(house.globex):
        support.end_access(session, house.globex_owner, grant.id, NOW)


def test_grants_come_in_pages(session: Session, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support, "PAGE", 2)
    for _ in range(5):
        take(session, house)
    seen, after, pages = [], None, 0
    with reading(session), provider_scope():
        while pages == 0 or after is not None:
            page = support.grants(session, after, NOW)
            seen, after, pages = [*seen, *page.grants], page.after, pages + 1
    assert (len(seen), len({one.id for one in seen}), pages) == (5, 5, 3)
