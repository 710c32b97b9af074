"""One number: a statement says the same in Chromium, in its PDF, in CSV and in JSON; the long suite asks twenty."""

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.web.one_number import say_one_number, told


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_statements_of_a_simulated_year_say_one_number_everywhere(browser: Browser, app: Flask, tmp_path: Path) -> None:
    assert say_one_number(browser, app, told(app, 2, 3), tmp_path) > 0
