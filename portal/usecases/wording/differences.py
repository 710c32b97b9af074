"""What changed between two versions, in words: the sentence before, the one after, and what it means for a customer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portal.domain.promises.commitment import Commitment
from portal.domain.promises.terms import Terms
from portal.usecases.wording.effects import Effect, effect_on_all, effect_on_promise
from portal.usecases.wording.promise import terms_words
from portal.usecases.wording.sentences import PromiseWords, Sentence


@dataclass(frozen=True, slots=True)
class Change:
    """One change: of which promise (empty for all of them), what was said and what is, and what it means."""

    promise: str
    about: str
    before: str
    after: str
    effect: Effect


def changes(before: Terms, after: Terms) -> tuple[Change, ...]:
    """Every change from one version to another; versions that differ beyond number, date and name have at least one."""
    old, new = terms_words(before), terms_words(after)
    return (
        *_promises(before, after, old.promises, new.promises),
        *(
            Change("", about, one, other, effect_on_all(about, before, after))
            for about, one, other in _different(old.settlement, new.settlement)
        ),
    )


def _promises(
    before: Terms, after: Terms, old: Sequence[PromiseWords], new: Sequence[PromiseWords]
) -> Iterator[Change]:
    gone, added = {one.id: one for one in old}, {one.id: one for one in new}
    for one in old:
        if one.id not in added:
            yield Change(one.id, "id", _whole(one), "This promise is no longer made.", Effect.WORSE)
    for one in new:
        if one.id not in gone:
            yield Change(one.id, "id", "This promise was not made.", _whole(one), Effect.BETTER)
        else:
            was, is_ = before.commitment(one.id), after.commitment(one.id)
            if was and is_:
                yield from _one_promise(was, is_, gone[one.id], one)


def _one_promise(was: Commitment, is_: Commitment, old: PromiseWords, new: PromiseWords) -> Iterator[Change]:
    if was.component != is_.component:
        yield Change(
            new.id, "component", f"It is about {was.component}.", f"It is about {is_.component}.", Effect.DEPENDS
        )
    for about, one, other in _different(old.sentences, new.sentences):
        yield Change(new.id, about, one, other, effect_on_promise(about, was, is_))


def _whole(promise: PromiseWords) -> str:
    return " ".join((promise.headline.text, *promise.short))


def _different(old: Sequence[Sentence], new: Sequence[Sentence]) -> Iterator[tuple[str, str, str]]:
    """What is said otherwise, in the order of the later version; what is no longer said comes last."""
    said = {one.about: one.text for one in old}
    still = {one.about for one in new}
    for one in new:
        if said.get(one.about) != one.text:
            yield one.about, said.get(one.about, ""), one.text
    for one in old:
        if one.about not in still:
            yield one.about, one.text, ""
