"""`python -m bench._recording > bench/recorded_run.csv`: a day of samples, measured once by the real probes over TLS.

They ask a local service whose answers take about 40 ms, some of them much longer, a few of them failing.
"""

import csv
import queue
import random
import ssl
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme

from portal.worker.orders import sample_of
from probes.guard import probe_policy
from probes.results import Order, Result
from probes.runner import Runner
from probes.targets import HttpTarget

COUNT = 1_440
A_SECOND = 6
FIELDS = (
    "state", "error", "http_status", "start_offset_ms", "resolve_ms", "connect_ms", "tls_ms", "processing_ms",
    "transfer_ms", "total_ms",
)  # fmt: skip


class Service(BaseHTTPRequestHandler):
    """Answers after a while drawn by chance."""

    def do_GET(self) -> None:
        """Answer, one time in three hundred with an error."""
        time.sleep(random.lognormvariate(-3.2, 0.35))
        self.send_response(500 if random.randrange(300) == 0 else 200)
        self.send_header("Content-Length", "400")
        self.end_headers()
        self.wfile.write(b"ok" * 200)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def record() -> None:
    """Measure and write one line for each sample."""
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(FIELDS)
    with tempfile.TemporaryDirectory() as folder:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(Path(folder) / "ca.pem")
        server = _server(authority)
        results: queue.SimpleQueue[Result] = queue.SimpleQueue()
        runner = Runner(results.put, ca_file=str(Path(folder) / "ca.pem"))
        runner.start()
        for first in range(0, COUNT, A_SECOND):
            time.sleep(1 - time.time() % 1)  # slots are whole seconds
            runner.submit([_order(server.server_port, number) for number in range(first, first + A_SECOND)])
            for _ in range(A_SECOND):
                sample = sample_of(results.get(timeout=30), 60, 1)
                out.writerow([getattr(sample, field) for field in FIELDS])
        runner.stop(drain_s=0)
        server.shutdown()


class Server(ThreadingHTTPServer):
    """Takes as many connections at once as come."""

    request_queue_size = 128


def _server(authority: trustme.CA) -> Server:
    server = Server(("127.0.0.1", 0), Service)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def _order(port: int, number: int) -> Order:
    now = int(time.time())
    target = HttpTarget(f"https://127.0.0.1:{port}/")
    return Order(number + 1, 1, now, target, probe_policy(["127.0.0.0/8"]), 5_000, (now + 60) * 1000)


if __name__ == "__main__":
    record()
