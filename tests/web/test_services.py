"""A service, its days and its group in public: their headings say the answer, and odd addresses are no pages."""

import gzip
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from portal import clock
from portal.domain.evidence.records import State
from portal.domain.quantities import zones
from portal.store.ground.base import new_id
from portal.store.notices.maintenance import MaintenanceRow, MaintenanceServiceRow, MaintenanceWordRow, word_id
from portal.web.bars import Drawing, Tick, ticks
from portal.web.service_lines import COLLAPSED_ABOVE
from portal.web.strips import WIDTH, strip
from tests import customers
from tests.web.conftest import World, writing
from tests.web.test_status import headline, measure, worker


def today() -> str:
    return zones.local_date(clock.seconds(clock.now()), "Europe/Berlin").isoformat()


def test_a_service_and_its_day_say_in_words_how_it_is(world: World, client: FlaskClient) -> None:
    worker(world)
    measure(world, 1, (State.UP, 200, 24), (State.DOWN, 23, 0))
    assert headline(client.get("/services/api").text).startswith("API is down since ")
    page = client.get(f"/services/api/days/{today()}").text
    assert headline(page).startswith("API was down for ")
    assert "the service failed, from This machine" in page
    assert headline(client.get("/services/storage").text) == "Object storage has not been measured yet."
    assert f'href="/services/api/days/{today()}"' in client.get("/services/api").text


def test_a_service_says_its_state_once_above_its_days(world: World, client: FlaskClient) -> None:
    worker(world)
    measure(world, 1, (State.UP, 200, 24), (State.DOWN, 23, 0))
    main = client.get("/services/api").text.split("<main")[1].split('id="days"')[0]
    assert (main.count("is down since"), main.count(">Down</span>"), main.count("since")) == (1, 0, 1)


def test_a_row_of_a_day_is_told_by_itself_where_there_is_no_room_for_columns(world: World, client: FlaskClient) -> None:
    worker(world)
    measure(world, 1, (State.UP, 200, 24), (State.DOWN, 23, 0))
    table = client.get("/services/api").text.split('<table class="stacked">')[1]
    assert re.search(r'<td class="n" data-label="Down">[0-9]+ min', table)
    assert '<td class="n nothing less" data-label="Slow">0 s</td>' in table


