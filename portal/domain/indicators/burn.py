"""How fast an error budget burns, and when that wakes somebody (semantics.md R49)."""

from fractions import Fraction


def error_budget(target_percent: Fraction) -> Fraction:
    """The share of time or requests that may fail, from 0 to 1."""
    return 1 - target_percent / 100


def burn_rate(bad: Fraction, total: Fraction, target_percent: Fraction) -> Fraction | None:
    """Errors over the errors allowed; None, undefined, without any traffic or without any budget."""
    budget = error_budget(target_percent)
    if total == 0 or budget == 0:
        return None
    return bad / total / budget


def fires(long: Fraction | None, short: Fraction | None, factor: Fraction) -> bool:
    """Whether both windows burn faster than the factor, strictly; an undefined burn never fires."""
    return long is not None and short is not None and long > factor and short > factor


def burn_factor(budget_share: Fraction, period_seconds: int, long_window_seconds: int) -> Fraction:
    """The burn rate that spends this share of a period's budget within the long window."""
    return budget_share * period_seconds / long_window_seconds


def short_window_s(long_window_seconds: int) -> Fraction:
    """The short window beside a long one: a twelfth of it."""
    return Fraction(long_window_seconds, 12)
