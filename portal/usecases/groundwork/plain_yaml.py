"""Documents as people write them: YAML in which every scalar stays text (decision D4), or JSON.

YAML's own guesses turn 17:00 into 1020, 99.9 into a float and `no` into false, so none is made. What could hide a
value or blow up is refused: a key written twice, an alias, nesting without end.
"""

import json
from collections.abc import Callable, Hashable
from typing import Any, cast

import yaml
from yaml.nodes import MappingNode, Node

from portal.domain.notices.refusals import Refusal

DEPTH_MAX = 50


class _Refused(Exception):
    """The text cannot be taken; the message says why."""


class _PlainLoader(yaml.BaseLoader):
    """The loader that leaves scalars alone and refuses what a reader could overlook."""

    depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        if self.check_event(yaml.AliasEvent):
            raise _Refused(f"line {self._line()}: Write the value out; aliases are not read.")
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise _Refused(f"line {self._line()}: This is nested too deep.")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _line(self) -> int:
        next_event = cast(Callable[[], yaml.Event], self.peek_event)
        mark = next_event().start_mark
        return mark.line + 1 if mark else 0

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise _Refused(f"line {key.start_mark.line + 1}: The key {key.value!r} stands here more than once.")
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_text(text: str, named: str, *, is_json: bool = False) -> object:
    """Return the plain values of a text; raise Refusal with a sentence that begins with what it is named."""
    try:
        return parse(text, is_json=is_json)
    except (_Refused, yaml.YAMLError, ValueError, RecursionError) as error:
        raise Refusal(f"{named} cannot be read: {_sentence(error)}") from None


def parse(text: str, *, is_json: bool = False) -> object:
    """Return the plain values of a text."""
    if is_json:
        return json.loads(text, object_pairs_hook=_object)
    loader = _PlainLoader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Refused(f"The key {twice!r} stands in one object more than once.")
    return found


def _sentence(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {error.problem}."
    if isinstance(error, RecursionError):
        return "This is nested too deep."
    return " ".join(str(error).split())
