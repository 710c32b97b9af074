"""What nobody means to send: values for every field and parameter, seeded; and the rows of a portal in one digest."""

import ast
import hashlib
import importlib
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from flask import Flask
from flask_wtf import FlaskForm
from sqlalchemy import select

from portal.database import db, metadata
from portal.web import pages
from tests.web.canaries import Planted

PAGES = Path(pages.__file__).parent
COUNTED = frozenset({"try_count"})
"""What a refusal may change: how often somebody tried."""

VALUES: Sequence[str | bytes] = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "a\x01\x1b[31mb",
    "\x7f\x85\u2028\u2029",
    b"\xff\xfe\xfd",
    b"\xc0\xaf..\xc0\xaf",
    b"\xed\xa0\x80",
    "\ufeff\ufffe\uffff",
    "\u202eevil\u202c",
    "e\u0301" * 50,
    "\U0001f469\u200d\U0001f469\u200d\U0001f467" * 20,
    "\u0130\u0131\u017f\u212a\ufb01\u1e9e",
    "\u0663",
    "\u00b2",
    "\uff11\uff12",
    "0",
    "-1",
    "+1",
    "1_0",
    " 1 ",
    "1e999",
    "0x10",
    "9" * 19,
    "9" * 400,
    "9" * 5_000,
    "NaN",
    "Infinity",
    "true",
    "null",
    "[]",
    "{}",
    "' OR '1'='1' --",
    "'; DROP TABLE user_account; --",
    "%' ESCAPE '",
    "{{ 7 * 7 }}{% raw %}",
    "%s%n%x",
    "../../../../etc/passwd",
    "..\\..\\",
    "<script>window.__pwned=1</script>",
    '"><svg/onload=window.__pwned=1>',
    "x\r\nSet-Cookie: a=b",
    "=cmd|' /C calc'!A0",
    "2026-13",
    "0000-00",
    "0001-01",
    "9999-12",
    "10000-01",
    "-0001-01",
    "2026-02-30",
    "\u0662\u0660\u0662\u0666-\u0661\u0661",
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "{12345678-1234-5678-1234-567812345678}",
    "urn:uuid:12345678-1234-5678-1234-567812345678",
    "12345678123456781234567812345678",
    "a@b",
    "@",
    "ada@globex.example\x00",
    "ada@globex.example\r\nBcc: x@evil.example",
    '"a b"@evil.example',
    "x" * 300,
    "x" * 70_000,
    "[" * 10_000,
    "\n" * 5_000,
    "&&==&;=%zz%",
)


def names() -> Sequence[str]:
    """Every name of a form field or parameter that any page reads, found in the pages themselves."""
    for page in PAGES.glob("[a-z]*.py"):
        importlib.import_module(f"{pages.__name__}.{page.stem}")
    found = {name for form in _forms(FlaskForm) for name in vars(form) if _is_field(getattr(form, name))}
    for path in sorted(PAGES.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            found |= set(_read(node))
    return sorted(found - {"csrf_token"})


def fitting(planted: Planted) -> dict[str, Sequence[str]]:
    """Values that are right for some fields, so that hostile ones beside them get further."""
    ours = planted.globex.arguments
    return {
        "subject": ["service:api", f"commitment:{ours['contract']}/api/availability"],
        "rating": ["1", "5"],
        "words": ["It works."],
        "title": ["API requests fail"],
        "impact": ["none", "critical"],
        "status": ["investigating", "resolved"],
        "services": [str(planted.house.api)],
        "body": ["We are **looking**."],
        "organisation": [str(planted.globex.customer)],
        "reason": ["They asked us to."],
        "hours": ["1", "8"],
        "email": ["ada@globex.example"],
        "code": ["123456", "abcd-efgh-ijkl-mnop"],
        "month": ["2026-11"],
        "next": ["/account"],
    }


def encoded(pairs: Sequence[tuple[str, str | bytes]]) -> str:
    """Pairs as a browser sends them, bytes as they are."""
    return "&".join(f"{quote(name)}={_quoted(value)}" for name, value in pairs)


def drawn(
    draw: random.Random, planted: Planted, fields: Sequence[str], share: float = 0.5
) -> list[tuple[str, str | bytes]]:
    """A value for each field, this share of them hostile; with hostile ones some fields are left out or said twice."""
    right, times = fitting(planted), (1, 17, 2) if share else (0, 1, 0)
    found: list[tuple[str, str | bytes]] = []
    for name in fields:
        for _ in range(draw.choices((0, 1, 2), times)[0]):
            hostile = name not in right or draw.random() < share
            found.append((name, draw.choice(VALUES) if hostile else draw.choice(right[name])))
    return found


def rows_digest(app: Flask, but: frozenset[str] = frozenset()) -> dict[str, str]:
    """A digest of all rows by table."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: hashlib.sha256(
                "\n".join(sorted(repr(tuple(row)) for row in connection.execute(select(table)))).encode()
            ).hexdigest()
            for table in metadata.sorted_tables
            if table.name not in but
        }


def _quoted(value: str | bytes) -> str:
    return quote(value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass"), safe="")


def _forms(form: type) -> Iterator[type]:
    subclasses: list[type] = type.__subclasses__(form)
    for one in subclasses:
        yield one
        yield from _forms(one)


def _is_field(value: object) -> bool:
    return type(value).__name__ == "UnboundField"


def _read(node: ast.AST) -> Iterator[str]:
    """The name a piece of code reads from the request, if it does."""
    read = {"request.args", "request.form", "request.values"}
    if isinstance(node, ast.Call) and ast.unparse(node.func).removesuffix(".get") in read:
        yield ast.literal_eval(node.args[0])
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) in read and isinstance(node.slice, ast.Constant):
        yield str(node.slice.value)
    if (
        isinstance(node, ast.Compare)
        and ast.unparse(node.comparators[0]) in read
        and isinstance(node.left, ast.Constant)
    ):
        yield str(node.left.value)
