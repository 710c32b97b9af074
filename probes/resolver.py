"""Names to addresses inside the probes' own loop: never the system's stub, never blocking (libraries.md)."""

import os
import select
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from probes.loop import Loop, Timer
from probes.messages import AAAA, A, Outcome, Reply, query, read_reply
from probes.names import LOOPBACK, read_hosts

ATTEMPT_US = (500_000, 1_000_000, 2_000_000, 4_000_000)
HOSTS_TTL_S = 5
MAX_KEPT = 20_000
MAX_REPLY_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Answer:
    """What a name stands for until `expires_us` on the monotonic clock."""

    outcome: Outcome
    addresses: tuple[str, ...]
    expires_us: int


Done = Callable[[Answer], None]


class Resolver:
    """Looks names up at the given name servers, `address` or `address#port`; answers are kept for their TTL.

    The hosts file is read first. Several who ask for one name at once share one question.
    """

    def __init__(self, loop: Loop, nameservers: Sequence[str], hosts_file: Path = Path("/etc/hosts")) -> None:
        self._loop = loop
        self._servers = tuple(_server(text) for text in nameservers)
        self._hosts_file = hosts_file
        self._hosts: dict[str, tuple[str, ...]] = {}
        self._hosts_due_us = 0
        self._kept: dict[str, Answer] = {}
        self._lookups: dict[str, _Lookup] = {}

    def known(self, name: str) -> Answer | None:
        """Return the answer that is still good, or what the hosts file says; None when somebody must be asked."""
        kept = self._kept.get(name)
        if kept is not None and self._loop.now_us() < kept.expires_us:
            return kept
        addresses = self._from_hosts(name)
        return None if addresses is None else self._keep(name, Outcome.FOUND, addresses, HOSTS_TTL_S)

    def resolve(self, name: str, done: Done) -> None:
        """Ask the name servers and call `done` once with the answer, at the earliest before this returns."""
        if (lookup := self._lookups.get(name)) is not None:
            lookup.waiting.append(done)
        else:
            self._look_up(name, done)

    def close(self) -> None:
        """Drop the open questions without an answer."""
        for lookup in self._lookups.values():
            lookup.close()
        self._lookups.clear()

    def _look_up(self, name: str, done: Done) -> None:
        def finish(outcome: Outcome, addresses: tuple[str, ...], ttl_s: int) -> None:
            del self._lookups[name]
            answer = self._keep(name, outcome, addresses, ttl_s)
            for waiting in lookup.waiting:
                waiting(answer)

        lookup = _Lookup(self._loop, self._servers, name, finish)
        lookup.waiting.append(done)
        self._lookups[name] = lookup
        lookup.start()

    def _keep(self, name: str, outcome: Outcome, addresses: tuple[str, ...], ttl_s: int) -> Answer:
        answer = Answer(outcome, addresses, self._loop.now_us() + ttl_s * 1_000_000)
        self._kept.pop(name, None)
        if ttl_s > 0:
            self._kept[name] = answer
        if len(self._kept) > MAX_KEPT:
            del self._kept[next(iter(self._kept))]
        return answer

    def _from_hosts(self, name: str) -> tuple[str, ...] | None:
        now_us = self._loop.now_us()
        if now_us >= self._hosts_due_us:
            self._hosts = read_hosts(self._hosts_file)
            self._hosts_due_us = now_us + HOSTS_TTL_S * 1_000_000
        if name == "localhost" or name.endswith(".localhost"):  # RFC 6761: never asked of a name server
            return self._hosts.get(name, LOOPBACK)
        return self._hosts.get(name)


class _Lookup:
    """One name being asked: both address kinds from one fresh socket, server after server."""

    def __init__(
        self,
        loop: Loop,
        servers: tuple[tuple[str, int], ...],
        name: str,
        finish: Callable[[Outcome, tuple[str, ...], int], None],
    ) -> None:
        self.waiting: list[Done] = []
        self._loop = loop
        self._servers = servers
        self._name = name
        self._finish = finish
        self._attempt = 0
        self._socket: socket.socket | None = None
        self._timer: Timer | None = None
        self._ids: dict[int, bytes] = {}
        self._replies: dict[int, Reply] = {}

    def start(self) -> None:
        """Ask the next server; when there is none left, end with what there is."""
        while self._servers and self._attempt < len(ATTEMPT_US):
            if self._ask(self._servers[self._attempt % len(self._servers)]):
                self._timer = self._loop.at(self._loop.now_us() + ATTEMPT_US[self._attempt], self._next)
                return
            self._attempt += 1
        self._end()

    def close(self) -> None:
        """Give the socket and the timer back."""
        if self._timer is not None:
            self._timer.cancel()
        if self._socket is not None:
            self._loop.forget(self._socket.fileno())
            self._socket.close()
        self._timer = self._socket = None

    def _ask(self, server: tuple[str, int]) -> bool:
        """Send what is still unanswered from a fresh random port; False when it could not be sent."""
        try:
            family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
            self._socket = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            self._socket.connect(server)
            for kind in (A, AAAA):
                if kind not in self._replies:
                    self._ids[kind] = os.urandom(2)
                    self._socket.send(self._ids[kind] + query(self._name, kind))
        except OSError:
            self.close()
            return False
        self._loop.watch(self._socket.fileno(), select.EPOLLIN, self._read)
        return True

    def _next(self) -> None:
        """Go on to the next server, unless one kind of address is already there: then that must do."""
        self.close()
        if any(reply.outcome is Outcome.FOUND for reply in self._replies.values()):
            self._end()
            return
        self._attempt += 1
        self.start()

    def _read(self, _fd: int, _events: int) -> None:
        while self._socket is not None:
            try:
                wire = self._socket.recv(MAX_REPLY_BYTES)
            except BlockingIOError:
                return
            except OSError:  # nobody listens there
                self._next()
                return
            self._take(wire)

    def _take(self, wire: bytes) -> None:
        reply = read_reply(wire[2:])
        if reply is None or reply.name != self._name or self._ids.get(reply.kind) != wire[:2]:
            return
        if reply.outcome is Outcome.FAILED and self._attempt + 1 < min(len(self._servers), len(ATTEMPT_US)):
            self._next()
            return
        self._replies[reply.kind] = reply
        if len(self._replies) == 2:
            self.close()
            self._end()

    def _end(self) -> None:
        replies = self._replies.values()
        found = [reply for reply in replies if reply.outcome is Outcome.FOUND]
        if found:
            addresses = tuple(address for reply in found for address in reply.addresses)
            self._finish(Outcome.FOUND, addresses, min(reply.ttl_s for reply in found))
        elif len(replies) == 2 and all(reply.outcome is Outcome.NOT_FOUND for reply in replies):
            self._finish(Outcome.NOT_FOUND, (), min(reply.ttl_s for reply in replies))
        else:
            self._finish(Outcome.FAILED, (), 0)


def _server(text: str) -> tuple[str, int]:
    address, _, port = text.partition("#")
    return address, int(port or 53)