@pytest.mark.parametrize(
    "path",
    [
        "/services/nothing",
        "/services/api/days/2026-02-30",
        "/services/api/days/20261101",
        "/services/api/days/2026-W01-1",
        "/services/api/days/9999-12-31",
        "/services/api/days/0001-01-01",
        "/services/api/days/" + "9" * 5000,
        "/services/%00/days/2026-11-01",
        "/groups/Nothing",
        "/groups/Platform?after=nothing",
        "/groups/Platform?after=%00",
    ],
)
def test_an_odd_address_is_no_page(world: World, client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_above_fifty_services_groups_are_collapsed_and_trouble_stays_in_sight(
    world: World, client: FlaskClient
) -> None:
    with writing(world.app) as session:
        for number in range(3, COLLAPSED_ABOVE + 2):
            customers.service(session, f"s{number}", f"Service {number}", number, "Many")
    worker(world)
    measure(world, 1, (State.UP, 200, 24), (State.DOWN, 23, 0))
    measure(world, 5, (State.UP, 200, 0))
    page = client.get("/").text
    assert page.count('<details class="group"') == 2
    assert page.count('class="bars"') == COLLAPSED_ABOVE, "what is up throughout has no bars here"
    group = client.get("/groups/Many").text
    assert group.count('class="bars"') == COLLAPSED_ABOVE - 1
    assert "Service 5" in group


def test_of_very_many_in_trouble_the_worst_are_drawn_and_the_others_are_said(world: World, client: FlaskClient) -> None:
    last = COLLAPSED_ABOVE + 10
    with writing(world.app) as session:
        for number in range(3, last + 1):
            customers.service(session, f"s{number}", f"Service {number}", number, "Many")
    worker(world)
    measure(world, last, (State.UP, 200, 24), (State.DOWN, 23, 0))
    page = client.get("/").text
    assert page.count('class="bars"') == COLLAPSED_ABOVE
    assert re.search(rf'class="bars-cell"\s+href="/services/s{last}"', page)
    assert len(re.findall(r'<li><a href="/services/[^"]+">[^<]+</a>\s*<span class="tag none">', page)) == 10


def weight(client: FlaskClient, address: str) -> int:
    with client.get(address, headers={"Accept-Encoding": "gzip"}) as answer:
        return len(answer.get_data())


def test_a_page_of_fifty_services_with_all_it_needs_weighs_little(world: World, client: FlaskClient) -> None:
    with writing(world.app) as session:
        for number in range(3, COLLAPSED_ABOVE + 1):
            customers.service(session, f"s{number}", f"Service {number}", number, f"Group {number % 5}")
    day = 24 * 60
    for number in range(1, COLLAPSED_ABOVE + 1):
        story = [(State.UP, 89 * day, number * day + 31), (State.DOWN, number * day + 30, number * day)]
        measure(world, number, *story, (State.UP, number * day - 1, 0))
    page = client.get("/", headers={"Accept-Encoding": "gzip"}).get_data()
    text = gzip.decompress(page).decode()
    assert text.count('class="bars"') == COLLAPSED_ABOVE
    parts = re.findall(r'(?:href|src)="((?:/style\.css|/static/(?:css|js)|/brand)[^"]*)"', text)
    assert len(parts) >= 4
    assert len(page) + sum(weight(client, part) for part in parts) <= 60 * 1024
    assert not re.findall(r'(?:href|src)="https?://(?!127\.0\.0\.1|localhost)[^"]*"', text), "nothing of anybody else"


def test_months_stand_where_they_begin_on_the_axis() -> None:
    last = zones.local_date(1_795_000_000, "UTC")
    days = [last - timedelta(days=count) for count in reversed(range(90))]
    found = ticks(days)
    assert all(tick.month.day == 1 for tick in found)
    assert found == tuple(Tick(day, f"{100 * days.index(day) / 90:.1f}%") for day in days if day.day == 1)[: len(found)]
    assert ticks([]) == ()
    assert Drawing(0, last, ()).looks == ""


def test_nothing_on_a_strip_stands_outside_its_day(world: World) -> None:
    from portal.database import db
    from portal.usecases.status.service_days import day_working

    measure(world, 1, (State.UP, 100, 50), (State.DOWN, 49, 48), (State.UP, 47, 0))
    with world.app.app_context():
        now = clock.now()
        local = zones.local_date(clock.seconds(now), "Europe/Berlin")
        drawn = strip(day_working(db.session(), "api", local, "Europe/Berlin", now))
    assert drawn.marks
    assert all(mark.left >= 0 and mark.left + mark.width <= WIDTH and mark.width > 0 for mark in drawn.marks)


def test_the_history_tells_planned_work_in_the_month_it_starts(world: World, client: FlaskClient) -> None:
    now = clock.seconds(clock.now())
    with writing(world.app) as session:
        row = MaintenanceRow(id=new_id(), title="A new switch", type="scheduled_maintenance")
        session.add(row)
        session.flush()
        session.add(MaintenanceServiceRow(maintenance_id=row.id, service_id=world.house.api))
        for number, start in ((1, now - 400 * 86_400), (2, now - 7200)):
            session.add(
                MaintenanceWordRow(
                    id=word_id(row.id, number),
                    maintenance_id=row.id,
                    number=number,
                    at=clock.now(),
                    kind="announced" if number == 1 else "moved",
                    start=start,
                    end=start + 3600,
                    body="Short.",
                    user_id=world.people["manager"].id,
                )
            )
    assert client.get("/history").text.count("A new switch") == 1
    first = zones.local_date(now - 400 * 86_400, "Europe/Berlin")
    assert "A new switch" not in client.get(f"/history?month={first:%Y-%m}").text


def test_the_measuring_is_measured_and_crawlers_are_told_what_is_public(world: World, client: FlaskClient) -> None:
    page = client.get("/transparency").text
    assert "none configured, so the health of each location is assumed" in page
    assert "This machine" in page
    robots = client.get("/robots.txt")
    assert robots.content_type.startswith("text/plain")
    assert "Disallow: /c/\n" in robots.text
