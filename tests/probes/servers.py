"""Real little servers on loopback: TCP with a script per connection, TLS, and DNS."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Script = Callable[[socket.socket], None]


def reply(status: int = 200, body: bytes = b"ok", headers: Sequence[str] = ()) -> bytes:
    """Return a whole HTTP answer."""
    lines = [f"HTTP/1.1 {status} Word", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def say(*pieces: bytes, pause_s: float = 0.0) -> Script:
    """Return a script that sends these bytes, then ends."""

    def script(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause_s)

    return script


def drip(start: bytes, piece: bytes, pause_s: float = 0.05) -> Script:
    """Return a script that sends a start and then a little for ever."""

    def script(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(piece)
            time.sleep(pause_s)

    return script


def hang(connection: socket.socket) -> None:
    """Say nothing until the other side gives up."""
    connection.recv(1)


class Server:
    """A TCP server on loopback; each connection is read up to the end of its request, then scripted."""

    def __init__(self, script: Script, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._tls = tls
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family, backlog=1024)
        self.port: int = self._listener.getsockname()[1]
        self.host = host
        self.requests: list[bytes] = []
        self.connections = 0
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def url(self, path: str = "/", host: str | None = None) -> str:
        """Return an address of this server."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{host or self.host}:{self.port}{path}"

    def __enter__(self) -> "Server":
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, self._secured(connection) as secured:
            request = b""
            while b"\r\n\r\n" not in request and (piece := secured.recv(65536)):
                request += piece
            self.requests.append(request)
            if request:
                self._script(secured)
        with self._lock:
            self._open.discard(connection)

    def _secured(self, connection: socket.socket) -> socket.socket:
        if self._tls is None:
            return connection
        return self._tls.wrap_socket(connection, server_side=True)


Records = Callable[[], Sequence[str]] | Sequence[str] | dns.rcode.Rcode | None


class NameServer:
    """A DNS server on loopback: name → addresses, a function giving them, an error, or None for silence."""

    def __init__(self, zone: Mapping[str, Records], ttl_s: int = 0) -> None:
        self._zone = zone
        self._ttl_s = ttl_s
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1#{self._socket.getsockname()[1]}"
        self.questions: list[str] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "NameServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        while True:
            wire, peer = self._socket.recvfrom(4096)
            if not wire:
                return
            for answer in self.answers(dns.message.from_wire(wire)):
                self._socket.sendto(answer, peer)

    def answers(self, message: dns.message.Message) -> Iterator[bytes]:
        """Yield the wire forms sent back to a question."""
        question = message.question[0]
        name = question.name.to_text(omit_final_dot=True)
        self.questions.append(f"{name} {dns.rdatatype.to_text(question.rdtype)}")
        known = self._zone.get(name, dns.rcode.NXDOMAIN)
        if known is None:
            return
        answer = dns.message.make_response(message)
        answer.flags |= dns.flags.RA
        if isinstance(known, dns.rcode.Rcode):
            answer.set_rcode(known)
            yield answer.to_wire()
            return
        records = known if isinstance(known, Sequence) else known() if question.rdtype == dns.rdatatype.A else ()
        matching = [text for text in records if (":" in text) == (question.rdtype == dns.rdatatype.AAAA)]
        if matching:
            kind = dns.rdatatype.to_text(question.rdtype)
            answer.answer.append(dns.rrset.from_text(question.name, self._ttl_s, "IN", kind, *matching))
        yield answer.to_wire()
