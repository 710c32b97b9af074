"""What a customer says about a service, a commitment or an incident: a rating and words."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.domain.notices.phrases import phrase

LONGEST_WORDS = 4_000
RATINGS: Mapping[int, str] = {
    1: phrase("very poor"),
    2: phrase("poor"),
    3: phrase("fair"),
    4: phrase("good"),
    5: phrase("very good"),
}
"""What each rating means, from worst to best."""


class About(StrEnum):
    """The kinds of thing a customer can write about."""

    SERVICE = "service"
    COMMITMENT = "commitment"
    INCIDENT = "incident"


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing a customer can write about: its kind, its id or key, and its name as the customer reads it."""

    kind: About
    id: str
    name: str

    @property
    def key(self) -> str:
        """The text a form sends for it: "service:api"."""
        return f"{self.kind}:{self.id}"


def read_rating(text: str) -> int:
    """The rating a form sent; raises ValueError with a sentence when it is none."""
    if text not in {str(rating) for rating in RATINGS}:
        raise ValueError("Choose a rating from 1 to 5.")
    return int(text)


def find_subject(subjects: tuple[Subject, ...], key: str) -> Subject:
    """The subject a form named; raises ValueError with a sentence when it is none of them."""
    found = next((one for one in subjects if one.key == key), None)
    if found is None:
        raise ValueError("Choose what you write about from the list.")
    return found
