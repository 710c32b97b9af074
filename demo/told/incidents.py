"""Incidents of the past: told while the service was down, and ended when it was back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from demo.history import Past
from demo.told.moments import Moment, Stage
from portal.usecases.status import incidents
from portal.usecases.status.incidents import Draft


@dataclass(frozen=True, slots=True)
class Story:
    """One incident: month, day, hour and minute of the first word, and the words with the minutes after it."""

    title: str
    impact: str
    services: Sequence[str]
    when: tuple[int, int, int, int]
    words: Sequence[tuple[int, str, str]]


_TOLD = (
    Story(
        "Uploads to object storage fail", "major", ("storage",), (2, 9, 9, 12),
        (
            (0, "investigating", "Uploads and downloads fail since 09:00 UTC. We are looking into it."),
            (25, "identified", "A full disk on the index servers stops every write. We are adding space."),
            (62, "resolved", "Object storage answers since 10:10 UTC. **No object was lost.**"),
        ),
    ),
    Story(
        "API and dashboard are down", "critical", ("api", "dashboard"), (5, 21, 11, 8),
        (
            (0, "investigating", "Nothing answers at the API since 11:00 UTC, and so neither does the dashboard."),
            (20, "identified", "A change of our load balancer took the wrong certificate. We are taking it back."),
            (56, "resolved", "Everything answers again. From now on a change is tried in one region before the next."),
        ),
    ),
    Story(
        "Build runners take no work", "major", ("runners",), (8, 23, 14, 10),
        (
            (0, "investigating", "New builds wait. Builds under way go on."),
            (35, "resolved", "Runners take work again since 14:40 UTC. Nothing that waited was lost."),
        ),
    ),
    Story(
        "Measurements of object storage are missing", "none", ("storage",), (10, 12, 9, 5),
        (
            (0, "identified", "Our probe has not run since the 4th. That time is *unknown*, not up."),
            (300, "resolved", "The probe runs again, and from now on it is watched itself."),
        ),
    ),
    Story(
        "API requests time out", "major", ("api",), (12, 18, 20, 6),
        (
            (0, "investigating", "About every request fails since 20:00 UTC."),
            (18, "resolved", "The API answers since 20:20 UTC. A database connection pool was exhausted."),
        ),
    ),
    Story(
        "Managed Postgres refuses connections", "critical", ("postgres",), (13, 17, 3, 9),
        (
            (0, "investigating", "New connections are refused since 03:00 UTC."),
            (60, "identified", "A failed switch to the second machine left both waiting. Data is safe on both."),
            (170, "monitoring", "The first databases accept connections again. The rest follows one by one."),
            (255, "resolved", "All databases accept connections since 07:20 UTC. We will write down what went wrong."),
        ),
    ),
    Story(
        "Object storage answers slowly or not at all", "major", ("storage",), (13, 24, 8, 7),
        (
            (0, "investigating", "Requests fail since 08:00 UTC."),
            (56, "resolved", "Object storage answers since 09:00 UTC. A network switch was replaced."),
        ),
    ),
)  # fmt: skip


def moments(past: Past) -> Iterator[Moment]:
    """Yield every word of every incident."""
    for story in _TOLD:
        first = past.at(*story.when)
        yield Moment(first, partial(_post, story=story))
        for minutes, status, body in story.words[1:]:
            yield Moment(first + minutes * 60, partial(_update, title=story.title, status=status, body=body))


def _post(stage: Stage, story: Story) -> None:
    _, status, body = story.words[0]
    draft = Draft(story.title, story.impact, stage.service_ids(story.services), status, body)
    stage.kept[story.title] = incidents.post(stage.session, stage.people["rosa"], draft, stage.now)


def _update(stage: Stage, title: str, status: str, body: str) -> None:
    incidents.update(stage.session, stage.people["rosa"], stage.kept[title], status, body, stage.now)
