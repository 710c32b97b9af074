"""Who may: every endpoint says so with `@public` or `@requires(permission)`, or the portal does not start."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager

from portal import clock
from portal.database import begin, db
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import NotAllowed, NotFound
from portal.domain.people.person import Person
from portal.domain.people.roles import OF_STAFF_ROLE, Permission
from portal.domain.people.second_factor import Standing, is_required, standing
from portal.usecases.customer import support
from portal.usecases.groundwork import scopes
from portal.usecases.people import sessions
from portal.usecases.people.sessions import Visit
from portal.web import identity, languages, transactions

View = TypeVar("View", bound=Callable[..., Any])
STAFF_PERMISSIONS = frozenset[Permission]().union(*OF_STAFF_ROLE.values())


class AccessUndeclared(RuntimeError):
    """An endpoint does not say who may use it."""


@dataclass(frozen=True, slots=True)
class Access:
    """What an endpoint asks of its reader; no permission means anybody.

    `least` is how far the session must have come. `confirmed_on` names the page of an act that asks for the password
    again when it was given more than ten minutes ago.
    """

    permission: Permission | None
    least: Standing = Standing.FULL
    confirmed_on: str | None = None


class SignedIn:
    """What Flask-Login calls the current user."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, visit: Visit) -> None:
        self.visit = visit

    def get_id(self) -> str:
        """Return the session's id as text: it, not the user, is what ends (trust.md A3)."""
        return str(self.visit.id)


def public(view: View) -> View:
    """Declare that anybody may use this endpoint."""
    view.__access__ = Access(None)  # type: ignore[attr-defined]  # read back by _declared
    return view


def requires(
    permission: Permission, *, least: Standing = Standing.FULL, confirmed_on: str | None = None
) -> Callable[[View], View]:
    """Declare that this endpoint is for people with this permission, for the customer in its path if there is one.

    `least` lets in sessions that still lack something; `confirmed_on` marks a dangerous act and names its page.
    """

    def declare(view: View) -> View:
        view.__access__ = Access(permission, least, confirmed_on)  # type: ignore[attr-defined]  # read by _declared
        return view

    return declare


def prepare(app: Flask) -> None:
    """Put the check before every request; call when all blueprints are registered."""
    public(app.view_functions["static"])
    undeclared = sorted(name for name, view in app.view_functions.items() if _declared(view) is None)
    if undeclared:
        raise AccessUndeclared(f"These endpoints do not say who may use them: {', '.join(undeclared)}.")
    manager = LoginManager()
    manager.session_protection = None
    manager.init_app(app, add_context_processor=False)
    # It looks into the session of every answer for a "remember me"; there is none, and public pages read no session.
    app.after_request_funcs[None].remove(manager._update_remember_cookie)
    manager.request_loader(lambda _request: _signed_in())
    app.before_request(check)
    app.teardown_request(_leave_scope)


def check() -> ResponseReturnValue | None:
    """Let the request through, send the reader to sign in, or refuse."""
    if request.endpoint is None or request.routing_exception is not None:
        return None
    access = _declared(request_view())
    if access is None:
        abort(404)
    if access.permission is None:
        return None
    found = _visit()
    if found is None:
        return _ask_to_sign_in()
    languages.choose(found.person.language)
    stands = standing_of(found)
    if stands < access.least:
        return _ask_for_factor(stands)
    _admit(found.person, access.permission)
    if access.confirmed_on is not None and not found.is_confirmed(clock.now()):
        return redirect(url_for("confirming.ask", next=url_for(access.confirmed_on)), 303)
    _note_use(found)
    return None


def request_view() -> Callable[..., Any]:
    """Return the view function of the request at hand."""
    return current_app.view_functions[str(request.endpoint)]


def visit() -> Visit:
    """Return the session in use; only for endpoints that require a permission."""
    found = _visit()
    if found is None:
        raise NotAllowed(phrase("Sign in to do this."))
    return found


def reader() -> Person:
    """Return who is asking; only for endpoints that require a permission."""
    return visit().person


def _declared(view: object) -> Access | None:
    return getattr(view, "__access__", None)


