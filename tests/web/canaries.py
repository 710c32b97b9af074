"""A house in which every row of a customer is a canary: ids, words and sums that nobody else may ever read.

Every rule of the url map becomes an address into one customer's rows, so that everybody can be sent there.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from portal import clock
from portal.database import db, transaction
from portal.domain.people.person import Person
from portal.domain.people.roles import CustomerRole, StaffRole
from portal.store.evidence.legal_holds import LegalHoldRow
from portal.store.ground.base import Base, TenantOwned
from portal.store.ground.tenancy import provider_scope
from portal.store.people.customers import CustomerRow
from portal.store.people.people import UserSessionRow
from portal.store.people.providers import ProviderRow
from portal.store.people.second_factors import SecondFactorRow
from portal.usecases.closing import closing
from portal.usecases.forecasting.forecasts import refresh_forecasts
from portal.usecases.forecasting.pasts import Pasts
from portal.usecases.judging.figures import refresh_figures
from portal.usecases.people.sealing import seal
from portal.usecases.people.sessions import token_hash
from portal.web.identity import cookie_name
from tests import customers
from tests.customers import House
from tests.signing_in import signed_in
from tests.web import canary_people, canary_periods

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
FEES = {"globex": "7341.19", "initech": "8652.23"}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PRIVATE_FILE = '<any("deadlines.ics", "news.atom", "news.rss"):file>'
BY_PASSWORD = f"/c/<uuid:customer>/private/{PRIVATE_FILE}"
"""Asks everybody for the secret, whoever they are and whatever customer they name."""
BY_SECRET = f"/c/<uuid:customer>/private/<token>/{PRIVATE_FILE}"
STATIC_FILE = "css/tokens.css"


@dataclass(frozen=True, slots=True)
class Plant:
    """One customer's canaries, and what stands in an address of theirs for each argument of a rule."""

    customer: UUID
    canaries: frozenset[str]
    arguments: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Planted:
    """A portal with canaries in it: people by the name they have in the matrix, sessions by person, plants by key.

    Everybody but `nobody`, `stranger` and staff is of Globex; `support` is of staff, with Globex's grant in force.
    """

    app: Flask
    house: House
    people: Mapping[str, Person]
    tokens: Mapping[str, str]
    globex: Plant
    initech: Plant

    @property
    def is_secure(self) -> bool:
        """Whether its cookies go over https only."""
        return bool(self.app.config["SESSION_COOKIE_SECURE"])

    @property
    def base(self) -> str:
        """What the addresses of a browser begin with."""
        return "https://localhost" if self.is_secure else "http://localhost"

    def browser(self, who: str) -> tuple[FlaskClient, str]:
        """A browser in which this person is signed in, and the token its forms carry."""
        client = self.app.test_client()
        self.sign_in(client, who)
        found = TOKEN.search(client.get("/forgot-password", base_url=self.base).text)
        assert found, "no form on /forgot-password"
        return client, found[1]

    def sign_in(self, client: FlaskClient, who: str) -> None:
        """Have a browser carry this person's session, again when it was told to forget it."""
        if who in self.tokens:
            client.set_cookie(cookie_name(self.app), self.tokens[who], secure=self.is_secure)


class Restored:
    """The SQLite file of an application as it was, put back before each request that may have changed it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context():
            self.file = Path(str(db.engine.url.database))
        self._close()
        self.kept = self.file.with_suffix(".kept")
        shutil.copyfile(self.file, self.kept)

    def put_back(self) -> None:
        """Make the database what it was; nothing was written while its log is empty."""
        log = self.file.with_name(f"{self.file.name}-wal")
        if not log.exists() or log.stat().st_size == 0:
            return
        self._close()
        for suffix in ("-wal", "-shm"):
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(self.kept, self.file)

    def _close(self) -> None:
        with self.app.app_context():
            db.engine.dispose()


def plant(app: Flask) -> Planted:
    """Furnish an empty portal: two customers, people of every kind signed in, and canaries in every tenant's table."""
    with app.app_context(), provider_scope(), transaction(db.session()) as session:
        session.add(ProviderRow(name="Northwind Cloud", timezone="Europe/Berlin", contact="help@northwind.example"))
        house = customers.build(session)
        people = _people(session, house, app.config["SECRET_KEY"])
        tokens = {who: signed_in(session, person, is_confirmed=True) for who, person in people.items()}
        incident = canary_periods.tell_incident(session, house)
        globex = _plant(session, house, "globex", people["support"], incident)
        initech = _plant(session, house, "initech", house.manager, incident)
        canary_periods.tell_outage(session, house)
    with app.app_context():
        closing.close(db.session(), canary_periods.over()[0][:7], clock.now())
    with app.app_context(), provider_scope(), transaction(db.session()) as session:
        globex |= canary_periods.close(session, house.globex, house.globex_owner, "canary-globex")
        initech |= canary_periods.close(session, house.initech, house.initech_owner, "canary-initech")
        refresh_figures(session, clock.now())
        refresh_forecasts(session, clock.now(), Pasts())
        session.flush()
        return Planted(
            app,
            house,
            people,
            tokens,
            _seen(session, globex, "globex", tokens["owner"]),
            _seen(session, initech, "initech", tokens["stranger"]),
        )


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every rule of the url map with each of its methods, in the order of their text."""
    pairs = ((rule, method) for rule in app.url_map.iter_rules() for method in (rule.methods or set()))
    kept = [(rule, method) for rule, method in pairs if method not in ("HEAD", "OPTIONS")]
    yield from sorted(kept, key=lambda pair: (pair[0].rule, pair[1]))


def address(app: Flask, rule: Rule, arguments: Mapping[str, object]) -> str:
    """The address of a rule with these arguments; a rule with one nobody named here fails."""
    values = {name: arguments[name] for name in rule.arguments}
    return app.url_map.bind("127.0.0.1").build(rule.endpoint, values)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its status, all of its headers and its body as one text, and itself."""

    status: int
    text: str
    answer: Response


