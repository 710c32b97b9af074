"""Customers, their contracts and the services in them."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.ground.base import Base, Identified, TenantOwned, same_customer


class CustomerRow(Identified, Base):
    """A customer of the provider. `key` is its name in the configuration file."""

    __tablename__ = "customer"

    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    timezone: Mapped[str]


class ContractRow(TenantOwned, Base):
    """One customer's subscription to an agreement; `document` is the canonical `sla-contract/1` (decision D3)."""

    __tablename__ = "contract"

    key: Mapped[str]
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"))
    document: Mapped[str]

    __table_args__ = (UniqueConstraint("customer_id", "key"),)


class ContractServiceRow(TenantOwned, Base):
    """A service a contract maps to a component of its agreement."""

    __tablename__ = "contract_service"

    contract_id: Mapped[UUID]
    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"))
    component: Mapped[str]

    __table_args__ = (
        same_customer("contract_id", "contract"),
        UniqueConstraint("customer_id", "contract_id", "service_id", "component"),
    )


def customers_by_id(session: Session, ids: Collection[UUID]) -> Sequence[CustomerRow]:
    """Return these customers by name."""
    return (
        session.execute(select(CustomerRow).where(CustomerRow.id.in_(ids)).order_by(CustomerRow.name)).scalars().all()
    )


_BY_ID = select(CustomerRow).where(CustomerRow.id == bindparam("id"))
"""Made once: every page of a customer asks it."""


def customer_by_id(session: Session, customer_id: UUID) -> CustomerRow | None:
    """Return one customer, if there is one."""
    return session.scalars(_BY_ID, {"id": customer_id}).one_or_none()
