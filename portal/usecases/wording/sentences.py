"""What terms become: sentences that know which keys they speak of, and tables."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence for people; `about` is the path of what it says, the same in every version of the terms."""

    about: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under two headings, with the path of what they say."""

    about: str
    head: tuple[str, str]
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PromiseWords:
    """One promise: in short, how it is counted, what is not known, not counted, and paid."""

    id: str
    component: str
    title: str
    target: str
    measured: str
    headline: Sentence
    short: tuple[str, ...]
    counted: tuple[Sentence, ...]
    unknown: tuple[Sentence, ...]
    not_counted: tuple[Sentence, ...]
    paid: tuple[Sentence, ...]
    table: Table | None

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Every sentence of the promise, in the order in which it is read."""
        return (self.headline, *self.counted, *self.unknown, *self.not_counted, *self.paid)


@dataclass(frozen=True, slots=True)
class TermsWords:
    """A whole version: which it is, its promises, and what holds for all of them."""

    name: str
    in_force: Sentence
    period: str
    promises: tuple[PromiseWords, ...]
    settlement: tuple[Sentence, ...]
