"""Setting the demo up: its configuration in force, its past told, its people able to sign in."""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from sqlalchemy.orm import Session

from demo import history
from demo.generator import tell_history
from demo.history import Past, episodes, past_before
from demo.told.moments import play
from demo.told.story import story
from portal import clock
from portal.cli.yaml_text import parse
from portal.database import transaction
from portal.usecases.configuration.applying import apply_configuration
from portal.usecases.people.users import renew_password

FILE = "provider.yaml"
BEGUN, DONE = "history-begun", "history-told"
SAMPLES_A_MOMENT = 3_000
"""How many samples are told in the time a moment of the story takes, about: for the progress that is shown."""
FIRST_DAY = "{first day}"
FIRST_DAY_OF_OLD = date(2025, 2, 1)
"""When the contracts began in a demo that was set up before its folder said so."""
Document = dict[str, Any]


def written_configuration(home: Path, ports: Mapping[str, int], first: date) -> Document:
    """Return the demo's configuration, and write it to its folder for people to read and change.

    Its services listen on these ports, and its contracts begin on the first day of the past.
    """
    text = (files("demo") / FILE).read_text(encoding="utf-8").replace(FIRST_DAY, first.isoformat())
    for name, port in ports.items():
        text = text.replace(f"{{{name}}}", str(port))
    (home / FILE).write_text(text, encoding="utf-8")
    return cast(Document, parse(text))


def past_of(home: Path) -> Past:
    """Return the past of the demo in this folder, or of one that starts now."""
    now = clock.seconds(clock.now()) // history.INTERVAL_S * history.INTERVAL_S
    if not is_set_up(home):
        return past_before(now)
    first = (home / BEGUN).read_text().strip()
    return Past(date.fromisoformat(first) if first else FIRST_DAY_OF_OLD, now)


def is_begun(home: Path) -> bool:
    """Whether a first start began here: what the folder holds is the demo's own."""
    return (home / BEGUN).exists()


def is_set_up(home: Path) -> bool:
    """Whether the first start was finished here."""
    return (home / DONE).exists()


def set_up(
    session: Session, home: Path, document: Document, past: Past, progress: Callable[[int], object]
) -> dict[str, str]:
    """Do the first start: configuration, past, passwords. Returns the passwords by address; they are kept nowhere."""
    (home / BEGUN).write_text(f"{past.first}\n")
    _apply(session, as_of_the_past(document), past.start - 1)
    _apply(session, document, past.live_from - 1)
    tell_history(session, past, episodes(past), clock.seconds(clock.now()), progress)
    play(session, story(past), past.live_from, lambda: progress(SAMPLES_A_MOMENT))
    with transaction(session):
        now = clock.now()
        passwords = {user["email"]: renew_password(session, user["email"], now) for user in document["users"]}
    (home / DONE).touch()
    return passwords


def follow(session: Session, document: Document) -> None:
    """Do a later start: whatever changed in the file, such as a port, is in force from now on."""
    _apply(session, document, clock.seconds(clock.now()))


def as_of_the_past(document: Document) -> Document:
    """Return the configuration as it was while the demo's past went on: every probe each ten minutes."""
    past = deepcopy(document)
    for probe in past["probes"]:
        probe["interval_seconds"] = str(history.INTERVAL_S)
    return past


def _apply(session: Session, document: Document, now_s: int) -> None:
    with transaction(session):
        apply_configuration(session, document, clock.instant(now_s), {})


def roles(document: Document) -> dict[str, str]:
    """Return what each person of the demo is, by address, in words."""
    names = {customer["id"]: customer["name"] for customer in document["customers"]}
    found = {}
    for user in document["users"]:
        own = [f"{one['role']} at {names[one['customer']]}" for one in user.get("customers", [])]
        staff = [f"staff: {user['staff']}"] if "staff" in user else []
        found[user["email"]] = re.sub(r"\s+", " ", ", ".join([*own, *staff]))
    return found
