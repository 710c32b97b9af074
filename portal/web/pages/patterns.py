"""Every component in every state, for those who make pages: nothing of anybody stands here (docs/decisions)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from wtforms import Form, SelectMultipleField, StringField, TextAreaField

from portal.database import db
from portal.domain.evidence.detection import SecondsByState
from portal.domain.notices.incidents import Incident
from portal.usecases.configuration import provider
from portal.usecases.customer.cards import Card
from portal.usecases.customer.heat_maps import HeatRow, PeriodHead
from portal.usecases.explaining.receipts import Receipt
from portal.usecases.keeping.latencies import Bands, DayLatency
from portal.usecases.people import second_factor
from portal.usecases.publishing.track_records import TrackRecord
from portal.usecases.status.last_days import LastDays, Span
from portal.web import access, bars, brand_colours, samples, spreads
from portal.web.bars import Drawing
from portal.web.brand_colours import Palette
from portal.web.prepared.declared import prepared
from portal.web.service_lines import Row, Scale
from portal.web.spreads import Picture
from portal.web.strips import Strip

blueprint = Blueprint("patterns", __name__)
DAY_S = 86_400
CONTENTS = (
    ("type", "Type"), ("states", "States"), ("notes", "Notes and banners"), ("buttons", "Things to press"),
    ("forms", "Forms"), ("tables", "Tables and facts"), ("days", "Days"), ("incidents", "Incidents and planned work"),
    ("promises", "Promises"), ("record", "Track record"), ("excluded", "Not counted"), ("ways", "Feeds and ways"),
    ("live", "Services now"),
    ("budgets", "Commitments"), ("working", "A working"), ("squares", "Squares and verdicts"), ("answers", "Answers"),
    ("talk", "Said and answered"), ("month", "Calendar"),
    ("waiting", "Waiting"), ("account", "An account"), ("pieces", "Pieces"),
)  # fmt: skip
FIRST = date(2026, 9, 2)
STORY = "o" * 14 + "s" + "o" * 20 + "d" + "o" * 9 + "u" + "o" * 21 + "h" + "o" * 16 + "n" * 6
SECONDS = {
    "o": SecondsByState(DAY_S, 0, 0, 0),
    "s": SecondsByState(DAY_S - 900, 0, 900, 0),
    "d": SecondsByState(DAY_S - 600, 600, 0, 0),
    "u": SecondsByState(0, 0, 0, DAY_S),
    "h": SecondsByState(DAY_S // 2, 0, 0, DAY_S // 2),
    "n": SecondsByState(0, 0, 0, 0),
}


class SampleForm(Form):
    """A field of every kind and state."""

    line = StringField("A line", default="Typed")
    focused = StringField("A line reached by keyboard")
    refused = StringField("A refused line", default="x")
    choice = StringField("A choice", default="one")
    several = SelectMultipleField("Some of these", default=["api"], validate_choice=False)
    either = StringField("One of these", default="this")
    neither = StringField("One of these, refused")
    area = TextAreaField("Words", default="Several lines.")
    refused_area = TextAreaField("Refused words")
    disabled = StringField("A line that cannot be changed", default="Typed")
    disabled_choice = StringField("A choice that cannot be changed", default="one")


@dataclass(frozen=True, slots=True)
class PatternsPage:
    """A sample of everything, drawn by the macros the pages use, and how the provider's colour is used."""

    services: Sequence[Row]
    scale: Scale
    palette: Palette | None
    form: SampleForm
    days: Sequence[DayLatency]
    bands: Bands
    heads: Sequence[PeriodHead]
    rows: Sequence[HeatRow]
    calm: Sequence[HeatRow]
    picture: Picture | None
    record: TrackRecord = field(default_factory=samples.record)
    receipt: Receipt = field(default_factory=samples.receipt)
    cards: Sequence[Card] = field(default_factory=samples.cards)
    incidents: Sequence[Incident] = field(default_factory=samples.incidents)
    strip: Strip = field(default_factory=samples.strip)
    month: Mapping[str, object] = field(default_factory=samples.month)
    weekdays: Sequence[Mapping[str, str]] = samples.WEEKDAYS
    customer: samples.Nobody = samples.EXAMPLE
    at: datetime = samples.AT
    later: datetime = samples.AT + timedelta(hours=2)
    zone: str = samples.ZONE
    picture_to_read: str = field(default_factory=lambda: second_factor.picture_of("Nothing to pair with"))
    contents: Sequence[tuple[str, str]] = CONTENTS


@blueprint.get("/patterns")
@access.public
@prepared()
def show() -> ResponseReturnValue:
    """Show every component in every state."""
    dates = [FIRST + timedelta(days=place) for place in range(len(STORY))]
    span = Span.of(dates, range(0, (len(STORY) + 1) * DAY_S, DAY_S))
    days = LastDays.of(span, {place: SECONDS[letter] for place, letter in enumerate(STORY)})
    colour = provider.site(db.session()).colour
    (heads, rows), (latest, drawn) = samples.heat(), samples.answers()
    page = PatternsPage(
        services=samples.services(Drawing.of(days)),
        scale=Scale(bars.ticks(dates), len(dates)),
        palette=brand_colours.palette(colour) if colour else None,
        form=_form(),
        days=latest,
        bands=drawn,
        heads=heads,
        rows=rows,
        calm=[one for one in rows if one.is_calm],
        picture=spreads.picture(samples.record().lines),
    )
    return render_template("patterns/patterns.html", page=page)


def _form() -> SampleForm:
    form = SampleForm()
    for name in ("refused", "refused_area"):
        form[name].errors = ["Write at least 10 characters."]
    form.neither.errors = ["Choose one of them."]
    return form
