"""What a restated period does to the credit already issued (semantics.md R46)."""

from dataclasses import dataclass

from portal.domain.promises.settlement import Restatement

_DAY_S = 86400


@dataclass(frozen=True, slots=True)
class Restated:
    """The credit that stands after a new version and what the ledger still has to book, in minor units."""

    final_minor: int
    delta_minor: int


def restate(rule: Restatement, issued_minor: int, recomputed_minor: int, window_open: bool = False) -> Restated:
    """The credit after a restatement: `no_clawback` never below what was issued, `adjust` the new amount, `frozen`
    the old one once the dispute window has closed.
    """
    final = _final(rule.policy, issued_minor, recomputed_minor, window_open)
    return Restated(final, final - issued_minor)


def window_open(rule: Restatement, closed_at: int, restated_at: int) -> bool:
    """Whether a restatement still lies inside the dispute window that begins when version 1 was closed; without
    `dispute_days` the window never ends.
    """
    return rule.dispute_days is None or restated_at < closed_at + rule.dispute_days * _DAY_S


def _final(policy: str, issued_minor: int, recomputed_minor: int, still_open: bool) -> int:
    if policy == "no_clawback":
        return max(issued_minor, recomputed_minor)
    if policy == "frozen" and not still_open:
        return issued_minor
    return recomputed_minor
