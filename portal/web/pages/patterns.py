"""Every component in every state, for those who make pages: nothing of anybody stands here (docs/decisions)."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal.database import db
from portal.domain.evidence.detection import SecondsByState
from portal.usecases.configuration import provider
from portal.usecases.status.last_days import LastDays, Span
from portal.web import access, bars, brand_colours
from portal.web.bars import Drawing
from portal.web.brand_colours import Palette
from portal.web.prepared.declared import prepared
from portal.web.service_lines import Scale

blueprint = Blueprint("patterns", __name__)
DAY_S = 86_400
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


@dataclass(frozen=True, slots=True)
class PatternsPage:
    """Bars of every look, their axis, and how the provider's colour is used."""

    bars: Drawing
    scale: Scale
    palette: Palette | None


@blueprint.get("/patterns")
@access.public
@prepared()
def show() -> ResponseReturnValue:
    """Show every component in every state."""
    dates = [FIRST + timedelta(days=place) for place in range(len(STORY))]
    span = Span.of(dates, range(0, (len(STORY) + 1) * DAY_S, DAY_S))
    days = LastDays.of(span, {place: SECONDS[letter] for place, letter in enumerate(STORY)})
    colour = provider.site(db.session()).colour
    page = PatternsPage(
        bars=Drawing.of(days),
        scale=Scale(bars.ticks(dates), len(dates)),
        palette=brand_colours.palette(colour) if colour else None,
    )
    return render_template("patterns/patterns.html", page=page)