def _ask_for_factor(stands: Standing) -> ResponseReturnValue:
    """Send a session to the code it lacks, or to setting a second factor up."""
    code_missing = stands is Standing.CODE_MISSING
    if not _is_reading():
        raise NotAllowed(
            "Give the code of your second factor first." if code_missing else "Set up a second factor first."
        )
    return redirect(url_for("codes.ask" if code_missing else "second_factor.show", next=_here()), 303)


def standing_of(found: Visit) -> Standing:
    """Return how far a session has come, under this installation's policies."""
    settings = current_app.extensions["settings"]
    must_have = is_required(found.person, settings.staff_second_factor, settings.customer_second_factor)
    return standing(has_factor=found.has_factor, has_passed=found.factor_at is not None, must_have=must_have)


def _admit(person: Person, permission: Permission) -> None:
    customer_id: UUID | None = (request.view_args or {}).get("customer")
    if customer_id is not None:
        if customer_id not in person.memberships:
            person = _as_support(person, customer_id)
        _enter(scopes.customer(customer_id))
    elif permission in STAFF_PERMISSIONS:
        if person.staff_role is None:
            raise NotFound(phrase("There is no such page."))
        _enter(scopes.provider())
    if not person.may(permission, customer_id):
        raise NotAllowed(phrase("Your role does not allow this. Ask an owner of your account."))


def _as_support(person: Person, customer_id: UUID) -> Person:
    """Let staff in by a grant in force, or nobody (decision D16)."""
    grant = support.access_of(db.session(), person, customer_id, clock.now())
    if grant is None:
        raise NotFound(phrase("There is no such page."))
    if _is_reading():
        _note_view(grant)
    g.support = grant
    helper = replace(person, support=frozenset({customer_id}))
    g.signed_in = SignedIn(replace(visit(), person=helper))
    return helper


def _note_view(grant: support.Grant) -> None:
    """Keep that staff read this page: the one thing a GET writes, in a transaction of its own before the page is read.

    Should it not be kept, nothing is read (decision 0017).
    """
    session = db.session()
    session.rollback()
    support.note_view(session, grant, str(request.endpoint), request.path, clock.now())
    if not transactions.stands_alone():
        begin(session, write=False)


def support_in_use() -> support.Grant | None:
    """Return the grant by which staff read this customer's page, if they do."""
    found: support.Grant | None = g.get("support")
    return found


def _note_use(found: Visit) -> None:
    if not _is_reading() and not transactions.stands_alone():
        sessions.note_use(db.session(), found, clock.now())


def _enter(scope: AbstractContextManager[None]) -> None:
    scope.__enter__()
    g.tenant_scope = scope


def _leave_scope(_error: BaseException | None) -> None:
    scope = g.pop("tenant_scope", None)
    if scope is not None:
        scope.__exit__(None, None, None)


def _signed_in() -> SignedIn | None:
    if "signed_in" not in g:
        token = identity.token()
        visit = sessions.visit_behind(db.session(), token, clock.now()) if token else None
        g.signed_in = SignedIn(visit) if visit is not None else None
    found: SignedIn | None = g.signed_in
    return found


def _visit() -> Visit | None:
    user = _signed_in()
    return user.visit if user is not None else None


def _ask_to_sign_in() -> ResponseReturnValue:
    if _is_reading():
        return redirect(url_for("accounts.sign_in", next=_here()), 303)
    raise NotAllowed(phrase("You are signed out. Sign in and send it again."))


def _is_reading() -> bool:
    return request.method in transactions.READING


def _here() -> str:
    return request.full_path.rstrip("?")


def person_of_page() -> Person | None:
    """Return who is reading, on a page that requires a permission; public pages never look (decision D15)."""
    if request.endpoint is None or request.routing_exception is not None:
        return None
    access = _declared(request_view())
    return None if access is None or access.permission is None else person_signed_in()


def person_signed_in() -> Person | None:
    """Return who is signed in, wherever they are; for pages made for one reader and kept by nobody, as of an error.

    A session that still lacks its second factor is nobody yet.
    """
    found = _visit()
    return found.person if found is not None and standing_of(found) is Standing.FULL else None
