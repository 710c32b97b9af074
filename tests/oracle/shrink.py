"""Making a failing case small: leave out whatever is not needed for it to fail."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

Object = dict[str, Any]
KEPT = {"kind", "timezone", "period", "target_percent", "methodology", "type", "credit_schedule", "exclusions_policy"}


def smallest(case: Mapping[str, Any], fails: Callable[[Object], bool]) -> Object:
    """A case that still fails and from which nothing more can be left out; `case` itself must fail."""
    current = deepcopy(dict(case))
    while True:
        smaller = next((one for one in _smaller(current) if fails(one)), None)
        if smaller is None:
            return current
        current = smaller


def _smaller(case: Object) -> Iterator[Object]:
    for path in _removable(case, ()):
        copy = deepcopy(case)
        holder: Any = copy
        for step in path[:-1]:
            holder = holder[step]
        del holder[path[-1]]
        yield copy


def _removable(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """The path of everything that may be left out, the largest first."""
    if isinstance(value, list):
        for index, one in enumerate(value):
            yield (*path, index)
            yield from _removable(one, (*path, index))
    elif isinstance(value, dict):
        for key, one in value.items():
            if key not in KEPT:
                yield (*path, key)
            yield from _removable(one, (*path, key))
