"""Who may do what: the one table of roles and permissions (trust.md Z1)."""

from enum import StrEnum


class Permission(StrEnum):
    """One thing a person may do; every endpoint names the one it needs."""

    SEE_OWN_ACCOUNT = "see own account"
    SEE_CUSTOMER = "see a customer's pages"
    SEE_MONEY = "see fees and credits"
    GIVE_FEEDBACK = "give feedback"
    END_SUPPORT_ACCESS = "end support access"
    SEE_DESK = "see the staff desk"
    TELL_INCIDENTS = "tell incidents"
    ANSWER_FEEDBACK = "answer feedback"
    TAKE_SUPPORT_ACCESS = "take support access"
    SEE_AUDIT = "see the audit"
    CLAIM_CREDITS = "claim credits"
    DISPUTE_STATEMENTS = "dispute statements"
    ORDER_PAPERS = "order papers"
    SUBSCRIBE = "subscribe"
    MANAGE_MEMBERS = "manage members"
    RUN_REVIEWS = "run reviews"
    SEE_REGISTER = "see the exclusion register"
    REQUEST_EXCLUSIONS = "ask for exclusions"
    APPROVE_EXCLUSIONS = "approve exclusions"
    PLAN_MAINTENANCE = "plan maintenance"
    ANSWER_CUSTOMERS = "decide claims and disputes"
    SEE_CLOSING = "see the closing desk"
    CLOSE_PERIODS = "close periods"
    APPROVE_CREDITS = "approve credits"
    ISSUE_CREDITS = "issue credits"
    RECORD_OUTAGES = "record outages"
    WRITE_TERMS = "write terms"
    ANSWER_TERMS = "answer coming terms"


class CustomerRole(StrEnum):
    """A person's role within one customer; a membership carries it."""

    MEMBER = "member"
    BILLING = "billing"
    OWNER = "owner"


class StaffRole(StrEnum):
    """A person's role at the provider."""

    RESPONDER = "responder"
    MANAGER = "manager"
    FINANCE = "finance"
    ADMINISTRATOR = "administrator"


EVERYONE_SIGNED_IN = frozenset({Permission.SEE_OWN_ACCOUNT})

OF_CUSTOMER_ROLE: dict[CustomerRole, frozenset[Permission]] = {
    CustomerRole.MEMBER: frozenset(
        {Permission.SEE_CUSTOMER, Permission.GIVE_FEEDBACK, Permission.ORDER_PAPERS, Permission.SUBSCRIBE}
    ),
    CustomerRole.BILLING: frozenset(
        {
            Permission.SEE_CUSTOMER,
            Permission.SEE_MONEY,
            Permission.GIVE_FEEDBACK,
            Permission.CLAIM_CREDITS,
            Permission.DISPUTE_STATEMENTS,
            Permission.ORDER_PAPERS,
            Permission.SUBSCRIBE,
        }
    ),
    CustomerRole.OWNER: frozenset(
        {
            Permission.SEE_CUSTOMER,
            Permission.ANSWER_TERMS,
            Permission.MANAGE_MEMBERS,
            Permission.SEE_MONEY,
            Permission.GIVE_FEEDBACK,
            Permission.END_SUPPORT_ACCESS,
            Permission.CLAIM_CREDITS,
            Permission.DISPUTE_STATEMENTS,
            Permission.ORDER_PAPERS,
            Permission.SUBSCRIBE,
        }
    ),
}

OF_SUPPORT = frozenset({Permission.SEE_CUSTOMER, Permission.SEE_MONEY})
"""What staff may do on the pages of a customer while a support grant is in force: look (decision D16)."""

_OF_ALL_STAFF = frozenset({Permission.SEE_DESK, Permission.SEE_REGISTER})
_OF_OPERATIONS = frozenset(
    {
        Permission.TELL_INCIDENTS,
        Permission.TAKE_SUPPORT_ACCESS,
        Permission.REQUEST_EXCLUSIONS,
        Permission.PLAN_MAINTENANCE,
        Permission.RECORD_OUTAGES,
    }
)
_OF_MANAGEMENT = frozenset(
    {
        Permission.ANSWER_FEEDBACK,
        Permission.APPROVE_EXCLUSIONS,
        Permission.ANSWER_CUSTOMERS,
        Permission.SEE_CLOSING,
        Permission.CLOSE_PERIODS,
        Permission.APPROVE_CREDITS,
        Permission.WRITE_TERMS,
        Permission.RUN_REVIEWS,
    }
)
_OF_FINANCE = frozenset({Permission.SEE_CLOSING, Permission.APPROVE_CREDITS, Permission.ISSUE_CREDITS})

OF_STAFF_ROLE: dict[StaffRole, frozenset[Permission]] = {
    StaffRole.RESPONDER: _OF_ALL_STAFF | _OF_OPERATIONS,
    StaffRole.MANAGER: _OF_ALL_STAFF | _OF_OPERATIONS | _OF_MANAGEMENT,
    StaffRole.FINANCE: _OF_ALL_STAFF | _OF_FINANCE,
    StaffRole.ADMINISTRATOR: (
        _OF_ALL_STAFF | _OF_OPERATIONS | _OF_MANAGEMENT | _OF_FINANCE | frozenset({Permission.SEE_AUDIT})
    ),
}
