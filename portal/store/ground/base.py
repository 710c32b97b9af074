"""What every row shares: ids, instants, and the mark of a tenant's own rows."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import uuid_utils.compat
from sqlalchemy import BigInteger, DateTime, Dialect, ForeignKey, ForeignKeyConstraint, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry

from portal.database import metadata


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; a naive one is refused, because nobody can say which hour it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into the database's form."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant without a time zone cannot be stored.")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Turn the database's form into an aware UTC instant."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Seconds = Annotated[int, mapped_column(BigInteger)]
"""Whole UTC seconds: evidence and everything the arithmetic reads."""


def new_id() -> UUID:
    """Return a new UUIDv7: sorts by time, says nothing else (decision D17)."""
    return uuid_utils.compat.uuid7()


class Base(DeclarativeBase):
    """The base of all rows."""

    metadata = metadata
    registry = registry(metadata=metadata, type_annotation_map={str: Text(), datetime: Instant()})


class Identified:
    """A row with a UUIDv7 as its key."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)


class TenantOwned:
    """A row that belongs to one customer; only portal.store.ground.tenancy lets a session reach it.

    The key is (customer_id, id), so that a foreign key between two such rows carries the customer and can never cross.
    """

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), primary_key=True, sort_order=-2)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)


def same_customer(column: str, target: str) -> ForeignKeyConstraint:
    """Return the composite foreign key (customer_id, column) -> target (customer_id, id)."""
    return ForeignKeyConstraint(["customer_id", column], [f"{target}.customer_id", f"{target}.id"])


def row_values(row: Base) -> dict[str, Any]:
    """Return a row's column values by name."""
    return {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}
