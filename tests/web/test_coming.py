"""Customers see what will change before it does, acknowledge it or object, and staff see what they answered."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.store.promises.acknowledgements import AcknowledgementRow
from portal.store.promises.agreements import AgreementRow
from tests import customers
from tests.web.conftest import Browse, World, post, writing


@pytest.fixture
def coming(world: World) -> str:
    """Publish a version of Globex's agreement for a far day; return the page that tells of it."""
    with writing(world.app) as session:
        gold = session.scalars(select(AgreementRow.id).where(AgreementRow.slug == "gold")).one()
        later = customers.terms_document("gold", 2, "2199-01-01", commitment={"target_percent": "99.99"})
        customers.version(session, gold, later)
    return f"/c/{world.house.globex}/coming"


def answer(world: World, client: FlaskClient, page: str, number: int = 2, **data: str) -> int:
    path = f"{page}/{world.house.globex_contract}/{number}"
    return post(client, path, dict(data), page).status_code


def test_what_will_change_is_told_ahead_and_can_be_acknowledged(
    world: World, client: FlaskClient, sign_in: Browse, coming: str
) -> None:
    sign_in(client, world.people["globex owner"])
    told = "Gold changes on 1 January 2199"
    assert told in client.get(f"/c/{world.house.globex}").text
    page = client.get(coming).text
    for words in ("Gold, version 2, from 1 January 2199", "We promise 99.99\xa0% in every period.", "Better for you"):
        assert words in page
    assert answer(world, client, coming, kind="acknowledged") == 303
    assert "Acknowledged" in client.get(coming).text
    assert told not in client.get(f"/c/{world.house.globex}").text


def test_an_objection_needs_words_and_staff_read_them(
    world: World, client: FlaskClient, sign_in: Browse, coming: str
) -> None:
    sign_in(client, world.people["globex owner"])
    assert answer(world, client, coming, kind="objected") == 422
    assert answer(world, client, coming, kind="else", words="x") == 422
    assert answer(world, client, coming, kind="objected", words="We <b>bought</b> something else.") == 303
    assert "We &lt;b&gt;bought&lt;/b&gt; something else." in client.get(coming).text
    staff = staff_of(world, sign_in)
    editor = " ".join(staff.get("/staff/terms/gold").text.split())
    assert "0 acknowledged, 1 objected, 0 not yet answered" in editor


def staff_of(world: World, sign_in: Browse) -> FlaskClient:
    staff = world.app.test_client()
    sign_in(staff, world.people["manager"])
    return staff


def test_an_objection_opens_one_dispute_that_an_acknowledgement_ends(
    world: World, client: FlaskClient, sign_in: Browse, coming: str
) -> None:
    sign_in(client, world.people["globex owner"])
    staff = staff_of(world, sign_in)
    assert "0 acknowledged, 0 objected, 1 not yet answered" in staff.get("/staff/terms/gold").text
    for words in ("We bought something else.", "And at another price."):
        assert answer(world, client, coming, kind="objected", words=words) == 303
    (found,) = re.findall(rf"{world.house.globex}/disputes/([0-9a-f-]+)", client.get(coming).text)
    for page in (client.get(f"/c/{world.house.globex}/disputes/{found}"), staff.get(f"/staff/disputes/{found}")):
        for words in ("This coming version is objected to.", "Gold, version 2 (globex-gold)", "And at another price."):
            assert words in page.text
    assert "Gold, version 2 (globex-gold)" in staff.get("/staff/disputes.csv").text
    assert answer(world, client, coming, kind="acknowledged") == 303
    assert "The dispute is withdrawn." in staff.get(f"/staff/disputes/{found}").text
    assert "1 acknowledged, 0 objected, 0 not yet answered" in staff.get("/staff/terms/gold").text


def test_a_contract_that_begins_under_a_version_has_nothing_coming(
    world: World, client: FlaskClient, sign_in: Browse, coming: str
) -> None:
    with writing(world.app) as session:
        gold = session.scalars(select(AgreementRow.id).where(AgreementRow.slug == "gold")).one()
        begins = {"from": "2199-01-01"}
        customers.contract(session, world.house.initech, gold, "initech-gold", {"api": world.house.api}, **begins)
    sign_in(client, world.people["initech owner"])
    assert "Nothing will change" in client.get(f"/c/{world.house.initech}/coming").text
    assert "initech-gold" not in staff_of(world, sign_in).get("/staff/terms/gold").text


def test_only_a_coming_version_of_ones_own_contract_can_be_answered(
    world: World, client: FlaskClient, sign_in: Browse, coming: str
) -> None:
    sign_in(client, world.people["globex owner"])
    assert answer(world, client, coming, number=1, kind="acknowledged") == 409
    assert answer(world, client, coming, number=9, kind="acknowledged") == 404
    strange = f"{coming}/{world.house.initech_contract}/2"
    assert post(client, strange, {"kind": "acknowledged"}, coming).status_code == 404
    with writing(world.app) as session:
        assert session.scalars(select(AcknowledgementRow)).all() == []


def test_members_read_and_owners_answer(world: World, client: FlaskClient, sign_in: Browse, coming: str) -> None:
    sign_in(client, world.people["globex member"])
    page = client.get(coming).text
    assert "Gold, version 2" in page
    assert "We object" not in page
    path = f"{coming}/{world.house.globex_contract}/2"
    assert post(client, path, {"kind": "acknowledged"}, f"/c/{world.house.globex}/feedback").status_code == 403


def test_where_nothing_changes_the_page_says_so(world: World, client: FlaskClient, sign_in: Browse) -> None:
    sign_in(client, world.people["initech owner"])
    assert "Nothing will change" in client.get(f"/c/{world.house.initech}/coming").text
