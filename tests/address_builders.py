"""Every test has an application of its own, and each would compile the same hundred addresses again: once is enough."""

from collections.abc import Callable

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]
_compile = Rule._compile_builder
_made: dict[tuple[object, ...], Builder] = {}


def remember() -> None:
    """Let this process keep what werkzeug compiles from a rule; it depends on nothing but the rule's own text."""
    Rule._compile_builder = _remembered  # type: ignore[method-assign]  # the costly half of starting an application


def _remembered(rule: Rule, append_unknown: bool = True) -> Builder:
    given = tuple(sorted((name, str(value)) for name, value in (rule.defaults or {}).items()))
    key = (rule.rule, tuple(rule._trace), given, append_unknown)
    if key not in _made:
        _made[key] = _compile(rule, append_unknown)
    return _made[key]
