"""`sla-portal demo`: start the demo, break and heal its services, list them."""

from pathlib import Path

import click

from demo import supervisor
from demo.ports import is_free, known_ports
from portal.cli.settling import settle_for_development

HOME = Path("var/demo")
YEAR_HOME = Path("var/year")


@click.group(invoke_without_command=True)
@click.pass_context
def demo(context: click.Context) -> None:
    """Start the demo provider Northwind Cloud, with real local services and a generated past."""
    if context.invoked_subcommand is None:
        from demo.starting import start  # the whole portal, which the other verbs do without

        start(settle_for_development(HOME))


@demo.command("break")
@click.argument("name")
def break_service(name: str) -> None:
    """Kill the process of a demo service, so that its port refuses."""
    supervisor.ask(_home(), name, supervisor.BREAK)
    click.echo(f"{name} is down: its process was killed. Start it again with: sla-portal demo heal {name}")


@demo.command
@click.argument("name")
def heal(name: str) -> None:
    """Start the process of a demo service again."""
    supervisor.ask(_home(), name, supervisor.HEAL)
    click.echo(f"{name} answers again.")


@demo.command("list")
def list_services() -> None:
    """List the demo's services, their ports, whether they answer, and how many requests they counted."""
    for name, port in known_ports(_home()).items():
        state = "refuses" if is_free(port) else "answers"
        click.echo(f"{name:<10} 127.0.0.1:{port}  {state}  {supervisor.requests_counted(_home(), name)} requests")


@demo.command(hidden=True)
@click.option("--customers", default=200, show_default=True)
@click.option("--services", default=40, show_default=True)
@click.option("--months", default=13, show_default=True)
@click.option("--seed", default=1, show_default=True)
def year(customers: int, services: int, months: int, seed: int) -> None:
    """Tell a simulated year into an empty data folder; called again after an interruption it goes on."""
    from demo.simulating import simulate  # the whole portal, which the other verbs do without

    simulate(settle_for_development(YEAR_HOME), customers, services, months, seed)


def _home() -> Path:
    return settle_for_development(HOME).home
