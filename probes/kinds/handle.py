"""One reusable libcurl handle: its lasting options, the addresses it may connect to, what it receives."""

import errno
import os
import socket

import pycurl

from probes.guard import Url
from probes.kinds.answer import MAX_BODY_BYTES, Answer
from probes.measurement import Phases
from probes.targets import HttpTarget

USER_AGENT = "sla-portal-probe/1"
DNS_CACHE_S = 60
"""How long libcurl keeps what it is told of a name; it is told anew for each request."""


class _Lent(socket.SocketType):
    """A socket libcurl makes its own copy of: ours closes when it is let go."""

    __slots__ = ()

    def __del__(self) -> None:
        fd = self.detach()
        if fd >= 0:
            os.close(fd)


class Handle:
    """A libcurl handle that opens a fresh connection each time, to the given addresses and no other (S3)."""

    def __init__(self) -> None:
        self.curl = pycurl.Curl()
        self.header = bytearray()
        self.body = bytearray()
        self.overflowed = False
        self.open_errno = 0
        self._allowed: frozenset[str] = frozenset()
        self._tls: tuple[bool, str | None] | None = None
        self._method: str | None = None
        self._host: str | None = None
        self._only: str | None = None
        set_option = self.curl.setopt
        set_option(pycurl.NOSIGNAL, 1)
        set_option(pycurl.PROXY, "")  # nothing from the environment
        set_option(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
        set_option(pycurl.FOLLOWLOCATION, 0)
        set_option(pycurl.FRESH_CONNECT, 1)
        set_option(pycurl.FORBID_REUSE, 1)
        set_option(pycurl.SSL_SESSIONID_CACHE, 0)  # a resumed session would not show the certificate again
        set_option(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
        set_option(pycurl.HTTP_CONTENT_DECODING, 0)  # decoded and capped in answer.py
        set_option(pycurl.USERAGENT, USER_AGENT)
        set_option(pycurl.OPENSOCKETFUNCTION, self._open_socket)
        set_option(pycurl.HEADERFUNCTION, self.header.extend)
        set_option(pycurl.WRITEFUNCTION, self._take_body)

    def prepare(self, target: HttpTarget, url: Url, addresses: tuple[str, ...], ca_file: str | None) -> None:
        """Set what differs from one request to the next."""
        self.header.clear()
        self.body.clear()
        self.overflowed = False
        self.open_errno = 0
        self.curl.setopt(pycurl.URL, url.text)
        if len(addresses) == 1:
            self._pin_to_one(addresses[0])
        else:
            self._pin_to_several(url, addresses)
        if self._method != target.method:
            self._method = target.method
            self.curl.setopt(pycurl.HTTPGET if target.method == "GET" else pycurl.NOBODY, 1)
        if url.scheme == "https":
            self._set_tls(target.verify_tls, ca_file)

    def set_deadline(self, timeout_ms: int) -> None:
        """Give the whole request this long, from now."""
        self.curl.setopt(pycurl.TIMEOUT_MS, timeout_ms)

    def answer(self) -> Answer:
        """Return what was received."""
        return Answer(self.curl.getinfo(pycurl.RESPONSE_CODE), bytes(self.header), bytes(self.body))

    def add_phases(self, phases: Phases, scheme: str) -> None:
        """Add this request's times, each phase from where the one before it ended."""
        info = self.curl.getinfo
        total_us = info(pycurl.TOTAL_TIME_T)
        connected_us = info(pycurl.CONNECT_TIME_T) or total_us
        secured_us = (info(pycurl.APPCONNECT_TIME_T) or total_us) if scheme == "https" else connected_us
        secured_us = max(connected_us, secured_us)
        first_byte_us = max(secured_us, min(total_us, info(pycurl.STARTTRANSFER_TIME_T) or total_us))
        phases.connect_us += connected_us
        phases.tls_us += secured_us - connected_us
        phases.processing_us += first_byte_us - secured_us
        phases.transfer_us += max(0, total_us - first_byte_us)
        phases.total_us += max(total_us, first_byte_us)

    def os_errno(self) -> int:
        """Return the system's error number of the last failed connection."""
        return self.open_errno or int(self.curl.getinfo(pycurl.OS_ERRNO))

    def redirect_url(self) -> str:
        """Return where the answer points, made absolute; empty when it does not say."""
        location: bytes | None = self.curl.getinfo_raw(pycurl.REDIRECT_URL)
        return (location or b"").decode("utf-8", "replace")

    def close(self) -> None:
        """Give the handle back to libcurl."""
        self.curl.close()

    def _pin_to_one(self, address: str) -> None:
        """Let every connection go to this checked numeric address, whatever the URL says (S3).

        There is no name left to resolve and so nothing to check once more: a call back into Python for each socket,
        and a list of hosts for libcurl to walk over, would cost a quarter of the probe.
        """
        if address == self._only:
            return
        if self._only is None:
            self._allowed, self._host = frozenset(), None
            self.curl.setopt(pycurl.RESOLVE, [])
            self.curl.setopt(pycurl.DNS_CACHE_TIMEOUT, 0)  # what is numeric need not be remembered
            self.curl.unsetopt(pycurl.OPENSOCKETFUNCTION)
        self._only = address
        self.curl.setopt(pycurl.CONNECT_TO, [f"::{_in_brackets(address)}:"])

    def _pin_to_several(self, url: Url, addresses: tuple[str, ...]) -> None:
        """Tell libcurl what the name stands for, so that it resolves nothing itself and tries one after the other.

        Handles share what they know of names, so each address is checked again when its socket is opened. What this
        handle was told before is taken back: libcurl walks over all hosts it knows for every request.
        """
        if self._only is not None:
            self._only = None
            self.curl.setopt(pycurl.CONNECT_TO, [])
            self.curl.setopt(pycurl.DNS_CACHE_TIMEOUT, DNS_CACHE_S)
            self.curl.setopt(pycurl.OPENSOCKETFUNCTION, self._open_socket)
        pins = [f"-{self._host}"] if self._host else []
        self._allowed = frozenset(addresses)
        self._host = f"{_in_brackets(url.endpoint.host)}:{url.endpoint.port}"
        pins.append(f"+{self._host}:{','.join(map(_in_brackets, addresses))}")
        self.curl.setopt(pycurl.RESOLVE, pins)

    def _set_tls(self, verify: bool, ca_file: str | None) -> None:
        if self._tls == (verify, ca_file):
            return
        self._tls = (verify, ca_file)
        self.curl.setopt(pycurl.SSL_VERIFYPEER, 1 if verify else 0)
        self.curl.setopt(pycurl.SSL_VERIFYHOST, 2 if verify else 0)
        if ca_file is not None:
            self.curl.setopt(pycurl.CAINFO, ca_file)

    def _open_socket(self, _purpose: int, address: tuple[int, int, int, tuple[str, int]]) -> _Lent | int:
        """Open the socket of a connection; an address that was not checked gets none."""
        family, kind, protocol, peer = address
        if peer[0] not in self._allowed:
            self.open_errno = errno.EADDRNOTAVAIL
            return int(pycurl.SOCKET_BAD)
        try:
            return _Lent(family, kind, protocol)
        except OSError as error:
            self.open_errno = error.errno or 0
            return int(pycurl.SOCKET_BAD)

    def _take_body(self, chunk: bytes) -> int:
        """Keep at most the cap; returning less than was given ends the request."""
        if len(self.body) + len(chunk) > MAX_BODY_BYTES:
            self.overflowed = True
            return 0
        self.body += chunk
        return len(chunk)


def _in_brackets(address: str) -> str:
    """Spell a numeric address or a name as a URL does."""
    return f"[{address}]" if ":" in address else address
