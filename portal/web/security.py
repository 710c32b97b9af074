"""The headers every answer carries, errors included (trust.md W3), and no form from another site's page (W1)."""

from flask import Flask, Response, abort, request

from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import NotAllowed

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
OWN_PAGES = frozenset({"same-origin", "none", ""})
"""What a browser says of a request that a page of ours, or the reader's own hand, makes; old ones say nothing."""
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"


def prepare(app: Flask) -> None:
    """Put the headers on every answer of this app, and refuse what other sites' pages send it."""
    app.before_request(refuse_other_sites)
    app.before_request(refuse_files)
    app.after_request(protect)


def refuse_other_sites() -> None:
    """Refuse a change that a page of another site asks for; raise NotAllowed."""
    if request.endpoint is None:
        return
    if request.method in CHANGING and request.headers.get("Sec-Fetch-Site", "") not in OWN_PAGES:
        raise NotAllowed(
            phrase("This came from another site's page, so nothing was done. Open the portal itself and try again.")
        )


def refuse_files() -> None:
    """Refuse a file: no form of the portal asks for one, and none of its fields could hold it (trust.md U1)."""
    if request.endpoint is not None and request.method in CHANGING and request.files:
        abort(400)


def protect(response: Response) -> Response:
    """Put the headers on one answer; a page of a signed-in reader is nobody else's to keep."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
    if response.cache_control.max_age is None and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-store"
    return response
