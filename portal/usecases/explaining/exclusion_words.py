"""What becomes of an exclusion, in sentences that name the customer and the notice its terms ask for (R13–R15)."""

from dataclasses import dataclass

from portal.domain.notices.phrases import Phrase, Sentences, hours, phrase
from portal.usecases.explaining.receipt_words import type_words


@dataclass(frozen=True, slots=True)
class Notice:
    """Whose terms judge a window, of what type, the notice in seconds they ask for and the notice it was given.

    `needs_s` None: these terms ask for none. `given_s` None: it was never announced; negative: after it had begun.
    """

    customer: str
    agreement: str
    type: str
    needs_s: int | None
    given_s: int | None


def outcome_words(reason: str | None, notice: Notice) -> str:
    """Return why a window does not count, or not in full; that it counts when there is no such reason."""
    if reason == "notice_short":
        return _short(notice)
    if reason == "notice_short_in_part":
        later = phrase("It counts from {needs} after the announcement on.", needs=hours(notice.needs_s or 0))
        return Sentences.of([_short(notice), later])
    return _said(reason or "", notice)


def spaced(key: str) -> str:
    """Return a key of the terms as words: "scheduled maintenance"."""
    return key.replace("_", " ").replace("-", " ")


def _said(reason: str, notice: Notice) -> str:
    customer, agreement, type_ = notice.customer, notice.agreement, type_words(notice.type)
    words = {
        "": phrase("All of it in this period is left out."),
        "announcement_missing": phrase(
            "{customer} needs {needs} of notice, and it was never announced.",
            customer=customer,
            needs=hours(notice.needs_s or 0),
        ),
        "type_not_listed": phrase(
            "The terms of {customer} ({agreement}) do not list {type}.",
            customer=customer,
            agreement=agreement,
            type=type_,
        ),
        "no_exclusions": phrase(
            "The terms of {customer} ({agreement}) leave nothing out.", customer=customer, agreement=agreement
        ),
        "outside_period": phrase("Nothing of it lies in the time that is judged."),
        "cap_used_up": phrase(
            "The terms of {customer} let no more {type} be left out in this period.", customer=customer, type=type_
        ),
        "cap_reached": phrase(
            "The terms of {customer} let only part of it be left out: the rest of this type is used up.",
            customer=customer,
        ),
    }
    return words.get(reason, spaced(reason))


def _short(notice: Notice) -> Phrase:
    needs, given = hours(notice.needs_s or 0), notice.given_s or 0
    if given < 0:
        return phrase(
            "{customer} needs {needs} of notice, and it was announced after it had begun.",
            customer=notice.customer,
            needs=needs,
        )
    return phrase("{customer} needs {needs}, {given} given.", customer=notice.customer, needs=needs, given=hours(given))
