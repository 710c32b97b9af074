"""The indicator rolls up as real status pages do."""

import pytest

from portal.api.rollup import Component, Overall, overall, worst

UP, SLOW, PARTIAL, MAJOR, WORK = (
    Component.OPERATIONAL,
    Component.DEGRADED,
    Component.PARTIAL,
    Component.MAJOR,
    Component.MAINTENANCE,
)


@pytest.mark.parametrize(
    ("leaves", "indicator", "description"),
    [
        ([], "none", "All Systems Operational"),
        ([UP, UP], "none", "All Systems Operational"),
        ([MAJOR, MAJOR], "critical", "Major System Outage"),
        ([MAJOR, UP], "major", "Partial System Outage"),
        ([MAJOR, WORK, SLOW], "major", "Partial System Outage"),
        ([PARTIAL, PARTIAL], "major", "Partial System Outage"),
        ([PARTIAL, UP], "minor", "Minor Service Outage"),
        ([PARTIAL, SLOW], "minor", "Minor Service Outage"),
        ([SLOW, SLOW], "minor", "Partially Degraded Service"),
        ([SLOW, WORK], "minor", "Partially Degraded Service"),
        ([WORK, UP], "maintenance", "Service Under Maintenance"),
    ],
)
def test_many_components_make_one_indicator(leaves: list[Component], indicator: str, description: str) -> None:
    assert overall(leaves) == Overall(indicator, description)


def test_a_reader_that_refuses_maintenance_gets_none_with_the_same_words() -> None:
    assert overall([WORK], names_maintenance=False) == Overall("none", "Service Under Maintenance")


def test_a_group_is_as_bad_as_its_worst_member() -> None:
    assert worst([UP, WORK, SLOW]) is SLOW
    assert worst([]) is UP
