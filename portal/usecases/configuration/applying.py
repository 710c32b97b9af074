"""Applying a configuration file: one transaction, all problems at once, the same file twice changes nothing (D19).

A thing the file lists becomes what the file says; a thing it does not list is left alone. One exception: a file with
the key `probes` lists all of them, so the schedules of all other probes end. A published version of an agreement and
past schedules never change.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.promises.terms import parse_terms
from portal.store.measuring.services import LocationRow, ServiceRow
from portal.store.people.customers import CustomerRow
from portal.store.people.providers import ProviderRow, the_provider
from portal.store.promises import configuration as store
from portal.usecases.configuration import saving_agreements, saving_customers, saving_services
from portal.usecases.configuration.entries import Configuration, Present
from portal.usecases.configuration.plan import UNTOLD, Change, Ledger, Plan
from portal.usecases.configuration.reading import SCHEMA, read_configuration
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed, Thing


def apply_configuration(session: Session, document: object, now: datetime, secrets: Mapping[str, str]) -> Plan:
    """Make the portal what the document says and return what that took; the caller commits, or not.

    `secrets` are the values that `from-environment:NAME` names. Raises InvalidDocument with every problem, and then
    nothing was changed.
    """
    configuration = read_configuration(document, _present(session), secrets)
    ledger = Ledger()
    _save_provider(session, configuration, ledger)
    saving_services.save(session, configuration, clock.seconds(now), ledger)
    saving_agreements.save(session, configuration.agreements, now, ledger)
    saving_customers.save(session, configuration, now, ledger)
    session.flush()
    plan = ledger.plan()
    if not plan.is_empty:
        _keep_account(session, plan, ledger.changes, now)
    return plan


def is_configured(session: Session) -> bool:
    """Whether a file was applied already."""
    return the_provider(session) is not None


def _keep_account(session: Session, plan: Plan, changes: Sequence[Change], now: datetime) -> None:
    """Note each thing as it was and is, then the whole; people are noted by their ids where they are saved (D17)."""
    things = ((_thing(change.name), change.before, change.after) for change in changes)
    audit.note_configured(session, things, now)
    counts = {"created": len(plan.created), "changed": len(plan.changed), "ended": len(plan.ended)}
    audit.note(session, None, Deed.APPLIED_CONFIGURATION, Thing("configuration", SCHEMA), now, after=counts)


def _thing(name: str) -> Thing:
    kind, _, key = name.partition(" ")
    return Thing(kind, key)


def _present(session: Session) -> Present:
    documents = store.documents_by_slug(session)
    return Present(
        has_provider=is_configured(session),
        locations={key: tuple(row.allow) for key, row in store.rows_by_key(session, LocationRow).items()},
        services=frozenset(store.rows_by_key(session, ServiceRow)),
        agreements={slug: tuple(parse_terms(json.loads(one)) for one in texts) for slug, texts in documents.items()},
        customers=frozenset(store.rows_by_key(session, CustomerRow)),
        contracts={
            key: str(json.loads(row.document)["agreement"]) for key, row in store.contracts_by_key(session).items()
        },
    )


def _save_provider(session: Session, configuration: Configuration, ledger: Ledger) -> None:
    entry = configuration.provider
    if entry is None:
        return
    row = the_provider(session)
    name = f"provider {entry.name}"
    values = {
        "name": entry.name,
        "timezone": entry.timezone,
        "contact": entry.contact,
        "colour": entry.colour,
        "logo": entry.logo,
    }
    if row is None:
        session.add(ProviderRow(**values))
        ledger.create(name, {**values, "contact": UNTOLD, "logo": UNTOLD if entry.logo else ""})
        return
    ledger.change(name, row, values, untold=("contact", "logo"))  # it may be somebody's address (decision D17)
