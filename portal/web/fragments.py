"""Pieces of pages that say nothing but what they are made of: rendered once in each language, and kept.

What a piece is made of are frozen values, and all of them: whose it is stands among them where it is somebody's, since
the addresses in it are. Nothing in it may depend on the reader, the time or the request.
"""

from functools import lru_cache

from flask import Flask, get_template_attribute
from markupsafe import Markup

from portal.domain.people.languages import Language
from portal.web import languages

PIECES_KEPT = 2_048


def prepare(app: Flask) -> None:
    """Let the templates of this app keep pieces: `kept(template, macro, …)` is what the macro makes of the rest."""
    app.jinja_env.globals["kept"] = kept


def kept(template: str, macro: str, *made_of: object) -> Markup:
    """Return what a macro of a template makes of these values, in the reader's language."""
    return _rendered(languages.current(), template, macro, *made_of)


@lru_cache(maxsize=PIECES_KEPT)
def _rendered(_language: Language, template: str, macro: str, *made_of: object) -> Markup:
    piece: Markup = get_template_attribute(template, macro)(*made_of)
    return piece
