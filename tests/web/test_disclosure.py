"""Whoever finds a hole knows whom to tell, and until when that is true."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from portal.web.pages.disclosure import contact_address, expiry


def test_the_file_names_a_contact_and_an_end_within_a_year(client: FlaskClient) -> None:
    answer = client.get("/.well-known/security.txt")
    fields = dict(line.split(": ", 1) for line in answer.get_data(as_text=True).splitlines())
    ends = datetime.fromisoformat(fields["Expires"])
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; charset=utf-8"
    assert fields["Contact"].startswith(("mailto:", "https://"))
    assert timedelta(300) < ends - datetime.now(UTC) < timedelta(365)


@pytest.mark.parametrize(
    ("now", "ends"),
    [((2026, 1, 31), (2026, 12, 1)), ((2026, 2, 1), (2027, 1, 1)), ((2026, 12, 31), (2027, 11, 1))],
)
def test_it_ends_on_the_first_of_the_month_eleven_months_ahead(
    now: tuple[int, int, int], ends: tuple[int, int, int]
) -> None:
    assert expiry(datetime(*now, tzinfo=UTC)) == datetime(*ends, tzinfo=UTC)


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        ("security@northwind.example", "mailto:security@northwind.example"),
        ("https://northwind.example/report", "https://northwind.example/report"),
        ("the operator of this portal", ""),
        ("javascript:alert(1)", ""),
        ("a@b c@d", ""),
    ],
)
def test_only_an_address_a_program_can_use_is_named(contact: str, address: str) -> None:
    assert contact_address(contact) == address
