"""Putting the pages into the application, behind their walls."""

import importlib
import pkgutil

from flask import Flask

from portal.web import access, context, errors, formats, fragments, languages, pages, saying, security, transactions
from portal.web.prepared import door


def register(app: Flask, catalogues: str) -> None:
    """Register every page of portal.web.pages, then everything that stands before and after each of them.

    `catalogues` is the folder of the translations.
    """
    for module in pkgutil.iter_modules(pages.__path__):
        app.register_blueprint(importlib.import_module(f"portal.web.pages.{module.name}").blueprint)
    languages.prepare(app, catalogues)
    security.prepare(app)
    transactions.prepare(app)
    access.prepare(app)
    errors.prepare(app)
    formats.prepare(app)
    saying.prepare(app)
    fragments.prepare(app)
    context.prepare(app)
    door.hang(app)
