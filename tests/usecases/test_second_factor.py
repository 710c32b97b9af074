"""Second factors: a code is taken once, a lost app has its recovery codes, and nothing readable is stored."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.notices.refusals import Conflict, Invalid, TooMany
from portal.domain.people.person import Person
from portal.domain.people.roles import CustomerRole, StaffRole
from portal.domain.people.second_factor import CustomerPolicy, StaffPolicy, Standing, is_required, standing
from portal.store.ground.base import new_id
from portal.store.people.second_factors import RecoveryCodeRow, SecondFactorRow
from portal.usecases.people import second_factor, sessions
from portal.usecases.people.sealing import Unsealable, seal, unseal
from portal.usecases.people.sessions import LENGTH, LENGTH_BEFORE_CODE
from tests import databases
from tests.usecases.people import EMAIL, NOW, add, is_open, sign_in, visit

KEYS = ("the portal's secret key, long enough",)


def letters(session: Session, token: str) -> str:
    with reading(session):
        pairing = second_factor.pairing(session, visit(session, token), KEYS, "Northwind Cloud")
    assert pairing is not None
    assert pairing.picture.startswith("data:image/svg+xml")
    return pairing.letters.replace(" ", "")


def code(secret: str, now: datetime) -> str:
    return pyotp.TOTP(secret).at(now)


def paired(session: Session, now: datetime = NOW) -> tuple[str, str, Sequence[str]]:
    """A person with a second factor: their token, the app's secret, their recovery codes."""
    add(session)
    token = sign_in(session, now=now)
    with transaction(session):
        second_factor.begin_pairing(session, visit(session, token, now), KEYS, now)
    secret = letters(session, token)
    token, codes = second_factor.finish_pairing(session, visit(session, token, now), code(secret, now), KEYS, now)
    return token, secret, codes


def test_pairing_renews_the_token_and_the_next_sign_in_waits_for_a_code(session: Session) -> None:
    token, secret, _ = paired(session)
    assert visit(session, token).factor_at == NOW
    half = sign_in(session)
    assert visit(session, half).factor_at is None
    assert not is_open(session, half, NOW + LENGTH_BEFORE_CODE)
    later = NOW + timedelta(minutes=1)
    whole = second_factor.pass_code(session, visit(session, half), code(secret, later), KEYS, later)
    assert not is_open(session, half)
    assert visit(session, whole).factor_at == later
    assert is_open(session, whole, NOW + LENGTH - timedelta(minutes=1))


def test_the_same_code_is_taken_once(session: Session) -> None:
    _, secret, _ = paired(session)
    later = NOW + timedelta(minutes=1)
    second_factor.pass_code(session, visit(session, sign_in(session)), code(secret, later), KEYS, later)
    with pytest.raises(Invalid, match="used before"):
        second_factor.pass_code(session, visit(session, sign_in(session)), code(secret, later), KEYS, later)


def test_the_code_that_proved_the_app_signs_nobody_in(session: Session) -> None:
    _, secret, _ = paired(session)
    with pytest.raises(Invalid, match="used before"):
        second_factor.pass_code(session, visit(session, sign_in(session)), code(secret, NOW), KEYS, NOW)


def test_a_code_older_than_one_already_used_is_refused(session: Session) -> None:
    _, secret, _ = paired(session)
    later = NOW + timedelta(minutes=2)
    second_factor.pass_code(session, visit(session, sign_in(session)), code(secret, later), KEYS, later)
    older = code(secret, later - timedelta(seconds=30))
    with pytest.raises(Invalid):
        second_factor.pass_code(session, visit(session, sign_in(session)), older, KEYS, later)


