"""The portal as an operator runs it: a web server and a worker, processes of their own, killed and started again."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import requests

from tests.worker.targets import wait_until

LEASE_S = 2
START_S = 60.0
STOP_S = 30.0


class Process:
    """One process of the portal and everything it started."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], log: Path) -> None:
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command, env=environment, stdout=output, stderr=output, start_new_session=True
            )

    def kill(self) -> None:
        """End it and what it started at once, as a crash would."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(STOP_S)

    def end(self) -> int:
        """End it in order and return its exit code."""
        self._process.terminate()
        return self._process.wait(STOP_S)

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None


class Portal:
    """A portal on a database; `start_web` and `start_worker` may be called again after a kill."""

    def __init__(self, url: str, home: Path, before: Sequence[str] = ()) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._log, self._before = home / "log", before
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SLA_PORTAL_")}
        self._environment = kept | {
            "SLA_PORTAL_ENVIRONMENT": "development",
            "SLA_PORTAL_HOME": str(home),
            "SLA_PORTAL_PORT": str(port),
            "SLA_PORTAL_EXTERNAL_URL": self.address,
            "SLA_PORTAL_DATABASE_URL": url,
            "SLA_PORTAL_STAFF_SECOND_FACTOR": "optional",
            "SLA_PORTAL_LEASE_SECONDS": str(LEASE_S),
        }
        self.processes: dict[str, Process] = {}

    def start(self, *verbs: str) -> None:
        """Start `web`, `worker` or both, and wait until the pages answer."""
        for name in verbs:
            command = [*self._before, sys.executable, "-m", "portal.cli", name]
            self.processes[name] = Process(command, self._environment, self._log)
        if "web" in verbs:
            wait_until(self.answers, START_S)

    def kill(self) -> None:
        """Kill everything at once."""
        for process in self.processes.values():
            process.kill()

    def answers(self) -> bool:
        """Whether the web server answers at all."""
        assert all(process.runs for process in self.processes.values()), self.log()
        try:
            return requests.get(f"{self.address}/healthz", timeout=5).ok
        except requests.ConnectionError:
            return False

    def log(self) -> str:
        """What the processes said."""
        return self._log.read_text(errors="replace")


@contextmanager
def running(url: str, home: Path, *verbs: str) -> Iterator[Portal]:
    """Run a portal, and leave nothing of it behind."""
    portal = Portal(url, home)
    try:
        portal.start(*verbs)
        yield portal
    finally:
        portal.kill()
