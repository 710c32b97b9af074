"""Members of a customer: owners invite, give roles and take off; whoever was invited joins by their link."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField

from portal import clock
from portal.database import db
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Invalid
from portal.domain.people.roles import CustomerRole, Permission
from portal.usecases.people import customers, members
from portal.usecases.people.members import Invitation, Invited, Member
from portal.web import access, transactions
from portal.web.saying import say

blueprint = Blueprint("members", __name__)
ROLES = (
    (CustomerRole.MEMBER.value, phrase("member: sees everything but money")),
    (CustomerRole.BILLING.value, phrase("billing: sees money too, claims and disputes")),
    (CustomerRole.OWNER.value, phrase("owner: also answers for terms, members and support access")),
)
ONE = "/c/<uuid:customer>/members/<uuid:member>"
JOIN = "/join/<uuid:organisation>/<token>"


class InviteForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """Whom to invite, and as what."""

    email = StringField(phrase("E-mail address"))
    role = StringField(phrase("As what?"), default=CustomerRole.MEMBER.value)


class JoinForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """What somebody without an account is called, and their password, twice."""

    name = StringField(phrase("Your name"))
    password = PasswordField(phrase("Password"))
    again = PasswordField(phrase("Password once more"))


@dataclass(frozen=True, slots=True)
class MembersPage:
    """Who belongs to a customer, who was invited, and the form; `link` is the address just made, shown this once.

    `only_owner` is who has to stay one, if there is one alone.
    """

    customer: customers.Customer
    members: Sequence[Member]
    invited: Sequence[Invited]
    form: InviteForm
    roles: Sequence[tuple[str, str]]
    may_manage: bool
    only_owner: UUID | None
    link: str


@dataclass(frozen=True, slots=True)
class JoinPage:
    """What a link opens, where to sign in first, and the form for who has no account."""

    invitation: Invitation
    here: str
    form: JoinForm
    token: str


@blueprint.get("/c/<uuid:customer>/members")
@access.requires(Permission.SEE_CUSTOMER)
def show(customer: UUID) -> ResponseReturnValue:
    """Show who belongs to the customer."""
    return _page(customer, InviteForm())


@blueprint.post("/c/<uuid:customer>/members")
@access.requires(Permission.MANAGE_MEMBERS)
def invite(customer: UUID) -> ResponseReturnValue:
    """Invite somebody, and show the link to hand to them, this once."""
    form, settings = InviteForm(), current_app.extensions["settings"]
    email, role = form.email.data or "", form.role.data or ""
    try:
        link = members.invite(db.session(), customer, access.reader(), email, role, settings.external_url, clock.now())
    except Invalid as refusal:
        form[refusal.field].errors = [refusal.sentence]
        return _page(customer, form), 422
    return _page(customer, InviteForm(formdata=None), link)


@blueprint.post("/c/<uuid:customer>/invitations/<uuid:invitation>/withdraw")
@access.requires(Permission.MANAGE_MEMBERS)
def withdraw(customer: UUID, invitation: UUID) -> ResponseReturnValue:
    """Withdraw an invitation."""
    members.withdraw(db.session(), customer, access.reader(), invitation, clock.now())
    flash(say(phrase("That invitation opens nothing any more.")))
    return redirect(url_for("members.show", customer=customer), 303)


@blueprint.post(f"{ONE}/role")
@access.requires(Permission.MANAGE_MEMBERS)
def change_role(customer: UUID, member: UUID) -> ResponseReturnValue:
    """Give a member another role."""
    role = request.form.get("role", "")
    members.change_role(db.session(), customer, access.reader(), member, role, clock.now())
    flash(say(phrase("The role is changed.")))
    return redirect(url_for("members.show", customer=customer), 303)


@blueprint.post(f"{ONE}/remove")
@access.requires(Permission.MANAGE_MEMBERS)
def remove(customer: UUID, member: UUID) -> ResponseReturnValue:
    """Take a member off."""
    person = access.reader()
    members.remove(db.session(), customer, person, member, clock.now())
    if person.id == member:
        return redirect(url_for("accounts.show"), 303)
    flash(say(phrase("They see nothing of this customer any more.")))
    return redirect(url_for("members.show", customer=customer), 303)


@blueprint.get(JOIN)
@access.public
def look(organisation: UUID, token: str) -> ResponseReturnValue:
    """Show what a link opens; looking does not use it up."""
    return _join_page(organisation, token, JoinForm())


@blueprint.post(JOIN)
@access.public
@transactions.by_itself
def join_anew(organisation: UUID, token: str) -> ResponseReturnValue:
    """Make an account and join, and have its owner sign in with it."""
    form = JoinForm()
    name, password = form.name.data or "", form.password.data or ""
    if password != form.again.data:
        form.again.errors = [phrase("The two passwords differ. Type the same one twice.")]
        return _join_page(organisation, token, form), 422
    try:
        members.join_anew(db.session(), organisation, token, name, password, clock.now())
    except Invalid as refusal:
        form[refusal.field].errors = [refusal.sentence]
        return _join_page(organisation, token, form), 422
    flash(say(phrase("You have joined. Sign in with your address and password.")))
    return redirect(url_for("accounts.sign_in", next=url_for("customers.overview", customer=organisation)), 303)


@blueprint.post(f"{JOIN}/accept")
@access.requires(Permission.SEE_OWN_ACCOUNT)
def join(organisation: UUID, token: str) -> ResponseReturnValue:
    """Join with the account one is signed in with."""
    members.join(db.session(), organisation, token, access.reader(), clock.now())
    return redirect(url_for("customers.overview", customer=organisation), 303)


def _page(customer: UUID, form: InviteForm, link: str = "") -> str:
    session = db.session()
    may_manage, found = access.reader().may(Permission.MANAGE_MEMBERS, customer), members.members(session, customer)
    owners = [one.id for one in found if one.role is CustomerRole.OWNER]
    page = MembersPage(
        customer=customers.customer(session, customer),
        members=found,
        invited=members.invited(session, clock.now()) if may_manage else (),
        form=form,
        roles=ROLES,
        may_manage=may_manage,
        only_owner=owners[0] if len(owners) == 1 else None,
        link=link,
    )
    return render_template("members/list.html", page=page)


def _join_page(organisation: UUID, token: str, form: JoinForm) -> str:
    found = members.invitation(db.session(), organisation, token, clock.now())
    here = url_for("members.look", organisation=organisation, token=token)
    return render_template("members/join.html", page=JoinPage(found, here, form, token))
