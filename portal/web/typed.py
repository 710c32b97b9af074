"""Amounts as people type them, in the signs of the page's language or plainly, into the plain form."""

import re

from babel.numbers import NumberFormatError, parse_decimal

from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Invalid
from portal.web import languages

_SIGNS = re.compile(r"[0-9]([0-9.,]*[0-9])?", re.ASCII)
_PLAIN = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
_LIKE_A_THOUSAND = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}", re.ASCII)
"""One sign and three digits after it: a thousand to some, a little more than one to others."""


def plain_amount(field: str, text: str) -> str:
    """Return an amount such as "1.000,00" on a German page as "1000.00"; what is no amount comes back as it is.

    The plain form is taken on every page. Raises Invalid for what can be read in two ways, such as "1.000": in German
    that is a thousand, plainly it is one.
    """
    typed = text.strip()
    told = _in_this_language(typed)
    plain = typed if _PLAIN.fullmatch(typed) else None
    if plain is not None and told not in (None, plain):
        raise _two_ways(field)
    if _LIKE_A_THOUSAND.fullmatch(typed) and "." in (told or plain or ""):
        raise _two_ways(field)
    return plain or told or typed


def _in_this_language(typed: str) -> str | None:
    if not _SIGNS.fullmatch(typed):
        return None
    try:
        return format(parse_decimal(typed, locale=languages.current().value, strict=True), "f")
    except NumberFormatError:
        return None


def _two_ways(field: str) -> Invalid:
    return Invalid(
        field, phrase("This can be read in two ways. Give it without a sign between the thousands, like 1000.")
    )
