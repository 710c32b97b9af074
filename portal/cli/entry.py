"""The verbs of `sla-portal`, each loaded when it is asked for, and the one place where a no becomes a sentence.

Other packages may add verbs: they name them as entry points of the group `sla_portal.verbs`.
"""

import pkgutil
import sys
from importlib.metadata import EntryPoint, entry_points
from typing import IO, Any

import click

from portal.config import BadSettings
from portal.domain.documents.reading import InvalidDocument
from portal.domain.notices.refusals import Refusal

VERBS = {
    "apply": "portal.cli.configuring:apply",
    "backup": "portal.cli.keeping:backup",
    "close": "portal.cli.closing:close",
    "conformance": "portal.cli.computing:conformance",
    "doctor": "portal.cli.examining:doctor",
    "evaluate": "portal.cli.computing:evaluate_terms",
    "evidence": "portal.cli.exporting_evidence:evidence",
    "export": "portal.cli.configuring:export",
    "hold": "portal.cli.retaining:hold",
    "import": "portal.cli.importing:import_file",
    "migrate": "portal.cli.migrating:migrate",
    "rebuild": "portal.cli.proving:rebuild",
    "restore": "portal.cli.keeping:restore",
    "retain": "portal.cli.retaining:retain",
    "run": "portal.cli.running:run",
    "terms": "portal.cli.terms:terms",
    "seal": "portal.cli.proving:seal",
    "statements": "portal.cli.closing:statements",
    "user": "portal.cli.users:user",
    "verify": "portal.cli.proving:verify",
    "web": "portal.cli.running:web",
    "worker": "portal.cli.running:worker",
}
ADDED_VERBS = "sla_portal.verbs"


class Refused(click.ClickException):
    """An expected no, shown as its sentences."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentences to standard error."""
        click.echo(self.message, file=file or sys.stderr)


class Verbs(click.Group):
    """The verbs by name; an expected no ends them with a sentence and exit code 1."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names of all verbs."""
        return sorted({*VERBS, *(one.name for one in _added())})

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Load the verb of this name."""
        if name in VERBS:
            return _command(pkgutil.resolve_name(VERBS[name]))
        return next((_command(one.load()) for one in _added() if one.name == name), None)

    def invoke(self, ctx: click.Context) -> object:
        """Run the verb; what it refuses becomes its sentences."""
        try:
            return super().invoke(ctx)
        except InvalidDocument as invalid:
            raise Refused("\n".join(map(str, invalid.problems))) from None
        except Refusal as refusal:
            raise Refused(refusal.sentence) from None
        except BadSettings as bad:
            raise Refused(str(bad)) from None


def _added() -> list[EntryPoint]:
    return list(entry_points(group=ADDED_VERBS))


def _command(found: object) -> click.Command:
    if not isinstance(found, click.Command):
        raise TypeError(f"{found!r} is no verb.")
    return found


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
def verbs() -> None:
    """Run and operate the SLA status and transparency portal."""


def main() -> None:
    """Run the verb the command line names."""
    verbs(prog_name="sla-portal")
