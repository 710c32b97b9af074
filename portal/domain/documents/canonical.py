"""The one byte form of a document and its digest: RFC 8785 restricted to exact values (D4)."""

import hashlib
import json
from collections.abc import Mapping

from portal.domain.documents.reading import InvalidDocument, Problem, join
from portal.domain.documents.scalars import LARGEST_INTEGER

DEEPEST = 64


def canonical_bytes(document: Mapping[str, object]) -> bytes:
    """UTF-8 JSON without blanks, keys sorted by their UTF-16 code units.

    Holds objects, lists, text, integers up to 2**53 - 1, booleans and null; raises InvalidDocument for anything else.
    """
    ordered = document if _is_plain(document, 0) else _ordered(document, "", 0)
    text = json.dumps(
        ordered, ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=ordered is document
    )
    return text.encode()


def digest(document: Mapping[str, object]) -> str:
    """The SHA-256 of the canonical bytes, as "sha256:" and 64 hexadecimal digits."""
    return "sha256:" + hashlib.sha256(canonical_bytes(document)).hexdigest()


def _is_plain(value: object, depth: int) -> bool:
    """Whether a value is written right as it stands, its keys sorted as ASCII: almost all are, and this is quicker."""
    if value is None:
        return True
    if isinstance(value, str):
        return type(value) is str and value.isascii()
    if isinstance(value, int):
        return type(value) in (int, bool) and -LARGEST_INTEGER <= value <= LARGEST_INTEGER
    if depth > DEEPEST:
        return False
    if isinstance(value, dict):
        keys = all(type(key) is str and key.isascii() for key in value)
        return keys and all(_is_plain(one, depth + 1) for one in value.values())
    return isinstance(value, list | tuple) and all(_is_plain(one, depth + 1) for one in value)


def _ordered(value: object, path: str, depth: int) -> object:
    if depth > DEEPEST:
        raise _refused(path, f"This is nested more than {DEEPEST} levels deep.")
    if isinstance(value, Mapping):
        return {key: _ordered(value[key], join(path, key), depth + 1) for key in _sorted_keys(value, path)}
    if isinstance(value, list | tuple):
        return [_ordered(item, f"{path}[{n}]", depth + 1) for n, item in enumerate(value)]
    return _exact(value, path)


def _exact(value: object, path: str) -> object:
    if isinstance(value, str):
        if any(0xD800 <= ord(letter) < 0xE000 for letter in value):
            raise _refused(path, "This text holds half a character.")
        return str(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) <= LARGEST_INTEGER:
        return int(value)
    raise _refused(path, "This must be text, a whole number of at most 2**53 - 1, true, false or null.")


def _sorted_keys(value: Mapping[object, object], path: str) -> list[str]:
    keys = [key for key in value if isinstance(key, str)]
    if len(keys) != len(value):
        raise _refused(path, "Every key must be text.")
    return sorted(keys, key=lambda key: str(_exact(key, path)).encode("utf-16-be"))


def _refused(path: str, sentence: str) -> InvalidDocument:
    return InvalidDocument([Problem(path, sentence)])
