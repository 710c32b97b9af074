"""Was the HTTP answer whole, and is it what the target promised? Pure: bytes in, a verdict out.

libcurl calls a header block that breaks off, and a compressed body that breaks off, a success; here they are not.
"""

import re
import zlib
from dataclasses import dataclass

from probes.measurement import UP, Verdict, down, unknown
from probes.results import Fault, Reason
from probes.targets import HttpTarget

MAX_BODY_BYTES = 65_536
MAX_HEADER_BYTES = 65_536
REDIRECTS = frozenset({301, 302, 303, 307, 308})

_LAST_BLOCK = re.compile(rb"\nHTTP/")
_ENCODING = re.compile(rb"^content-encoding:[ \t]*([^\r\n]*?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_WINDOW_BITS = {b"gzip": 31, b"x-gzip": 31, b"deflate": 15}


class BrokenBody(ValueError):
    """A compressed body that is cut short, corrupt, or longer than we read."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.detail)
        self.verdict = verdict


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, every header byte of it, and at most 64 KiB of the body as sent."""

    status: int
    header: bytes
    body: bytes


def judge_answer(target: HttpTarget, answer: Answer) -> Verdict:
    """Judge an answer that libcurl received without complaint."""
    if (broken := judge_header(answer.header)) is not None:
        return broken
    if not is_expected(target, answer.status):
        return down(Fault.STATUS, f"answered {answer.status}")
    if target.method == "HEAD":
        return UP
    try:
        body = decode(answer)
    except BrokenBody as broken_body:
        return broken_body.verdict
    if target.body_contains is not None and target.body_contains.encode() not in body:
        return down(Fault.BODY, "the text looked for is not in the answer")
    return UP


def judge_header(header: bytes) -> Verdict | None:
    """Say what is wrong with a header block: too long, or it ends before its empty line."""
    if (oversized := judge_header_size(header)) is not None:
        return oversized
    if header.endswith(b"\r\n\r\n"):
        return None
    block = _last_block(header)  # it may also end in trailers
    if b"\r\n\r\n" not in block and b"\n\n" not in block:
        return down(Fault.CUT, "the connection ended inside the headers")
    return None


def judge_header_size(header: bytes) -> Verdict | None:
    """Say that a header block is too long, whatever else happened to the answer."""
    if len(header) <= MAX_HEADER_BYTES:
        return None
    return down(Fault.HEADER_TOO_LARGE, f"more than {MAX_HEADER_BYTES} bytes of headers")


def judge_overflow(target: HttpTarget, answer: Answer) -> Verdict:
    """Judge an answer whose body is longer than we read: its status alone can still condemn it."""
    if not is_expected(target, answer.status):
        return down(Fault.STATUS, f"answered {answer.status}")
    return _too_large()


def is_expected(target: HttpTarget, status: int) -> bool:
    """Tell whether the target promises this status."""
    return any(low <= status <= high for low, high in target.statuses)


def decode(answer: Answer) -> bytes:
    """Return the decoded body; raises BrokenBody when it is cut, corrupt, or decodes to more than 64 KiB."""
    body = answer.body
    if not body or b"ncoding" not in answer.header.lower():
        return body
    found = _ENCODING.findall(_last_block(answer.header))
    names = [name.strip().lower() for value in found for name in value.split(b",")]
    for name in reversed(names):
        if body and name != b"identity":
            body = _inflate(body, name)
    return body


def _inflate(body: bytes, encoding: bytes) -> bytes:
    window_bits = _WINDOW_BITS.get(encoding)
    if window_bits is None:
        raise BrokenBody(down(Fault.PROTOCOL, f"an encoding nobody asked for: {encoding[:40].decode('latin-1')}"))
    if window_bits == 15 and (body[0] & 0x0F != 8 or int.from_bytes(body[:2], "big") % 31):
        window_bits = -15  # deflate without the zlib frame, as some servers send it
    decoder = zlib.decompressobj(window_bits)
    try:
        plain = decoder.decompress(body, MAX_BODY_BYTES + 1)
    except zlib.error:
        raise BrokenBody(down(Fault.PROTOCOL, "the compressed answer is corrupt")) from None
    if len(plain) > MAX_BODY_BYTES:
        raise BrokenBody(_too_large())
    if not decoder.eof:
        raise BrokenBody(down(Fault.CUT, "the compressed answer ends too early"))
    return plain


def judge_redirect(scheme: str, location: str | None, hops: int, max_hops: int) -> Verdict | None:
    """Say why a redirect is not followed, None when it may be; its address is checked like any other."""
    if not location:
        return down(Fault.REDIRECT, "a redirect to nowhere")
    if hops >= max_hops:
        return down(Fault.REDIRECT, f"more than {max_hops} redirects")
    if scheme == "https" and not location.lower().startswith("https:"):
        return down(Fault.REDIRECT, "from https to something weaker")
    return None


def _last_block(header: bytes) -> bytes:
    """Return the header block of the final answer: interim answers (1xx) come before it."""
    start = 0
    for match in _LAST_BLOCK.finditer(header):
        start = match.start() + 1
    return header[start:]


def _too_large() -> Verdict:
    # Not seen whole, so nothing is known of it; the limit is ours.
    return unknown(Reason.TOO_LARGE, f"more than {MAX_BODY_BYTES} bytes of answer")
