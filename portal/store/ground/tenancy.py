"""The wall between customers: every read of a tenant's rows passes here, and without a scope it raises.

A scope is set around a piece of work: `customer_scope(id)` for one customer, `provider_scope()` for work that is the
provider's own (the worker, staff desks, the command line). With none set, a statement that touches a tenant's rows
fails closed instead of returning everybody's (trust.md 6, T1). PostgreSQL is told the scope and holds it by itself
(row_security.py), whatever statement gets past this wall.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar, cast
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Executable, FromClause, Table, event
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker, with_loader_criteria
from sqlalchemy.sql import visitors
from sqlalchemy.sql.visitors import ExternallyTraversible

from portal.database import PROVIDER, told_scope
from portal.domain.notices.refusals import NotFound
from portal.store.ground.base import Base, TenantOwned

Row = TypeVar("Row", bound=TenantOwned)


class ScopeMissing(RuntimeError):
    """A tenant's rows were touched outside their scope: a defect in the portal, never the reader's fault."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows may be touched: one customer's, or everybody's when `customer_id` is None."""

    customer_id: UUID | None


_scope: ContextVar[Scope | None] = ContextVar("tenant_scope", default=None)


@contextmanager
def customer_scope(customer_id: UUID) -> Iterator[None]:
    """Let the enclosed work touch this customer's rows and nobody else's."""
    with _in_force(Scope(customer_id), str(customer_id)):
        yield


@contextmanager
def provider_scope() -> Iterator[None]:
    """Let the enclosed work touch every customer's rows: for the provider's own work only."""
    with _in_force(Scope(None), PROVIDER):
        yield


@contextmanager
def _in_force(scope: Scope, told: str) -> Iterator[None]:
    token, told_token = _scope.set(scope), told_scope.set(told)
    try:
        yield
    finally:
        told_scope.reset(told_token)
        _scope.reset(token)


def scoped_get(session: Session, row: type[Row], key: UUID) -> Row:
    """Return the scope's own row of this id; raise NotFound for a stranger's as for none at all."""
    scope = current_scope()
    if scope.customer_id is None:
        raise ScopeMissing(f"{row.__name__} is loaded by id within one customer's scope only.")
    found = session.get(row, (scope.customer_id, key))
    if found is None:
        raise NotFound("There is no such page.")
    return found


def current_scope() -> Scope:
    """Return the scope in force; raise ScopeMissing when there is none."""
    scope = _scope.get()
    if scope is None:
        raise ScopeMissing("A customer's rows were asked for, and no customer is set.")
    return scope


def guard_session(sessions: type[Session] | sessionmaker[Any]) -> None:
    """Put the wall into every session of this class or maker; a second call changes nothing."""
    if event.contains(sessions, "do_orm_execute", _limit_statement):
        return
    event.listen(sessions, "do_orm_execute", _limit_statement)
    event.listen(sessions, "before_flush", _check_writes)


def _limit_statement(state: ORMExecuteState) -> None:
    if not _touches_tenant(state.statement):
        return
    scope = current_scope()
    if scope.customer_id is None:
        return
    if state.is_insert:
        raise ScopeMissing(
            "Within a customer's scope rows are added to the session, where the wall sees whose they are."
        )
    if not state.is_orm_statement:
        raise ScopeMissing("Within a customer's scope rows are read through the mapped classes only.")
    customer_id = scope.customer_id
    state.statement = state.statement.options(
        with_loader_criteria(TenantOwned, lambda row: row.customer_id == customer_id, include_aliases=True)
    )


_verdicts: WeakKeyDictionary[Executable, bool] = WeakKeyDictionary()
"""Of statements that were asked: one is never changed, and many are made once and asked for as long as we run."""


def _touches_tenant(statement: Executable) -> bool:
    found = _verdicts.get(statement)
    if found is None:
        tenants = _tenant_tables(len(Base.registry.mappers))
        found = _verdicts[statement] = any(table in tenants for table in _tables(statement))
    return found


def _tables(statement: Executable) -> Iterator[Table]:
    elements = visitors.iterate(cast(ExternallyTraversible, statement))
    return (element for element in elements if isinstance(element, Table))


@lru_cache(maxsize=1)
def _tenant_tables(_mappers: int) -> frozenset[FromClause]:
    mappers = Base.registry.mappers
    return frozenset(mapper.local_table for mapper in mappers if issubclass(mapper.class_, TenantOwned))


def _check_writes(session: Session, *_: object) -> None:
    for row in [*session.new, *session.dirty, *session.deleted]:
        if isinstance(row, TenantOwned):
            scope = current_scope()
            if scope.customer_id not in (None, row.customer_id):
                raise ScopeMissing(f"{type(row).__name__} of another customer cannot be written here.")
