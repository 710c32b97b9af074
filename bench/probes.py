"""The whole pipeline of a probe, due → sent → stored → run, against a local nginx by host name (speed.md).

Each case starts an nginx, a name server and a worker as processes of their own on loopback, lets the worker warm up,
and counts only the worker's processor time. At the end the requests nginx logged must equal the rows stored.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import trustme
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.database import metadata, prepare_engine, transaction
from portal.store import all_rows
from portal.store.evidence.evidence import SampleRow
from portal.store.measuring.services import LocationRow, ProbeRow, ScheduleRow, ServiceRow
from portal.usecases.groundwork import scopes
from portal.usecases.keeping.summaries import refresh_summaries

INTERVAL_S = 60
START_S = 10
DOMAIN = "bench.example"
CPU_BUDGET_MS = {"http": 0.30, "https": 1.8}
CORE_BUDGET_PERCENT = {"http": 15, "https": 35}
LAG_BUDGET_MS = 1_000
RSS_BUDGET_MB = 300
FULL_RATE = 10_000
RUN_WORKER = "from portal.config import load; from portal.worker import work; work(load())"


@dataclass(frozen=True, slots=True)
class Case:
    """One measurement: `rate` probes a minute over `hosts` names whose answers live `ttl_s` seconds."""

    kind: str
    rate: int
    ttl_s: int
    hosts: int


@dataclass(frozen=True, slots=True)
class Reading:
    """The worker's processor seconds, the wall seconds and the second of the clock at one moment."""

    cpu_s: float
    wall_s: float
    second: int


def measure(
    seconds: int = 30,
    warm_up: int = 65,
    rates: str = "1000,10000",
    kinds: str = "http,https",
    ttls: str = "60,0",
    hosts: int = 100,
) -> Iterator[dict[str, Any]]:
    """Yield one row for each kind, rate and TTL, and one for libcurl by itself on this machine at this hour.

    Each is measured for `seconds` after `warm_up`: the first minute is dearer, because every probe is met once.
    """
    for kind in kinds.split(","):
        yield _bare(kind)
        for rate in rates.split(","):
            for ttl_s in ttls.split(","):
                yield _run(Case(kind, int(rate), int(ttl_s), hosts), seconds, warm_up)


def _bare(kind: str) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        ca_file = _certificates(folder)
        with _nginx(folder, kind) as port:
            command = [sys.executable, "-m", "bench._bare", f"{kind}://127.0.0.1:{port}/", "2000", str(ca_file)]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return {"kind": f"{kind}: libcurl alone", "measured": 2_000, "cpu_ms_a_probe": round(float(told), 3)}
    finally:
        shutil.rmtree(folder)


def _run(case: Case, seconds: int, warm_up_s: int) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        with ExitStack() as stack:
            ca_file = _certificates(folder)
            port = stack.enter_context(_nginx(folder, case.kind))
            name_server = stack.enter_context(_name_server(case.ttl_s))
            address = _database(folder, case, port)
            worker = stack.enter_context(_worker(folder, address, name_server, ca_file))
            time.sleep(warm_up_s)
            before = _read(worker)
            time.sleep(seconds)
            after, rss_mb = _read(worker), worker.memory_info().rss / 1e6
        return _row(case, address, folder, before, after, rss_mb)
    finally:
        shutil.rmtree(folder)


