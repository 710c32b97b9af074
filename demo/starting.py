"""Starting the demo: set up at first, and then run with its services."""

import os
import sys
from collections.abc import Mapping

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy.orm import Session

from demo import history, setting
from demo.history import Past
from demo.ports import chosen_ports, is_free
from demo.services import NAMES
from demo.told.story import story
from portal.cli import serving
from portal.cli.folder import own_folder
from portal.cli.opening import migrate_database, opened_portal
from portal.cli.running import Beside, renewal, run_tree
from portal.config import Settings
from portal.database import reading
from portal.domain.notices.refusals import Refusal
from portal.usecases.configuration.applying import is_configured

ADMINISTRATOR = "ada@northwind.example"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
WIDTH = 110


def start(settings: Settings) -> None:
    """Start the demo and run it until Ctrl-C; raises Refusal."""
    _refuse_strangers(settings)
    with own_folder(settings.home):
        serving.refuse_taken_port(settings)
        _start_in_own_folder(settings)


def _start_in_own_folder(settings: Settings) -> None:
    _forget_interrupted_start(settings)
    ports = chosen_ports(settings.home, NAMES)
    migrate_database(settings)
    past = setting.past_of(settings.home)
    document = setting.written_configuration(settings.home, ports, past.first)
    with opened_portal(settings) as session:
        if setting.is_set_up(settings.home):
            setting.follow(session, document)
            click.echo("The logins were shown at the first start. Renew one with:")
            click.echo(f"  {renewal(settings.home, ADMINISTRATOR)}")
        else:
            _refuse_used_database(session)
            _print_logins(_set_up(session, settings, document, past), setting.roles(document))
    words = [sys.executable, "-m", "demo.supervisor", str(settings.home), "--parent", str(os.getpid())]
    run_tree(settings, [Beside("demo services", words, lambda: not any(map(is_free, ports.values())))])


def _set_up(session: Session, settings: Settings, document: setting.Document, past: Past) -> Mapping[str, str]:
    samples = (past.live_from - past.start) // history.INTERVAL_S * len(NAMES)
    total = samples + setting.SAMPLES_A_MOMENT * len(story(past))
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"Telling {history.MONTHS} months of history", total=total)
        return setting.set_up(session, settings.home, document, past, lambda stored: bar.advance(task, stored))


def _refuse_strangers(settings: Settings) -> None:
    """The demo's people and passwords are for this machine only (decision D13)."""
    if settings.host not in LOOPBACK:
        raise Refusal(f"The demo listens on this machine only, not on {settings.host}. Set SLA_PORTAL_HOST=127.0.0.1.")


def _refuse_used_database(session: Session) -> None:
    with reading(session):
        if is_configured(session):
            raise Refusal("This database holds a provider already. The demo needs an empty one.")


def _forget_interrupted_start(settings: Settings) -> None:
    """A first start that was interrupted begins anew: nobody has a password yet and nothing was measured."""
    if setting.is_begun(settings.home) and not setting.is_set_up(settings.home) and not settings.database_url:
        for path in settings.home.glob("portal.sqlite*"):
            path.unlink()


def _print_logins(passwords: Mapping[str, str], roles: Mapping[str, str]) -> None:
    table = Table("Sign in as", "Password", "Who this is", title="Logins of the demo, shown this once")
    for email, password in passwords.items():
        table.add_row(email, password, roles[email])
    Console(width=WIDTH).print(table)
