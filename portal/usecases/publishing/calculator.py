"""What an agreement would have paid: one imagined outage and one fee, judged by the one evaluation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from portal.domain.documents.scalars import read_decimal, read_integer
from portal.domain.evaluation.result import Attainment
from portal.domain.notices.phrases import Figure, Phrase, amount, counted, phrase
from portal.domain.notices.refusals import Invalid
from portal.domain.promises.combine import CreditShare, combine
from portal.domain.promises.commitment import Commitment
from portal.domain.promises.contract_line import ContractLine
from portal.domain.promises.terms import Terms
from portal.domain.quantities.currencies import minor_digits, read_currency
from portal.domain.quantities.exact import Rounding, decimal_text, round_to_whole
from portal.domain.quantities.periods import Period
from portal.usecases.publishing.commitments import terms_in_force
from portal.usecases.wording.example import Example, example_line, example_period, judged, named_currency
from portal.usecases.wording.imagined import imagined_outage, is_about_downtime
from portal.usecases.wording.phrases import opened, promise_name
from portal.usecases.wording.promise import terms_words
from portal.usecases.wording.sentences import Sentence

MOST_HOURS = 9000
MINUTES_AN_HOUR = 60
SECONDS_A_MINUTE = 60
LARGEST_FEE = 10**12
EXAMPLE = Figure("1000.00")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody typed: hours and minutes down, the fee of a month in the plain form ("1000.00"), its currency."""

    hours: str
    minutes: str
    fee: str
    currency: str


@dataclass(frozen=True, slots=True)
class Worth:
    """One promise by its title, and what it would have paid; without an example it is not about downtime."""

    title: str
    example: Example | None


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The answer: how long, in which period, what each promise pays, and what is paid for all of them together."""

    down: Phrase
    period: str
    worths: tuple[Worth, ...]
    together: Phrase
    rule: str


def named_currency_of(session: Session, slug: str, now: datetime) -> tuple[str, str | None]:
    """Return an agreement's name and the currency its terms name, if they do; raise NotFound without an agreement."""
    name, terms = terms_in_force(session, slug, now)
    return name, named_currency(terms)


def reckon(session: Session, slug: str, asked: Asked, now: datetime) -> Reckoning:
    """Return what the version in force would have paid; raise Invalid with the field that cannot be taken."""
    _, terms = terms_in_force(session, slug, now)
    down_s = _down_s(asked)
    line = example_line(terms, _fee(asked.fee), _currency(asked.currency, terms))
    period = example_period(terms)
    worths = tuple(_worth(one, line, period, down_s) for one in terms.commitments)
    rule = next(one for one in terms_words(terms).settlement if one.about == "combine")
    return Reckoning(_length(down_s), _period(worths), worths, _together(terms, line, worths), _said(rule, worths))


def _worth(one: Commitment, line: ContractLine, period: Period, down_s: int) -> Worth:
    title = opened(promise_name(one.component, one.id))
    if not is_about_downtime(one.methodology):
        return Worth(title, None)
    try:
        example = judged(one, line, period, imagined_outage(one.methodology, period, down_s))
    except ValueError as problem:
        raise Invalid("hours", str(problem)) from None
    return Worth(title, example)


def _together(terms: Terms, line: ContractLine, worths: Sequence[Worth]) -> Phrase:
    """The credits of one event as the terms combine them (R40), rounded as the contract rounds."""
    results = [one.example.attainment for one in worths if one.example]
    shares = [share for one in results for share in _share(one)]
    credit = combine(terms.combine, shares).credit
    minor = round_to_whole(credit * 10**line.minor_digits, Rounding(line.money_rounding))
    return amount(decimal_text(minor, line.minor_digits), line.currency)


def _share(result: Attainment) -> Sequence[CreditShare]:
    minor = result.credit.amount_minor
    if minor is None or result.fee is None:
        return ()
    owed = Fraction(minor, 10**result.contract.minor_digits)
    one = result.commitment
    return (CreditShare(one.id, one.component, result.fee, owed, event="imagined"),)


def _period(worths: Sequence[Worth]) -> str:
    return next((one.example.receipt.period for one in worths if one.example), "")


def _said(rule: Sentence, worths: Sequence[Worth]) -> str:
    return rule.text if len(worths) > 1 else ""


def _length(seconds: int) -> Phrase:
    """Whole minutes as they were asked about: "9 hours 30 minutes"."""
    hours, minutes = divmod(seconds // SECONDS_A_MINUTE, MINUTES_AN_HOUR)
    long = counted("{count} hour", "{count} hours", hours)
    short = counted("{count} minute", "{count} minutes", minutes)
    if hours and minutes:
        return phrase("{long} {short}", long=long, short=short)
    return long if hours else short


def _down_s(asked: Asked) -> int:
    hours = _whole("hours", asked.hours, MOST_HOURS)
    minutes = _whole("minutes", asked.minutes, MINUTES_AN_HOUR - 1)
    if hours + minutes == 0:
        raise Invalid("hours", phrase("Give how long the service was down, at least one minute."))
    return (hours * MINUTES_AN_HOUR + minutes) * SECONDS_A_MINUTE


def _whole(name: str, text: str, most: int) -> int:
    try:
        return read_integer(text.strip() or "0", 0, most)
    except ValueError:
        raise Invalid(name, phrase("Give a whole number from 0 to {most}.", most=most)) from None


def _fee(text: str) -> Fraction:
    try:
        fee = read_decimal(text.strip())
    except ValueError:
        raise Invalid(
            "fee", phrase("Give the monthly fee as an amount, like 1000 or {example}.", example=EXAMPLE)
        ) from None
    if not 0 < fee <= LARGEST_FEE:
        raise Invalid("fee", phrase("Give a monthly fee above 0 and up to 1,000,000,000,000."))
    return fee


def _currency(text: str, terms: Terms) -> str:
    named = named_currency(terms)
    if named is not None:
        return named
    try:
        currency = read_currency(text.strip().upper())
        minor_digits(currency)
    except (ValueError, KeyError):
        raise Invalid("currency", phrase("Give a currency as three letters, like EUR or USD.")) from None
    return currency
