"""A portal on a fresh SQLite file, with two customers, their people and staff of every role; browsers that sign in."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.config import Environment, Settings
from portal.database import db, transaction
from portal.domain.people.person import Person
from portal.domain.people.roles import CustomerRole, StaffRole
from portal.domain.people.second_factor import StaffPolicy
from portal.store.ground.tenancy import provider_scope
from portal.store.people.providers import ProviderRow
from tests import customers
from tests.customers import House
from tests.databases import opened
from tests.signing_in import signed_in
from tests.web.canaries import Planted, plant

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
Browse = Callable[[FlaskClient, Person], str]


@dataclass(frozen=True, slots=True)
class World:
    """What stands in the portal: the house of tests.customers, more people, and the application itself."""

    app: Flask
    house: House
    people: dict[str, Person]


def settings_of(home: Path, url: str = "") -> Settings:
    """Settings of a developer's own portal."""
    return Settings(
        environment=Environment.DEVELOPMENT,
        home=home,
        database_url=url,
        secret_key="a secret that only tests know, long enough",
        staff_second_factor=StaffPolicy.OPTIONAL,
    )


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """A portal on an empty database with all tables."""
    app = create_app(settings_of(tmp_path, sqlite_url))
    try:
        yield app
    finally:
        with app.app_context():
            db.engine.dispose()


@contextmanager
def writing(app: Flask) -> Iterator[Session]:
    """Write rows of any customer behind the portal's back, as the worker or `apply` would."""
    with app.app_context(), provider_scope(), transaction(db.session()) as session:
        yield session


@pytest.fixture(scope="session")
def furnished(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, House, dict[str, Person]]:
    """A SQLite file with Globex and Initech in it, and who and what is there; worlds are copies of it."""
    path = tmp_path_factory.mktemp("furnished") / "portal.sqlite"
    shutil.copyfile(sqlite_template, path)
    with opened(f"sqlite:///{path}") as session, provider_scope(), transaction(session):
        session.add(ProviderRow(name="Northwind Cloud", timezone="Europe/Berlin", contact="help@northwind.example"))
        house = customers.build(session)
        return path, house, _people(session, house)


def _people(session: Session, house: House) -> dict[str, Person]:
    member = {house.initech: CustomerRole.MEMBER}
    return {
        "globex owner": house.globex_owner,
        "globex member": house.globex_member,
        "initech owner": house.initech_owner,
        "initech member": customers.user(session, "milton@initech.example", "Milton", member),
        "manager": house.manager,
        "responder": house.responder,
        "finance": customers.user(session, "fay@provider.example", "Fay", {}, StaffRole.FINANCE),
        "administrator": customers.user(session, "ann@provider.example", "Ann", {}, StaffRole.ADMINISTRATOR),
        "nobody's": customers.user(session, "nick@nowhere.example", "Nick", {}),
    }


@pytest.fixture
def world(app: Flask, sqlite_path: Path, furnished: tuple[Path, House, dict[str, Person]]) -> World:
    """A portal with Globex and Initech in it, owners and members of each, and staff of every role."""
    path, house, people = furnished
    with app.app_context():
        db.engine.dispose()
    shutil.copyfile(path, sqlite_path)
    return World(app, house, dict(people))


@pytest.fixture
def planted(app: Flask) -> Planted:
    """The house of the canaries."""
    return plant(app)


@pytest.fixture
def client(world: World) -> FlaskClient:
    """A browser of a visitor; `sign_in` makes it somebody's."""
    return world.app.test_client()


@pytest.fixture
def sign_in(world: World) -> Browse:
    """Return the function that signs a person in: `sign_in(client, person)` sets the cookie and returns its token."""

    def sign(client: FlaskClient, person: Person) -> str:
        with writing(world.app) as session:
            token = signed_in(session, person)
        client.set_cookie("portal", token)
        return token

    return sign


def form_token(client: FlaskClient, path: str = "/sign-in") -> str:
    """Return the token a page's form carries against cross-site requests."""
    found = TOKEN.search(client.get(path).text)
    assert found, f"{path} holds no form"
    return found[1]


def post(client: FlaskClient, path: str, data: dict[str, object], form_at: str = "/sign-in") -> TestResponse:
    """Send a form as a browser does, with its token."""
    return client.post(path, data={**data, "csrf_token": form_token(client, form_at)})
