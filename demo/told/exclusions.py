"""The exclusion register: a request that was rejected, and one that still waits for somebody else."""

from collections.abc import Iterator
from functools import partial

from demo.history import DAY_S, HOUR_S, Past
from demo.told.moments import PROVIDER_ZONE, Moment, Stage
from portal.usecases.excluding import exclusion_decisions
from portal.usecases.excluding.exclusion_decisions import Draft
from portal.usecases.groundwork.local_times import local_input

TYPE = "scheduled_maintenance"
REJECTED, WAITING = "the load balancer", "the network switch"
ASKED = "The load balancer was changed as planned work when the API went down."
NOT_ANNOUNCED = (
    "The change was planned, but customers were told of it twenty minutes before. Gold needs 48 hours of notice, "
    "so this time counts."
)
ASKED_LATELY = "The network switch was on its way to be replaced in a planned window when it failed."


def moments(past: Past) -> Iterator[Moment]:
    """Yield both requests and the one decision."""
    down = past.at(5, 21, 11)
    yield Moment(down + DAY_S, partial(_request, key=REJECTED, service="api", start=down, minutes=60, reason=ASKED))
    yield Moment(down + DAY_S + 3 * HOUR_S, _reject)
    lately = past.at(13, 24, 8)
    waiting = partial(_request, key=WAITING, service="storage", start=lately, minutes=60, reason=ASKED_LATELY)
    yield Moment(lately + 5 * HOUR_S, waiting)


def _request(stage: Stage, key: str, service: str, start: int, minutes: int, reason: str) -> None:
    draft = Draft(
        type=TYPE,
        start=local_input(start, PROVIDER_ZONE),
        end=local_input(start + minutes * 60, PROVIDER_ZONE),
        announced_at=local_input(start - 20 * 60, PROVIDER_ZONE),
        reason=reason,
        evidence_link="",
        is_public=True,
        services=stage.service_ids([service]),
        customers=(),
        locations=(),
    )
    asked = exclusion_decisions.read_draft(stage.session, draft, PROVIDER_ZONE, stage.now)
    stage.kept[key] = exclusion_decisions.request(stage.session, stage.people["rosa"], asked, stage.now)


def _reject(stage: Stage) -> None:
    exclusion_decisions.reject(stage.session, stage.people["max"], stage.kept[REJECTED], NOT_ANNOUNCED, stage.now)
