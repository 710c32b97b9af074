"""libcurl's error codes and the system's error numbers in our own words, and whose fault each is."""

import errno

import pycurl

from probes.measurement import Verdict, down, unknown
from probes.results import Fault, Reason

CLIENT_CERTIFICATE_WANTED = 98  # pycurl has no name for this code

# The system's no, where the cause is this machine and not the target.
_OWN_ERRNOS = {
    errno.EMFILE: Reason.NO_RESOURCES,
    errno.ENFILE: Reason.NO_RESOURCES,
    errno.ENOBUFS: Reason.NO_RESOURCES,
    errno.ENOMEM: Reason.NO_RESOURCES,
    errno.EADDRNOTAVAIL: Reason.NO_RESOURCES,
    errno.EACCES: Reason.NO_RESOURCES,
    errno.EPERM: Reason.NO_RESOURCES,
    errno.ENETUNREACH: Reason.NO_ROUTE,
    errno.ENETDOWN: Reason.NO_ROUTE,
    errno.EAFNOSUPPORT: Reason.NO_ROUTE,
}
_THEIR_ERRNOS = {
    errno.ECONNREFUSED: (Fault.REFUSED, "the connection was refused"),
    errno.ECONNRESET: (Fault.CUT, "the connection was reset"),
    errno.ETIMEDOUT: (Fault.TIMEOUT, "no answer to the connection attempt"),
}

_TLS_CODES = frozenset(
    {
        pycurl.E_SSL_CONNECT_ERROR,
        pycurl.E_PEER_FAILED_VERIFICATION,
        pycurl.E_SSL_ISSUER_ERROR,
        pycurl.E_SSL_INVALIDCERTSTATUS,
        pycurl.E_SSL_PINNEDPUBKEYNOTMATCH,
        CLIENT_CERTIFICATE_WANTED,
    }
)
_CUT_CODES = frozenset({pycurl.E_PARTIAL_FILE, pycurl.E_GOT_NOTHING, pycurl.E_RECV_ERROR, pycurl.E_SEND_ERROR})
_PROTOCOL_CODES = frozenset(
    {
        pycurl.E_UNSUPPORTED_PROTOCOL,  # an answer without a status line counts as HTTP/0.9
        pycurl.E_FTP_WEIRD_SERVER_REPLY,
        pycurl.E_BAD_CONTENT_ENCODING,
        pycurl.E_HTTP2,
    }
)


def judge_errno(number: int) -> Verdict:
    """Judge a connection that did not come about, by the system's error number; 0 when no socket could be had."""
    if number == 0:
        return unknown(Reason.NO_RESOURCES, "no socket could be opened")
    own = _OWN_ERRNOS.get(number)
    if own is not None:
        return unknown(own, errno.errorcode[number])
    fault, detail = _THEIR_ERRNOS.get(number, (Fault.UNREACHABLE, errno.errorcode.get(number, "")))
    return down(fault, detail)


def judge_code(code: int, message: str, os_errno: int) -> Verdict:
    """Judge a request that libcurl ended with an error code other than success."""
    if code == pycurl.E_OPERATION_TIMEDOUT:
        return down(Fault.TIMEOUT, "no whole answer before the deadline")
    if code == pycurl.E_COULDNT_CONNECT:
        return judge_errno(os_errno)
    if code in _TLS_CODES:
        return down(Fault.TLS, message)
    if code in _CUT_CODES:
        return down(Fault.CUT, message)
    if code in _PROTOCOL_CODES:
        return down(Fault.PROTOCOL, message)
    return unknown(Reason.NO_RESOURCES, f"libcurl {code}: {message}")
