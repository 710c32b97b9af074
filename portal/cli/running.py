"""`sla-portal run`, `web` and `worker`: the portal as processes."""

import pkgutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from portal import clock, config
from portal.cli import serving
from portal.cli.configuring import apply_document
from portal.cli.folder import own_folder
from portal.cli.opening import migrate_database, opened_portal
from portal.cli.own_provider import own_configuration, write_configuration
from portal.cli.processes import LOOK_S, Tree, end_with, stop_signals, verb
from portal.cli.settling import settle_for_development
from portal.cli.yaml_text import read_document
from portal.config import Settings
from portal.database import reading, transaction
from portal.domain.notices.refusals import Refusal
from portal.domain.people.roles import StaffRole
from portal.usecases.configuration.applying import is_configured
from portal.usecases.people.users import NewUser, add_user

READY_S = 60.0
ADMINISTRATOR = "admin@localhost"
FILE = "provider.yaml"
_parent = click.option("--parent", type=int, hidden=True, help="End when the process of this id does.")


@click.command
@click.argument("urls", nargs=-1)
def run(urls: tuple[str, ...]) -> None:
    """Start the portal on this machine: pages and measuring in one tree of processes.

    With URLs (http://…, https://… or tcp://host:port) it becomes a provider whose probes ask exactly these.
    """
    settings = settle_for_development()
    with own_folder(settings.home):
        serving.refuse_taken_port(settings)
        migrate_database(settings)
        if urls:
            _become_own_provider(settings, urls)
        run_tree(settings)


@dataclass(frozen=True, slots=True)
class Beside:
    """A further process of the tree: what people call it, its command, and how to see that it is ready."""

    name: str
    command: Sequence[str]
    is_ready: Callable[[], bool]


def run_tree(settings: Settings, beside: Sequence[Beside] = ()) -> None:
    """Run the web server and the worker until Ctrl-C, and `beside` them further processes, ready before they start."""
    tree = Tree()
    with stop_signals() as stop:
        try:
            for one in beside:
                tree.start(one.name, one.command)
                _wait_until_ready(tree, one, stop)
            pages = Beside("web server", verb("web"), lambda: serving.answers(settings))
            tree.start(pages.name, pages.command)
            tree.start("worker", verb("worker"))
            if _wait_until_ready(tree, pages, stop):
                click.echo(f"The portal is at {settings.external_url} — Ctrl-C ends it.")
            ended = tree.watch(stop)
        finally:
            tree.stop()
    if ended is not None:
        raise Refusal(f"The {ended.name} ended by itself with code {ended.process.returncode}, so everything ended.")
    click.echo("Everything has ended.")


def _wait_until_ready(tree: Tree, one: Beside, stop: threading.Event) -> bool:
    """Wait until a process is ready; False when something ended or is to end first. Raises Refusal after a minute."""
    deadline = time.monotonic() + READY_S
    while not one.is_ready():
        if tree.ended() is not None or stop.wait(LOOK_S):
            return False
        if time.monotonic() > deadline:
            raise Refusal(f"The {one.name} did not get ready within {READY_S:.0f} seconds.")
    return not stop.is_set()


@click.command
@_parent
def web(parent: int | None) -> None:
    """Serve the pages."""
    if parent is not None:
        end_with(parent)
    serving.serve(config.load())


@click.command
@_parent
def worker(parent: int | None) -> None:
    """Measure, store what was found and keep the current figures fresh."""
    if parent is not None:
        end_with(parent)
    # Doors do not import each other: this one opens the worker's by name, as the web server does the application.
    work = pkgutil.resolve_name("portal.worker:work")
    work(config.load())


def _become_own_provider(settings: Settings, urls: Sequence[str]) -> None:
    path = settings.home / FILE
    write_configuration(path, own_configuration(urls))
    with opened_portal(settings) as session:
        with reading(session):
            is_new = not is_configured(session)
        plan = apply_document(session, read_document(path))
        for line in plan.lines():
            click.echo(line)
        if is_new:
            administrator = NewUser(ADMINISTRATOR, "Administrator", StaffRole.ADMINISTRATOR, {})
            with transaction(session):
                password = add_user(session, administrator, clock.now())
            click.echo(f"Sign in as {ADMINISTRATOR} with the password {password} — it is shown this once.")
        else:
            click.echo(f"The login was shown at the first start. Renew it: {renewal(settings.home, ADMINISTRATOR)}")


def renewal(home: Path, email: str) -> str:
    """Return the command that renews a password."""
    return f"SLA_PORTAL_HOME={home} sla-portal user password {email}"
