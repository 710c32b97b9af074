"""Planned work: its window, what was announced of it when, and how moving it keeps or loses its notice (D18, R14)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.domain.notices.phrases import Phrase, phrase
from portal.domain.notices.refusals import Conflict


class Word(StrEnum):
    """What a word about a maintenance does."""

    ANNOUNCED = "announced"
    MOVED = "moved"
    ENDED = "ended"
    CANCELLED = "cancelled"


WITHDRAWN: Mapping[Word, Phrase] = {
    Word.MOVED: phrase("The maintenance was moved; what it asks for now is an entry of its own."),
    Word.ENDED: phrase("The maintenance was ended; what it asks for now is an entry of its own."),
    Word.CANCELLED: phrase("The maintenance was cancelled."),
}
"""Why an entry a maintenance asked for was withdrawn, by the word that changed it."""
_SAID_BEFORE = {str(one): one for one in WITHDRAWN.values()}


class Course(StrEnum):
    """Where a maintenance is at an instant."""

    PLANNED = "planned"
    UNDER_WAY = "under way"
    OVER = "over"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a window, [start, end) in UTC seconds, and the second at which that part was announced."""

    start: int
    end: int
    announced_at: int


def asked_words(title: str) -> Phrase:
    """Return the reason of an entry that a maintenance of this title asks for."""
    return phrase("Maintenance: {title}", title=title)


def reason_again(kept: str) -> str:
    """Return the reason of an entry of a maintenance, kept in English, as the phrase it was (docs/decisions/0019)."""
    title = kept.removeprefix(asked_words(""))
    return kept if title == kept else asked_words(title)


def withdrawal_again(kept: str) -> str:
    """Return why an entry was decided about as the phrase it was; what a person wrote stays as it is."""
    return _SAID_BEFORE.get(kept, kept)


def course_at(kind: Word, start: int, end: int, now: int) -> Course:
    """Return where a maintenance is whose latest word was of this kind, with this window."""
    if kind is Word.CANCELLED:
        return Course.CANCELLED
    if kind is Word.ENDED or now >= end:
        return Course.OVER
    return Course.PLANNED if now < start else Course.UNDER_WAY


def require_course(course: Course, *wanted: Course) -> None:
    """Raise Conflict when a maintenance is not where it has to be for what was asked."""
    if course not in wanted:
        raise Conflict(f"This maintenance is {course}, so that cannot be done any more. Reload the page.")


def moved(parts: Sequence[Part], start: int, end: int, now: int) -> tuple[Part, ...]:
    """Return the parts of a window that is now [start, end): what is later or shorter keeps its notice (R14).

    What is earlier than before, or longer, is announced now. `parts` stand in order, without gaps.
    """
    was_start, was_end = parts[0].start, parts[-1].end
    shift = max(0, start - was_start)
    kept = [Part(one.start + shift, one.end + shift, one.announced_at) for one in parts]
    kept = [Part(max(one.start, start), min(one.end, end), one.announced_at) for one in kept]
    earlier = Part(start, min(was_start, end), now)
    longer = Part(max(was_end + shift, start), end, now)
    return _joined([one for one in (earlier, *kept, longer) if one.start < one.end])


def _joined(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The same parts, neighbours announced at the same second made one."""
    found: list[Part] = []
    for one in parts:
        if found and found[-1].announced_at == one.announced_at and found[-1].end == one.start:
            found[-1] = Part(found[-1].start, one.end, one.announced_at)
        else:
            found.append(one)
    return tuple(found)