@pytest.mark.parametrize(("off_s", "is_taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_half_a_minute_off_is_forgiven_and_no_more(session: Session, off_s: int, is_taken: bool) -> None:
    _, secret, _ = paired(session)
    later = NOW + timedelta(minutes=10)
    typed = code(secret, later + timedelta(seconds=off_s))
    here = visit(session, sign_in(session))
    if is_taken:
        assert second_factor.pass_code(session, here, f" {typed[:3]} {typed[3:]}", KEYS, later)
    else:
        with pytest.raises(Invalid):
            second_factor.pass_code(session, here, typed, KEYS, later)


def test_codes_are_tried_ten_times_in_a_window(session: Session) -> None:
    _, secret, _ = paired(session)
    here = visit(session, sign_in(session))
    for _ in range(second_factor.TRIES - 1):
        with pytest.raises(Invalid):
            second_factor.pass_code(session, here, "000000", KEYS, NOW)
    with pytest.raises(TooMany):
        second_factor.pass_code(session, here, code(secret, NOW), KEYS, NOW)


def test_a_recovery_code_stands_in_for_the_app_once(session: Session) -> None:
    _, _, codes = paired(session)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    typed = codes[3].upper().replace("-", " ")
    assert second_factor.pass_code(session, visit(session, sign_in(session)), typed, KEYS, NOW)
    with pytest.raises(Invalid):
        second_factor.pass_code(session, visit(session, sign_in(session)), codes[3], KEYS, NOW)
    here = visit(session, sign_in(session))
    with reading(session):
        assert second_factor.factor(session, here).recovery_codes_left == second_factor.RECOVERY_CODES - 1


def test_nobody_uses_anothers_recovery_code(session: Session) -> None:
    _, _, codes = paired(session)
    add(session, "max@globex.example")
    stranger = visit(session, sign_in(session, "max@globex.example"))
    with pytest.raises(Invalid):
        second_factor.pass_code(session, stranger, codes[0], KEYS, NOW)


def test_new_recovery_codes_end_the_old_ones(session: Session) -> None:
    token, _, codes = paired(session)
    with transaction(session):
        fresh = second_factor.renew_recovery_codes(session, visit(session, token), NOW)
    assert not set(fresh) & set(codes)
    with pytest.raises(Invalid):
        second_factor.pass_code(session, visit(session, sign_in(session)), codes[0], KEYS, NOW)


def test_a_new_app_replaces_the_old_one_only_when_it_is_proven(session: Session) -> None:
    token, old, _ = paired(session)
    with transaction(session):
        second_factor.begin_pairing(session, visit(session, token), KEYS, NOW)
    new, later = letters(session, token), NOW + timedelta(minutes=1)
    with pytest.raises(Invalid):
        second_factor.finish_pairing(session, visit(session, token), "000000", KEYS, later)
    assert second_factor.pass_code(session, visit(session, sign_in(session)), code(old, later), KEYS, later)
    second_factor.finish_pairing(session, visit(session, token), code(new, later), KEYS, later)
    end = later + timedelta(minutes=1)
    with pytest.raises(Invalid):
        second_factor.pass_code(session, visit(session, sign_in(session)), code(old, end), KEYS, end)
    assert second_factor.pass_code(session, visit(session, sign_in(session)), code(new, end), KEYS, end)


def test_nothing_stored_reads_as_the_secret_or_a_code(session: Session) -> None:
    _, secret, codes = paired(session)
    with reading(session):
        factor = session.execute(select(SecondFactorRow)).scalar_one()
        stored = str(vars(factor)) + str([vars(row) for row in session.execute(select(RecoveryCodeRow)).scalars()])
    for readable in (secret, *codes, *(one.replace("-", "") for one in codes)):
        assert readable not in stored


def test_after_the_secret_key_is_replaced_the_old_one_still_opens_and_without_it_recovery_codes_do(
    session: Session,
) -> None:
    _, secret, codes = paired(session)
    later = NOW + timedelta(minutes=1)
    rotated = ("another secret key of the portal", *KEYS)
    assert second_factor.pass_code(session, visit(session, sign_in(session)), code(secret, later), rotated, later)
    with pytest.raises(Conflict, match="recovery code"):
        second_factor.pass_code(session, visit(session, sign_in(session)), code(secret, later), rotated[:1], later)
    assert second_factor.pass_code(session, visit(session, sign_in(session)), codes[0], rotated[:1], later)


def test_whoever_must_have_one_cannot_remove_it(session: Session) -> None:
    token, _, _ = paired(session)
    here = visit(session, token)
    staff = sessions.Visit(here.id, staff_person(), True, NOW, NOW, NOW)
    with pytest.raises(Conflict, match="your role needs one"), transaction(session):
        second_factor.remove(session, staff, StaffPolicy.REQUIRED, CustomerPolicy.OFF, NOW)
    with transaction(session):
        second_factor.remove(session, here, StaffPolicy.REQUIRED, CustomerPolicy.OFF, NOW)
    assert not visit(session, sign_in(session, EMAIL)).has_factor


def staff_person() -> Person:
    return Person(new_id(), "Mara", "mara@provider.example", StaffRole.MANAGER)


def customer_person(role: CustomerRole) -> Person:
    return Person(new_id(), "Ada", EMAIL, None, {new_id(): role})


@pytest.mark.parametrize(
    ("person", "staff", "customers", "must"),
    [
        (staff_person(), StaffPolicy.REQUIRED, CustomerPolicy.OFF, True),
        (staff_person(), StaffPolicy.OPTIONAL, CustomerPolicy.MONEY, False),
        (customer_person(CustomerRole.OWNER), StaffPolicy.REQUIRED, CustomerPolicy.MONEY, True),
        (customer_person(CustomerRole.BILLING), StaffPolicy.OPTIONAL, CustomerPolicy.MONEY, True),
        (customer_person(CustomerRole.MEMBER), StaffPolicy.REQUIRED, CustomerPolicy.MONEY, False),
        (customer_person(CustomerRole.OWNER), StaffPolicy.REQUIRED, CustomerPolicy.OFF, False),
    ],
)
def test_who_must_have_one_follows_the_policies(
    person: Person, staff: StaffPolicy, customers: CustomerPolicy, must: bool
) -> None:
    assert is_required(person, staff, customers) is must


@pytest.mark.parametrize(
    ("has_factor", "has_passed", "must_have", "expected"),
    [
        (True, False, False, Standing.CODE_MISSING),
        (True, False, True, Standing.CODE_MISSING),
        (True, True, True, Standing.FULL),
        (False, False, True, Standing.FACTOR_MISSING),
        (False, True, True, Standing.FACTOR_MISSING),
        (False, False, False, Standing.FULL),
    ],
)
def test_how_far_a_session_has_come(has_factor: bool, has_passed: bool, must_have: bool, expected: Standing) -> None:
    assert standing(has_factor=has_factor, has_passed=has_passed, must_have=must_have) is expected


@given(st.binary(max_size=100), st.text(max_size=20), st.text(max_size=20))
def test_what_is_sealed_opens_with_its_key_for_its_owner_only(secret: bytes, key: str, about: str) -> None:
    key = key.encode("utf-8", "replace").decode()
    about = about.encode("utf-8", "replace").decode()
    text = seal(secret, [key], about)
    assert unseal(text, ["another", key], about) == secret
    with pytest.raises(Unsealable):
        unseal(text, [key + "x"], about)
    with pytest.raises(Unsealable):
        unseal(text, [key], about + "x")


def test_of_parallel_tries_with_one_code_exactly_one_is_taken(engine: Engine, session: Session) -> None:
    _, secret, codes = paired(session)
    later = NOW + timedelta(minutes=1)
    half = [visit(session, sign_in(session)) for _ in range(4)]

    def attempt(here: sessions.Visit, typed: str) -> bool:
        with databases.sessions(engine)() as own:
            try:
                return bool(second_factor.pass_code(own, here, typed, KEYS, later))
            except Invalid:
                return False

    for typed in (code(secret, later), codes[0]):
        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(attempt, half, [typed] * 4)) == 1
