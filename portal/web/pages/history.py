"""What happened and what was planned, month by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.database import db
from portal.domain.notices.incidents import Incident
from portal.usecases.configuration import provider
from portal.usecases.excluding import maintenance
from portal.usecases.excluding.maintenance import Maintenance
from portal.usecases.groundwork.local_months import month_span
from portal.usecases.status import incidents
from portal.web import access
from portal.web.prepared.declared import prepared

blueprint = Blueprint("history", __name__)


@dataclass(frozen=True, slots=True)
class ShownMonth:
    """What was told and what was planned in one local month."""

    first_day: date
    incidents: Sequence[Incident]
    works: Sequence[Maintenance]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Some months, newest first, and a month to go on from."""

    months: Sequence[ShownMonth]
    older: date | None


@blueprint.get("/history")
@access.public
@prepared(reads_query=True)
def show() -> ResponseReturnValue:
    """Show three months up to the one asked for."""
    timezone, now = provider.site(db.session()).timezone, clock.now()
    found = incidents.history(db.session(), request.args.get("month", ""), timezone, now)
    months = [
        ShownMonth(
            one.first_day,
            one.incidents,
            maintenance.starting(db.session(), *month_span(one.first_day, timezone), now),
        )
        for one in found.months
    ]
    return render_template("incidents/history.html", page=HistoryPage(months, found.older))
