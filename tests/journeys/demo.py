"""The demo provider as a newcomer starts it: `./dev run`, in a folder and on a port of its own."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[2]
START_S = 180
Found = TypeVar("Found")


def wait_for(find: Callable[[], Found | None], seconds: float, what: str) -> Found:
    """Return the first thing found that is not None; fail when nothing is found in time."""
    deadline = time.monotonic() + seconds
    while (found := find()) is None:
        assert time.monotonic() < deadline, f"{what} did not come within {seconds} s"
        time.sleep(0.5)
    return found


class Demo:
    """A running demo: `url`, `home` and the `passwords` it printed."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.output = folder / "output"
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SLA_PORTAL_")}
        self.environment = kept | {"SLA_PORTAL_HOME": str(self.home), "SLA_PORTAL_PORT": str(port)}
        self.passwords: dict[str, str] = {}

    def __enter__(self) -> "Demo":
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(
                ["./dev", "run"], cwd=ROOT, env=self.environment, stdout=output, stderr=output, start_new_session=True
            )
        try:
            wait_for(self._is_up, START_S, "The demo")
        except AssertionError:
            self.stop()
            raise AssertionError(self.output.read_text()) from None
        self.passwords = dict(re.findall(r"│ (\S+@\S+)\s+│ (\S+)", self.output.read_text()))
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self.stop()

    def verb(self, *words: str) -> str:
        """Run a verb of the demo beside it and return what it said."""
        command = [str(ROOT / ".venv/bin/sla-portal"), "demo", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout

    def requests_counted(self) -> dict[str, int]:
        """Return how many requests each service says it was asked."""
        return {name: int(count) for name, count in re.findall(r"^(\w+) .* (\d+) requests$", self.verb("list"), re.M)}

    def stop(self) -> None:
        """End it as Ctrl-C would."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(60)

    def _is_up(self) -> bool | None:
        assert self._process.poll() is None
        return True if "The portal is at" in self.output.read_text() else None
