"""The portal as processes: started by one command, ended with it, however that ends; nothing is left running."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import requests

from demo.ports import is_free

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PROGRAM = Path(sys.executable).with_name("sla-portal")
WITHIN_S = 120.0
SERVICES = 5
LEAST_CHILDREN = 3
"""Web server, its worker, the measuring worker."""


@dataclass(frozen=True, slots=True)
class Run:
    """A running portal: its process, its folder, its address, and the file its words go to."""

    process: subprocess.Popen[bytes]
    home: Path
    address: str
    words: Path

    def said(self) -> str:
        return self.words.read_text()


def environment(home: Path, port: int) -> Mapping[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SLA_PORTAL_")}
    return {**kept, "SLA_PORTAL_HOME": str(home), "SLA_PORTAL_PORT": str(port)}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def eventually(is_so: Callable[[], bool], within_s: float = WITHIN_S) -> bool:
    deadline = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@contextmanager
def running(home: Path, *words: str, port: int | None = None) -> Iterator[Run]:
    """Start a verb and wait until the portal says where it is; end whatever is left of it."""
    home.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    path = home / f"words-{time.monotonic_ns()}"
    with path.open("wb") as output:
        process = subprocess.Popen(
            [str(PROGRAM), *words], env=environment(home, port), stdout=output, stderr=output, start_new_session=True
        )
    run = Run(process, home, f"http://127.0.0.1:{port}", path)
    try:
        assert eventually(lambda: "The portal is at" in run.said() or process.poll() is not None), run.said()
        assert process.poll() is None, run.said()
        yield run
    finally:
        children = family(process.pid)
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()
        psutil.wait_procs(children, timeout=30)


def family(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def verb(run: Run, *words: str) -> subprocess.CompletedProcess[str]:
    return ended_verb(*words, env=environment(run.home, int(run.address.rpartition(":")[2])))


def ended_verb(*words: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(PROGRAM), *words], env=env, capture_output=True, text=True, check=False)


def all_ended(processes: list[psutil.Process]) -> bool:
    return not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in processes)


def test_a_worker_that_dies_ends_the_rest_with_a_sentence(tmp_path: Path) -> None:
    with running(tmp_path / "own", "run", "http://127.0.0.1:1/") as run:
        children = family(run.process.pid)
        (worker,) = [one for one in children if "worker" in one.cmdline() and one.ppid() == run.process.pid]
        worker.kill()
        assert run.process.wait(30) == 1
        assert all_ended(children)
        assert "The worker ended by itself with code -9" in run.said()


def test_own_addresses_become_a_provider_its_login_is_shown_once_and_ctrl_c_ends_every_process(tmp_path: Path) -> None:
    home = tmp_path / "own"
    with running(home, "run", "http://127.0.0.1:1/health", "tcp://127.0.0.1:1") as run:
        said = run.said()
        assert "create  probe 127-0-0-1-1-health" in said
        assert len(re.findall(r"Sign in as admin@localhost with the password \S{20} ", said)) == 1
        assert "My services" in requests.get(run.address, timeout=30).text
        second = ended_verb("run", env=environment(home, free_port()))
        assert second.returncode == 1
        assert second.stderr.startswith(f"A portal is running in {home} already.")
        children = family(run.process.pid)
        assert len(children) >= LEAST_CHILDREN
        run.process.send_signal(signal.SIGINT)
        assert run.process.wait(30) == 0
        assert all_ended(children)
        assert run.said().endswith("Everything has ended.\n")
        assert "Traceback" not in run.said()
    with running(home, "run", "http://127.0.0.1:1/health") as run:
        assert "end  probe 127-0-0-1-1 (its measurements stay)" in run.said()
        assert "The login was shown at the first start." in run.said()
        assert "with the password" not in run.said()
        children = family(run.process.pid)
        run.process.kill()
        assert eventually(lambda: all_ended(children), 30), "a killed parent takes every child with it"


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        ended = ended_verb("run", env=environment(tmp_path, port))
    assert ended.returncode == 1
    assert ended.stderr == f"127.0.0.1, port {port} is taken. Stop what listens there, or set SLA_PORTAL_PORT.\n"


def test_an_address_no_probe_may_ask_starts_nothing(tmp_path: Path) -> None:
    for url, sentence in (("ftp://x/", "is not an address"), ("http://169.254.169.254/", "is never asked")):
        ended = ended_verb("run", url, env=environment(tmp_path, free_port()))
        assert ended.returncode == 1
        assert sentence in ended.stderr
        assert "Traceback" not in ended.stderr


def test_the_demo_starts_breaks_heals_counts_and_ends(tmp_path: Path) -> None:
    home = tmp_path / "demo"
    with running(home, "demo") as run:
        assert len(re.findall(r"@(?:globex|initech|umi|northwind)\.example", run.said())) == 8
        for page in ("/", "/commitments", "/history.rss"):
            assert requests.get(run.address + page, timeout=30).status_code == 200
        listed = verb(run, "demo", "list").stdout
        ports = {name: int(port) for name, port in re.findall(r"(\w+) +127\.0\.0\.1:(\d+)", listed)}
        assert len(ports) == SERVICES

        broken = verb(run, "demo", "break", "api")
        assert (broken.returncode, is_free(ports["api"])) == (0, True), broken.stderr
        assert "refuses" in verb(run, "demo", "list").stdout
        healed = verb(run, "demo", "heal", "api")
        assert (healed.returncode, is_free(ports["api"])) == (0, False), healed.stderr
        assert verb(run, "demo", "break", "nonsense").returncode == 1

        children = family(run.process.pid)
        assert len(children) > SERVICES + LEAST_CHILDREN
        run.process.send_signal(signal.SIGTERM)
        assert run.process.wait(30) == 0
        assert all_ended(children)
        assert all(is_free(port) for port in ports.values())
        assert verb(run, "demo", "break", "api").stderr.startswith("The demo is not running here.")

    with running(home, "demo") as again:
        assert "The logins were shown at the first start." in again.said()
        assert "Password" not in again.said()
        children = family(again.process.pid)
        again.process.kill()
        assert eventually(lambda: all_ended(children), 30)


def test_the_demo_never_listens_beyond_this_machine(tmp_path: Path) -> None:
    beyond = {
        **environment(tmp_path, free_port()),
        "SLA_PORTAL_HOST": "0.0.0.0",
        "SLA_PORTAL_ENVIRONMENT": "production",
        "SLA_PORTAL_SECRET_KEY": "abcdefghijklmnopqrstuvwxyz0123456789",
    }
    ended = ended_verb("demo", env=beyond)
    assert ended.returncode == 1
    assert "The demo listens on this machine only, not on 0.0.0.0." in ended.stderr
