"""Codes as words people read: states, verdicts, roles, kinds. A code that is not listed is read with its spaces."""

from collections.abc import Mapping

from portal.domain.notices.phrases import Phrase, phrase

WORDS: Mapping[str, Phrase] = {
    # states of a service, and what became of time
    "up": phrase("up"),
    "down": phrase("down"),
    "degraded": phrase("slow"),
    "unknown": phrase("not known"),
    "excluded": phrase("not counted"),
    "remaining": phrase("still to come"),
    # incidents and maintenance
    "investigating": phrase("investigating"),
    "identified": phrase("identified"),
    "monitoring": phrase("monitoring"),
    "resolved": phrase("resolved"),
    "none": phrase("none"),
    "minor": phrase("minor"),
    "major": phrase("major"),
    "critical": phrase("critical"),
    "announced": phrase("announced"),
    "moved": phrase("moved"),
    "ended": phrase("ended"),
    "cancelled": phrase("cancelled"),
    "planned": phrase("planned"),
    "under way": phrase("under way"),
    "over": phrase("over"),
    # kinds of exclusions and of probes
    "scheduled_maintenance": phrase("scheduled maintenance"),
    "emergency_maintenance": phrase("emergency maintenance"),
    "customer_caused": phrase("customer caused"),
    "force_majeure": phrase("force majeure"),
    "third_party": phrase("third party"),
    "http": phrase("web request (HTTP)"),
    "tcp": phrase("connection (TCP)"),
    "maintenance": phrase("maintenance"),
    "emergency": phrase("emergency"),
    "service": phrase("service"),
    "commitment": phrase("commitment"),
    "incident": phrase("incident"),
    "open": phrase("open"),
    "credit_expense": phrase("credit expense"),
    "accrue": phrase("accrued"),
    "approve": phrase("approved"),
    "issue": phrase("issued"),
    "void": phrase("taken back"),
    "withdraw": phrase("withdrawn"),
    "measured": phrase("measured"),
    "imported": phrase("imported"),
    "generated": phrase("generated"),
    "as measured": phrase("as measured"),
    "without verdict": phrase("without verdict"),
    # decisions
    "requested": phrase("requested"),
    "pending": phrase("pending"),
    "approved": phrase("approved"),
    "rejected": phrase("rejected"),
    "withdrawn": phrase("withdrawn"),
    "accepted": phrase("accepted"),
    # verdicts
    "met": phrase("kept"),
    "breached": phrase("breached"),
    "not_applicable": phrase("nothing to judge"),
    "insufficient_data": phrase("not enough data"),
    # how a commitment stands
    "on track": phrase("on track"),
    "at risk": phrase("at risk"),
    "not enough data": phrase("not enough data"),
    "not applicable": phrase("not applicable"),
    "not computed yet": phrase("not computed yet"),
    "not begun": phrase("not begun"),
    # credits
    "accrued": phrase("accrued"),
    "issued": phrase("issued"),
    "voided": phrase("taken back"),
    "not owed any more": phrase("not owed any more"),
    # private addresses
    "calendar": phrase("calendar"),
    "feed": phrase("feed"),
    # what staff do about a customer, as it is kept account of
    "took support access": phrase("took support access"),
    "ended support access": phrase("ended support access"),
    "answered feedback": phrase("answered feedback"),
    "decided how a period is closed": phrase("decided how a period is closed"),
    "revised a statement": phrase("revised a statement"),
    "approved a credit": phrase("approved a credit"),
    "issued a credit": phrase("issued a credit"),
    "took a credit back": phrase("took a credit back"),
    "decided a claim": phrase("decided a claim"),
    "answered a dispute": phrase("answered a dispute"),
    "decided a dispute": phrase("decided a dispute"),
    # roles
    "member": phrase("member"),
    "billing": phrase("billing"),
    "owner": phrase("owner"),
    "responder": phrase("responder"),
    "manager": phrase("service level manager"),
    "finance": phrase("finance"),
    "administrator": phrase("administrator"),
}


def word(code: str) -> Phrase | str:
    """Return a code as words: "on track", "scheduled maintenance"; of "accrued:ACME" the part before the colon."""
    kind, colon, about = code.partition(":")
    if colon:
        return phrase("{account}: {contract}", account=word(kind), contract=about)
    return WORDS.get(code) or code.replace("_", " ").replace("-", " ")
