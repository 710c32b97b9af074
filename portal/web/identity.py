"""The cookie that carries a session's token, and nothing else (decision D14, trust.md C1)."""

from collections.abc import Sequence

from flask import Flask, current_app, request
from werkzeug.wrappers import Response as Answer

from portal.usecases.people.sessions import LENGTH, Browser


def cookie_name(app: Flask) -> str:
    """Return the name of the cookie."""
    return "__Host-portal" if app.config["SESSION_COOKIE_SECURE"] else "portal"


def token() -> str:
    """Return the token this request carries; empty without one."""
    return request.cookies.get(cookie_name(current_app), "")


def browser() -> Browser:
    """Return where this request comes from."""
    return Browser(request.remote_addr or "", request.user_agent.string)


def give(answer: Answer, fresh: str) -> Answer:
    """Have the browser carry a new token from now on."""
    answer.set_cookie(
        cookie_name(current_app),
        fresh,
        max_age=LENGTH,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return answer


def take(answer: Answer) -> Answer:
    """Have the browser forget its token."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    answer.delete_cookie(cookie_name(current_app), secure=secure, httponly=True, samesite="Lax")
    return answer


def sealing_keys(app: Flask) -> Sequence[str]:
    """Return the portal's secret keys, the present one first, then those it replaced."""
    return (app.config["SECRET_KEY"], *(app.config.get("SECRET_KEY_FALLBACKS") or ()))
