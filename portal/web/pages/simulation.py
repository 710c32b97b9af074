"""What the last twelve months would have paid under the draft of an agreement, for service level managers."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.database import db, reading
from portal.domain.documents.reading import Problem
from portal.domain.people.roles import Permission
from portal.domain.promises.terms import Terms
from portal.usecases.publishing import draft_simulation
from portal.usecases.publishing.simulated_credit import COLUMNS, Simulation, rows_of
from portal.usecases.publishing.terms_to_simulate import simulate_written, to_simulate
from portal.web import access, paging, spreadsheets, transactions

blueprint = Blueprint("simulation", __name__)
CONTRACTS_AT_ONCE = 20
"""Contracts simulated for one page: twelve months of each are judged while the reader waits."""


@dataclass(frozen=True, slots=True)
class SimulationPage:
    """What a draft would have paid; without a simulation `problems` say why its text cannot be simulated.

    `is_draft` says whether it is a saved draft or, while there is none, the latest version.
    """

    slug: str
    name: str
    is_draft: bool
    simulation: Simulation | None
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class PaidPage:
    """What a text would have paid while it is being written; None while it cannot be read."""

    paid: Simulation | None


@blueprint.get("/staff/terms/<slug>/simulation")
@access.requires(Permission.WRITE_TERMS)
def show(slug: str) -> ResponseReturnValue:
    """Show what the last twelve months would have paid, twenty contracts at a time."""
    found = to_simulate(db.session(), slug)
    simulation = None if found.terms is None else _simulation(found.terms)
    page = SimulationPage(slug, found.name, found.is_draft, simulation, found.problems)
    return render_template("drafts/simulation.html", page=page)


@blueprint.get("/staff/terms/<slug>/simulation.csv")
@access.requires(Permission.WRITE_TERMS)
def show_csv(slug: str) -> ResponseReturnValue:
    """Hand out the same contracts as a table, a row for each period."""
    found = to_simulate(db.session(), slug)
    simulation = None if found.terms is None else _simulation(found.terms)
    rows = () if simulation is None else rows_of(simulation)
    return spreadsheets.answer(f"simulation-{slug}", COLUMNS, rows)


@blueprint.post("/staff/terms/<slug>/paid")
@access.requires(Permission.WRITE_TERMS)
@transactions.by_itself
def tell(slug: str) -> ResponseReturnValue:
    """Show what the text would have paid as a piece of the page, while it is being written; only reads."""
    with reading(db.session()):
        paid = simulate_written(db.session(), slug, request.form.get("text", ""), clock.now())
        return render_template("drafts/paid_live.html", page=PaidPage(paid))


def _simulation(terms: Terms) -> Simulation:
    return draft_simulation.simulate(db.session(), terms, clock.now(), after=paging.after(), most=CONTRACTS_AT_ONCE)
