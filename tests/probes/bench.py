"""A runner at work for a test: orders in, results by slot out."""

import queue
import time
from collections.abc import Sequence

from probes.clock import Clock
from probes.guard import Policy, probe_policy
from probes.results import Order, Result
from probes.runner import Runner
from probes.targets import HttpTarget, Target

LOOPBACK = probe_policy(["127.0.0.0/8", "::1/128"])


class Bench:
    """A started runner; leaving it stops the runner."""

    def __init__(
        self,
        nameservers: Sequence[str] = (),
        *,
        clock: Clock | None = None,
        max_in_flight: int | None = None,
        ca_file: str | None = None,
    ) -> None:
        self.results: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self.runner = Runner(
            self.results.put, clock=clock, nameservers=nameservers, max_in_flight=max_in_flight, ca_file=ca_file
        )
        self._probes = 0

    def __enter__(self) -> "Bench":
        self.runner.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.runner.stop(drain_s=0)

    def order(
        self,
        target: Target,
        *,
        timeout_ms: int = 5000,
        policy: Policy = LOOPBACK,
        probe: int | None = None,
        slot: int | None = None,
    ) -> Order:
        """Return an order that is due now; each is for another probe unless one is named."""
        self._probes += 1
        due = int(time.time()) if slot is None else slot
        return Order(probe or self._probes, 1, due, target, policy, timeout_ms, (int(time.time()) + 3600) * 1000)

    def measure(self, target: Target | str, *, timeout_ms: int = 5000, policy: Policy = LOOPBACK) -> Result:
        """Run one probe and return its result."""
        asked = HttpTarget(target) if isinstance(target, str) else target
        self.runner.submit([self.order(asked, timeout_ms=timeout_ms, policy=policy)])
        return self.results.get(timeout=30)

    def take(self, count: int) -> list[Result]:
        """Return the next results."""
        return [self.results.get(timeout=30) for _ in range(count)]
