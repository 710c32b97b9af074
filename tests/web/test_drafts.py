"""The editor of agreements: a draft is checked, reviewed by somebody else, published, and then never changes."""

import re
from datetime import timedelta

import pytest
import yaml
from flask.testing import FlaskClient
from sqlalchemy import select

from portal import clock
from portal.domain.people.roles import StaffRole
from portal.domain.promises.terms import parse_terms, to_document
from portal.store.promises.agreements import AgreementVersionRow
from portal.store.promises.drafts import AgreementDraftRow, PublicationRow
from portal.usecases.groundwork.plain_yaml import parse
from portal.usecases.publishing.drafts import _next_text
from portal.usecases.publishing.presets import presets
from tests import customers
from tests.web.conftest import Browse, World, post, writing

NEXT_MONTH = (clock.now() + timedelta(days=40)).date().isoformat()
CLEAN = {"claim": {"required": False}}
HOLED = {"credit_schedule": {"type": "tiers", "tiers": [{"below": "99.5", "percent": "10"}]}}
EDITOR = "/staff/terms/gold"


@pytest.fixture
def manager(world: World, client: FlaskClient, sign_in: Browse) -> FlaskClient:
    sign_in(client, world.people["manager"])
    return client


@pytest.fixture
def other(world: World, sign_in: Browse) -> FlaskClient:
    with writing(world.app) as session:
        person = customers.user(session, "otto@provider.example", "Otto", {}, StaffRole.MANAGER)
    browser = world.app.test_client()
    sign_in(browser, person)
    return browser


def written(number: int = 2, effective_from: str = NEXT_MONTH, **changes: object) -> str:
    return yaml.safe_dump(customers.terms_document("gold", number, effective_from, **(CLEAN | changes)))


def edition(client: FlaskClient) -> str:
    found = re.search(r'name="edition"\s+value="([0-9]+)"', client.get(EDITOR).text)
    assert found
    return found[1]


def save(client: FlaskClient, text: str, edition_: str = "0") -> int:
    return post(client, EDITOR, {"text": text, "edition": edition_}, EDITOR).status_code


def publish(client: FlaskClient, **data: object) -> tuple[int, str]:
    answer = post(client, f"{EDITOR}/publish", {"edition": "1"} | data, EDITOR)
    return answer.status_code, answer.text


def test_a_draft_is_checked_without_being_saved(world: World, manager: FlaskClient) -> None:
    text = written(commitment={"target_percent": "99.95"} | HOLED)
    page = post(manager, f"{EDITOR}/check", {"text": text, "edition": "0"}, EDITOR)
    assert page.status_code == 200
    for words in (
        "This can be published; 1 doubt is open.",
        "What is attained from 99.5 % to below 99.95 % breaks the promise but is in no tier.",
        "You get 10 % of the month&#39;s fee below 99.5 %.",
        "We promise 99.95 % in every period.",
    ):
        assert words in page.text
    with writing(world.app) as session:
        assert session.scalars(select(AgreementDraftRow)).all() == []


CAPPED = {"mode": "remove", "types": {"scheduled_maintenance": {"cap_seconds": 14_400}}}


def overlapping(*bounds: str, **more: str) -> dict[str, object]:
    """A schedule with a tier below each of these percentages."""
    tiers = [{"below": below, "percent": str(10 + n)} for n, below in enumerate(bounds)]
    return {"credit_schedule": {"type": "tiers", "tiers": tiers, **more}}


UNPUBLISHABLE = (
    ("a: [", "This text cannot be read: line 1"),
    ("a: 1\na: 2", "The key &#39;a&#39; stands here more than once."),
    ("- 1", "This must be an object with named keys."),
    (written(surprise="x"), "This key is not known here."),
    (written(commitment={"target_percent": "99,9"}), "commitments[0].target_percent"),
    (written(timezone="Mars/Base"), "timezone"),
    (written(effective_from="2026-02-30"), "version.effective_from"),
    (written(effective_from="2026-02-03"), "This must be after today"),
    (written(number=1), "Version 1 is published and never changes. The next one is 2."),
    (written(number=3), "The next version is 2."),
    (written(commitment={"target_percent": "99.9 %"}), "This must be an exact number"),
    (written(commitment=overlapping("99.9", "99.90")), "Two tiers overlap"),
    (
        written(commitment={"exclusions_policy": CAPPED}),
        "A cap needs its unit: so many seconds per",
    ),
    (written(commitment=overlapping("99.9", cap_amount="500.00")), "An amount names its currency, like"),
    (written().replace("id: gold", "id: silver"), "This must be gold, the agreement this is a version of."),
)


def test_what_cannot_be_published_is_told_with_path_and_sentence(world: World, manager: FlaskClient) -> None:
    for text, sentence in UNPUBLISHABLE:
        page = post(manager, f"{EDITOR}/check", {"text": text, "edition": "0"}, EDITOR)
        assert page.status_code == 200
        assert "from being published" in page.text
        assert sentence in page.text


def test_a_version_is_written_by_one_published_by_another_and_shown(
    world: World, manager: FlaskClient, other: FlaskClient
) -> None:
    assert save(manager, written(commitment={"target_percent": "99.95"})) == 303
    assert "Draft" in other.get("/staff/terms").text
    assert publish(other)[0] == 409
    assert post(manager, f"{EDITOR}/review", {"edition": "1"}, EDITOR).status_code == 303
    assert publish(manager)[0] == 403
    status, page = publish(other)
    assert status == 422
    assert "There are open doubts." in page
    status, _ = publish(other, reason="The tiers are those our customers have signed.")
    assert status == 303
    assert "99.95\xa0%" in manager.get("/commitments/gold/versions/2").text
    assert "written by Mara, published by Otto. The tiers are those" in other.get(EDITOR).text
    with writing(world.app) as session:
        assert session.scalars(select(AgreementDraftRow)).all() == []
        assert "gap commitments[0].credit_schedule.tiers" in session.scalars(select(PublicationRow.doubts)).one()


