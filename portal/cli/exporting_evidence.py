"""`sla-portal evidence`: evidence of a service as a file anybody can read."""

import os
from pathlib import Path

import click
from sqlalchemy.orm import Session

from portal.cli.opening import opened_portal
from portal.cli.settling import operator_settings
from portal.cli.table_files import FORMATS
from portal.database import reading
from portal.domain.notices.refusals import Conflict, Invalid, Refusal
from portal.domain.quantities.zones import parse_instant
from portal.usecases.keeping.evidence_export import COLUMNS, Range, evidence_rows, range_of


@click.command
@click.argument("kind", type=click.Choice(list(COLUMNS)))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--service", required=True, metavar="KEY", help="The service whose evidence it is.")
@click.option("--from", "start", required=True, metavar="TIME", help="Such as 2026-10-01T00:00:00Z.")
@click.option("--until", "end", required=True, metavar="TIME", help="The first second after the range.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), help="Without it the ending of FILE says which.")
def evidence(kind: str, file: Path, service: str, start: str, end: str, form: str | None) -> None:
    """Write samples, runs, outages, counts or tickets of a service into the new FILE (CSV, JSON lines or Parquet)."""
    chosen = form or file.suffix.removeprefix(".").lower()
    if chosen not in FORMATS:
        raise Invalid("format", f"{file} must end in .csv, .jsonl or .parquet, or --format must say what it is.")
    span = _instant("--from", start), _instant("--until", end)
    with opened_portal(operator_settings()) as session, reading(session):
        written = _write(session, kind, range_of(session, service, *span), chosen, file)
    click.echo(f"{file}: {written} rows.")


def _write(session: Session, kind: str, wanted: Range, form: str, file: Path) -> int:
    """Write beside the file and give it its name at the end, so that there is a whole one or none."""
    if file.exists():
        raise Conflict(f"{file} is there already. Choose another name or remove it.")
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("wb") as out:
            written = FORMATS[form](out, COLUMNS[kind], evidence_rows(session, kind, wanted))
            out.flush()
            os.fsync(out.fileno())
        part.rename(file)
    except OSError as error:
        raise Refusal(f"{file} cannot be written: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)
    return written


def _instant(option: str, text: str) -> int:
    try:
        return parse_instant(text)
    except (ValueError, OverflowError) as error:
        raise Invalid(option, f"{option} {error}.") from None
