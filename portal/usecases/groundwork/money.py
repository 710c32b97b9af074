"""Amounts of money as people type them, into whole minor units of a currency (semantics.md R35)."""

import re

from portal.domain.notices.refusals import Invalid
from portal.domain.quantities.currencies import minor_digits
from portal.domain.quantities.exact import parse_exact

_AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,4})?", re.ASCII)


def read_money(field: str, text: str, currency: str) -> int:
    """Return an amount such as "480.00" in minor units of a currency; raise Invalid when it is none."""
    amount = text.strip()
    if not _AMOUNT.fullmatch(amount):
        raise Invalid(field, "Give the amount as it stands on the document, such as 480.00.")
    minor = parse_exact(amount) * 10 ** minor_digits(currency)
    if minor.denominator != 1:
        raise Invalid(field, f"{currency} has {minor_digits(currency)} digits after the point.")
    return int(minor)
