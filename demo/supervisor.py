"""The owner of the demo's service processes; requests to stop and start one are files in the demo's folder.

A service that ended, by a request or by anybody's kill, stays ended until it is asked to start.
"""

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from demo.ports import is_free, known_ports
from demo.services import NAMES, counted
from portal.cli.processes import end_with, stop_signals
from portal.domain.notices.refusals import NotFound, Refusal

LOOK_S = 0.2
FOLLOW_S = 10.0
BREAK, HEAL = "break", "heal"


def services_folder(home: Path) -> Path:
    """Return where requests, logs and process ids of the services stand."""
    return home / "services"


def ask(home: Path, name: str, request: str) -> None:
    """Have a service stopped (`break`) or started (`heal`) and wait until it is; raises Refusal."""
    if name not in NAMES:
        raise NotFound(f"There is no demo service {name}. There is: {', '.join(NAMES)}.")
    port = known_ports(home).get(name)
    if port is None or not (services_folder(home) / "supervisor.pid").exists():
        raise Refusal("The demo is not running here. Start it with: sla-portal demo")
    (services_folder(home) / f"{name}.{request}").touch()
    deadline = time.monotonic() + FOLLOW_S
    while is_free(port) != (request == BREAK):
        if time.monotonic() > deadline:
            raise Refusal(f"{name} did not follow within {FOLLOW_S:.0f} seconds. Is the demo still running?")
        time.sleep(LOOK_S)


def requests_counted(home: Path, name: str) -> int:
    """Return how many requests a service has counted since the demo's folder was made."""
    return counted(services_folder(home) / f"{name}.log")


class Supervisor:
    """Starts the services and follows the requests in their folder."""

    def __init__(self, home: Path) -> None:
        self._folder = services_folder(home)
        self._ports = known_ports(home)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start_all(self) -> None:
        """Start every service; requests of an earlier run are forgotten."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for request in (*self._folder.glob(f"*.{BREAK}"), *self._folder.glob(f"*.{HEAL}")):
            request.unlink()
        for name in NAMES:
            self._start(name)
        (self._folder / "supervisor.pid").write_text(f"{os.getpid()}\n")

    def follow_requests(self) -> None:
        """Do what the request files ask and remove them."""
        for name in NAMES:
            for request, act in ((BREAK, self._kill), (HEAL, self._start)):
                path = self._folder / f"{name}.{request}"
                if path.exists():
                    act(name)
                    path.unlink()

    def stop_all(self) -> None:
        """End every service."""
        (self._folder / "supervisor.pid").unlink(missing_ok=True)
        for name in NAMES:
            self._kill(name)

    def _start(self, name: str) -> None:
        running = self._running.get(name)
        if running is not None and running.poll() is None:
            return
        log = self._folder / f"{name}.log"
        words = ["-m", "demo.services", name, str(self._ports[name]), str(log), "--parent", str(os.getpid())]
        self._running[name] = subprocess.Popen([sys.executable, *words], stdin=subprocess.DEVNULL)
        (self._folder / f"{name}.pid").write_text(f"{self._running[name].pid}\n")

    def _kill(self, name: str) -> None:
        running = self._running.get(name)
        if running is not None:
            running.send_signal(signal.SIGKILL)
            running.wait()


def supervise(home: Path, stop: threading.Event) -> None:
    """Run the services until `stop` is set."""
    supervisor = Supervisor(home)
    try:
        supervisor.start_all()
        while not stop.wait(LOOK_S):
            supervisor.follow_requests()
    finally:
        supervisor.stop_all()


def main() -> None:
    """Supervise until SIGTERM or SIGINT."""
    words = argparse.ArgumentParser(prog="python -m demo.supervisor")
    words.add_argument("home", type=Path)
    words.add_argument("--parent", type=int, required=True)
    given = words.parse_args()
    end_with(given.parent)
    with stop_signals() as stop:
        supervise(given.home, stop)


if __name__ == "__main__":
    main()
