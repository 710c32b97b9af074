"""Second factors: who must have one, and how far a session has come (trust.md A3, issue 3 "Accounts")."""

from enum import IntEnum, StrEnum

from portal.domain.people.person import Person
from portal.domain.people.roles import Permission


class StaffPolicy(StrEnum):
    """Whether the provider's staff must have a second factor."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class CustomerPolicy(StrEnum):
    """Which people of customers must have a second factor: nobody, or whoever sees money."""

    OFF = "off"
    MONEY = "money"


class Standing(IntEnum):
    """How far a signed-in session has come; each step opens what those before it open."""

    CODE_MISSING = 1
    """The password was right; the code of the second factor is still to come."""
    FACTOR_MISSING = 2
    """Nothing is missing but a second factor that this person must have."""
    FULL = 3


def is_required(person: Person, staff: StaffPolicy, customers: CustomerPolicy) -> bool:
    """Whether this person must have a second factor."""
    if person.staff_role is not None and staff is StaffPolicy.REQUIRED:
        return True
    sees_money = any(person.may(Permission.SEE_MONEY, customer_id) for customer_id in person.memberships)
    return sees_money and customers is CustomerPolicy.MONEY


def standing(*, has_factor: bool, has_passed: bool, must_have: bool) -> Standing:
    """Return how far a session has come; whoever has a second factor uses it, required or not."""
    if has_factor:
        return Standing.FULL if has_passed else Standing.CODE_MISSING
    return Standing.FACTOR_MISSING if must_have else Standing.FULL
