"""Sealing: a secret that must be read again is kept encrypted, so that the database alone does not give it away.

AES-256-GCM; the key comes from the portal's secret key by HKDF-SHA-256. What the secret is about (whose it is) is
authenticated with it, so that a sealed text moved to another row does not open.
"""

import base64
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = "1."


class Unsealable(Exception):
    """None of the keys opens this text."""


def seal(secret: bytes, keys: Sequence[str], about: str) -> str:
    """Return the secret sealed with the first of the portal's secret keys."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(_key(keys[0])).encrypt(nonce, secret, about.encode())
    return VERSION + base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(text: str, keys: Sequence[str], about: str) -> bytes:
    """Return the secret that was sealed with one of these keys; raise Unsealable."""
    raw = base64.urlsafe_b64decode(text.removeprefix(VERSION))
    for key in keys:
        try:
            return AESGCM(_key(key)).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], about.encode())
        except InvalidTag:
            continue
    raise Unsealable(f"No key of the portal opens the sealed secret of {about}.")


def _key(secret_key: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"sla-portal sealing 1").derive(secret_key.encode())
