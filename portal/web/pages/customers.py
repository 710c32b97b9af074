"""A customer's own pages: how the commitments stand, and how each figure was made."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from portal import clock
from portal.database import db
from portal.domain.people.roles import Permission
from portal.usecases.customer import compliance, heat_maps
from portal.usecases.customer.compliance import Line, Overview, WorkingPage
from portal.usecases.customer.heat_maps import HeatMap
from portal.usecases.listening import feedback
from portal.usecases.listening.feedback import Feedback
from portal.usecases.publishing import coming_versions
from portal.usecases.publishing.coming_versions import Unanswered
from portal.usecases.settling import claims
from portal.usecases.settling.claims import Unclaimed
from portal.web import access, looks, workings

blueprint = Blueprint("customers", __name__)
SAID = 2
LINE = "/c/<uuid:customer>/commitments/<uuid:contract>/<service>/<commitment>/<period>"


@dataclass(frozen=True, slots=True)
class ShownOverview:
    """How the commitments stand, the last twelve periods, what was answered to this customer, and what will change.

    `unclaimed` are the credits that wait for a claim, for a reader who may claim them.
    """

    now: Overview
    past: HeatMap
    said: Sequence[Feedback]
    coming: Sequence[Unanswered]
    unclaimed: Unclaimed | None


@dataclass(frozen=True, slots=True)
class ShownWorking:
    """One working and the address of the line it is about."""

    working: WorkingPage
    line: Line


@blueprint.get("/c/<uuid:customer>")
@access.requires(Permission.SEE_CUSTOMER)
def overview(customer: UUID) -> ResponseReturnValue:
    """Show how the commitments to the customer stand."""
    session, person, now = db.session(), access.reader(), clock.now()
    found = compliance.overview(session, customer, person, now)
    page = ShownOverview(
        found,
        heat_maps.heat_map(session, customer, person, found.service_names),
        feedback.answered_lately(session, SAID) if person.may(Permission.GIVE_FEEDBACK, customer) else (),
        coming_versions.unanswered(session, now),
        claims.unclaimed(session, now) if person.may(Permission.CLAIM_CREDITS, customer) else None,
    )
    return render_template("customers/overview.html", page=page)


@blueprint.get(LINE)
@access.requires(Permission.SEE_CUSTOMER)
def working(customer: UUID, contract: UUID, service: str, commitment: str, period: str) -> ResponseReturnValue:
    """Show how one figure was made."""
    line = Line(contract, service, commitment, period)
    found = compliance.working(db.session(), customer, access.reader(), line, clock.now(), looks.asked())
    return render_template("customers/working.html", page=ShownWorking(found, line))


@blueprint.get(f"{LINE}/working.csv")
@access.requires(Permission.SEE_CUSTOMER)
def working_table(customer: UUID, contract: UUID, service: str, commitment: str, period: str) -> ResponseReturnValue:
    """Hand out every piece of time of the document one figure was read from."""
    line = Line(contract, service, commitment, period)
    found = compliance.working_document(db.session(), customer, access.reader(), line, clock.now())
    return workings.table(f"{service}-{commitment}-{period}", [json.loads(found)])


@blueprint.get(f"{LINE}/working.json")
@access.requires(Permission.SEE_CUSTOMER)
def working_document(customer: UUID, contract: UUID, service: str, commitment: str, period: str) -> ResponseReturnValue:
    """Hand out the document one figure was read from; without money for those who may not see it."""
    line = Line(contract, service, commitment, period)
    found = compliance.working_document(db.session(), customer, access.reader(), line, clock.now())
    name = f"{service}-{commitment}-{period}.json"
    return Response(
        found, mimetype="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
