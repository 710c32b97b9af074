"""Pieces: the measured time of a working cut by what it counts as, each with its reason and what it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.domain.notices.phrases import Enumerated, phrase
from portal.usecases.explaining.receipt_words import CLASS_LOOKS, CLASS_WORDS, REASONS, spaced

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of time; `held_s` of its seconds rest on the last sample only.

    `exclusion` is the id of the entry that takes it out; `is_over` says that there can be samples of it.
    """

    start: int
    end: int
    seconds: int
    counted_as: str
    look: str
    why: str
    held_s: int
    is_plain: bool
    is_over: bool
    exclusion: str | None


def is_plain_up(interval: Document) -> bool:
    """Whether an interval is up and nothing else is to be said of it."""
    return interval["class"] == "up" and interval["reason"] is None


def piece_of(interval: Document, names: Mapping[str, str], exclusions: Sequence[Document] = ()) -> Piece:
    """An interval of a working as a row; `names` are the locations' by key, `exclusions` those of the working."""
    kind, reason = interval["class"], interval["reason"]
    places = Enumerated.of(names.get(key, key) for key in interval["locations"])
    words = "" if is_plain_up(interval) else Enumerated.of(map(_reason, (reason or kind).split(", ")), "; ")
    return Piece(
        start=interval["start"],
        end=interval["end"],
        seconds=interval["end"] - interval["start"],
        counted_as=CLASS_WORDS[kind],
        look=CLASS_LOOKS[kind],
        why=phrase("{reason}, measured from {places}", reason=words, places=places) if places else words,
        held_s=interval["held_seconds"],
        is_plain=is_plain_up(interval),
        is_over=kind != "remaining",
        exclusion=_exclusion(interval, exclusions) if kind == "excluded" else None,
    )


def _reason(key: str) -> str:
    return REASONS.get(key, spaced(key))


def _exclusion(interval: Document, exclusions: Sequence[Document]) -> str | None:
    """The id of the first accepted entry that covers an interval."""
    covering = (one for one in exclusions if one["accepted"] and _overlaps(one, interval))
    return next((str(one["id"]) for one in covering), None)


def _overlaps(one: Document, interval: Document) -> bool:
    return bool(one["start"] < interval["end"] and one["end"] > interval["start"])
