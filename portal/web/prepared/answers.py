"""One prepared answer: its bytes plain and compressed, its tag, and the headers of each way to give it."""

import gzip
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from werkzeug.http import parse_accept_header, parse_date

from portal.usecases.status.freshness import Mark
from portal.web.prepared.declared import Preparation
from portal.web.security import STRICT_TRANSPORT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

Environ = Mapping[str, Any]
Headers = list[tuple[str, str]]
MAIN = '<main class="wrap" id="content" tabindex="-1">'
RETRY_S = 5
GZIP_LEVEL = 5
GZIP_FROM = 512
"""Fewer bytes are not worth compressing."""
OWN = frozenset({"content-length", "etag", "cache-control", "strict-transport-security", "vary"})
UNKEPT = "private, no-store"


@dataclass(frozen=True, slots=True)
class Rendered:
    """What the application answered."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def is_whole(self) -> bool:
        """Whether everybody may get it from now on."""
        return self.status.startswith("200")

    @property
    def is_away(self) -> bool:
        """Whether the records could not be reached."""
        return self.status.startswith("503")

    def header(self, name: str) -> str:
        """Return a header's value; empty without one."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(slots=True)
class Use:
    """What changes about an answer: who read it last (monotonic seconds), and since when it is out of date."""

    read_at: float
    outdated_at: float | None = None


@dataclass(frozen=True)
class Answer:
    """One prepared answer, made at an instant under a mark of what is public."""

    rendered: Rendered
    preparation: Preparation
    mark: Mark | None
    at: datetime
    use: Use = field(compare=False)

    @cached_property
    def tag(self) -> str:
        """The entity tag: weak, since one tag stands for the plain and the compressed bytes."""
        return f'W/"{hashlib.sha256(self.rendered.body).hexdigest()[:32]}"'

    @cached_property
    def compressed(self) -> bytes | None:
        """The bytes compressed, the same for the same bytes; None when that saves nothing."""
        body = self.rendered.body
        packed = gzip.compress(body, GZIP_LEVEL, mtime=0) if len(body) >= GZIP_FROM else body
        return packed if len(packed) < len(body) else None

    @property
    def size(self) -> int:
        """How many bytes it holds."""
        return len(self.rendered.body) + len(self.compressed or b"")

    def prepare(self) -> "Answer":
        """Make everything that requests will look up."""
        _ = (self._unchanged_headers, self._plain_headers, self._compressed_headers)
        return self

    def give(self, environ: Environ, start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        if self.rendered.is_whole and self._is_known_to(environ):
            start_response("304 NOT MODIFIED", _transported(self._unchanged_headers, environ))
            return ()
        packed = self.compressed if takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")) else None
        headers = self._plain_headers if packed is None else self._compressed_headers
        start_response(self.rendered.status, _transported(headers, environ))
        return () if environ["REQUEST_METHOD"] == "HEAD" else (packed or self.rendered.body,)

    def give_as_it_was(
        self, note: str, now: datetime, environ: Environ, start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request while the records are away: of when it is stands on the page (trust.md F7)."""
        body = self._noted(note)
        given = [*self._common, ("Cache-Control", UNKEPT), ("Content-Length", str(len(body)))]
        given += [("Retry-After", str(RETRY_S)), ("Age", str(max(0, int((now - self.at).total_seconds()))))]
        start_response(self.rendered.status, _transported(given, environ))
        return () if environ["REQUEST_METHOD"] == "HEAD" else (body,)

    def _is_known_to(self, environ: Environ) -> bool:
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known is not None:
            return known.strip() == "*" or self.tag[2:] in known
        since = parse_date(environ.get("HTTP_IF_MODIFIED_SINCE"))
        modified = parse_date(self.rendered.header("last-modified"))
        return since is not None and modified is not None and modified <= since

    def _noted(self, note: str) -> bytes:
        body = self.rendered.body
        if not self.rendered.header("content-type").startswith("text/html"):
            return body
        return body.replace(MAIN.encode(), f"{MAIN}\n{note}".encode(), 1)

    @cached_property
    def _common(self) -> Headers:
        return [(name, value) for name, value in self.rendered.headers if name.lower() not in OWN]

    @cached_property
    def _kept_headers(self) -> Headers:
        own = self.rendered.header("cache-control")
        if not self.rendered.is_whole:
            return [("Cache-Control", own or UNKEPT)]
        seconds = self.preparation.max_age_s
        usual = f"public, max-age={seconds}" if seconds else "public, no-cache"
        return [
            ("Cache-Control", usual if own in ("", UNKEPT) else own),
            ("ETag", self.tag),
            ("Vary", "Accept-Encoding"),
        ]

    @cached_property
    def _unchanged_headers(self) -> Headers:
        return [one for one in self._common if not one[0].lower().startswith("content-t")] + self._kept_headers

    @cached_property
    def _plain_headers(self) -> Headers:
        return [*self._common, *self._kept_headers, ("Content-Length", str(len(self.rendered.body)))]

    @cached_property
    def _compressed_headers(self) -> Headers:
        packed = [("Content-Encoding", "gzip"), ("Content-Length", str(len(self.compressed or b"")))]
        return [*self._common, *self._kept_headers, *packed]


@lru_cache(maxsize=256)
def takes_gzip(accepted: str) -> bool:
    """Whether a reader that sent this Accept-Encoding takes gzip: named, or by "*", and not with q=0."""
    qualities = {name.strip().lower(): quality for name, quality in parse_accept_header(accepted)} if accepted else {}
    return qualities.get("gzip", qualities.get("*", 0)) > 0


def _transported(headers: Headers, environ: Environ) -> Headers:
    if environ["wsgi.url_scheme"] == "https":
        return [*headers, ("Strict-Transport-Security", STRICT_TRANSPORT)]
    return headers
