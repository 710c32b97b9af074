"""A month's paper has one page, whatever happened in it: the worst of it, and how much more there is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask

from portal import clock, press
from portal.database import db
from portal.domain.notices.incidents import Affected, Impact, Incident
from portal.store.ground.tenancy import provider_scope
from portal.usecases.closing.papers import Kind, Task, Wanted
from portal.usecases.customer import months
from portal.usecases.customer.closed_periods import Excluded, Line
from portal.usecases.customer.months import Month
from portal.usecases.groundwork import scopes
from portal.web import one_page, printed
from portal.web.one_page import More
from tests.web import pdfs
from tests.web.furnishing import Furnished, furnish

NAME = {
    "en": "Object storage with cross-region replication (Frankfurt and Ireland), number {}",
    "de": "Verschlüsselungsschlüsselverwaltungsdienst für Auftragsverarbeitung und Zahlung, Nummer {}",
    "ja": "東京リージョンと大阪リージョンのあいだで複製されるオブジェクトストレージのサービス、その{}",
}


@pytest.fixture
def furnished(app: Flask) -> Furnished:
    """A customer whose last month is closed: two promises, one of them broken."""
    return furnish(app, {"services": 2, "promises": ["breached"], "closed": True})


def told(app: Flask, furnished: Furnished) -> Month:
    key = UUID(str(furnished.arguments["customer"]))
    with app.app_context(), provider_scope(), scopes.customer(key):
        return months.month(
            db.session(),
            key,
            str(furnished.arguments["month"]),
            clock.now(),
            sees_money=True,
        )


def many(line: Line, counts: dict[str, int], name: str) -> Sequence[Line]:
    return [
        replace(line, status=status, verdict=status, service=name.format(number), credit="USD 1,234,567.89")
        for status, count in counts.items()
        for number in range(count)
    ]


def with_lines(month: Month, lines: Sequence[Line]) -> Month:
    return replace(month, statements=[replace(month.statements[0], lines=lines)])


def test_a_month_with_few_promises_is_told_in_full_and_in_its_own_order(app: Flask, furnished: Furnished) -> None:
    month = told(app, furnished)
    sheet = one_page.cut(month)
    assert sheet.lines == month.statements[0].lines
    assert (sheet.more_lines, sheet.more_incidents, sheet.more_excluded, sheet.more_statements) == ([], 0, 0, 0)


def test_of_many_promises_the_broken_ones_come_first_and_the_kept_ones_are_counted(
    app: Flask, furnished: Furnished
) -> None:
    month = told(app, furnished)
    line = month.statements[0].lines[0]
    counts = {"met": 40, "not_applicable": 2, "insufficient_data": 1, "breached": 3}
    sheet = one_page.cut(with_lines(month, many(line, counts, "API {}")))
    assert [one.status for one in sheet.lines] == ["breached"] * 3 + ["insufficient_data"] + ["not_applicable"] * 2
    assert sheet.more_lines == [More("met", "met", 40)]


def test_broken_promises_that_find_no_room_are_counted_too(app: Flask, furnished: Furnished) -> None:
    month = told(app, furnished)
    line = month.statements[0].lines[0]
    sheet = one_page.cut(with_lines(month, many(line, {"met": 10, "breached": 40}, "API {}")))
    assert {one.status for one in sheet.lines} == {"breached"}
    assert sheet.more_lines == [More("breached", "breached", 40 - len(sheet.lines)), More("met", "met", 10)]


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("language", list(NAME))
def test_the_paper_of_the_worst_month_has_one_page(
    app: Flask, furnished: Furnished, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty promises with long names, twenty incidents and exclusions, six statements, three currencies."""
    month, name, now = told(app, furnished), NAME[language], clock.now()
    lines = many(month.statements[0].lines[0], {"breached": 30, "met": 20}, name)
    incident = Incident(uuid4(), name * 2, Impact.MAJOR, now, now + timedelta(hours=1), (Affected(uuid4(), name),), ())
    excluded = Excluded("e", "scheduled_maintenance", 0, 3_600, "approved", name * 3, [name * 2])
    crowded = replace(
        with_lines(month, lines),
        statements=[replace(month.statements[0], lines=lines[:10])] * 6,
        incidents=[incident] * 20,
        excluded=[excluded] * 20,
        owed=["EUR 1,234,567.89", "JPY 123,456,789", "USD 1,234,567.89"],
        is_generated=True,
    )
    monkeypatch.setattr(months, "month", lambda *_, **__: crowded)
    wanted = Wanted(Kind.MONTH, str(furnished.arguments["month"]), "digest", language, with_money=True)
    task = Task(uuid4(), UUID(str(furnished.arguments["customer"])), wanted, 1)
    with app.app_context(), provider_scope():
        page = printed.page_of(db.session(), task, now)
        (paper,) = press.printed([page], printed.sheets())
    assert isinstance(paper, bytes)
    file = tmp_path / "month.pdf"
    file.write_bytes(paper)
    assert "Pages:           1" in pdfs.facts(file)
    assert f"/months/{furnished.arguments['month']}" in pdfs.squeezed(pdfs.text_of(file))
