"""Headlines: the one sentence that says how a customer's commitments stand."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from portal.domain.notices.phrases import Phrase, Sentences, counted, english, phrase
from portal.usecases.customer.cards import Card, Standing

NUMBERS = (
    phrase("no"),
    phrase("one"),
    phrase("two"),
    phrase("three"),
    phrase("four"),
    phrase("five"),
    phrase("six"),
    phrase("seven"),
    phrase("eight"),
    phrase("nine"),
    phrase("ten"),
    phrase("eleven"),
    phrase("twelve"),
)
LARGE = (
    phrase("No"),
    phrase("One"),
    phrase("Two"),
    phrase("Three"),
    phrase("Four"),
    phrase("Five"),
    phrase("Six"),
    phrase("Seven"),
    phrase("Eight"),
    phrase("Nine"),
    phrase("Ten"),
    phrase("Eleven"),
    phrase("Twelve"),
)
"""The same at the beginning of a sentence."""
PERIODS = {
    "calendar_month": phrase("this month"),
    "billing_month": phrase("this billing month"),
    "calendar_quarter": phrase("this quarter"),
    "fiscal_quarter": phrase("this quarter"),
    "calendar_year": phrase("this year"),
}


@dataclass(frozen=True, slots=True)
class _Ways:
    """How to say that commitments stand in a way: the only one there is, both of two, all of them, or some."""

    only: Phrase
    both: Phrase
    every: Phrase
    some: Phrase


def headline(cards: Sequence[Card]) -> str:
    """Say the worst that is true of the commitments, and never more good than is known."""
    judged = [one for one in cards if one.standing not in (Standing.NOT_BEGUN, Standing.ENDED)]
    if not judged:
        return _nothing_open(cards)
    count = Counter(one.standing for one in judged)
    when = _when(judged)
    for standing, ways in WORST_FIRST.items():
        if count[standing]:
            also = _also_at_risk(count[Standing.AT_RISK]) if standing is Standing.BREACHED else []
            return Sentences.of([_said(ways, count[standing], len(judged), when), *also])
    if not count[Standing.ON_TRACK]:
        return phrase("There is nothing to judge {when} yet.", when=when)
    return phrase("Everything you were promised has been kept so far.")


def number(count: int) -> str:
    """A count as a word up to twelve, in figures above."""
    return NUMBERS[count] if count < len(NUMBERS) else english(count)


def _large(count: int) -> str:
    return LARGE[count] if count < len(LARGE) else english(count)


def _nothing_open(cards: Sequence[Card]) -> Phrase:
    if any(one.standing is Standing.NOT_BEGUN for one in cards):
        return phrase("Your contract has not begun yet.")
    return phrase("Your contracts have ended.") if cards else phrase("There is no contract with you yet.")


def _said(ways: Callable[..., _Ways], count: int, total: int, when: str) -> Phrase:
    found = ways(count, some=_large(count), total=number(total), when=when)
    if count < total:
        return found.some
    return found.only if total == 1 else found.both if total == 2 else found.every


def _breached(count: int, **words: str) -> _Ways:
    return _Ways(
        only=phrase("Your commitment is breached {when}.", **words),
        both=phrase("Both of your commitments are breached {when}.", **words),
        every=phrase("All {total} of your commitments are breached {when}.", **words),
        some=counted(
            "One of your {total} commitments is breached {when}.",
            "{some} of your {total} commitments are breached {when}.",
            count,
            **words,
        ),
    )


def _at_risk(count: int, **words: str) -> _Ways:
    return _Ways(
        only=phrase("Your commitment is at risk {when}.", **words),
        both=phrase("Both of your commitments are at risk {when}.", **words),
        every=phrase("All {total} of your commitments are at risk {when}.", **words),
        some=counted(
            "One of your {total} commitments is at risk {when}.",
            "{some} of your {total} commitments are at risk {when}.",
            count,
            **words,
        ),
    )


def _too_little(count: int, **words: str) -> _Ways:
    every = phrase("There is not enough data for a verdict on your commitments {when}.", **words)
    return _Ways(
        only=phrase("Your commitment is without enough data for a verdict {when}.", **words),
        both=every,
        every=every,
        some=counted(
            "One of your {total} commitments is without enough data for a verdict {when}.",
            "{some} of your {total} commitments are without enough data for a verdict {when}.",
            count,
            **words,
        ),
    )


def _waiting(count: int, **words: str) -> _Ways:
    every = phrase("Your commitments are not computed yet.")
    return _Ways(
        only=phrase("Your commitment is not computed yet."),
        both=every,
        every=every,
        some=counted(
            "One of your {total} commitments is not computed yet.",
            "{some} of your {total} commitments are not computed yet.",
            count,
            **words,
        ),
    )


WORST_FIRST: Mapping[Standing, Callable[..., _Ways]] = {
    Standing.BREACHED: _breached,
    Standing.AT_RISK: _at_risk,
    Standing.TOO_LITTLE: _too_little,
    Standing.WAITING: _waiting,
}


def _also_at_risk(count: int) -> list[Phrase]:
    if count == 0:
        return []
    return [counted("One more is at risk.", "{some} more are at risk.", count, some=_large(count))]


def _when(cards: Sequence[Card]) -> str:
    kinds = {one.period_kind for one in cards}
    return PERIODS.get(kinds.pop(), phrase("in this period")) if len(kinds) == 1 else phrase("in this period")
