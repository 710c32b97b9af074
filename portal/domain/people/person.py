"""A person as the portal knows them while they are signed in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from portal.domain.people.languages import Language
from portal.domain.people.roles import (
    EVERYONE_SIGNED_IN,
    OF_CUSTOMER_ROLE,
    OF_STAFF_ROLE,
    OF_SUPPORT,
    CustomerRole,
    Permission,
    StaffRole,
)


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in user: who they are, whose customer pages they may see, and what staff work they do.

    `support` names the customers whose pages they see by a support grant at this moment; `timezone` is the IANA zone
    they read times in, None for that of each customer.
    """

    id: UUID
    name: str
    email: str
    staff_role: StaffRole | None = None
    memberships: Mapping[UUID, CustomerRole] = field(default_factory=dict)
    support: frozenset[UUID] = frozenset()
    language: Language = Language.ENGLISH
    timezone: str | None = None

    def may(self, permission: Permission, customer_id: UUID | None = None) -> bool:
        """Whether this person may do a thing, for a customer when one is named."""
        if customer_id is not None:
            role = self.memberships.get(customer_id)
            if role is not None:
                return permission in OF_CUSTOMER_ROLE[role]
            return customer_id in self.support and permission in OF_SUPPORT
        if permission in EVERYONE_SIGNED_IN:
            return True
        return self.staff_role is not None and permission in OF_STAFF_ROLE[self.staff_role]
