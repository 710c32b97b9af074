"""`python -m bench NAME [--option value …]`: a table for people, then one JSON line for each measurement.

A benchmark is a module bench/NAME.py with `measure(…) -> Iterator[dict]`; the parameters of `measure` are its options.
A value that comes with a budget is written {"value": …, "budget": …}: the budget is the most it may be.
"""

import argparse
import importlib
import inspect
import json
import pkgutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

import bench

Row = Mapping[str, Any]


def names() -> list[str]:
    """Return the names of all benchmarks."""
    return sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_"))


def main(arguments: Sequence[str]) -> int:
    """Run one benchmark; 1 when a budget was not kept."""
    chooser = argparse.ArgumentParser(prog="bench", add_help=False)
    chooser.add_argument("name", choices=names())
    chosen, rest = chooser.parse_known_args(arguments)
    measure = importlib.import_module(f"bench.{chosen.name}").measure
    rows = list(_told(measure(**_options(chosen.name, measure, rest))))
    _print_table(chosen.name, rows)
    for row in rows:
        print(json.dumps(row))
    return 0 if all(_kept(cell) for row in rows for cell in row.values()) else 1


def _options(name: str, measure: Any, arguments: Sequence[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(prog=f"bench {name}", formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    for option in inspect.signature(measure).parameters.values():
        parser.add_argument(f"--{option.name.replace('_', '-')}", type=type(option.default), default=option.default)
    return vars(parser.parse_args(arguments))


def _told(rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        print(json.dumps(row), file=sys.stderr, flush=True)
        yield row


def _print_table(name: str, rows: Sequence[Row]) -> None:
    table = Table(title=name)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    for column in columns:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*(_cell(row.get(column, "")) for column in columns))
    Console(width=200 if not sys.stdout.isatty() else None).print(table)


def _cell(value: Any) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    colour = "green" if _kept(value) else "red"
    return f"[{colour}]{value['value']}[/] ≤ {value['budget']}"


def _kept(cell: Any) -> bool:
    return not isinstance(cell, Mapping) or cell["value"] <= cell["budget"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
