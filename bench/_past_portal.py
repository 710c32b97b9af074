"""A portal whose generated provider has a past: so many closed months behind the present one, and one customer.

Fifty services are measured all the while; of more the runs and days are written as measuring leaves them
(bench/_kept_past.py). The customer was promised that nothing ever fails and nothing is ever unknown, so that every
month has a credit, and a ledger of one month can be compared with one of many.
"""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from bench._databases import address_of
from bench._kept_past import keep_past
from bench.growth import CONTRACT, FEE, PROMISED, _commitment
from demo.generated.episodes import Chance
from demo.generated.provider import Document, configure, provider_document
from demo.generated.telling import generate
from portal import clock, cycles
from portal.app import create_app
from portal.config import Environment, Settings
from portal.database import db
from portal.domain.promises.closing_periods import GRACE_S
from portal.store.ground.tenancy import provider_scope
from portal.usecases.closing import closing
from portal.usecases.judging.figures import keep_figures_fresh
from portal.usecases.keeping.summaries import refresh_summaries
from portal.usecases.status.lately import DAYS_SHOWN

DAY_S, MONTH_S = 86_400, 2_629_800
WHOLLY_MEASURED = 50
NEVER_FAILS = {
    "target_percent": "100",
    "unknown_policy": {"treat_as": "down", "max_unknown_percent": "20"},
    "credit_schedule": {"type": "tiers", "tiers": [{"below": "100", "percent": "10"}]},
}


@contextmanager
def portal(services: int, closed: int) -> Iterator[tuple[Flask, Path, int]]:
    """Lend a portal with a generated provider whose past ends now, its days summed up."""
    with tempfile.TemporaryDirectory(prefix="bench-home-") as folder, address_of("sqlite") as url:
        app = create_app(_settings(Path(folder), url))
        with app.app_context():
            event.listen(db.engine, "connect", _in_haste)
        with app.app_context(), provider_scope():
            samples = _furnish(db.session(), services, closed)
        cycles.search_seldom()  # as a web worker does (portal/cli/serving.py)
        yield app, Path(folder), samples
        with app.app_context():
            db.engine.dispose()


def _furnish(session: Session, services: int, closed: int) -> int:
    """Tell a provider's past up to now, keep its days, and close its months; return how many samples were told."""
    now, months = clock.now(), closed + 1
    end = clock.seconds(now)
    start = end - months * MONTH_S
    configure(session, _document(services), start - 1)
    if services <= WHOLLY_MEASURED:
        samples = generate(session, Chance(seed=1), start, end)
        while refresh_summaries(session, now, DAYS_SHOWN + 1):
            pass
    else:
        samples = generate(session, Chance(seed=1), end - DAY_S, end - DAY_S)  # nothing, but somebody measured
        keep_past(session, "UTC", end, months * MONTH_S // DAY_S)
    keep_figures_fresh(session, now)
    for month in closing.latest_months(now - timedelta(seconds=GRACE_S), closed)[:-1]:  # what may be closed by now
        closing.close(session, month, now)
    return samples


def _in_haste(connection: Any, _record: object) -> None:
    """The past is told in many small writes; nothing here measures them, so the disk need not have each."""
    connection.execute("PRAGMA synchronous=OFF")


def _settings(home: Path, url: str) -> Settings:
    secret = secrets.token_urlsafe(32)
    return Settings(environment=Environment.DEVELOPMENT, home=home, database_url=url, secret_key=secret)


def _document(services: int) -> Document:
    """A provider and one customer with ten commitments."""
    document = provider_document(services, 1, 3600)
    components = [f"component-{number}" for number in range(1, PROMISED + 1)]
    terms = {
        "schema": "sla-terms/1",
        "id": "gold",
        "version": {"number": 1, "effective_from": "2025-01-01"},
        "timezone": "UTC",
        "period": {"kind": "calendar_month"},
        "commitments": [_commitment(component) | NEVER_FAILS for component in components],
    }
    bought = [
        {"service": f"service-{number:04}", "component": component, "monthly_fee": FEE}
        for number, component in enumerate(components, start=1)
    ]
    return document | {
        "agreements": [{"id": "gold", "name": "Gold", "versions": [terms]}],
        "customers": [{"id": "reader", "name": "Reader", "timezone": "UTC"}],
        "contracts": [CONTRACT | {"services": bought}],
    }
