"""A customer's evidence: every sample of their own services, of the time their contracts cover, and nothing else."""

import csv
import io
import json
import re

import pytest
from flask.testing import FlaskClient

from portal.database import db
from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import State
from portal.store.evidence.evidence import insert_samples
from portal.usecases.keeping import customer_evidence
from portal.usecases.measuring.measurement import derive_days
from tests import customers
from tests.customers import at
from tests.sealing import seal
from tests.web.conftest import Browse, World, writing

TWO_DAYS = "from=2026-10-10T08:00:00Z&until=2026-10-11T10:00:00Z"
EMPTY = "from=2026-10-12T08:00:00Z&until=2026-10-13T08:00:00Z"
FORMULA = "=cmd|' /C calc'!A0"


def sample(probe: int, slot: int, state: State) -> Sample:
    error, status = (FORMULA, 503) if state is State.DOWN else (None, 200)
    return Sample(probe, 1, slot, 60, state, None, error, status, 5, 1, 2, 3, 40, 1, 47)


@pytest.fixture
def evidence(world: World) -> World:
    """Two hours of 10 and 11 October of three services, the first day sealed; Initech has the late one on the 11th."""
    with writing(world.app) as session:
        late = customers.service(session, "late", "Late", 3)
        agreement = customers.agreement(session, "late")
        customers.version(session, agreement, customers.terms_document("late"))
        dates = {"from": "2026-10-11", "until": "2026-10-12", "timezone": "UTC"}
        customers.contract(session, world.house.initech, agreement, "late", {"late": late}, **dates)
        for day in (at("2026-10-10 08:00"), at("2026-10-11 08:00")):
            for probe in (1, 2, 3):
                slots = range(day, day + 7200, 60)
                states = [State.DOWN if 600 <= one - day < 900 else State.UP for one in slots]
                insert_samples(session, [sample(probe, *one) for one in zip(slots, states, strict=True)])
                derive_days(session, (probe, 1), [day // 86_400], 60)
    with world.app.app_context():
        assert seal(db.session(), at("2026-10-13 06:00") * 1000).days == 3
    return world


def url(world: World, customer: str, rest: str) -> str:
    return f"/c/{getattr(world.house, customer)}/evidence/{rest}"


def test_a_stretch_of_time_leads_to_each_of_its_samples_sealed_or_not_a_page_at_a_time(
    client: FlaskClient, evidence: World, sign_in: Browse
) -> None:
    sign_in(client, evidence.people["globex member"])
    path, times = url(evidence, "globex", f"api?{TWO_DAYS}"), []
    for shown in (customer_evidence.PAGE, customer_evidence.PAGE, 40):
        page = client.get(path).text
        found = re.findall(r'<th scope="row" class="when"><time datetime="([^"]+)"', page)
        assert len(found) == shown
        times += found
        following = re.search(r'href="([^"]+after=[^"]+)"', page)
        path = following[1].replace("&amp;", "&") if following else ""
    assert path == ""
    assert times == sorted(set(times))
    assert (times[0], times[-1]) == ("2026-10-10T08:00:00Z", "2026-10-11T09:59:00Z")
    assert "times in Europe/Berlin" in page
    assert 'data-label="Arrived">240</td>' in page


def test_files_hold_the_same_samples_as_the_page_and_no_cell_is_a_formula(
    client: FlaskClient, evidence: World, sign_in: Browse
) -> None:
    sign_in(client, evidence.people["globex owner"])
    table = client.get(url(evidence, "globex", f"api/samples.csv?{TWO_DAYS}"))
    assert table.headers["Content-Disposition"].startswith('attachment; filename="samples-api-2026-10-10')
    rows = list(csv.DictReader(io.StringIO(table.text)))
    document = json.loads(client.get(url(evidence, "globex", f"api/samples.json?{TWO_DAYS}")).data)
    assert len(rows) == len(document) == 240
    assert [int(row["slot"]) for row in rows] == [one["slot"] for one in document]
    assert {row["error"] for row in rows} == {"", f"'{FORMULA}"}
    assert {one["error"] for one in document} == {None, FORMULA}
    runs = list(csv.DictReader(io.StringIO(client.get(url(evidence, "globex", f"api/runs.csv?{TWO_DAYS}")).text)))
    assert [(one["state"], int(one["count"])) for one in runs] == [("up", 10), ("down", 5), ("up", 105)] * 2
    assert json.loads(client.get(url(evidence, "globex", f"api/samples.json?{EMPTY}")).data) == []


def test_a_service_of_no_contract_of_theirs_is_no_service(
    client: FlaskClient, evidence: World, sign_in: Browse
) -> None:
    sign_in(client, evidence.people["globex owner"])
    for rest in ("late", "late/samples.csv", "late/runs.json", "nothing", "nothing/samples.json", "api/tickets.csv"):
        assert client.get(url(evidence, "globex", f"{rest}?{TWO_DAYS}")).status_code == 404, rest
    assert client.get(f"{url(evidence, 'globex', '')[:-1]}?service=late").status_code == 404
    for rest in ("api", "api/samples.csv"):
        assert client.get(url(evidence, "initech", f"{rest}?{TWO_DAYS}")).status_code == 404
    assert "Late" not in client.get(url(evidence, "globex", "")[:-1]).text


def test_time_that_no_contract_covers_shows_nothing_not_even_in_runs_or_counts(
    client: FlaskClient, evidence: World, sign_in: Browse
) -> None:
    sign_in(client, evidence.people["initech owner"])
    before = client.get(url(evidence, "initech", "late?from=2026-10-10T08:00:00Z&until=2026-10-10T10:00:00Z")).text
    assert "Your contracts do not cover Late at this time" in before
    assert "2026-10-10T08:00:00Z" in before
    assert '<th scope="row"' not in before
    rows = list(csv.DictReader(io.StringIO(client.get(url(evidence, "initech", f"late/samples.csv?{TWO_DAYS}")).text)))
    assert len(rows) == 120
    assert min(int(row["slot"]) for row in rows) == at("2026-10-11 08:00")
    assert 'data-label="Arrived">120</td>' in client.get(url(evidence, "initech", f"late?{TWO_DAYS}")).text
    with writing(evidence.app) as session:
        customers.runs(session, 3, [("up", "2026-10-10 23:00", "2026-10-11 00:10")])
    runs = json.loads(client.get(url(evidence, "initech", f"late/runs.json?{TWO_DAYS}")).data)
    assert (runs[0]["first"], runs[0]["last"], runs[0]["count"]) == (at("2026-10-11 00:00"), at("2026-10-11 00:10"), 11)


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ("from=now", "Give a date and a time"),
        ("until=2026-13-01T00:00", "Give a date and a time"),
        ("from=0001-01-01T00:00:00Z", "between 2000 and 2100"),
        ("from=2026-10-11T00:00:00Z&until=2026-10-10T00:00:00Z", "ends before it begins"),
    ],
)
def test_a_time_that_is_none_is_refused_in_a_sentence(
    client: FlaskClient, evidence: World, sign_in: Browse, window: str, words: str
) -> None:
    sign_in(client, evidence.people["globex owner"])
    for rest in ("api", "api/samples.csv"):
        answer = client.get(url(evidence, "globex", f"{rest}?{window}"))
        assert (answer.status_code, words in answer.text) == (422, True)


def test_a_file_holds_so_many_days_and_a_key_that_is_none_shows_the_first_page(
    client: FlaskClient, evidence: World, sign_in: Browse
) -> None:
    sign_in(client, evidence.people["globex owner"])
    year = "from=2026-01-01T00:00:00Z&until=2027-01-01T00:00:00Z"
    refused = client.get(url(evidence, "globex", f"api/samples.csv?{year}"))
    assert (refused.status_code, "A file holds at most 32 days" in refused.text) == (422, True)
    assert client.get(url(evidence, "globex", f"api/runs.csv?{year}")).status_code == 200
    assert client.get(url(evidence, "globex", f"api?{year}&after=1-2-x")).text.count("<tr>") > customer_evidence.PAGE
