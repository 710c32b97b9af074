"""Static files: their addresses carry a digest of their content, so that a browser may keep them for good.

The sheets every page needs stand in a file a component and leave in one answer. Text leaves compressed where asked for.
"""

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.security import safe_join

from portal.web import access, transactions

blueprint = Blueprint("assets", __name__)
KEEP_S = 31_536_000
DIGEST_LENGTH = 12
SMALLEST = 512
"""Bytes under which compressing gains nothing."""
SHEETS = ("tokens", "base", "frame", "card", "tag", "button", "form", "table", "bars", "incident", "budget")
TEXT = ("text/", "application/javascript", "image/svg+xml")


@blueprint.app_url_defaults
def name_version(endpoint: str, values: dict[str, Any]) -> None:
    """Add the digest of a static file to its address."""
    if endpoint == "static" and "filename" in values:
        values.setdefault("v", _digest_of(values["filename"]))
    elif endpoint == "assets.style":
        values.setdefault("v", _digest_of_text(_style()))


@blueprint.get("/style.css")
@access.public
@transactions.by_itself
def style() -> ResponseReturnValue:
    """Answer the sheets of the components every page uses, as one."""
    return Response(_style(), content_type="text/css; charset=utf-8")


@blueprint.after_app_request
def keep(response: Response) -> Response:
    """Let a browser keep what it asked for by its present digest; anything else is asked for again each time."""
    if request.endpoint not in ("static", "assets.style") or response.status_code not in (200, 304):
        return response
    version = request.args.get("v")
    if version and version == _present_digest():
        response.headers["Cache-Control"] = f"public, max-age={KEEP_S}, immutable"
    return _compressed(response)


def _present_digest() -> str | None:
    if request.endpoint == "static":
        return _digest_of((request.view_args or {}).get("filename", ""))
    return _digest_of_text(_style())


def _compressed(response: Response) -> Response:
    """Answer text compressed to those who take it so, under a tag of its own."""
    if response.status_code != 200 or not str(response.content_type).startswith(TEXT):
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings.quality("gzip") or (response.content_length or SMALLEST) < SMALLEST:
        return response
    response.direct_passthrough = False
    body = _gzipped(response.get_data())
    tag = response.get_etag()[0]
    response.set_data(body)
    response.headers["Content-Encoding"] = "gzip"
    if tag:
        response.set_etag(f"{tag}-gzip")
    return response


@lru_cache(maxsize=64)
def _gzipped(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)


def _style() -> str:
    folder = Path(str(current_app.static_folder)) / "css"
    paths = [folder / f"{name}.css" for name in SHEETS]
    return _joined(tuple(map(str, paths)), tuple(path.stat().st_mtime_ns for path in paths))


@lru_cache(maxsize=4)
def _joined(paths: tuple[str, ...], _changed: tuple[int, ...]) -> str:
    return "\n".join(Path(path).read_text(encoding="utf-8") for path in paths)


@lru_cache(maxsize=4)
def _digest_of_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]


def _digest_of(filename: str) -> str | None:
    path = safe_join(str(current_app.static_folder), filename)
    if path is None or not Path(path).is_file():
        return None
    return _digest(path, Path(path).stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _digest(path: str, _changed: int) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:DIGEST_LENGTH]
