"""You said, we decided: feedback is gathered into a review, decided, and signed off by somebody else."""

import re

from flask.testing import FlaskClient
from sqlalchemy import select

from portal import clock
from portal.store.notices.feedback import FeedbackRow
from portal.store.promises.reviews import ReviewRow
from tests.web.conftest import Browse, World, post, writing
from tests.web.test_closing import url

DESK = "/staff/reviews"


def say(world: World, customer: str, words: str) -> str:
    with writing(world.app) as session:
        row = FeedbackRow(
            customer_id=getattr(world.house, customer),
            author_id=world.people[f"{customer} owner"].id,
            about_kind="service",
            about_id="api",
            about_name="API",
            rating=2,
            body=words,
            created_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return str(row.id)


def test_customers_of_the_agreement_and_the_author_read_what_was_asked_and_decided_once_two_persons_stand_for_it(
    client: FlaskClient, world: World, sign_in: Browse
) -> None:
    pieces = [say(world, "globex", "Nights <b>too</b>"), say(world, "initech", "Canary of Initech")]
    sign_in(client, world.people["manager"])
    form: dict[str, object] = {"agreement": "gold", "title": "Support at night", "pieces": pieces}
    for wrong in ({"agreement": "lead"}, {"title": " "}, {"pieces": []}, {"pieces": [*pieces, "none"]}):
        assert post(client, DESK, form | wrong).status_code == 422
    assert post(client, DESK, form).status_code == 303
    assert post(client, DESK, form | {"pieces": pieces[:1]}).status_code == 422
    page = client.get(DESK).text
    assert "Nights &lt;b&gt;too&lt;/b&gt;" in page
    with writing(world.app) as session:
        key = session.scalars(select(ReviewRow.id)).one()
    one = f"{DESK}/{key}"
    assert post(client, f"{one}/sign-off", {}).status_code == 409
    for wrong in ({"decision": " "}, {"decision": "Yes.", "version": "two"}, {"decision": "x" * 5000}):
        assert post(client, f"{one}/decide", wrong).status_code == 422
    decision = {"decision": "We answer at night from version 2 on.", "version": "2"}
    assert post(client, f"{one}/decide", decision).status_code == 303
    assert post(client, f"{one}/sign-off", {}).status_code == 403
    sign_in(client, world.people["globex member"])
    page = client.get(url(world, "globex", "reviews")).text
    assert "Support at night" in page
    assert "Nothing is decided yet." in page
    assert "at night from version" not in page
    sign_in(client, world.people["administrator"])
    assert post(client, f"{one}/sign-off", {}).status_code == 303
    assert post(client, f"{one}/decide", decision).status_code == 409
    for who, says, never in (("globex", "Nights", "Canary of Initech"), ("initech", "Canary of Initech", "Nights")):
        sign_in(client, world.people[f"{who} owner"])
        page = client.get(url(world, who, "reviews")).text
        assert "You said, we decided." in page
        assert "We answer at night from version 2 on." in page
        assert re.search("version 2 of [^<]*[Gg]old", page)
        assert says in page
        assert never not in page


def test_reviews_are_run_by_managers_only(client: FlaskClient, world: World, sign_in: Browse) -> None:
    for who, status in (("responder", 403), ("finance", 403), ("globex owner", 404)):
        sign_in(client, world.people[who])
        assert client.get(DESK).status_code == status
