"""Badges: one service in one line, as JSON for shields.io and as a drawing of our own."""

import json
from dataclasses import dataclass

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from portal import clock
from portal.api.components import Told, told_services
from portal.api.rollup import Component
from portal.api.statuspage import for_any_origin
from portal.database import db
from portal.domain.notices.refusals import NotFound
from portal.usecases.configuration import provider
from portal.usecases.status import public_status

blueprint = Blueprint("badges", __name__, url_prefix="/badges")
CACHE_S = 60
LETTER_PX, PAD_PX, SHAPE_PX, HEIGHT_PX = 7, 7, 16, 20


@dataclass(frozen=True, slots=True)
class Look:
    """How a status is said and drawn: a word, a colour name shields.io knows, a colour, and a shape."""

    word: str
    colour_name: str
    colour: str
    shape: str


CIRCLE = '<circle cx="8" cy="10" r="4"/>'
TRIANGLE = '<path d="M8 5l5 9H3z"/>'
SQUARE = '<path d="M4 6h8v8H4z"/>'
DIAMOND = '<path d="M8 5l5 5-5 5-5-5z"/>'
RING = '<circle cx="8" cy="10" r="3.5" fill="none" stroke="#fff" stroke-width="1.5"/>'
LOOKS = {
    Component.OPERATIONAL: Look("up", "brightgreen", "#1f6f43", CIRCLE),
    Component.DEGRADED: Look("slower", "yellow", "#7a5300", TRIANGLE),
    Component.PARTIAL: Look("partly down", "orange", "#9a3b00", SQUARE),
    Component.MAJOR: Look("down", "red", "#a3201d", SQUARE),
    Component.MAINTENANCE: Look("planned work", "blue", "#2b4f9e", DIAMOND),
}
UNKNOWN = Look("not known", "lightgrey", "#555a60", RING)


@blueprint.get("/<service>.json")
def as_json(service: str) -> ResponseReturnValue:
    """Answer a service's badge for shields.io; a key it does not know would make it refuse the whole."""
    told = _told(service)
    look = _look(told)
    body = {
        "schemaVersion": 1,
        "label": told.service.service.name,
        "message": look.word,
        "color": look.colour_name,
        "cacheSeconds": CACHE_S,
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return for_any_origin(Response(text, content_type="application/json; charset=utf-8"))


@blueprint.get("/<service>.svg")
def as_drawing(service: str) -> ResponseReturnValue:
    """Answer a service's badge as SVG: word and shape say what the colour says."""
    told = _told(service)
    drawing = _drawing(told.service.service.name, _look(told))
    return for_any_origin(Response(drawing, content_type="image/svg+xml; charset=utf-8"))


def _told(key: str) -> Told:
    site = provider.site(db.session())
    status = public_status.status(db.session(), site.timezone, clock.now())
    found = next((one for one in told_services(status) if one.service.service.key == key), None)
    if found is None:
        raise NotFound("There is no such service.")
    return found


def _look(told: Told) -> Look:
    return UNKNOWN if told.note and told.status is Component.DEGRADED else LOOKS[told.status]


def _drawing(name: str, look: Look) -> str:
    left = len(name) * LETTER_PX + 2 * PAD_PX
    said = len(look.word) * LETTER_PX
    right = said + SHAPE_PX + PAD_PX
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" role="img" aria-label="{label}">'
        "<title>{label}</title>"
        '<path fill="#2c3138" d="M0 0h{left}v{height}H0z"/>'
        '<path fill="{colour}" d="M{left} 0h{right}v{height}H{left}z"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        '<text x="{pad}" y="14" textLength="{said_left}">{name}</text>'
        '<g transform="translate({left})">{shape}<text x="{shape_px}" y="14" textLength="{said}">{word}</text></g>'
        "</g></svg>\n"
    ).format(
        width=left + right,
        height=HEIGHT_PX,
        label=f"{name}: {look.word}",
        left=left,
        right=right,
        colour=look.colour,
        pad=PAD_PX,
        said_left=left - 2 * PAD_PX,
        name=name,
        shape=Markup(look.shape),  # noqa: S704 - one of the shapes above
        shape_px=SHAPE_PX,
        said=said,
        word=look.word,
    )
