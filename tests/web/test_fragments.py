"""Pieces of pages that are rendered once: each customer's leads to their own pages, each language has its own."""

from uuid import uuid4

from flask import Flask

from portal.domain.people.languages import Language
from portal.store.ground.base import new_id
from portal.usecases.customer.closed_periods import LinePart
from portal.usecases.customer.heat_maps import HeatRow, heat_rows
from portal.usecases.customer.histories import Cell, History, Row
from portal.web import languages
from portal.web.fragments import kept


def row() -> HeatRow:
    part = LinePart(1, 0, 1, "99.9", "99.950", "kept")
    cell = Cell("2026-10-01", new_id(), "met", "kept", "99.9", "99.950", None, None, owes=False, parts=[part])
    (found,) = heat_rows(History(["2026-10-01"], [Row("gold", "API", "api", "availability", (cell,))]))
    return found


def test_a_kept_piece_is_its_customers_and_says_its_language(app: Flask) -> None:
    mine, theirs, shown = uuid4(), uuid4(), row()
    with app.test_request_context():
        english = kept("customers/heat.html", "line", shown, mine)
        assert f"/c/{mine}/statements/" in english
        assert kept("customers/heat.html", "line", shown, mine) is english
        assert f"/c/{mine}/" not in kept("customers/heat.html", "line", shown, theirs)
        with languages.spoken(Language.GERMAN):
            german = kept("customers/heat.html", "line", shown, mine)
    assert ("99.950\xa0%" in english, "99.950\xa0%" in german) == (True, False)
