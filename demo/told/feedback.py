"""Feedback of the past, and the answers to it; what came last waits for one."""

from collections.abc import Iterator
from functools import partial

from demo.history import DAY_S, HOUR_S, Past
from demo.told.moments import Moment, Stage
from portal.usecases.listening import feedback
from portal.usecases.listening.feedback import Draft

# month, day, who, what about, rating, words, the answer
_TOLD = (
    (2, 11, "greta", "service:storage", 2, "An hour without uploads, and we learnt of it from our own alarms.",
     "We are sorry. Incidents are now told within ten minutes, and you can follow them in a feed."),
    (5, 22, "gus", "service:api", 1, "The worst hour to be down. What has changed since?",
     "A change goes to one region first, and to the next only when nothing fails for an hour."),
    (6, 14, "uta", "service:runners", 4, "Stable this month. A target for how long a build waits would help us more.",
     "That is a good thought. We take it into the next version of Silver."),
    (10, 22, "ian", "service:api", 5, "The credit was right to the minute, and we did not have to ask for it.",
     "Thank you. That is how it should be."),
    (13, 18, "uta", "service:postgres", 2, "Four hours. When can we read what went wrong?", ""),
    (13, 26, "greta", "service:storage", 3, "Better told this time. We would like shorter windows of work.", ""),
)  # fmt: skip


def moments(past: Past) -> Iterator[Moment]:
    """Yield each piece of feedback and its answer a day later."""
    for number, (month, day, author, about, rating, words, answer) in enumerate(_TOLD):
        given_at = past.at(month, day, 9, 30)
        draft = Draft(about, str(rating), words)
        yield Moment(given_at, partial(_give, key=f"feedback {number}", author=author, draft=draft), by=author)
        if answer:
            yield Moment(given_at + DAY_S + HOUR_S, partial(_answer, key=f"feedback {number}", words=answer))


def _give(stage: Stage, key: str, author: str, draft: Draft) -> None:
    customer_id, person = stage.customer_of(author), stage.people[author]
    stage.kept[key] = feedback.give(stage.session, customer_id, person, draft, stage.now)


def _answer(stage: Stage, key: str, words: str) -> None:
    feedback.answer(stage.session, stage.kept[key], stage.people["max"], words, stage.now)
