"""Whose rows a piece of work may touch; the doors open these, the store enforces them."""

from contextlib import AbstractContextManager
from uuid import UUID

from portal.store.ground import tenancy


def customer(customer_id: UUID) -> AbstractContextManager[None]:
    """Let the enclosed work touch one customer's rows only."""
    return tenancy.customer_scope(customer_id)


def provider() -> AbstractContextManager[None]:
    """Let the enclosed work touch all customers' rows: the provider's own work."""
    return tenancy.provider_scope()
