"""A whole version of terms in plain words: each promise in short and in full, and what holds for all of them."""

from portal.domain.promises.commitment import Commitment, Comparison
from portal.domain.promises.terms import Terms
from portal.usecases.wording.credits import credit_phrase, credit_sentences, credit_table
from portal.usecases.wording.exclusions import exclusion_sentences, exclusions_phrase, unknown_sentences
from portal.usecases.wording.methods import counts_time, method_in_short, method_sentences
from portal.usecases.wording.phrases import count_words, day_words, opened, promise_name
from portal.usecases.wording.sentences import PromiseWords, Sentence, TermsWords
from portal.usecases.wording.settlement import period_phrase, settlement_sentences

_ROUNDED = {"down": "down", "half_up": "to the nearest, halves up,"}


def terms_words(terms: Terms) -> TermsWords:
    """The terms in plain words. Terms that differ in any key give different words."""
    begins = day_words(terms.version.effective_from)
    text = f"Version {terms.version.number} of {terms.id} is in force from {begins}."
    return TermsWords(
        name=terms.id,
        in_force=Sentence("version", text),
        period=period_phrase(terms.period),
        promises=tuple(_promise(one, terms) for one in terms.commitments),
        settlement=tuple(settlement_sentences(terms)),
    )


def _promise(commitment: Commitment, terms: Terms) -> PromiseWords:
    kind, target = terms.period.kind, commitment.target_text
    return PromiseWords(
        id=commitment.id,
        component=commitment.component,
        title=opened(promise_name(commitment.component, commitment.id)),
        target=f"{target} %",
        measured=commitment.measured or "",
        headline=Sentence("target_percent", f"We promise {target} % in every period."),
        short=_short(commitment, kind),
        counted=(*method_sentences(commitment.methodology), _comparison(commitment.comparison), *_measured(commitment)),
        unknown=tuple(unknown_sentences(commitment.unknown_policy)),
        not_counted=tuple(exclusion_sentences(commitment, kind)),
        paid=tuple(credit_sentences(commitment.credit_schedule, kind, target, commitment.methodology)),
        table=credit_table(commitment.credit_schedule, kind),
    )


def _short(commitment: Commitment, period_kind: str) -> tuple[str, ...]:
    counted = "Counted as down" if counts_time(commitment.methodology) else "Counted as missed"
    return (
        f"{counted}: {method_in_short(commitment.methodology)}.",
        f"Not counted: {exclusions_phrase(commitment, period_kind)}.",
        credit_phrase(commitment.credit_schedule, period_kind, commitment.target_text),
    )


def _measured(commitment: Commitment) -> tuple[Sentence, ...]:
    if commitment.measured is None:
        return ()
    return (Sentence("measured", f"What is measured: {commitment.measured.rstrip('.')}."),)


def _comparison(comparison: Comparison) -> Sentence:
    text = "What is attained is compared with the promise exactly, without rounding."
    if comparison.precision is not None:
        places = count_words(comparison.precision, "decimal")
        text = (
            f"What is attained is first rounded {_ROUNDED[comparison.rounding or 'down']} to {places}, then compared."
        )
    return Sentence("comparison", text)
