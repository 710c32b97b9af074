"""Drafts of agreements on both databases: one text a time, published once, by somebody else, and kept unchangeable."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import yaml
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.database import begin
from portal.domain.notices.refusals import Conflict, NotAllowed
from portal.domain.people.roles import StaffRole
from portal.store.promises.agreements import AgreementVersionRow
from portal.store.promises.drafts import PublicationRow
from portal.usecases.groundwork import scopes
from portal.usecases.publishing import drafts
from portal.usecases.publishing.commitments import agreement
from portal.usecases.publishing.drafts import EditedMeanwhile
from tests import customers

NOW = customers.utc("2026-11-22 12:00")
CLEAN = {"claim": {"required": False}}


@pytest.fixture(autouse=True)
def provider_scope() -> Iterator[None]:
    """Terms are the provider's own work."""
    with scopes.provider():
        yield


def written(target: str = "99.95") -> str:
    tiers = {"type": "tiers", "tiers": [{"below": target, "percent": "10"}]}
    changes = {"commitment": {"target_percent": target, "credit_schedule": tiers}} | CLEAN
    return yaml.safe_dump(customers.terms_document("gold", 2, "2027-01-01", **changes))


def test_a_draft_goes_from_one_person_by_another_to_a_version_that_never_changes(session: Session) -> None:
    begin(session, write=True)
    house = customers.build(session)
    otto = customers.user(session, "otto@provider.example", "Otto", {}, StaffRole.MANAGER)
    drafts.save(session, "gold", written("99.99"), 0, house.manager, NOW)
    with pytest.raises(EditedMeanwhile) as refused:
        drafts.save(session, "gold", written(), 0, otto, NOW)
    assert (refused.value.theirs.editor, refused.value.theirs.edition) == ("Mara", 1)
    drafts.save(session, "gold", written(), 1, house.manager, NOW)
    drafts.ask_for_review(session, "gold", 2, house.manager, NOW)
    with pytest.raises(NotAllowed):
        drafts.publish(session, "gold", 2, "", house.manager, NOW, one_may=False)
    assert drafts.publish(session, "gold", 2, "", otto, NOW, one_may=False) == 2
    with pytest.raises(Conflict):
        drafts.publish(session, "gold", 2, "", otto, NOW, one_may=False)
    assert agreement(session, "gold", None, NOW).shown.number == 1
    later = agreement(session, "gold", None, NOW + timedelta(days=60))
    assert (later.shown.number, later.words.promises[0].target) == (2, "99.95 %")
    for change in (
        delete(PublicationRow),
        update(PublicationRow).values(reason="another"),
        delete(AgreementVersionRow),
        update(AgreementVersionRow).values(document="{}"),
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(change)


def test_a_single_operator_may_write_and_publish(session: Session) -> None:
    begin(session, write=True)
    house = customers.build(session)
    drafts.save(session, "gold", written(), 0, house.manager, NOW)
    drafts.ask_for_review(session, "gold", 1, house.manager, NOW)
    assert drafts.publish(session, "gold", 1, "", house.manager, clock.instant(clock.seconds(NOW)), one_may=True) == 2
    past = drafts.open_desk(session, "gold", None).publications[2]
    assert (past.writer, past.publisher) == ("Mara", "Mara")
