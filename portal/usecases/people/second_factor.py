"""Second factors: codes of an authenticator app (RFC 6238), each taken once, and codes for the day it is lost.

What checks a code works in transactions of its own: the try is counted and committed first, as for passwords.
"""

import base64
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
import segno
from sqlalchemy.orm import Session

from portal import clock
from portal.database import reading, transaction
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Conflict, Invalid
from portal.domain.people.second_factor import CustomerPolicy, StaffPolicy, is_required
from portal.store.people import people
from portal.store.people import second_factors as store
from portal.store.people.second_factors import SecondFactorRow
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed
from portal.usecases.people import throttle
from portal.usecases.people.sealing import Unsealable, seal, unseal
from portal.usecases.people.sessions import LENGTH, Visit, new_token, token_hash

SECRET_BYTES = 20
STEP_S = 30
DIGITS = 6
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
QR_SCALE = 5
TRIES = 10
WINDOW_S = 900


@dataclass(frozen=True, slots=True)
class Factor:
    """How a person's second factor stands: whether one is in force, and how many recovery codes are unused."""

    is_on: bool
    recovery_codes_left: int


@dataclass(frozen=True, slots=True)
class Pairing:
    """What an authenticator app needs: the secret as letters in groups of four, and as a picture (data address)."""

    letters: str
    picture: str


def factor(session: Session, visit: Visit) -> Factor:
    """Return how the person's second factor stands."""
    return Factor(visit.has_factor, store.recovery_codes_left(session, visit.person.id))


def begin_pairing(session: Session, visit: Visit, keys: Sequence[str], now: datetime) -> None:
    """Make a secret for a new authenticator; one in force stays so until the new one is proven."""
    sealed = seal(secrets.token_bytes(SECRET_BYTES), keys, _about(visit.person.id))
    row = store.factor_of(session, visit.person.id)
    if row is None:
        session.add(SecondFactorRow(user_id=visit.person.id, pending=sealed, last_step=0))
    else:
        row.pending = sealed
    session.flush()
    audit.note(session, visit.person.id, Deed.BEGAN_FACTOR, audit.person(visit.person.id), now)


def pairing(session: Session, visit: Visit, keys: Sequence[str], issuer: str) -> Pairing | None:
    """Return the authenticator that is being set up, if one is."""
    row = store.factor_of(session, visit.person.id)
    if row is None or row.pending is None:
        return None
    try:
        secret = _letters(unseal(row.pending, keys, _about(visit.person.id)))
    except Unsealable:
        return None
    address = pyotp.TOTP(secret).provisioning_uri(name=visit.person.email, issuer_name=issuer)
    groups = [secret[at : at + 4] for at in range(0, len(secret), 4)]
    return Pairing(" ".join(groups), picture_of(address))


def picture_of(address: str) -> str:
    """Return an address as a QR code: the data URI of an SVG."""
    return segno.make(address, error="m", micro=False).svg_data_uri(scale=QR_SCALE, light="#fff", dark="#000")


def finish_pairing(
    session: Session, visit: Visit, code: str, keys: Sequence[str], now: datetime
) -> tuple[str, Sequence[str]]:
    """Put the authenticator that is being set up in force, its first code proving it.

    Returns the session's new token and fresh recovery codes, which are kept as hashes only. Raises TooMany, Invalid for
    a code that is not its, Conflict when none is being set up.
    """
    _take_try(session, visit, now)
    user_id = visit.person.id
    token, codes = new_token(), _new_recovery_codes()
    with transaction(session):
        row = store.factor_of(session, user_id)
        if row is None or row.pending is None:
            raise Conflict(phrase("No authenticator is being set up. Begin again."))
        step = _step_of(code, _unsealed(row.pending, keys, user_id), now)
        if step is None:
            raise _wrong_code()
        row.secret, row.pending, row.last_step = row.pending, None, step
        session.flush()
        store.replace_recovery_codes(session, user_id, map(_code_hash, codes))
        people.replace_token(session, visit.id, token_hash(token), factor_at=now, ends_at=now + LENGTH)
        audit.note(session, user_id, Deed.SET_FACTOR_UP, audit.person(user_id), now)
    return token, codes


