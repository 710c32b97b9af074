"""One number: twenty statements of a simulated year, drawn by lot, in Chromium, in their PDFs, in CSV and in JSON."""

from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from portal.app import create_app
from tests.soak.figures import Figures
from tests.web.conftest import settings_of
from tests.web.one_number import say_one_number, told

MONTHS, MANY = 7, 20


@pytest.mark.soak
@pytest.mark.timeout(1_800)
def test_twenty_statements_of_a_simulated_year_say_one_number_everywhere(
    browser: Browser, sqlite_url: str, tmp_path: Path, figures: Figures
) -> None:
    app = create_app(settings_of(tmp_path, sqlite_url))
    chosen = told(app, MONTHS, MANY)
    verdicts = Counter(line["status"] for one in chosen for line in one.body["commitments"])
    parts = [part for one in chosen for line in one.body["commitments"] for part in line["parts"]]
    assert {"met", "breached"} <= set(verdicts)
    assert {one.body["credit"]["currency"] for one in chosen} == {"EUR", "JPY", "USD"}
    assert any(entry["accepted"] for part in parts for entry in part["exclusions"])
    figures["figures compared"] = say_one_number(browser, app, chosen, tmp_path)
    figures["statements"], figures["that owe"] = len(chosen), sum(one.owes for one in chosen)
    figures |= {f"lines {status}": count for status, count in sorted(verdicts.items())}
