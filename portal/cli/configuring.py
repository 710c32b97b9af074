"""`sla-portal apply FILE`: the configuration as a file (decision D19)."""

import base64
import json
import os
from pathlib import Path

import click
from sqlalchemy.orm import Session

from portal import clock
from portal.cli.opening import opened_portal
from portal.cli.settling import operator_settings
from portal.cli.yaml_text import read_document
from portal.database import begin, commit, reading
from portal.domain.documents.reading import InvalidDocument
from portal.domain.notices.refusals import Refusal
from portal.usecases.configuration.applying import apply_configuration
from portal.usecases.configuration.exporting import export_configuration
from portal.usecases.configuration.plan import Plan

FROM_FILE = "file:"
LOGO_KINDS = {".svg": "image/svg+xml", ".png": "image/png"}
LOGO_BYTES_MOST = 1024 * 1024


@click.command
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be done and do nothing.")
def apply(file: Path, dry_run: bool) -> None:
    """Make the portal what FILE (portal-config/1, YAML or JSON) says, whole or not at all.

    What FILE lists becomes what it says; what it does not list is left alone, except probes: a FILE that lists probes
    lists them all. Published versions of agreements never change.
    """
    document = with_files(read_document(file), file.parent)
    with opened_portal(operator_settings()) as session:
        plan = apply_document(session, document, dry_run=dry_run)
    for line in plan.lines():
        click.echo(line)
    click.echo(_summary(plan, dry_run))


def with_files(document: object, folder: Path) -> object:
    """Return the document with a logo named `file:NAME` read from beside it; raise Refusal when that cannot be."""
    provider = _part(document, "provider")
    brand = _part(provider, "brand")
    logo = brand.get("logo")
    if not isinstance(logo, str) or not logo.startswith(FROM_FILE):
        return document
    path = folder / Path(logo.removeprefix(FROM_FILE)).name
    kind = LOGO_KINDS.get(path.suffix.lower())
    if kind is None:
        raise Refusal(f"provider.brand.logo: {path.name} must be an .svg or a .png beside the configuration.")
    try:
        with path.open("rb") as file:
            content = file.read(LOGO_BYTES_MOST)
    except OSError as error:
        raise Refusal(f"provider.brand.logo: {path} cannot be read: {error.strerror}.") from None
    address = f"data:{kind};base64,{base64.b64encode(content).decode()}"
    return {**_part({"": document}, ""), "provider": {**provider, "brand": {**brand, "logo": address}}}


def _part(document: object, name: str) -> dict[str, object]:
    found = document.get(name) if isinstance(document, dict) else None
    return found if isinstance(found, dict) else {}


@click.command
def export() -> None:
    """Print the configuration as a file that `apply` takes (JSON); applying it changes nothing. It holds no secrets."""
    with opened_portal(operator_settings()) as session, reading(session):
        click.echo(json.dumps(export_configuration(session), ensure_ascii=False, indent=2))


def apply_document(session: Session, document: object, *, dry_run: bool = False) -> Plan:
    """Apply a configuration document in one transaction, or only find out what it would do."""
    begin(session, write=True)
    try:
        plan = apply_configuration(session, document, clock.now(), os.environ)
        if not dry_run:
            commit(session)
    except InvalidDocument as invalid:
        raise Refusal("\n".join([*map(str, invalid.problems), "Nothing was changed."])) from None
    finally:
        session.rollback()
    return plan


def _summary(plan: Plan, dry_run: bool) -> str:
    if plan.is_empty:
        return f"Nothing to change: all {plan.unchanged} things are as the file says."
    counts = f"{len(plan.created)} created, {len(plan.changed)} changed, {len(plan.ended)} ended"
    rest = f"{counts}, {plan.unchanged} unchanged."
    return f"A dry run, nothing was changed. It would be: {rest}" if dry_run else f"Done: {rest}"