def test_two_editors_at_once_keep_both_texts(world: World, manager: FlaskClient, other: FlaskClient) -> None:
    assert save(manager, "first: text") == 303
    answer = post(other, EDITOR, {"text": "second: text", "edition": "0"}, EDITOR)
    assert answer.status_code == 409
    for words in ("Mara saved this draft meanwhile.", "first: text", "second: text", 'name="edition" value="1"'):
        assert words in " ".join(answer.text.split())
    assert save(other, "both: texts", "1") == 303
    assert save(manager, "late: text", "1") == 409
    with writing(world.app) as session:
        assert session.scalars(select(AgreementDraftRow.text)).one() == "both: texts"


def test_saving_again_takes_the_review_back(world: World, manager: FlaskClient, other: FlaskClient) -> None:
    save(manager, written())
    post(manager, f"{EDITOR}/review", {"edition": "1"}, EDITOR)
    assert save(manager, written(), "1") == 303
    assert publish(other, edition="2")[0] == 409
    assert edition(other) == "2"


def test_unknown_time_sold_as_up_without_a_limit_is_not_published_for_any_reason(
    world: World, manager: FlaskClient, other: FlaskClient
) -> None:
    save(manager, written(commitment={"unknown_policy": {"treat_as": "up"}}))
    post(manager, f"{EDITOR}/review", {"edition": "1"}, EDITOR)
    status, page = publish(other, reason="Because we have always done it like this.")
    assert status == 422
    assert "Unknown time that counts as up needs a limit" in page
    with writing(world.app) as session:
        assert session.scalars(select(AgreementVersionRow.number).order_by("number")).all() == [1, 1]


def test_while_one_writes_a_piece_of_the_page_tells_what_the_text_says(world: World, manager: FlaskClient) -> None:
    text = written(commitment={"target_percent": "99.99", "component": "web"} | HOLED)
    page = post(manager, f"{EDITOR}/told", {"text": text, "edition": "0"}, EDITOR)
    assert page.status_code == 200
    for words in (
        '<div data-live="headline">',
        "This can be published; 2 doubts are open.",
        "is in no tier",
        "No contract covers a service as web",
    ):
        assert words in page.text
    assert "<html" not in page.text
    coarse = written(commitment={"target_percent": "99.99", "credit_schedule": {"type": "none"}})
    told = post(manager, f"{EDITOR}/told", {"text": coarse}, EDITOR).text
    assert "api is measured every 60 s, but 99.99 % allows 241 s of downtime; measure at least every 24 s." in told
    assert manager.post(f"{EDITOR}/told", data={"text": text}).status_code == 400
    assert post(manager, "/staff/terms/nobody/told", {"text": text}, EDITOR).status_code == 404
    with writing(world.app) as session:
        assert session.scalars(select(AgreementDraftRow)).all() == []


def test_a_text_that_lacks_only_its_day_is_told_all_the_same(manager: FlaskClient) -> None:
    told = post(manager, f"{EDITOR}/told", {"text": written(effective_from="YYYY-MM-DD", surprise="x")}, EDITOR).text
    assert "What it says" not in told
    told = post(manager, f"{EDITOR}/told", {"text": written(3, effective_from="YYYY-MM-DD")}, EDITOR).text
    assert "2 things keep this from being published." in told
    assert "What it says" in told


def test_a_model_fills_the_editor_and_nothing_is_saved(world: World, manager: FlaskClient) -> None:
    page = manager.get(f"{EDITOR}?from=zitadel-99.95").text
    assert "id: gold" in page
    assert "version.effective_from" in page
    assert "Begun from ZITADEL: Cloud" in page
    assert "What is attained from 99.9 % to below 99.95 % breaks the promise but is in no tier." in page
    again = post(manager, f"{EDITOR}/check", {"text": "a: b", "edition": "0", "model": "zitadel-99.95"}, EDITOR)
    assert "Begun from ZITADEL: Cloud" in again.text
    nobody = post(manager, f"{EDITOR}/check", {"text": "a: b", "edition": "0", "model": "nobody"}, EDITOR)
    assert nobody.status_code == 404
    with writing(world.app) as session:
        assert session.scalars(select(AgreementDraftRow)).all() == []
    assert manager.get(f"{EDITOR}?from=nobody").status_code == 404
    assert manager.get("/staff/terms/nobody").status_code == 404


def test_the_text_a_model_gives_is_the_model_and_nothing_else() -> None:
    for one in presets():
        text = _next_text(one.terms, "gold", [one.terms]).replace("YYYY-MM-DD", "2030-01-01")
        begun = to_document(parse_terms(parse(text)))
        assert begun | {"id": one.id, "version": 0} == to_document(one.terms) | {"version": 0}


def test_a_damaged_form_or_text_that_cannot_be_kept_saves_nothing(world: World, manager: FlaskClient) -> None:
    for edition_ in ("", "x", "-1", "9999999999", "²"):
        assert save(manager, "a: b", edition_) == 422
    for text in ("", "a: \x00", "x" * 100_001):
        assert save(manager, text) == 422
    with writing(world.app) as session:
        assert session.scalars(select(AgreementDraftRow)).all() == []


def test_only_management_writes_terms(world: World, client: FlaskClient, sign_in: Browse) -> None:
    sign_in(client, world.people["responder"])
    assert client.get("/staff/terms").status_code == 403
    assert client.get(EDITOR).status_code == 403