def send(
    client: FlaskClient,
    method: str,
    path: str,
    token: str,
    headers: Mapping[str, str] | None = None,
    base: str = "http://localhost",
) -> Answer:
    """Send a request, a form with nothing but its token when it is a POST, and read the whole answer."""
    data = None if method in SAFE else {"csrf_token": token}
    with client.open(path, base_url=base, method=method, data=data, headers=dict(headers or {})) as answer:
        return Answer(answer.status_code, f"{answer.headers}\n{answer.get_data(as_text=True)}", answer)


def _people(session: Session, house: House, secret_key: str) -> dict[str, Person]:
    def of_globex(name: str, role: CustomerRole) -> Person:
        return customers.user(session, f"{name}@globex.example", name.title(), {house.globex: role})

    def of_staff(name: str, role: StaffRole) -> Person:
        return customers.user(session, f"{name}@provider.example", name.title(), {}, role)

    found = {
        "stranger": house.initech_owner,
        "no customer": customers.user(session, "nick@nowhere.example", "Nick", {}),
        "member": house.globex_member,
        "billing": of_globex("bill", CustomerRole.BILLING),
        "owner": house.globex_owner,
        "no code": of_globex("nora", CustomerRole.OWNER),
        "responder": house.responder,
        "manager": house.manager,
        "finance": of_staff("fay", StaffRole.FINANCE),
        "administrator": of_staff("ann", StaffRole.ADMINISTRATOR),
        "support": of_staff("sue", StaffRole.RESPONDER),
    }
    late = found["no code"].id
    secret = seal(b"twenty bytes of that", [secret_key], f"second factor of {late}")
    session.add(SecondFactorRow(user_id=late, secret=secret, pending=None, last_step=0))
    return found


def _plant(session: Session, house: House, key: str, helper: Person, incident: UUID) -> dict[str, object]:
    """Write a row of one customer into every tenant's table that is not computed; return what addresses need."""
    now, canary = clock.now(), f"canary-{key}"
    customer: UUID = getattr(house, key)
    author = house.globex_owner if key == "globex" else house.initech_owner
    start, end = ((now + timedelta(days=days)).date().isoformat() for days in (-10, 20))
    agreement = customers.agreement(session, f"steady-{len(key)}")
    period = {"kind": "custom", "start": start, "end": end}
    customers.version(session, agreement, customers.terms_document(f"steady-{len(key)}", period=period))
    contract = customers.contract(session, customer, agreement, canary, {"api": house.api}, fee=FEES[key])
    canary_people.announce(session, agreement, customer, contract, author.id, canary, period)
    session.add(LegalHoldRow(customer_id=customer, at=now, holds=True, reason=f"{canary} goes to court"))
    entry = canary_periods.exclude(session, house, customer, canary, contract)
    canary_periods.over_contract(session, house, customer, canary, FEES[key])
    return {
        **canary_people.talk(session, customer, author, helper, agreement, canary),
        **canary_people.let_in(session, customer, author.id, canary),
        "customer": customer,
        "contract": contract,
        "exclusion": entry,
        "work": canary_periods.plan_work(session, house),
        "service": "api",
        "day": (now - timedelta(days=1)).date().isoformat(),
        "group": "Platform",
        "commitment": "availability",
        "period": start,
        "member": author.id,
        "organisation": customer,
        "token": "no-such-token",
        "file": "news.rss",
        "month": canary_periods.over()[0][:7],
        "incident": incident,
        "slug": "gold",
        "number": 1,
        "before": 1,
        "after": 1,
        "filename": STATIC_FILE,
        "kind": "samples",
        "form": "csv",
    }


def _seen(session: Session, arguments: dict[str, object], key: str, token: str) -> Plant:
    """Everything of one customer that is a canary: its words, its sums, its name, and the id of each of its rows."""
    customer = UUID(str(arguments["customer"]))
    name = session.scalars(select(CustomerRow.name).where(CustomerRow.id == customer)).one()
    ids = (str(row.id) for table in tenant_rows() for row in rows_of(session, table, customer))
    digest = token_hash(token)
    browser = session.scalars(select(UserSessionRow.id).where(UserSessionRow.token_hash == digest)).one()
    words = {f"canary-{key}", FEES[key], FEES[key].replace(".", ""), name, f"@{key}.example", str(browser)}
    return Plant(customer, frozenset({*words, *ids}), {**arguments, "browser": browser, "language": "de"})


def tenant_rows() -> list[type[TenantOwned]]:
    """Every class of rows that belong to a customer."""
    found = [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, TenantOwned)]
    return sorted(found, key=lambda row: row.__name__)


def rows_of(session: Session, table: type[TenantOwned], customer: UUID) -> list[TenantOwned]:
    """The rows of one customer in a table."""
    return list(session.scalars(select(table).where(table.customer_id == customer)))
