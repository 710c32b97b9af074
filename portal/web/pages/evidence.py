"""A customer's evidence: from any stretch of time to its samples, and every range of them as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.database import db
from portal.domain.people.roles import Permission
from portal.domain.quantities.intervals import Interval
from portal.domain.quantities.zones import instant_text
from portal.usecases.groundwork.local_times import local_input
from portal.usecases.keeping import covered_services, customer_evidence, latencies
from portal.usecases.keeping.covered_services import Covered
from portal.usecases.keeping.customer_evidence import SamplesPage
from portal.usecases.keeping.latencies import LatencyPage
from portal.usecases.people import customers
from portal.usecases.settling import statements
from portal.usecases.settling.statements import Heading
from portal.web import access, streams

blueprint = Blueprint("evidence", __name__)
SERVICE = "/c/<uuid:customer>/evidence/<service>"


@dataclass(frozen=True, slots=True)
class IndexPage:
    """Every service whose evidence a customer may read, and every statement with its files."""

    customer: customers.Customer
    services: Sequence[Covered]
    statements: Sequence[Heading]
    sees_money: bool


@dataclass(frozen=True, slots=True)
class LatenciesPage:
    """How long answers of a service took."""

    customer: customers.Customer
    shown: LatencyPage


@dataclass(frozen=True, slots=True)
class ServicePage:
    """What is known of a service in a window, and the window as the form shows it."""

    customer: customers.Customer
    shown: SamplesPage
    from_: str
    until: str


@blueprint.get("/c/<uuid:customer>/evidence")
@access.requires(Permission.SEE_CUSTOMER)
def show_all(customer: UUID) -> ResponseReturnValue:
    """Show which evidence there is; a service and a time lead to its samples."""
    session = db.session()
    if service := request.args.get("service", ""):
        key = covered_services.covered_service(session, service).key
        window: dict[str, Any] = {"from": request.args.get("from", ""), "until": request.args.get("until", "")}
        return redirect(url_for("evidence.show", customer=customer, service=key, **window), 303)
    page = IndexPage(
        customers.customer(session, customer),
        covered_services.covered_services(session),
        statements.headings(session),
        access.reader().may(Permission.SEE_MONEY, customer),
    )
    return render_template("evidence/index.html", page=page)


@blueprint.get(SERVICE)
@access.requires(Permission.SEE_CUSTOMER)
def show(customer: UUID, service: str) -> ResponseReturnValue:
    """Show the samples of a service in a window, a page of them."""
    session, covered = db.session(), covered_services.covered_service(db.session(), service)
    window = _window(covered)
    after = customer_evidence.read_key(request.args.get("after", ""))
    shown = customer_evidence.samples_page(session, service, window, after, clock.now())
    zone = covered.timezone
    page = ServicePage(
        customers.customer(session, customer), shown, local_input(window.start, zone), local_input(window.end, zone)
    )
    return render_template("evidence/samples.html", page=page)


@blueprint.get(f"{SERVICE}/latencies")
@access.requires(Permission.SEE_CUSTOMER)
def show_latencies(customer: UUID, service: str) -> ResponseReturnValue:
    """Show how long answers of a service took, day by day."""
    found = latencies.latency_page(db.session(), service, clock.now())
    page = LatenciesPage(customers.customer(db.session(), customer), found)
    return render_template("evidence/latencies.html", page=page)


@blueprint.get(f"{SERVICE}/<any(samples, runs):kind>.<any(csv, json):form>")
@access.requires(Permission.SEE_CUSTOMER)
def download(customer: UUID, service: str, kind: str, form: str) -> Response:
    """Hand out the samples or runs of a service in a window."""
    window = _window(covered_services.covered_service(db.session(), service))
    covered, pieces = customer_evidence.download(db.session(), service, kind, window)
    read = [partial(customer_evidence.rows_of, service_id=covered.id, kind=kind, piece=piece) for piece in pieces]
    name = f"{kind}-{covered.key}-{_stamp(window.start)}-{_stamp(window.end)}"
    return streams.answer(customer, name, form, customer_evidence.columns_of(kind), read)


def _window(covered: Covered) -> Interval:
    return customer_evidence.read_window(
        covered, request.args.get("from", ""), request.args.get("until", ""), clock.now()
    )


def _stamp(instant: int) -> str:
    """An instant as it may stand in the name of a file."""
    return instant_text(instant).replace(":", "")
