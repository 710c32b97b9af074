"""What the press gets to print: each paper as one page of HTML with its style sheet, made from the records."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from flask import current_app
from sqlalchemy.orm import Session

from portal.database import reading
from portal.domain.people.languages import Language
from portal.usecases.closing import papers
from portal.usecases.closing.papers import Task
from portal.usecases.configuration import provider
from portal.usecases.customer import closed_periods, months
from portal.usecases.customer.closed_periods import ClosedStatement
from portal.usecases.customer.months import Month
from portal.usecases.groundwork import scopes
from portal.usecases.people import customers
from portal.usecases.settling import statements
from portal.web import languages, one_page, private_answers
from portal.web.one_page import OnePage

SHEET = "css/paper.css"


@dataclass(frozen=True, slots=True)
class StatementPaper:
    """A statement to print, whose it is, and since when it is as it is."""

    language: str
    provider: str
    customer: str
    as_of: datetime
    shown: ClosedStatement


@dataclass(frozen=True, slots=True)
class MonthPaper:
    """A month to print, what of it fits on a sheet, the address of all of it, and when that was."""

    language: str
    provider: str
    as_of: datetime
    month: Month
    sheet: OnePage
    address: str
    sees_money: bool


def page_of(session: Session, task: Task, now: datetime) -> str:
    """Return the page of a paper; raise NotFound when there is nothing to print any more."""
    print_ = _month if task.wanted.kind == papers.Kind.MONTH else _statement
    with scopes.customer(task.customer_id), languages.spoken(Language(task.wanted.language)), reading(session):
        return print_(session, task, now)


def sheets() -> tuple[str, ...]:
    """Return the style sheets of every paper."""
    return (Path(str(current_app.static_folder), SHEET).read_text(encoding="utf-8"),)


def _month(session: Session, task: Task, now: datetime) -> str:
    sees_money = task.wanted.with_money
    found = months.month(session, task.customer_id, task.wanted.subject, now, sees_money=sees_money)
    page = MonthPaper(
        language=task.wanted.language,
        provider=provider.site(session).name,
        as_of=now,
        month=found,
        sheet=one_page.cut(found),
        address=private_answers.full(f"/c/{task.customer_id}/months/{task.wanted.subject}"),
        sees_money=sees_money,
    )
    return current_app.jinja_env.get_template("papers/month.html").render(page=page)


def _statement(session: Session, task: Task, _now: datetime) -> str:
    found = statements.statement(session, UUID(task.wanted.subject))
    page = StatementPaper(
        language=task.wanted.language,
        provider=provider.site(session).name,
        customer=customers.customer(session, task.customer_id).name,
        as_of=found.heading.closed_at,
        shown=closed_periods.statement_shown(session, found, sees_money=task.wanted.with_money),
    )
    return current_app.jinja_env.get_template("papers/statement.html").render(page=page)
