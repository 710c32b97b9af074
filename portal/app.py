"""Putting the house together: one Flask application from one set of settings."""

from pathlib import Path

from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import logs
from portal.api import badges, statuspage
from portal.config import Settings
from portal.database import db, engine_options, prepare_engine
from portal.usecases.groundwork.walls import raise_walls
from portal.usecases.status.freshness import watch_changes
from portal.web import access, register
from portal.web.prepared.declared import prepared

NEWEST = "newest_revision"
PACKAGE = Path(__file__).resolve().parent
REQUEST_BYTES_MAX = 1024 * 1024
FORM_PARTS_MAX = 200
INTERFACE_AGE_S = 10


def create_app(settings: Settings, *, as_owner: bool = False) -> Flask:
    """Return the application for these settings; raise AccessUndeclared when an endpoint says not who may.

    `as_owner` opens the database as the role its tables belong to.
    """
    address = settings.owner_address if as_owner else settings.database_address
    logs.configure(settings.secrets)
    app = Flask("portal", root_path=str(PACKAGE), template_folder=str(_folder("templates")))
    app.static_folder = str(_folder("static"))
    app.config.from_mapping(_flask_settings(settings, address))
    app.extensions["settings"] = settings
    if address.startswith("sqlite"):
        settings.home.mkdir(parents=True, exist_ok=True)
    db.init_app(app)
    raise_walls(db)
    with app.app_context():
        prepare_engine(db.engine)
        watch_changes(db.engine)
    Migrate(app, db, directory=str(_folder("migrations")), compare_type=True)
    app.extensions[NEWEST] = ScriptDirectory(str(_folder("migrations"))).get_current_head()
    CSRFProtect(app)
    _open_to_machines(app)
    register.register(app, str(_folder("translations")))
    _believe_proxies(app, settings.trusted_proxies)
    return app


def _folder(name: str) -> Path:
    """One of the folders beside the packages; an installed portal holds them within its own (setup.py)."""
    installed = PACKAGE / name
    return installed if installed.is_dir() else PACKAGE.parent / name


def _open_to_machines(app: Flask) -> None:
    """Let anybody read the interfaces of portal.api, prepared like public pages."""
    for blueprint in (statuspage.blueprint, badges.blueprint):
        app.register_blueprint(blueprint)
    for endpoint, view in app.view_functions.items():
        if endpoint.partition(".")[0] in (statuspage.blueprint.name, badges.blueprint.name):
            access.public(prepared(max_age_s=INTERFACE_AGE_S)(view))


def _believe_proxies(app: Flask, proxies: int) -> None:
    """Take a reader's address and scheme from as many proxies as the settings name, no more (trust.md W4)."""
    if proxies:
        behind = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0)
        app.wsgi_app = behind  # type: ignore[method-assign]  # the way Flask documents


def _flask_settings(settings: Settings, address: str) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": settings.replaced_keys,
        "SQLALCHEMY_DATABASE_URI": address,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(address),
        "MAX_CONTENT_LENGTH": REQUEST_BYTES_MAX,
        "MAX_FORM_MEMORY_SIZE": REQUEST_BYTES_MAX,
        "MAX_FORM_PARTS": FORM_PARTS_MAX,
        "TRUSTED_HOSTS": settings.host_names,
        "SESSION_COOKIE_NAME": "portal_form" if settings.is_development else "__Host-portal_form",
        "SESSION_COOKIE_SECURE": not settings.is_development,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,
    }