def _row(case: Case, address: str, folder: Path, before: Reading, after: Reading, rss_mb: float) -> dict[str, Any]:
    rows, within, lags = _stored(address, before.second, after.second)
    cpu_s, wall_s = after.cpu_s - before.cpu_s, after.wall_s - before.wall_s
    row: dict[str, Any] = {
        "kind": case.kind,
        "probes_a_minute": case.rate,
        "ttl_s": case.ttl_s,
        "measured": within,
        "cpu_ms_a_probe": _beside(round(cpu_s * 1000 / max(1, within), 3), CPU_BUDGET_MS[case.kind]),
        "core_percent": round(cpu_s / wall_s * 100, 1),
        "lag_p50_ms": lags[len(lags) // 2],
        "lag_p99_ms": _beside(lags[len(lags) * 99 // 100], LAG_BUDGET_MS),
        "rss_mb": _beside(round(rss_mb), RSS_BUDGET_MB),
        "rows": rows,
        "requests": len((folder / "access.log").read_bytes().splitlines()),
    }
    if case.rate == FULL_RATE:
        row["core_percent"] = _beside(row["core_percent"], CORE_BUDGET_PERCENT[case.kind])
    if row["rows"] != row["requests"]:
        raise RuntimeError(f"nginx was asked {row['requests']} times and {rows} rows are stored")
    return row


def _beside(value: float, budget: float) -> dict[str, float]:
    return {"value": value, "budget": budget}


def _stored(address: str, start: int, end: int) -> tuple[int, int, list[int]]:
    """Return the rows stored, those due in the measured seconds, and the sorted lags of these in ms."""
    engine = create_engine(address)
    with Session(engine) as session:
        total = session.scalars(select(func.count()).select_from(SampleRow)).one()
        failed = session.scalars(select(func.count()).select_from(SampleRow).where(SampleRow.state != 0)).one()
        lags = session.scalars(
            select(SampleRow.start_offset_ms).where(SampleRow.slot >= start, SampleRow.slot < end)
        ).all()
    engine.dispose()
    if failed:
        raise RuntimeError(f"{failed} of {total} probes were not up; the machine is too busy to measure")
    return total, len(lags), sorted(lag or 0 for lag in lags)


def _read(worker: psutil.Process) -> Reading:
    times = worker.cpu_times()
    return Reading(times.user + times.system, time.monotonic(), int(time.time()))


def _certificates(folder: Path) -> Path:
    authority = trustme.CA()
    certificate = authority.issue_cert(f"*.{DOMAIN}")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    certificate.private_key_and_cert_chain_pem.write_to_path(folder / "site.pem")
    return folder / "ca.pem"


@contextmanager
def _nginx(folder: Path, kind: str) -> Iterator[int]:
    port = _free_port(socket.SOCK_STREAM)
    listen = f"{port} ssl" if kind == "https" else str(port)
    user = "user nobody nogroup;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"""daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; {user}
events {{ worker_connections 8192; }}
http {{
  log_format short "$host $status"; access_log {folder}/access.log short;
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  server {{
    listen 127.0.0.1:{listen} backlog=4096;
    ssl_certificate {folder}/site.pem; ssl_certificate_key {folder}/site.pem; ssl_session_cache off;
    location / {{ return 200 "ok"; }}
  }}
}}
"""
    )
    folder.chmod(0o755)
    process = subprocess.Popen([_program("nginx"), "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    with _ended(process, signal.SIGQUIT):
        _wait_for(port)
        yield port


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("nginx did not start")


@contextmanager
def _name_server(ttl_s: int) -> Iterator[str]:
    port = _free_port(socket.SOCK_DGRAM)
    process = subprocess.Popen([sys.executable, "-m", "bench._name_server", str(port), str(ttl_s)])
    with _ended(process, signal.SIGTERM):
        yield f"127.0.0.1#{port}"


@contextmanager
def _worker(folder: Path, address: str, name_server: str, ca_file: Path) -> Iterator[psutil.Process]:
    environment = {
        "PATH": os.environ["PATH"],
        "SLA_PORTAL_ENVIRONMENT": "development",
        "SLA_PORTAL_HOME": str(folder),
        "SLA_PORTAL_DATABASE_URL": address,
        "SLA_PORTAL_NAMESERVERS": name_server,
        "SLA_PORTAL_PROBE_CA_FILE": str(ca_file),
    }
    process = subprocess.Popen([sys.executable, "-c", RUN_WORKER], env=environment)
    with _ended(process, signal.SIGTERM):
        yield psutil.Process(process.pid)


@contextmanager
def _ended(process: subprocess.Popen[bytes], by: signal.Signals) -> Iterator[None]:
    try:
        yield
    finally:
        process.send_signal(by)
        process.wait(60)


def _database(folder: Path, case: Case, port: int) -> str:
    """Create a database with the case's probes and return its address."""
    address = f"sqlite:///{folder / 'portal.sqlite'}"
    all_rows.load()
    engine = create_engine(address)
    metadata.create_all(engine)
    engine.dispose()
    engine = create_engine(address)
    prepare_engine(engine)
    with Session(engine) as session, transaction(session):
        session.add(LocationRow(number=1, key="here", name="Here", allow=["127.0.0.0/8"]))
        service = ServiceRow(key="bench", name="bench", group_name="", position=1)
        session.add(service)
        session.flush()
        probes = [ProbeRow(number=number, key=str(number), service_id=service.id) for number in range(1, case.rate + 1)]
        session.add_all(probes)
        session.flush()
        session.add_all(_schedule(case, port, probe, int(time.time())) for probe in probes)
    with Session(engine) as session, scopes.provider():
        while refresh_summaries(session, clock.now()):  # days before the first sample: made once, not while measuring
            pass
    engine.dispose()
    return address


def _schedule(case: Case, port: int, probe: ProbeRow, since: int) -> ScheduleRow:
    address = f"{case.kind}://h{probe.number % case.hosts}.{DOMAIN}:{port}/{probe.number}"
    return ScheduleRow(
        probe_id=probe.id,
        effective_from=since,
        kind="http",
        target={"address": address},
        interval_s=INTERVAL_S,
        timeout_ms=10_000,
        latency_limit_ms=None,
        locations=[1],
    )


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        raise RuntimeError(f"This needs {name} (Debian: apt-get install nginx-light).")
    return found
