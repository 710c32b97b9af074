"""The headline of the status page says what a visitor needs to know first."""

import pytest

from portal.domain.evidence.records import State
from portal.usecases.status.status_words import headline, spoken

NOW = 1_000_000
UP, DOWN, SLOW, UNKNOWN = State.UP, State.DOWN, State.DEGRADED, State.UNKNOWN

TABLE = [
    ([], 0, "There is nothing to measure yet."),
    ([("API", None, NOW)], 0, "Nothing has been measured yet."),
    ([("API", None, NOW)], 1, "We are working on an incident. Nothing has been measured yet."),
    ([("API", UP, 0), ("Web", UP, 0)], 0, "Everything works."),
    ([("API", UP, 0), ("Web", None, NOW)], 0, "Everything we have measured works."),
    ([("API", UP, 0)], 1, "We are working on an incident. Our measurements find nothing wrong right now."),
    ([("API", UP, 0)], 2, "We are working on 2 incidents. Our measurements find nothing wrong right now."),
    (
        [("API", DOWN, NOW - 23 * 60 - 59), ("Web", UP, 0)],
        1,
        "API has been down for 23 minutes. Everything else works.",
    ),
    ([("API", DOWN, NOW - 1)], 0, "API has been down for 1 second."),
    ([("API", DOWN, 0), ("Web", DOWN, 0), ("DB", UP, 0)], 0, "API and Web are down. Everything else works."),
    ([(name, DOWN, 0) for name in "ABCD"] + [("E", UP, 0)], 0, "4 of 5 services are down. Everything else works."),
    (
        [("API", DOWN, NOW - 60), ("Web", SLOW, NOW - 7200), ("DB", UNKNOWN, 0)],
        0,
        "API has been down for 1 minute. Web has been slow for 2 hours. We do not know whether DB works right now.",
    ),
    ([("API", UNKNOWN, 0), ("Web", UNKNOWN, 0)], 0, "We do not know what works right now."),
    (
        [("API", DOWN, NOW - 60), ("Web", UP, 0), ("DB", None, NOW)],
        0,
        "API has been down for 1 minute. Everything else we have measured works.",
    ),
]


@pytest.mark.parametrize(("services", "incidents", "words"), TABLE)
def test_the_headline_says_what_is_measured(
    services: list[tuple[str, State | None, int]], incidents: int, words: str
) -> None:
    assert headline(services, incidents, NOW) == words


def test_the_headline_names_what_incidents_touch_and_where_work_is_planned() -> None:
    services = [("API", UP, 0), ("Web", UP, 0)]
    assert headline(services, 1, NOW, touched=["Web"], planned=["API"]) == (
        "We are working on an incident with Web. Planned work on API is under way."
        " Our measurements find nothing wrong right now."
    )
    services[0] = ("API", DOWN, NOW - 60)
    assert headline(services, 0, NOW, planned=["API"]) == (
        "API has been down for 1 minute. Planned work on API is under way. Everything else works."
    )


def test_the_headline_never_says_that_all_is_well_while_a_location_fails() -> None:
    services, tokyo = [("API", UP, 0), ("Web", UP, 0)], {"API": ["Tokyo"]}
    there = "API fails or is slow when asked from Tokyo, and works from elsewhere."
    assert headline(services, 0, NOW, failing=tokyo) == f"{there} Everything else works."
    assert headline(services[:1], 0, NOW, failing=tokyo) == there
    assert headline(services, 1, NOW, touched=["API"], failing=tokyo) == (
        f"We are working on an incident with API. {there} Everything else works."
    )
    assert headline(services, 0, NOW, failing=tokyo | {"Web": ["Berlin"]}) == (
        "API and Web fail or are slow when asked from some places, and work from elsewhere."
    )
    services[1] = ("Web", DOWN, NOW - 60)
    assert headline(services, 1, NOW, failing=tokyo) == f"Web has been down for 1 minute. {there}"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (59, "59 seconds"),
        (119, "1 minute"),
        (3600, "1 hour"),
        (3660, "1 hour 1 minute"),
        (86_399, "23 hours 59 minutes"),
        (90_000, "1 day 1 hour"),
        (172_800, "2 days"),
    ],
)
def test_a_length_of_time_is_cut_to_its_largest_units(seconds: int, words: str) -> None:
    assert spoken(seconds) == words
