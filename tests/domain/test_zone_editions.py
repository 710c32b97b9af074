"""A figure belongs to an edition of the time zone database, and can be computed again under it."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
import tzdata

from portal.domain.quantities import zones

FIRST_OF_DECEMBER = date(2026, 12, 1)


def test_the_installed_edition_is_the_one_its_package_carries() -> None:
    assert zones.installed_edition() == tzdata.IANA_VERSION


def test_an_earlier_edition_gives_the_clocks_as_they_were_known_then() -> None:
    now = zones.instant_of(FIRST_OF_DECEMBER, "America/Havana")
    with zones.edition("2025b"):
        then = zones.instant_of(FIRST_OF_DECEMBER, "America/Havana")
    assert (zones.instant_text(then), zones.instant_text(now)) == ("2026-12-01T05:00:00Z", "2026-12-01T04:00:00Z")
    assert zones.instant_of(FIRST_OF_DECEMBER, "America/Havana") == now


def test_a_zone_that_did_not_change_is_the_same_in_both_editions() -> None:
    now = zones.instant_of(FIRST_OF_DECEMBER, "Europe/Berlin")
    with zones.edition("2025b"):
        assert zones.instant_of(FIRST_OF_DECEMBER, "Europe/Berlin") == now


def test_the_installed_edition_may_be_named() -> None:
    with zones.edition(tzdata.IANA_VERSION):
        assert zones.zone("America/Havana") is ZoneInfo("America/Havana")


def test_an_edition_that_is_not_kept_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="edition '1999z' is not kept here; known are 2025b"), zones.edition("1999z"):
        pass
