"""The page that says what a draft would have paid: for whoever writes terms, of the saved text, and as a table."""

import pytest
import yaml
from flask.testing import FlaskClient

from tests import customers
from tests.web.conftest import Browse, World, post

EDITOR = "/staff/terms/gold"
PAGE, TABLE = f"{EDITOR}/simulation", f"{EDITOR}/simulation.csv"


@pytest.fixture
def manager(world: World, client: FlaskClient, sign_in: Browse) -> FlaskClient:
    sign_in(client, world.people["manager"])
    return client


def save(client: FlaskClient, text: str) -> None:
    assert post(client, EDITOR, {"text": text, "edition": "0"}, EDITOR).status_code == 303


def test_without_a_draft_the_latest_version_is_judged_and_the_editor_leads_there(manager: FlaskClient) -> None:
    assert f'href="{PAGE}"' in manager.get(EDITOR).text
    page = manager.get(PAGE)
    assert page.status_code == 200
    assert "Nobody has saved a draft" in page.text
    assert "no whole period of this draft is closed in these months" in page.text


def test_a_draft_that_cannot_be_read_says_why(manager: FlaskClient) -> None:
    save(manager, yaml.safe_dump(customers.terms_document("gold", 2, commitment={"target_percent": "101"})))
    page = manager.get(PAGE)
    assert (page.status_code, "The draft cannot be read yet." in page.text) == (200, True)
    assert "commitments[0].target_percent" in page.text
    assert manager.get(TABLE).text == "customer,contract,period,currency,credit_under_draft,breached\r\n"


def test_a_draft_of_another_agreement_is_not_simulated_for_this_one(manager: FlaskClient) -> None:
    save(manager, yaml.safe_dump(customers.terms_document("platinum", 2)))
    assert "This must be gold, the agreement this is a draft of." in manager.get(PAGE).text


@pytest.mark.parametrize("after", ["garbage", "01a22d0f-6acc-77f6-b0bd-7d7c0a30c76a", "'%00"])
def test_nobody_is_told_of_a_place_in_the_list_that_is_not_there(manager: FlaskClient, after: str) -> None:
    assert manager.get(f"{PAGE}?after={after}").status_code == 200


def test_an_agreement_that_is_not_there_has_no_page(manager: FlaskClient) -> None:
    assert [manager.get(one.replace("gold", "silver")).status_code for one in (PAGE, TABLE)] == [404, 404]


def test_who_writes_no_terms_sees_no_simulation(world: World, client: FlaskClient, sign_in: Browse) -> None:
    sign_in(client, world.people["responder"])
    assert [client.get(one).status_code for one in (PAGE, TABLE)] == [403, 403]


def test_what_a_text_would_have_paid_is_told_while_it_is_written_and_by_check(manager: FlaskClient) -> None:
    text = yaml.safe_dump(customers.terms_document("gold", 2, "YYYY-MM-DD"))
    piece = post(manager, f"{EDITOR}/paid", {"text": text}, EDITOR)
    assert piece.status_code == 200
    assert "<html" not in piece.text
    for page in (piece, post(manager, f"{EDITOR}/check", {"text": text, "edition": "0"}, EDITOR)):
        assert '<div data-live="paid">' in page.text
        assert "globex-gold: no whole period of this draft is closed in these months." in page.text
    for unread in ("a: [", yaml.safe_dump(customers.terms_document("platinum", 2))):
        assert "in a pause of writing, or by Check" in post(manager, f"{EDITOR}/paid", {"text": unread}, EDITOR).text
    assert manager.post(f"{EDITOR}/paid", data={"text": text}).status_code == 400
    assert post(manager, "/staff/terms/nobody/paid", {"text": text}, EDITOR).status_code == 404
