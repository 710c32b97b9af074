"""Saving customers, their people and their contracts."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.documents.canonical import canonical_bytes
from portal.domain.notices.refusals import Conflict
from portal.domain.promises.contract import Contract, contract_document, parse_contract
from portal.store.measuring.services import ServiceRow
from portal.store.people import people
from portal.store.people.customers import ContractRow, ContractServiceRow, CustomerRow
from portal.store.people.people import MembershipRow, UserRow
from portal.store.promises import configuration as store
from portal.store.settling.statements import closed_of
from portal.usecases.configuration.entries import Configuration, CustomerEntry, UserEntry
from portal.usecases.configuration.plan import Ledger
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed
from portal.usecases.people.passwords import hash_password, password_fits
from portal.usecases.people.users import role_facts


def save(session: Session, configuration: Configuration, now: datetime, ledger: Ledger) -> None:
    """Save customers first, then whoever and whatever belongs to them."""
    _save_customers(session, configuration.customers, ledger)
    session.flush()
    customers = {key: row.id for key, row in store.rows_by_key(session, CustomerRow).items()}
    for user in configuration.users:
        _save_user(session, user, customers, now, ledger)
    _save_contracts(session, configuration.contracts, customers, ledger)


def _save_customers(session: Session, entries: Sequence[CustomerEntry], ledger: Ledger) -> None:
    stored = store.rows_by_key(session, CustomerRow)
    for entry in entries:
        name = f"customer {entry.key}"
        values = {"name": entry.name, "timezone": entry.timezone}
        if entry.key in stored:
            ledger.change(name, stored[entry.key], values)
            continue
        session.add(CustomerRow(key=entry.key, **values))
        ledger.create(name, values)


def _save_user(
    session: Session, entry: UserEntry, customers: Mapping[str, UUID], now: datetime, ledger: Ledger
) -> None:
    row = store.user_of(session, entry.email)
    name = f"user {entry.email}"
    wanted = {"name": entry.name, "staff_role": entry.staff.value if entry.staff else None}
    if row is None:
        row = UserRow(email=entry.email, **wanted)
        session.add(row)
        session.flush()
        _save_memberships(session, row, entry, customers)
        audit.note(session, None, Deed.ADDED_PERSON, audit.person(row.id), now, after=_roles(session, row))
        _save_password(session, row, entry, now)
        ledger.created.append(name)
        return
    before = _roles(session, row)
    is_changed = row.name != entry.name
    if is_changed:
        audit.note(session, None, Deed.RENAMED, audit.person(row.id), now)
    has_other_role = row.staff_role != wanted["staff_role"]
    row.name, row.staff_role = wanted["name"], wanted["staff_role"]
    has_other_role |= _save_memberships(session, row, entry, customers)
    if has_other_role:
        after = _roles(session, row)
        audit.note(session, None, Deed.CHANGED_ROLES, audit.person(row.id), now, before=before, after=after)
        people.end_sessions_of(session, row.id)  # a session begins with the rights it has (trust.md A3)
    is_changed |= has_other_role
    is_changed |= _save_password(session, row, entry, now)
    ledger.note(name, is_changed)


def _roles(session: Session, row: UserRow) -> Mapping[str, object]:
    memberships = {one.customer_id: one.role for one in store.memberships_of(session, row.id)}
    return role_facts(row.staff_role, memberships)


def _save_memberships(session: Session, row: UserRow, entry: UserEntry, customers: Mapping[str, UUID]) -> bool:
    wanted = {customers[key]: role.value for key, role in entry.memberships.items()}
    stored = {one.customer_id: one for one in store.memberships_of(session, row.id)}
    if wanted == {customer_id: one.role for customer_id, one in stored.items()}:
        return False
    for customer_id, one in stored.items():
        if customer_id in wanted:
            one.role = wanted[customer_id]
        else:
            session.delete(one)
    for customer_id in wanted.keys() - stored.keys():
        session.add(MembershipRow(user_id=row.id, customer_id=customer_id, role=wanted[customer_id]))
    session.flush()
    return True


def _save_password(session: Session, row: UserRow, entry: UserEntry, now: datetime) -> bool:
    if entry.password is None or password_fits(row.password_hash, entry.password):
        return False
    row.password_hash = hash_password(entry.password)
    people.end_sessions_of(session, row.id)
    session.flush()
    audit.note(session, None, Deed.RENEWED_LOGIN, audit.person(row.id), now)
    return True


def _save_contracts(
    session: Session, contracts: Sequence[Contract], customers: Mapping[str, UUID], ledger: Ledger
) -> None:
    stored = store.contracts_by_key(session)
    agreements = {slug: row.id for slug, row in store.agreements_by_slug(session).items()}
    services = {key: row.id for key, row in store.rows_by_key(session, ServiceRow).items()}
    for contract in contracts:
        row = stored.get((contract.customer, contract.id))
        name = f"contract {contract.id} of {contract.customer}"
        if row is not None and parse_contract(json.loads(row.document)) == contract:
            ledger.unchanged += 1
            continue
        document = contract_document(contract)
        text = canonical_bytes(document).decode()
        if row is None:
            customer_id, agreement_id = customers[contract.customer], agreements[contract.agreement]
            row = ContractRow(customer_id=customer_id, key=contract.id, agreement_id=agreement_id, document=text)
            session.add(row)
            ledger.create(name, document)
        else:
            _refuse_other_currency(session, row, contract)
            ledger.compare(name, json.loads(row.document), document)
            row.document = text
        session.flush()
        _save_services(session, row, contract, services)


def _refuse_other_currency(session: Session, row: ContractRow, contract: Contract) -> None:
    """Refuse to take a contract to another currency once something of it is closed: money is owed in the first one."""
    before = parse_contract(json.loads(row.document)).currency
    if before != contract.currency and closed_of(session, [row.id]):
        raise Conflict(
            f"Contract {contract.id} of {contract.customer} has statements in {before}. "
            f"End it with until and write a new one in {contract.currency}."
        )


def _save_services(session: Session, row: ContractRow, contract: Contract, services: Mapping[str, UUID]) -> None:
    wanted = {(services[one.service], one.component) for one in contract.services}
    stored = {(one.service_id, one.component): one for one in store.services_of_contract(session, row)}
    for key in stored.keys() - wanted:
        session.delete(stored[key])
    for service_id, component in sorted(wanted - stored.keys()):
        session.add(
            ContractServiceRow(
                customer_id=row.customer_id, contract_id=row.id, service_id=service_id, component=component
            )
        )
    session.flush()
