"""Forecasts of open commitments: made again now and then, and whenever something happens (docs/forecast.md)."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from portal import clock
from portal.database import reading, transaction
from portal.domain.promises.open_period import ROLLING
from portal.store.settling import figures as figures_store
from portal.store.settling import forecasts as store
from portal.store.settling.figures import Figure, FigureKey
from portal.store.settling.forecasts import StoredForecast
from portal.usecases.forecasting.forecast import counts_time, forecast, no_forecast, seed_of
from portal.usecases.forecasting.history import History
from portal.usecases.forecasting.pasts import Pasts
from portal.usecases.forecasting.prospects import prospect_of_working
from portal.usecases.forecasting.words import percent_of, text_of
from portal.usecases.groundwork import scopes
from portal.usecases.judging.due import Pace, by_service, is_due
from portal.usecases.judging.promises import Phase, Promise, promises

PACE = Pace(refresh_s=600, least_s=60)
WITHOUT_VERDICT = ("insufficient_data", "not_applicable")
log = structlog.get_logger()


def refresh_forecasts(session: Session, now: datetime, pasts: Pasts) -> int:
    """Forecast every open commitment whose forecast is due and return how many were.

    One is due every ten minutes, and each minute while its service is not up or shortly after it changed; only once
    there is a figure to look ahead from, and only for methods that count time.
    """
    as_of = clock.seconds(now)
    with scopes.provider():
        gone, due = _due(session, as_of)
        store.delete_forecasts(session, gone)
        return sum(_save(session, _made(session, lines, pasts, as_of)) for lines in by_service(due))


def keep_forecasts_fresh(session: Session, now: datetime, pasts: Pasts) -> int:
    """Do what refresh_forecasts does in transactions of its own, and write only while storing."""
    as_of = clock.seconds(now)
    with scopes.provider():
        with reading(session):
            gone, due = _due(session, as_of)
        if gone:
            with transaction(session):
                store.delete_forecasts(session, gone)
        return sum(_refresh(session, lines, pasts, as_of) for lines in by_service(due))


def _due(session: Session, as_of: int) -> tuple[Collection[FigureKey], Sequence[Promise]]:
    """The forecasts of what is open no more, and the open promises whose forecasts are due."""
    made, figures = store.forecast_times(session), figures_store.figure_times(session)
    found = {one.key: one for one in promises(session, as_of) if _can_be_forecast(one)}
    latest = figures_store.latest_runs(session) if found else {}
    return made.keys() - found.keys(), [
        one
        for key, one in found.items()
        if key in figures
        and figures[key][0] == one.period_key
        and is_due(one.period_key, made.get(key), latest.get(one.service.id), figures[key][1], PACE)
    ]


def _can_be_forecast(promise: Promise) -> bool:
    """A rolling period ends now: nothing of it is to come."""
    return promise.phase is Phase.OPEN and promise.period.kind != ROLLING and counts_time(promise.commitment)


def _refresh(session: Session, lines: Sequence[Promise], pasts: Pasts, as_of: int) -> int:
    with reading(session):
        made = _made(session, lines, pasts, as_of)
    with transaction(session):
        return _save(session, made)


def _save(session: Session, made: Sequence[tuple[Promise, StoredForecast]]) -> int:
    for promise, one in made:
        store.save_forecast(session, promise.stored.customer_id, promise.key, one)
    return len(made)


def _made(
    session: Session, lines: Sequence[Promise], pasts: Pasts, as_of: int
) -> Sequence[tuple[Promise, StoredForecast]]:
    """The forecasts of one service's lines; evidence that cannot be read leaves out the lines that need it."""
    figures = figures_store.figures_of_service(session, lines[0].service.id)
    try:
        known: Mapping[FigureKey, History] = pasts.of(session, lines, as_of)
    except ValueError as problem:
        if len(lines) > 1:
            return [found for one in lines for found in _made(session, [one], pasts, as_of)]
        log.error("no forecast", contract=str(lines[0].stored.id), problem=str(problem))
        return []
    found = [(one, _forecast(one, figures.get(one.key), known[one.key])) for one in lines]
    return [(promise, one) for promise, one in found if one is not None]


def _forecast(promise: Promise, figure: Figure | None, history: History) -> StoredForecast | None:
    """One forecast from the figure people see; None where that is about another period."""
    if figure is None or figure.period != promise.period_key:
        return None
    working = json.loads(figure.document)
    if working["status"] in WITHOUT_VERDICT:
        found = no_forecast(history)
    else:
        prospect = prospect_of_working(working, promise.commitment, promise.line, promise.period, history)
        found = forecast(prospect, history, seed_of(*_about(promise)))
    text = text_of(found, promise.line, figure.as_of)
    return StoredForecast(promise.period_key, figure.as_of, percent_of(found), text)


def _about(promise: Promise) -> Sequence[object]:
    """What the seed of a forecast is made of: a forecast moves with evidence and time, never by being made again."""
    key = promise.key
    return key.contract_id, key.service_id, key.commitment, promise.period_key
