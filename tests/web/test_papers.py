"""Statements as PDF: ordered, printed by the worker that leads, handed out as they were made, every figure in them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from portal import clock
from portal.database import db, reading
from portal.domain.people.languages import Language
from portal.press import INSTALL, NotPrinted, PressMissing
from portal.store.ground.tenancy import provider_scope
from portal.store.people import members, people
from portal.store.settling.papers import PaperOrderRow, PaperRow
from portal.store.settling.statements import StatementRow
from portal.usecases.closing import closing, papers
from portal.usecases.groundwork import scopes
from portal.worker.printing import REST_S, Press, Printing
from probes.clock import Clock
from tests import customers
from tests.web import pdfs
from tests.web.conftest import Browse, World, form_token, post, writing

UNTIL = "2026-11-02 12:00"
STORY = [
    ("up", "2026-07-31 00:00", "2026-10-10 07:59"),
    ("down", "2026-10-10 08:00", "2026-10-10 08:39"),
    ("up", "2026-10-10 08:40", UNTIL),
]
HOSTILE = 'It was ours <img src="file:///etc/passwd"><link rel=attachment href="file:///etc/passwd"> & <b>no more</b>'
PDF = b"%PDF-1.7 as it was made"


class SetClock(Clock):
    """A clock whose monotonic time is set."""

    elapsed_s = 0

    def monotonic_us(self) -> int:
        return self.elapsed_s * 1_000_000


@pytest.fixture
def closed(world: World) -> World:
    """September and October, closed for both customers."""
    with writing(world.app) as session:
        for probe in (1, 2):
            customers.runs(session, probe, STORY)
        for who, language in (("initech owner", "de"), ("initech member", "ja")):
            people.set_language(session, world.people[who].id, Language(language))
        members.set_role(session, world.house.initech, world.people["initech member"].id, "billing")
    with world.app.app_context():
        for month in ("2026-09", "2026-10"):
            closing.close(db.session(), month, clock.now())
    return world


def printing(world: World, press: Press | None = None, **told: object) -> Printing:
    @contextmanager
    def sessions() -> Iterator[Session]:
        with world.app.app_context(), scopes.provider():
            yield db.session()

    how = {} if press is None else {"press": press}
    return Printing(sessions, lambda: True, **how, **told)  # type: ignore[arg-type]


def printed_as(pages: Sequence[str], _sheets: Sequence[str]) -> Sequence[bytes]:
    return [PDF + str(len(page)).encode() for page in pages]


def rows(world: World, row: type) -> list[object]:
    with world.app.app_context(), provider_scope(), reading(db.session()) as session:
        return list(session.scalars(select(row)))


def order(client: FlaskClient, page: str) -> None:
    """Press "As PDF" on a page."""
    assert f'action="{page}.pdf"' in client.get(page).text
    answer = post(client, f"{page}.pdf", {}, page)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{page}.pdf")


def ordered(world: World) -> None:
    """Order the paper of every statement of the customers, in English."""
    with writing(world.app) as session:
        for row in session.scalars(select(StatementRow)):
            wanted = papers.statement_wanted(row.id, row.digest, "en", with_money=True)
            papers.order(session, row.customer_id, world.people["globex owner"], wanted, clock.now())


def address(world: World, customer: str, of: str = "2026-10-01") -> str:
    key: UUID = getattr(world.house, customer)
    with world.app.app_context(), provider_scope(), reading(db.session()) as session:
        mine = (StatementRow.customer_id == key, StatementRow.period == of)
        return f"/c/{key}/statements/{session.scalars(select(StatementRow.id).where(*mine)).one()}"


VERDICTS = {
    "en": "A promise was broken.",
    "de": "Eine Zusage wurde nicht eingehalten.",
    "ja": "守られなかったお約束があります。",
}


def printed(client: FlaskClient, page: str, folder: Path) -> tuple[str, Path]:
    """The text of a page's PDF, in which every figure of the page must stand, without white space; and its file."""
    answer = client.get(f"{page}.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    file = folder / "paper.pdf"
    file.write_bytes(answer.data)
    told = pdfs.squeezed(pdfs.text_of(file))
    figures = pdfs.figures_of(client.get(page).text)
    assert len(figures) >= 5
    assert {one for one in figures if one not in told} == set(), page
    return told, file


@pytest.mark.slow
def test_every_figure_of_a_page_stands_in_its_pdf_in_each_language_tagged_and_with_its_fonts_in_it(
    client: FlaskClient, closed: World, sign_in: Browse, tmp_path: Path
) -> None:
    sign_in(client, closed.people["globex owner"])
    month = f"/c/{closed.house.globex}/months/2026-10"
    order(client, month)
    for who in ("globex owner", "initech owner", "initech member"):
        sign_in(client, closed.people[who])
        for period in ("2026-09-01", "2026-10-01"):
            order(client, address(closed, who.split()[0], period))
    sign_in(client, closed.people["globex owner"])
    printing(closed).tick()
    assert rows(closed, PaperOrderRow) == []
    told, file = printed(client, month, tmp_path)
    assert "Yourmonthinonepage".upper() in told.upper()
    assert "Pages:           1" in pdfs.facts(file)
    for who, language in (("globex owner", "en"), ("initech owner", "de"), ("initech member", "ja")):
        sign_in(client, closed.people[who])
        for period in ("2026-09-01", "2026-10-01"):
            told, file = printed(client, address(closed, who.split()[0], period), tmp_path)
            is_broken = who.startswith("initech") and period == "2026-10-01"
            assert (VERDICTS[language].replace(" ", "") in told) == is_broken
            facts = pdfs.facts(file)
            assert "Tagged:          yes" in facts
            assert "pdfuaid" in facts
            assert {embedded for _, embedded in pdfs.fonts(file)} == {"yes"}
    assert "400.00" in told


def test_closing_orders_nothing(closed: World) -> None:
    assert rows(closed, PaperOrderRow) == []


def test_who_waits_for_a_month_reads_its_name_and_keeps_its_key_in_the_name_of_the_file(
    client: FlaskClient, closed: World, sign_in: Browse
) -> None:
    sign_in(client, closed.people["globex owner"])
    page = f"/c/{closed.house.globex}/months/2026-10"
    order(client, page)
    assert f'<a href="{page}">October 2026</a>' in client.get(f"{page}.pdf").text
    printing(closed, printed_as).tick()
    assert "2026-10.pdf" in client.get(f"{page}.pdf").headers["Content-Disposition"]


def test_a_statement_is_printed_when_somebody_asks_and_handed_out_as_it_was_printed(
    client: FlaskClient, closed: World, sign_in: Browse
) -> None:
    sign_in(client, closed.people["initech owner"])
    page = address(closed, "initech")
    order(client, page)
    waiting = client.get(f"{page}.pdf")
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (202, "5")
    assert "Die PDF-Datei wird erstellt." in waiting.text
    printing(closed, printed_as).tick()
    answer = client.get(f"{page}.pdf")
    assert answer.data.startswith(PDF)
    assert "INITECH-PLATINUM-2026-10-revision-1.pdf" in answer.headers["Content-Disposition"]
    assert client.get(f"{page}.pdf", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    before = len(rows(closed, PaperRow))
    assert post(client, f"{page}.pdf", {}).status_code == 303
    assert (len(rows(closed, PaperRow)), rows(closed, PaperOrderRow)) == (before, [])
    with closed.app.app_context(), provider_scope():
        assert papers.faults(db.session()) == []
    with pytest.raises(DatabaseError, match="never change"), writing(closed.app) as session:
        session.execute(delete(PaperRow))


def test_who_may_not_see_money_orders_a_paper_without_any_and_a_stranger_none(
    client: FlaskClient, closed: World, sign_in: Browse
) -> None:
    page = address(closed, "initech")
    with writing(closed.app) as session:
        members.set_role(session, closed.house.initech, closed.people["initech member"].id, "member")
    sign_in(client, closed.people["initech member"])
    assert "PDFはまだありません。" in client.get(f"{page}.pdf").text
    assert post(client, f"{page}.pdf", {}).status_code == 303
    assert post(client, f"{page}.pdf", {}).status_code == 303
    assert client.get(f"{page}.pdf").status_code == 202
    pages: list[str] = []

    def press(given: Sequence[str], _sheets: Sequence[str]) -> Sequence[bytes]:
        pages.extend(given)
        return [PDF] * len(given)

    printing(closed, press).tick()
    assert client.get(f"{page}.pdf").data == PDF
    assert "99.910" in pages[0]
    assert "400.00" not in pages[0]
    sign_in(client, closed.people["globex owner"])
    for path in (f"{page}.pdf", f"{page}.pdf".replace(str(closed.house.initech), str(closed.house.globex))):
        assert client.get(path).status_code == 404
        assert post(client, path, {}).status_code == 404


def test_a_note_is_printed_as_the_words_it_is(closed: World) -> None:
    pages: list[str] = []

    def press(given: Sequence[str], sheets: Sequence[str]) -> Sequence[bytes]:
        pages.extend(given)
        assert "@page" in sheets[0]
        return [PDF] * len(given)

    with writing(closed.app) as session:
        customer = session.get(customers.CustomerRow, closed.house.globex)
        assert customer is not None
        customer.name = HOSTILE
    ordered(closed)
    printing(closed, press).tick()
    assert any("&lt;img src=" in page for page in pages)
    assert not any("<img" in page or "<link" in page or "<b>no more" in page for page in pages)


def test_orders_wait_for_a_press_and_one_that_fails_is_given_up_until_somebody_orders_it_again(
    client: FlaskClient, closed: World, sign_in: Browse
) -> None:
    def missing(*_: object) -> bytes:
        raise PressMissing(INSTALL)

    def failing(pages: Sequence[str], _sheets: Sequence[str]) -> Sequence[NotPrinted]:
        return [NotPrinted("The press ended with 1.") for _ in pages]

    sign_in(client, closed.people["initech owner"])
    page = address(closed, "initech")
    order(client, page)
    clock_ = SetClock()
    without = printing(closed, missing, clocks=clock_)
    for _ in range(5):
        without.tick()
    assert len(rows(closed, PaperOrderRow)) == 1
    clock_.elapsed_s = REST_S + 1
    broken = printing(closed, failing)
    for _ in range(papers.TRIES_MOST):
        broken.tick()
    assert rows(closed, PaperRow) == []
    given_up = client.get(f"{page}.pdf")
    assert (given_up.status_code, "Die PDF-Datei konnte nicht erstellt werden." in given_up.text) == (200, True)
    assert post(client, f"{page}.pdf", {}, f"{page}.pdf").status_code == 303
    printing(closed, printed_as).tick()
    assert client.get(f"{page}.pdf").status_code == 200


def test_a_month_tells_what_was_attained_what_is_owed_and_nothing_of_money_to_who_may_not_see_it(
    client: FlaskClient, closed: World, sign_in: Browse
) -> None:
    base = f"/c/{closed.house.initech}/months"
    sign_in(client, closed.people["initech owner"])
    page = client.get(f"{base}/2026-10").text
    for words in (VERDICTS["de"], "400,00", "99,910\xa0%", "keine Störung Ihrer Dienste"):
        assert words in page
    assert client.get(base).headers["Location"].startswith(base)
    running = client.get(client.get(base).headers["Location"]).text
    assert "Dieser Monat läuft noch." in running
    assert client.get(f"{base}/2020-01.pdf").status_code == 404
    for none in ("2026-13", "2026-1", "26-10", "2026-10-01", "9999-12", "x" * 5000, "2026-10.PDF"):
        assert client.get(f"{base}/{none}").status_code == 404, none[:20]
    with writing(closed.app) as session:
        members.set_role(session, closed.house.initech, closed.people["initech owner"].id, "member")
    assert "400,00" not in client.get(f"{base}/2026-10").text


def test_looking_orders_nothing(client: FlaskClient, closed: World, sign_in: Browse) -> None:
    sign_in(client, closed.people["initech member"])
    assert client.get(f"{address(closed, 'initech')}.pdf").status_code == 200
    assert client.post(f"{address(closed, 'initech')}.pdf", data={}).status_code == 400
    assert form_token(client)
    assert rows(closed, PaperOrderRow) == []