def pass_code(session: Session, visit: Visit, code: str, keys: Sequence[str], now: datetime) -> str:
    """Take a code of the authenticator, or a recovery code, once; return the session's new token.

    Raises TooMany, and Invalid for a code that is wrong or was used before.
    """
    _take_try(session, visit, now)
    token = new_token()
    with reading(session):
        row = store.factor_of(session, visit.person.id)
        secret = row.secret if row is not None else None
    step = _step_of(code, _unsealed(secret, keys, visit.person.id), now) if secret and _is_short(code) else None
    with transaction(session):
        if not _use(session, visit.person.id, code, step, now):
            raise _wrong_code()
        people.replace_token(session, visit.id, token_hash(token), factor_at=now, ends_at=now + LENGTH)
        by = {"by": "recovery code" if step is None else "authenticator"}
        audit.note(session, visit.person.id, Deed.PASSED_CODE, audit.person(visit.person.id), now, after=by)
    return token


def renew_recovery_codes(session: Session, visit: Visit, now: datetime) -> Sequence[str]:
    """Replace the person's recovery codes and return the new ones, which are kept as hashes only."""
    if not visit.has_factor:
        raise Conflict(phrase("There is no second factor yet. Set one up first."))
    codes = _new_recovery_codes()
    store.replace_recovery_codes(session, visit.person.id, map(_code_hash, codes))
    audit.note(session, visit.person.id, Deed.RENEWED_RECOVERY_CODES, audit.person(visit.person.id), now)
    return codes


def remove(session: Session, visit: Visit, staff: StaffPolicy, customers: CustomerPolicy, now: datetime) -> None:
    """Remove the person's second factor; raise Conflict when they must have one."""
    if is_required(visit.person, staff, customers):
        raise Conflict(
            phrase("Your second factor cannot be removed: your role needs one. You can set up another instead.")
        )
    store.forget_factor(session, visit.person.id)
    audit.note(session, visit.person.id, Deed.REMOVED_FACTOR, audit.person(visit.person.id), now)


def _take_try(session: Session, visit: Visit, now: datetime) -> None:
    with transaction(session):
        throttle.take_try(session, (throttle.Limit(f"second factor {visit.person.id}", TRIES, WINDOW_S),), now)


def _use(session: Session, user_id: UUID, code: str, step: int | None, now: datetime) -> bool:
    if step is not None:
        return store.use_step(session, user_id, step)
    return store.use_recovery_code(session, user_id, _code_hash(code), now)


def _step_of(code: str, secret: bytes, now: datetime) -> int | None:
    """The 30-second step whose code this is: the present one or a neighbour, because clocks differ a little."""
    totp, present = pyotp.TOTP(_letters(secret), digits=DIGITS), clock.seconds(now) // STEP_S
    typed = "".join(code.split()).encode("utf-8", "replace")
    found = [
        step
        for step in (present - 1, present, present + 1)
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed)
    ]
    return found[-1] if found else None


def _is_short(code: str) -> bool:
    return len("".join(code.split())) == DIGITS


def _unsealed(text: str, keys: Sequence[str], user_id: UUID) -> bytes:
    try:
        return unseal(text, keys, _about(user_id))
    except Unsealable:
        raise Conflict(
            phrase(
                "The portal cannot read your second factor any more, because its secret key was replaced. "
                "Use a recovery code, or ask the provider to take the factor off."
            )
        ) from None


def _new_recovery_codes() -> Sequence[str]:
    texts = [base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES)]
    return tuple("-".join(text[at : at + 4] for at in range(0, len(text), 4)) for text in texts)


def _code_hash(code: str) -> str:
    return token_hash("".join(code.split()).replace("-", "").lower())


def _letters(secret: bytes) -> str:
    return base64.b32encode(secret).decode()


def _about(user_id: UUID) -> str:
    return f"second factor of {user_id}"


def _wrong_code() -> Invalid:
    return Invalid(
        "code", phrase("This code is wrong, too old, or was used before. Wait for the next one and try again.")
    )
