"""Contracts with what they promise: the parsed contract, its services, and every published version of its agreement."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session

from portal.domain.promises.contract import Contract, parse_contract
from portal.domain.promises.terms import Terms, parse_terms
from portal.store.measuring.services import ServiceRow
from portal.store.people.customers import ContractRow, ContractServiceRow
from portal.store.promises.agreements import AgreementRow, AgreementVersionRow

DOCUMENTS_KEPT = 4_096


@dataclass(frozen=True, slots=True)
class BoughtService:
    """A service of a contract and the component of the agreement it stands for."""

    id: UUID
    key: str
    name: str
    group: str
    component: str


@dataclass(frozen=True, slots=True)
class StoredContract:
    """One customer's contract as it is kept: its id, its agreement and the services it covers."""

    id: UUID
    customer_id: UUID
    agreement_id: UUID
    agreement: str
    slug: str
    contract: Contract
    services: tuple[BoughtService, ...]


@dataclass(frozen=True, slots=True)
class PublishedTerms:
    """One published version of an agreement and the digest of its text."""

    terms: Terms
    digest: str


_CONTRACTS = (
    select(ContractRow, AgreementRow)
    .join(AgreementRow, AgreementRow.id == ContractRow.agreement_id)
    .order_by(ContractRow.key, ContractRow.id)
)
_BOUGHT = (
    select(
        ContractServiceRow.contract_id,
        ServiceRow.id,
        ServiceRow.key,
        ServiceRow.name,
        ServiceRow.group_name,
        ContractServiceRow.component,
    )
    .join(ServiceRow, ServiceRow.id == ContractServiceRow.service_id)
    .order_by(ServiceRow.position, ServiceRow.name, ServiceRow.id)
)
_PUBLISHED = select(
    AgreementVersionRow.agreement_id, AgreementVersionRow.document, AgreementVersionRow.digest
).order_by(AgreementVersionRow.effective_from, AgreementVersionRow.number)
_IS_ANY_COMING = select(exists().where(AgreementVersionRow.effective_from > bindparam("after")))
"""Made once: making a question costs more than asking it."""


def contracts(session: Session, slug: str | None = None) -> Sequence[StoredContract]:
    """Return the contracts of the scope, or those under one agreement, by key."""
    services = _bought_services(session)
    rows = session.execute(_CONTRACTS if slug is None else _CONTRACTS.where(AgreementRow.slug == slug))
    return tuple(_stored(contract, agreement, services) for contract, agreement in rows)


def covered_services(session: Session, slug: str) -> Mapping[str, set[UUID]]:
    """Return the services that contracts under an agreement cover, by the component they stand for."""
    of_contract = (ContractRow.customer_id == ContractServiceRow.customer_id) & (
        ContractRow.id == ContractServiceRow.contract_id
    )
    question = (
        select(ContractServiceRow.component, ContractServiceRow.service_id)
        .join(ContractRow, of_contract)
        .join(AgreementRow, AgreementRow.id == ContractRow.agreement_id)
        .where(AgreementRow.slug == slug)
        .distinct()
    )
    found: dict[str, set[UUID]] = defaultdict(set)
    for component, service_id in session.execute(question):
        found[component].add(service_id)
    return found


def _stored(
    row: ContractRow, agreement: AgreementRow, services: Mapping[UUID, Sequence[BoughtService]]
) -> StoredContract:
    bought = tuple(services.get(row.id, ()))
    return StoredContract(
        row.id, row.customer_id, row.agreement_id, agreement.name, agreement.slug, _contract(row.document), bought
    )


def _bought_services(session: Session) -> Mapping[UUID, Sequence[BoughtService]]:
    found: dict[UUID, list[BoughtService]] = defaultdict(list)
    for contract_id, service_id, key, name, group, component in session.execute(_BOUGHT):
        found[contract_id].append(BoughtService(service_id, key, name, group, component))
    return found


def published_terms(session: Session) -> Mapping[UUID, Sequence[PublishedTerms]]:
    """Return every published version by agreement, each agreement's in order of their dates."""
    found: dict[UUID, list[PublishedTerms]] = defaultdict(list)
    for agreement_id, document, digest in session.execute(_PUBLISHED):
        found[agreement_id].append(PublishedTerms(_terms(document), digest))
    return found


def is_any_coming(session: Session, after: str) -> bool:
    """Whether any published version begins later than this local day, such as "2026-11-30"."""
    return bool(session.scalar(_IS_ANY_COMING, {"after": after}))


@lru_cache(maxsize=DOCUMENTS_KEPT)
def _contract(text: str) -> Contract:
    return parse_contract(json.loads(text))


@lru_cache(maxsize=DOCUMENTS_KEPT)
def _terms(text: str) -> Terms:
    return parse_terms(json.loads(text))
