"""Passwords: hashed with argon2id, a few at a time, and compared with the same work whoever asks (trust.md A1, A2)."""

import secrets
import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Invalid

LENGTH_MIN = 12
LENGTH_MAX = 256
HASHES_AT_ONCE = 4
RANDOM_BYTES = 15
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_places = threading.BoundedSemaphore(HASHES_AT_ONCE)
"""A hash takes 19 MiB: a flood of tries waits here instead of eating the machine's memory."""


def hash_password(password: str, field: str = "password") -> str:
    """Return the argon2id hash of a password; raise Invalid when it is too short or too long to be one."""
    if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
        raise Invalid(field, phrase("A password has {least} to {most} characters.", least=LENGTH_MIN, most=LENGTH_MAX))
    with _places:
        return _hasher.hash(_bytes(password))


def password_fits(stored: str | None, password: str) -> bool:
    """Whether a stored hash is that of this password; without a hash the work is done all the same, in vain."""
    nobody = _hash_of_nobody()
    text = password if len(password) <= LENGTH_MAX else ""
    with _places:
        return _verify(stored or nobody, text) and stored is not None


def new_password() -> str:
    """Return a fresh random password."""
    return secrets.token_urlsafe(RANDOM_BYTES)


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, _bytes(password))
    except (VerifyMismatchError, InvalidHashError):
        return False


def _bytes(password: str) -> bytes:
    """The same letter typed on two keyboards is the same letter."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


@cache
def _hash_of_nobody() -> str:
    return _hasher.hash(secrets.token_bytes(RANDOM_BYTES))
