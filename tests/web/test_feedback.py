"""Feedback on the page: who may give, read and answer, and what hostile input becomes."""

import pytest
from flask.testing import FlaskClient

from portal.store.ground.base import new_id
from portal.usecases.listening import feedback
from tests.web.conftest import Browse, World, form_token, post, writing

SCRIPT = "<script>alert(1)</script>"
FINE: dict[str, object] = {"subject": "service:api", "rating": "4", "words": "Quick."}


def place(world: World) -> str:
    return f"/c/{world.house.globex}/feedback"


def give(client: FlaskClient, world: World, **changes: object) -> None:
    answer = post(client, place(world), {**FINE, **changes}, place(world))
    assert answer.status_code == 303


def read(world: World) -> list[str]:
    with writing(world.app) as session:
        return [str(piece.id) for piece in feedback.listed(session).pieces]


@pytest.mark.parametrize(
    ("who", "status"),
    [("globex owner", 200), ("globex member", 200), ("initech owner", 404), ("manager", 404), ("nobody's", 404)],
)
def test_only_the_customers_own_people_write_and_read_there(
    world: World, client: FlaskClient, sign_in: Browse, who: str, status: int
) -> None:
    sign_in(client, world.people[who])
    assert client.get(place(world)).status_code == status


@pytest.mark.parametrize(
    ("who", "status"),
    [("manager", 200), ("administrator", 200), ("responder", 403), ("finance", 403), ("globex owner", 404)],
)
def test_only_managers_and_administrators_read_everybodys(
    world: World, client: FlaskClient, sign_in: Browse, who: str, status: int
) -> None:
    sign_in(client, world.people[who])
    assert client.get("/staff/feedback").status_code == status


def test_what_a_person_says_is_read_answered_and_the_author_sees_it(
    world: World, client: FlaskClient, sign_in: Browse
) -> None:
    sign_in(client, world.people["globex owner"])
    give(client, world)
    assert "4 of 5, good" in client.get(place(world)).text
    sign_in(client, world.people["manager"])
    (piece,) = read(world)
    assert "Quick." in client.get("/staff/feedback").text
    there = f"/staff/feedback/{piece}"
    assert post(client, there, {"words": "Thank you, Ada."}, there).status_code == 303
    assert "Everything customers said has an answer." in client.get("/staff/feedback").text
    sign_in(client, world.people["globex member"])
    assert "Thank you, Ada." in client.get(place(world)).text
    sign_in(client, world.people["initech owner"])
    assert "Quick." not in client.get(f"/c/{world.house.initech}/feedback").text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"words": "x" * 100_000}, "This has 100,000 characters; 4,000 are the most."),
        ({"words": "a\x00b"}, "This holds a control character that cannot be shown."),
        ({"words": "   "}, "Write something here."),
        ({"rating": "6"}, "Choose a rating from 1 to 5."),
        ({"rating": ""}, "Choose a rating from 1 to 5."),
        ({"subject": "service:unheard-of"}, "Choose what you write about from the list."),
        ({"subject": SCRIPT}, "Choose what you write about from the list."),
    ],
)
def test_what_cannot_be_kept_is_refused_beside_its_field_and_nothing_typed_is_lost(
    world: World, client: FlaskClient, sign_in: Browse, changes: dict[str, object], sentence: str
) -> None:
    sign_in(client, world.people["globex owner"])
    typed = {"words": f"Kept {SCRIPT}", **changes}
    answer = post(client, place(world), {**FINE, **typed}, place(world))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'aria-invalid="true"' in answer.text
    if "words" not in changes:
        assert "Kept &lt;script&gt;" in answer.text
    assert SCRIPT not in answer.text
    assert read(world) == []


def test_a_form_of_ten_megabytes_is_refused_with_a_sentence(world: World, client: FlaskClient, sign_in: Browse) -> None:
    sign_in(client, world.people["globex owner"])
    answer = post(client, place(world), {**FINE, "words": "x" * 10_000_000}, place(world))
    assert answer.status_code == 413
    assert "Shorten it and send it again." in answer.text


def test_script_is_shown_as_text(world: World, client: FlaskClient, sign_in: Browse) -> None:
    sign_in(client, world.people["globex owner"])
    give(client, world, words=SCRIPT)
    sign_in(client, world.people["manager"])
    (piece,) = read(world)
    for page in ("/staff/feedback", f"/staff/feedback/{piece}"):
        text = client.get(page).text
        assert SCRIPT not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_an_answer_that_cannot_be_kept_is_refused(world: World, client: FlaskClient, sign_in: Browse) -> None:
    sign_in(client, world.people["globex owner"])
    give(client, world)
    sign_in(client, world.people["manager"])
    (piece,) = read(world)
    there = f"/staff/feedback/{piece}"
    answer = post(client, there, {"words": "x" * 4_001}, there)
    assert (answer.status_code, "4,000 are the most" in answer.text) == (422, True)


def test_a_piece_that_never_was_is_not_found(world: World, client: FlaskClient, sign_in: Browse) -> None:
    sign_in(client, world.people["manager"])
    assert client.get(f"/staff/feedback/{new_id()}").status_code == 404
    assert post(client, f"/staff/feedback/{new_id()}", {"words": "x"}).status_code == 404


def test_without_the_forms_token_nothing_is_kept(world: World, client: FlaskClient, sign_in: Browse) -> None:
    sign_in(client, world.people["globex owner"])
    assert client.post(place(world), data=FINE).status_code == 400
    assert read(world) == []


def test_a_stranger_cannot_write_into_a_customers_list(world: World, client: FlaskClient, sign_in: Browse) -> None:
    sign_in(client, world.people["initech owner"])
    own = f"/c/{world.house.initech}/feedback"
    assert client.post(place(world), data={**FINE, "csrf_token": form_token(client, own)}).status_code == 404
    assert read(world) == []


@pytest.mark.parametrize("after", ["nonsense", "%00", "00000000-0000-0000-0000-000000000000"])
def test_a_strange_place_in_the_list_is_no_error(
    world: World, client: FlaskClient, sign_in: Browse, after: str
) -> None:
    sign_in(client, world.people["globex owner"])
    assert client.get(f"{place(world)}?after={after}").status_code == 200
