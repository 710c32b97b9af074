"""What is configured: the questions the configuration asks before it changes anything."""

from collections.abc import Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.store.measuring.services import LocationRow, ProbeRow, ScheduleRow, ServiceRow
from portal.store.people.customers import ContractRow, ContractServiceRow, CustomerRow
from portal.store.people.people import MembershipRow, UserRow
from portal.store.promises.agreements import AgreementRow, AgreementVersionRow

Keyed = TypeVar("Keyed", LocationRow, ServiceRow, ProbeRow, CustomerRow)


def rows_by_key(session: Session, row: type[Keyed]) -> dict[str, Keyed]:
    """Return every row of this kind by its key."""
    return {one.key: one for one in session.execute(select(row)).scalars()}


def agreements_by_slug(session: Session) -> dict[str, AgreementRow]:
    """Return every agreement by its slug."""
    return {one.slug: one for one in session.execute(select(AgreementRow)).scalars()}


def documents_by_slug(session: Session) -> Mapping[str, Sequence[str]]:
    """Return the published `sla-terms/1` texts of every agreement, by number."""
    statement = (
        select(AgreementRow.slug, AgreementVersionRow.document)
        .join(AgreementVersionRow, AgreementVersionRow.agreement_id == AgreementRow.id, isouter=True)
        .order_by(AgreementVersionRow.number)
    )
    found: dict[str, list[str]] = {}
    for slug, document in session.execute(statement):
        found.setdefault(slug, []).extend([document] if document is not None else [])
    return found


def version_numbers(session: Session) -> Mapping[str, frozenset[int]]:
    """Return the numbers of the published versions of every agreement."""
    statement = select(AgreementRow.slug, AgreementVersionRow.number).join(
        AgreementVersionRow, AgreementVersionRow.agreement_id == AgreementRow.id
    )
    found: dict[str, set[int]] = {}
    for slug, number in session.execute(statement):
        found.setdefault(slug, set()).add(number)
    return {slug: frozenset(numbers) for slug, numbers in found.items()}


def contracts_by_key(session: Session) -> dict[tuple[str, str], ContractRow]:
    """Return every contract by its customer's key and its own."""
    statement = select(CustomerRow.key, ContractRow).join(CustomerRow, CustomerRow.id == ContractRow.customer_id)
    return {(customer, row.key): row for customer, row in session.execute(statement)}


def services_of_contract(session: Session, contract: ContractRow) -> Sequence[ContractServiceRow]:
    """Return the services a contract maps to components."""
    statement = select(ContractServiceRow).where(
        ContractServiceRow.customer_id == contract.customer_id, ContractServiceRow.contract_id == contract.id
    )
    return session.execute(statement).scalars().all()


def latest_schedules(session: Session) -> dict[UUID, ScheduleRow]:
    """Return the latest schedule of every probe, in force yet or not."""
    statement = select(ScheduleRow).order_by(ScheduleRow.effective_from)
    return {row.probe_id: row for row in session.execute(statement).scalars()}


def highest_number(session: Session, number: InstrumentedAttribute[int]) -> int:
    """Return the highest short key given so far; 0 before the first."""
    return session.execute(select(func.coalesce(func.max(number), 0))).scalar_one()


def user_of(session: Session, email: str) -> UserRow | None:
    """Return the user of this address, disabled or not, if there is one."""
    return session.execute(select(UserRow).where(UserRow.email == email)).scalar_one_or_none()


def users_who_may_sign_in(session: Session) -> Sequence[UserRow]:
    """Return everybody who has an address and is not disabled, by address."""
    statement = select(UserRow).where(UserRow.email.is_not(None), UserRow.disabled_at.is_(None))
    return session.execute(statement.order_by(UserRow.email)).scalars().all()


def memberships_of(session: Session, user_id: UUID) -> Sequence[MembershipRow]:
    """Return the memberships of a user."""
    return session.execute(select(MembershipRow).where(MembershipRow.user_id == user_id)).scalars().all()
