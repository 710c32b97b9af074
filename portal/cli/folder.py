"""The data folder of one running portal: nobody else may start in it meanwhile."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.domain.notices.refusals import Refusal

LOCK = "running.lock"


@contextmanager
def own_folder(home: Path) -> Iterator[None]:
    """Hold the data folder for this process, however it ends; raises Refusal while another one holds it."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal(f"A portal is running in {home} already. End it first, or set SLA_PORTAL_HOME.") from None
        yield
