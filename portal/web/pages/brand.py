"""The provider's colour as a sheet and its logo as a picture, both from this origin, kept for good by their digest."""

import hashlib

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from portal.database import db
from portal.usecases.configuration import provider
from portal.usecases.configuration.provider import Site
from portal.web import access, brand_colours

blueprint = Blueprint("brand", __name__)
KEEP_S = 31_536_000
DIGEST_LENGTH = 12


@blueprint.app_template_filter("brand_digest")
def digest(site: Site) -> str:
    """Return what the addresses of a brand end with, so that a changed one is asked for anew."""
    return hashlib.sha256(f"{site.colour} {site.logo}".encode()).hexdigest()[:DIGEST_LENGTH]


@blueprint.get("/brand.css")
@access.public
def style() -> ResponseReturnValue:
    """Answer the provider's colour as custom properties; nothing where it has none."""
    colour = provider.site(db.session()).colour
    return _kept(Response(brand_colours.stylesheet(colour) if colour else "", content_type="text/css; charset=utf-8"))


@blueprint.get("/brand/logo.img")
@access.public
def logo() -> ResponseReturnValue:
    """Answer the provider's logo."""
    kind, content = provider.logo(db.session())
    return _kept(Response(content, content_type=kind))


def _kept(response: Response) -> Response:
    if request.args.get("v") == digest(provider.site(db.session())):
        response.headers["Cache-Control"] = f"public, max-age={KEEP_S}, immutable"
    return response
