"""The access matrix: what every rule of the url map answers to everybody, kept in access.csv for review.

Everybody asks for the pages of Globex. `stranger` owns another customer, `no customer` belongs to none, `no code` owns
Globex and has not given the code of the second factor yet, `support` is a responder with Globex's support grant. A form
is sent empty: 422 means that it may be sent. `./dev access` writes the table anew.
"""

import csv
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from portal.app import create_app
from portal.database import db
from tests.databases import create_tables
from tests.web.canaries import SAFE, Planted, Restored, address, plant, rules, send
from tests.web.conftest import settings_of

FILE = Path(__file__).with_name("access.csv")
PEOPLE = (
    "nobody",
    "stranger",
    "no customer",
    "member",
    "billing",
    "owner",
    "no code",
    "responder",
    "manager",
    "finance",
    "administrator",
    "support",
)
Matrix = Mapping[tuple[str, str], Mapping[str, int]]


def measured(planted: Planted, is_asked: Callable[[Rule], bool] = lambda _rule: True) -> Matrix:
    """Ask every rule (that is asked) as everybody, each time in the same house; return the statuses."""
    restored = Restored(planted.app)
    browsers = {who: planted.browser(who) for who in PEOPLE}
    found: dict[tuple[str, str], dict[str, int]] = {}
    for rule, method in rules(planted.app):
        if not is_asked(rule):
            continue
        path = address(planted.app, rule, planted.globex.arguments)
        found[rule.rule, method] = row = {}
        for who, (client, token) in browsers.items():
            row[who] = send(client, method, path, token).status
            if method not in SAFE:
                restored.put_back()
                planted.sign_in(client, who)
    return found


def reviewed() -> Matrix:
    """The matrix as it was reviewed."""
    with FILE.open(newline="") as file:
        return {(row["rule"], row["method"]): {who: int(row[who]) for who in PEOPLE} for row in csv.DictReader(file)}


def differences(now: Matrix, before: Matrix) -> list[str]:
    """Every rule that only one of them has, and every status that differs, as sentences."""
    told = [f"{method} {rule} is not in access.csv" for rule, method in now.keys() - before.keys()]
    told += [
        f"{method} {rule} is in access.csv, and there is no such rule" for rule, method in before.keys() - now.keys()
    ]
    told += [
        f"{method} {rule} answers {who} with {now[rule, method][who]}, not {before[rule, method][who]}"
        for rule, method in now.keys() & before.keys()
        for who in PEOPLE
        if now[rule, method][who] != before[rule, method][who]
    ]
    return sorted(told)


def write(matrix: Matrix) -> None:
    """Write the matrix for review."""
    with FILE.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("rule", "method", *PEOPLE))
        for (rule, method), row in matrix.items():
            writer.writerow((rule, method, *(row[who] for who in PEOPLE)))


def main(arguments: list[str]) -> int:
    """Print how the portal differs from the reviewed matrix; with --write, make that the matrix to review."""
    with tempfile.TemporaryDirectory() as folder:
        app = _portal(Path(folder))
        now = measured(plant(app))
        with app.app_context():
            db.engine.dispose()
    told = differences(now, reviewed() if FILE.exists() else {})
    print("\n".join(told) or "The portal answers as reviewed.")
    if arguments == ["--write"]:
        write(now)
        return 0
    return 1 if told else 0


def _portal(folder: Path) -> Flask:
    url = f"sqlite:///{folder / 'portal.sqlite'}"
    create_tables(url)
    return create_app(settings_of(folder, url))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
