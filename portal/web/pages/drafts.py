"""The editor of agreements for service level managers: a text, what it says, and the way to its publication."""

from dataclasses import dataclass

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from portal import clock
from portal.database import db, reading
from portal.domain.notices.refusals import Conflict, Invalid, NotAllowed, Refusal
from portal.domain.people.roles import Permission
from portal.usecases.publishing import acknowledgements, draft_check, drafts, presets
from portal.usecases.publishing.acknowledgements import AnsweredVersion
from portal.usecases.publishing.draft_check import Checked
from portal.usecases.publishing.drafts import Desk, EditedMeanwhile, Line
from portal.usecases.publishing.presets import Model
from portal.usecases.publishing.simulated_credit import Simulation
from portal.usecases.publishing.terms_to_simulate import simulate_written
from portal.web import access, transactions

blueprint = Blueprint("drafts", __name__)
STATUS: dict[type[Refusal], int] = {Invalid: 422, NotAllowed: 403}


class DraftForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """The text of the coming version, the edition it began from, and the reason for what is doubtful."""

    text = TextAreaField("The coming version, as YAML")
    edition = StringField("Edition")
    model = StringField("Model")
    reason = TextAreaField("Why it may be published all the same")


@dataclass(frozen=True, slots=True)
class ListPage:
    """Every agreement with its draft."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class EditorPage:
    """The editor: the form, what its text says, the models to start from; `theirs` is a text saved meanwhile.

    `model` is the one the text began from, if it began from one; `paid` what the text would have paid, if that was
    worked out.
    """

    desk: Desk
    form: DraftForm
    checked: Checked
    models: tuple[tuple[str, str], ...]
    model: Model | None
    answered: tuple[AnsweredVersion, ...]
    theirs: str
    refusal: str
    paid: Simulation | None


@dataclass(frozen=True, slots=True)
class ToldPage:
    """What a text says while it is being written."""

    checked: Checked


@blueprint.get("/staff/terms")
@access.requires(Permission.WRITE_TERMS)
def show_all() -> ResponseReturnValue:
    """Show every agreement and who writes its next version."""
    return render_template("drafts/list.html", page=ListPage(tuple(drafts.lines(db.session()))))


@blueprint.get("/staff/terms/<slug>")
@access.requires(Permission.WRITE_TERMS)
def show(slug: str) -> ResponseReturnValue:
    """Show the editor with the saved draft, a model, or the latest version to go on from."""
    begun_from = request.args.get("from")
    desk = drafts.open_desk(db.session(), slug, begun_from)
    form = DraftForm(data={"text": desk.text, "edition": str(desk.edition), "model": begun_from})
    return _editor(slug, desk, form)


@blueprint.post("/staff/terms/<slug>/check")
@access.requires(Permission.WRITE_TERMS)
@transactions.by_itself
def check(slug: str) -> ResponseReturnValue:
    """Show what the text says and what it would have paid; nothing is saved."""
    session, form = db.session(), DraftForm()
    with reading(session):
        paid = simulate_written(session, slug, form.text.data or "", clock.now())
        return _editor(slug, drafts.open_desk(session, slug, None), form, paid=paid)


@blueprint.post("/staff/terms/<slug>/told")
@access.requires(Permission.WRITE_TERMS)
@transactions.by_itself
def tell(slug: str) -> ResponseReturnValue:
    """Show what the text says as a piece of the page, while it is being written; only reads."""
    with reading(db.session()):
        page = ToldPage(draft_check.check(db.session(), slug, DraftForm().text.data or "", clock.now()))
        return render_template("drafts/live.html", page=page)


@blueprint.post("/staff/terms/<slug>")
@access.requires(Permission.WRITE_TERMS)
def save(slug: str) -> ResponseReturnValue:
    """Save the draft."""
    form = DraftForm()
    try:
        drafts.save(db.session(), slug, form.text.data or "", _edition(form), access.reader(), clock.now())
    except (Conflict, Invalid) as refusal:
        return _refused(slug, form, refusal)
    flash("The draft is saved.")
    return redirect(url_for("drafts.show", slug=slug), 303)


@blueprint.post("/staff/terms/<slug>/review")
@access.requires(Permission.WRITE_TERMS)
def ask_for_review(slug: str) -> ResponseReturnValue:
    """Ask somebody else to publish the saved draft."""
    form = DraftForm()
    try:
        drafts.ask_for_review(db.session(), slug, _edition(form), access.reader(), clock.now())
    except (Conflict, Invalid) as refusal:
        return _refused(slug, _with_saved_text(slug, form), refusal)
    flash("Somebody else can publish it now.")
    return redirect(url_for("drafts.show", slug=slug), 303)


@blueprint.post("/staff/terms/<slug>/publish")
@access.requires(Permission.WRITE_TERMS)
def publish(slug: str) -> ResponseReturnValue:
    """Publish the reviewed draft."""
    form, one_may = DraftForm(), current_app.extensions["settings"].single_operator
    reader, now, reason = access.reader(), clock.now(), form.reason.data or ""
    try:
        number = drafts.publish(db.session(), slug, _edition(form), reason, reader, now, one_may=one_may)
    except (Conflict, Invalid, NotAllowed) as refusal:
        return _refused(slug, _with_saved_text(slug, form), refusal)
    flash(f"Version {number} is published and never changes from now on.")
    return redirect(url_for("commitments.show_version", slug=slug, number=number), 303)


def _edition(form: DraftForm) -> int:
    text = form.edition.data or ""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Invalid("edition", "This form is damaged. Reload the page; copy your text first.")
    return int(text)


def _with_saved_text(slug: str, form: DraftForm) -> DraftForm:
    """The form of a step that has no text of its own, with the text that is saved."""
    form.text.data = drafts.open_desk(db.session(), slug, None).text
    return form


def _refused(slug: str, form: DraftForm, refusal: Refusal) -> ResponseReturnValue:
    """The editor again with everything typed and the sentence; after a conflict, going on from the other's edition."""
    desk = drafts.open_desk(db.session(), slug, None)
    if isinstance(refusal, Invalid):
        form[refusal.field].errors = [refusal.sentence]
    theirs = ""
    if isinstance(refusal, EditedMeanwhile):
        theirs = refusal.theirs.text
        form.edition.data = str(refusal.theirs.edition)
    answer = _editor(slug, desk, form, theirs, "" if isinstance(refusal, Invalid) else refusal.sentence)
    return answer, STATUS.get(type(refusal), 409)


def _editor(
    slug: str, desk: Desk, form: DraftForm, theirs: str = "", refusal: str = "", paid: Simulation | None = None
) -> str:
    session, now = db.session(), clock.now()
    page = EditorPage(
        desk=desk,
        form=form,
        checked=draft_check.check(session, slug, form.text.data or "", now),
        models=tuple((one.id, presets.title(one)) for one in presets.presets()),
        model=presets.model(form.model.data) if form.model.data else None,
        answered=acknowledgements.answered_versions(session, slug, now),
        theirs=theirs,
        refusal=refusal,
        paid=paid,
    )
    return render_template("drafts/editor.html", page=page)
