"""The public face: what works now, what does not, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal import clock
from portal.database import db
from portal.usecases.configuration import provider
from portal.usecases.excluding import maintenance
from portal.usecases.excluding.maintenance import Maintenance
from portal.usecases.status import public_status
from portal.usecases.status.public_status import WORST_FIRST, ServiceStatus, Status
from portal.web import access, service_lines
from portal.web.prepared.declared import prepared
from portal.web.service_lines import COLLAPSED_ABOVE, Group, Scale, ServiceLine

blueprint = Blueprint("status", __name__)
IN_SIGHT = 8
"""So many services are seen at a glance."""
FIRST_MOST = 5


@dataclass(frozen=True, slots=True)
class StatusPage:
    """The status, its services by group, drawn, and the work that is planned next.

    `wrong` are those to look at first where they would stand out of sight, and `further` how many more there are.
    """

    status: Status
    wrong: Sequence[ServiceStatus]
    further: int
    groups: Sequence[Group]
    lines: Sequence[ServiceLine]
    is_collapsed: bool
    scale: Scale
    coming: Sequence[Maintenance]


@blueprint.get("/")
@access.public
@prepared()
def show() -> ResponseReturnValue:
    """Show the state of every service, its last 90 days, and the open incidents."""
    timezone = provider.site(db.session()).timezone
    now = clock.now()
    status = public_status.status(db.session(), timezone, now, COLLAPSED_ABOVE)
    services = [one for _, members in status.groups for one in members]
    is_collapsed = len(services) > COLLAPSED_ABOVE
    groups = [
        service_lines.group(name, members, status.planned, is_collapsed=is_collapsed) for name, members in status.groups
    ]
    wrong = _out_of_sight(status, services)
    page = StatusPage(
        status=status,
        wrong=wrong[:FIRST_MOST],
        further=max(0, len(wrong) - FIRST_MOST),
        groups=groups,
        lines=[one for group in groups for one in group.lines],
        is_collapsed=is_collapsed,
        scale=service_lines.scale([one for one in services if one.days][:1]),
        coming=maintenance.coming(db.session(), now),
    )
    return render_template("status/status.html", page=page)


def _out_of_sight(status: Status, services: Sequence[ServiceStatus]) -> Sequence[ServiceStatus]:
    """What is not simply up, the worst and longest first, unless all services are seen at a glance."""
    if len(services) <= IN_SIGHT or status.stale_since is not None:
        return ()
    wrong = [one for one in services if one.state is not None and not one.is_calm]
    return sorted(wrong, key=lambda one: (WORST_FIRST.index(one.state), one.since))
