"""What is not known and what is not counted, in words (semantics.md R9-R16)."""

from collections.abc import Iterator

from portal.domain.promises.commitment import Commitment, ExclusionType, UnknownPolicy
from portal.usecases.wording.phrases import length_words, listed, percent_words, period_noun, plain
from portal.usecases.wording.sentences import Sentence

_TREATED = {
    "exclude": "is taken out of the calculation: it counts neither as up nor as down",
    "up": "counts as up",
    "down": "counts as down",
}
_MODE = {
    "remove": "Time that is not counted is taken out of the calculation, whether the service was up or down in it.",
    "count_as_up": "Time that is not counted is taken as up.",
    "none": "Everything counts: nothing is left out for any reason.",
}
_LATE = {
    "reject": "it counts as ordinary time",
    "partial": "it is left out only from the moment the notice has passed",
}


def unknown_sentences(policy: UnknownPolicy) -> Iterator[Sentence]:
    """What time without evidence counts as, and how much of it still allows a verdict."""
    yield Sentence("unknown_policy.treat_as", f"Time we could not measure {_TREATED[policy.treat_as]}.")
    limit = policy.max_unknown_percent
    text = "There is a verdict however much of the time is not known."
    if limit is not None:
        share = percent_words(limit)
        text = f"When more than {share} of the time is not known, no verdict is made by itself: a person decides."
    yield Sentence("unknown_policy.max_unknown_percent", text)


def exclusion_sentences(commitment: Commitment, period_kind: str) -> Iterator[Sentence]:
    """What is not counted: what becomes of it, and each kind with its notice and its limit."""
    policy = commitment.exclusions_policy
    kinds = listed([plain(one.name) for one in policy.types]) or "none"
    yield Sentence("exclusions_policy.types", f"Kinds of time that may be left out: {kinds}.")
    yield Sentence("exclusions_policy.mode", _MODE[policy.mode])
    for kind in policy.types:
        if _is_limited(kind):
            late = f"; announced later, {_LATE[kind.notice_shortfall]}" if kind.notice_seconds is not None else ""
            text = f"Only so far: {exclusion_phrase(kind, period_kind)}{late}."
            yield Sentence(f"exclusions_policy.types.{kind.name}", text)


def exclusions_phrase(commitment: Commitment, period_kind: str) -> str:
    """Everything that is not counted, in one phrase: "force majeure; scheduled maintenance announced at least ..."."""
    policy = commitment.exclusions_policy
    if policy.mode == "none" or not policy.types:
        return "nothing"
    bare = [plain(one.name) for one in policy.types if not _is_limited(one)]
    limited = [one for one in policy.types if _is_limited(one)]
    return "; ".join([*([listed(bare)] if bare else []), *(exclusion_phrase(one, period_kind) for one in limited)])


def exclusion_phrase(kind: ExclusionType, period_kind: str) -> str:
    """One kind: "scheduled maintenance announced at least 48 hours ahead, at most 4 hours a month"."""
    words = plain(kind.name)
    if kind.notice_seconds:
        words += f" announced at least {length_words(kind.notice_seconds)} ahead"
    elif kind.notice_seconds == 0:
        words += " announced before it begins"
    if kind.cap_seconds is None:
        return words
    per = "a calendar year" if kind.cap_per == "year" else f"a {period_noun(period_kind)}"
    of = " of downtime" if kind.cap_counts == "downtime" else ""
    return f"{words}, at most {length_words(kind.cap_seconds)}{of} {per}"


def _is_limited(kind: ExclusionType) -> bool:
    return kind.notice_seconds is not None or kind.cap_seconds is not None
