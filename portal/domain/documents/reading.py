"""Documents read strictly: every problem has a path and a sentence, and all problems are told at once (D4)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeVar

from portal.domain.documents.scalars import LARGEST_INTEGER, LONGEST_TEXT

T = TypeVar("T")

DEEPEST = 16
MOST_VALUES = 50_000
MOST_PROBLEMS = 100


class Need(Enum):
    """Marks a key that has no default."""

    REQUIRED = "required"


REQUIRED: Final = Need.REQUIRED


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One reason for refusing a document: where, and why in a sentence."""

    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path or 'document'}: {self.sentence}"


class InvalidDocument(ValueError):
    """A document that was refused, with every problem found in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems[:MOST_PROBLEMS])
        super().__init__("\n".join(map(str, self.problems)))


class Reader:
    """One object of a document: what is asked of it is known, every other key is refused by `finish`."""

    __slots__ = ("_asked", "_before", "path", "problems", "values")

    def __init__(self, value: object, path: str, problems: list[Problem]) -> None:
        if not isinstance(value, Mapping):
            problems.append(Problem(path, "This must be an object with named keys."))
            value, problems = {}, []  # one problem is enough: what is missing inside is not told
        self.path = path
        self.problems = problems
        self._asked: set[str] = set()
        self._before = len(problems)
        self.values: Mapping[str, object] = value

    @property
    def clean(self) -> bool:
        """Whether nothing has been refused in here so far."""
        return len(self.problems) == self._before

    def has(self, key: str) -> bool:
        """Whether the key stands in the object with a value other than null, which YAML gives as the word (D4)."""
        self._asked.add(key)
        return self.values.get(key) not in (None, "null")

    def refuse(self, key: str, sentence: str) -> None:
        """Note a problem at the key, or at the object itself when the key is empty."""
        self.problems.append(Problem(join(self.path, key) if key else self.path, sentence))

    def read(self, key: str, convert: Callable[[object], T], fallback: T, default: T | Need = REQUIRED) -> T:
        """The value of a key; `fallback` only stands in after a noted problem, so that reading goes on."""
        self._asked.add(key)
        if key not in self.values:
            if not isinstance(default, Need):
                return default
            self.refuse(key, "This key is missing.")
            return fallback
        try:
            return convert(self.values[key])
        except ValueError as problem:
            self.refuse(key, f"This {problem}")
            return fallback

    def maybe(self, key: str, convert: Callable[[object], T]) -> T | None:
        """The value of a key that may be absent or null."""
        if not self.has(key):
            return None
        try:
            return convert(self.values[key])
        except ValueError as problem:
            self.refuse(key, f"This {problem}")
            return None

    def child(self, key: str) -> "Reader":
        """The object under a key; a missing one is a problem."""
        self._asked.add(key)
        if key not in self.values:
            self.refuse(key, "This key is missing.")
            return Reader({}, join(self.path, key), [])
        return Reader(self.values[key], join(self.path, key), self.problems)

    def maybe_child(self, key: str) -> "Reader":
        """The object under a key, an empty one when the key is absent."""
        self._asked.add(key)
        return Reader(self.values.get(key, {}), join(self.path, key), self.problems)

    def children(self, key: str, least: int, most: int) -> "list[Reader]":
        """The objects of a list under a key, between `least` and `most` of them."""
        path = join(self.path, key)
        return [Reader(item, f"{path}[{n}]", self.problems) for n, item in enumerate(self.items(key, least, most))]

    def items(self, key: str, least: int, most: int) -> Sequence[object]:
        """The values of a list under a key, between `least` and `most` of them."""
        self._asked.add(key)
        if key not in self.values and least == 0:
            return ()
        value = self.values.get(key)
        if not isinstance(value, list | tuple):
            self.refuse(key, "This must be a list." if key in self.values else "This key is missing.")
            return ()
        if not least <= len(value) <= most:
            self.refuse(key, f"This list must have from {least} to {most} entries.")
            return value[:most]
        return value

    def listed(self, key: str, convert: Callable[[object], T], least: int = 0, most: int = 1000) -> tuple[T, ...]:
        """The converted values of a list under a key; each bad one is a problem of its own."""
        values: list[T] = []
        for n, item in enumerate(self.items(key, least, most)):
            try:
                values.append(convert(item))
            except ValueError as problem:
                self.refuse(f"{key}[{n}]", f"This {problem}")
        return tuple(values)

    def named(self, key: str, most: int = 100) -> "list[tuple[str, Reader]]":
        """The objects under the free names of an object, in the order of their names."""
        node = self.maybe_child(key)
        names = sorted(node.values)
        if len(names) > most:
            node.refuse("", f"This must have at most {most} entries.")
        return [(name, Reader(node.values[name], join(node.path, name), self.problems)) for name in names[:most]]

    def finish(self) -> None:
        """Refuse every key that nobody asked for."""
        for key in self.values:
            if key not in self._asked:
                self.refuse(key, "This key is not known here.")


def join(path: str, key: str) -> str:
    """The path of a key below a path; strange keys are quoted and clipped."""
    shown = key if key and key.replace("_", "").replace("[", "").replace("]", "").isalnum() else repr(key)
    shown = shown if len(shown) <= 80 else shown[:77] + "..."
    return f"{path}.{shown}" if path else shown


def require_plain(document: object) -> None:
    """Refuse what no document may hold: floats, other types, deep nesting, control characters, too much of anything.

    Raises InvalidDocument. Walks without recursion, so depth cannot exhaust the stack.
    """
    problems: list[Problem] = []
    waiting: list[tuple[str, object, int]] = [("", document, 0)]
    seen = 1
    while waiting and len(problems) < MOST_PROBLEMS:
        path, value, depth = waiting.pop()
        seen += len(value) if isinstance(value, Mapping | list | tuple) else 0
        if seen > MOST_VALUES:
            raise InvalidDocument([Problem("", f"This document has more than {MOST_VALUES} values.")])
        sentence = _not_plain(value)
        if sentence:
            problems.append(Problem(path, sentence))
        elif depth > DEEPEST:
            problems.append(Problem(path, f"This is nested more than {DEEPEST} levels deep."))
        else:
            waiting.extend((name, item, depth + 1) for name, item in _inside(path, value, problems))
    if problems:
        raise InvalidDocument(sorted(problems))


def _inside(path: str, value: object, problems: list[Problem]) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str) or _not_plain(key):
                problems.append(Problem(path, "Every key here must be text without control characters."))
            else:
                yield join(path, key), item
    elif isinstance(value, list | tuple):
        for n, item in enumerate(value):
            yield f"{path}[{n}]", item


def _not_plain(value: object) -> str | None:
    if isinstance(value, float):
        return 'This is a floating-point number, which is not exact; write it as a string, like "99.9".'
    if isinstance(value, str):
        return _not_plain_text(value)
    if isinstance(value, int) and not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        return "This number is too large."
    if value is None or isinstance(value, bool | int | Mapping | list | tuple):
        return None
    return "This must be text, a whole number, true, false, null, a list or an object."


def _not_plain_text(value: str) -> str | None:
    if len(value) > LONGEST_TEXT:
        return f"This text has more than {LONGEST_TEXT} characters."
    if any(ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0 or 0xD800 <= ord(letter) < 0xE000 for letter in value):
        return "This text contains a control character."
    return None
