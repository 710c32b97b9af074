"""Questions to the database have one room, and every customer's rows one door: nothing else may ask (trust.md T1)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STORE, DATABASE = "portal/store/", "portal/database.py"
STATEMENTS = {"select", "insert", "update", "delete", "text", "literal_column", "union", "union_all", "exists", "func"}
ASKING = {"execute", "scalars", "scalar", "get", "get_one", "query", "stream", "merge", "refresh"}
AROUND = {"connection", "connect", "raw_connection", "exec_driver_sql", "bulk_save_objects", "bulk_insert_mappings"}
AROUND_THE_WALL = {
    DATABASE,
    *(
        f"{STORE}{noun}.py"
        for noun in (
            "ground/backups",
            "ground/copying",
            "ground/dialects",
            "evidence/evidence",
            "ground/grants",
            "ground/leases",
            "ground/partitions",
            "ground/public_changes",
            "ground/row_copies",
            "ground/row_security",
            "evidence/runs",
            "measuring/schedules",
        )
    ),
    "portal/usecases/operating/backup.py",
    "portal/usecases/operating/doctor.py",
}
"""Who may speak to a bare connection: tables of the provider's own, and an operator's copy or check of the whole
database; none of them knows a row of a customer."""
SESSIONS = {"session", "db.session", "db.session()"}
SEES_EVERYBODY = {
    "portal/store/ground/backups.py",
    "portal/store/ground/tenancy.py",
    "portal/usecases/groundwork/scopes.py",
    "portal/usecases/closing/closing.py",
    "portal/usecases/closing/closing_desk.py",
    "portal/usecases/judging/figures.py",
    "portal/usecases/forecasting/forecasts.py",
    "portal/usecases/closing/revisions.py",
    "portal/usecases/closing/statement_proof.py",
    "portal/usecases/publishing/track_records.py",
    "portal/web/access.py",
    "portal/worker/process.py",
    "portal/cli/opening.py",
}
"""Who may work on every customer's rows at once: worker, command line, closing, whole copies, checked staff pages."""


def breaches(path: str, source: str) -> Iterator[str]:
    """Everything in a file that asks the database past the store, or reaches every customer's rows unreviewed."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            built = STATEMENTS & {alias.name for alias in node.names}
            if built and not path.startswith(STORE):
                yield f"{path} builds statements: {', '.join(sorted(built))}"
        if isinstance(node, ast.Call):
            yield from _breaches_of_call(path, node.func)


def _breaches_of_call(path: str, called: ast.expr) -> Iterator[str]:
    name = ast.unparse(called)
    if isinstance(called, ast.Attribute):
        asks = called.attr in ASKING and ast.unparse(called.value) in SESSIONS
        if asks and not path.startswith(STORE):
            yield f"{path} asks past the store: {name}"
        if called.attr in AROUND and path not in AROUND_THE_WALL:
            yield f"{path} goes around the wall: {name}"
    opens_all = name.split(".")[-1] == "provider_scope" or name == "scopes.provider"
    if opens_all and path not in SEES_EVERYBODY:
        yield f"{path} sees every customer's rows: {name}"


def files() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "portal").rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), path.read_text()


def test_only_the_store_asks_the_database_and_few_see_every_customer() -> None:
    assert [breach for path, source in files() for breach in breaches(path, source)] == []


def test_whoever_may_see_every_customer_does() -> None:
    calls = {path for path, source in files() if "provider_scope" in source or "scopes.provider" in source}
    assert calls == SEES_EVERYBODY


def test_who_speaks_to_a_bare_connection_names_no_row_of_a_customer() -> None:
    for path, source in files():
        if path in AROUND_THE_WALL:
            assert "TenantOwned" not in source, path


@pytest.mark.parametrize(
    "source",
    [
        "from sqlalchemy import select",
        "from sqlalchemy.sql import text",
        "db.session().execute(question)",
        "session.scalars(question)",
        "session.get(ContractRow, key)",
        "session.query(ContractRow)",
        "session.connection().exec_driver_sql('SELECT 1')",
        "db.engine.connect()",
        "with tenancy.provider_scope(): pass",
        "with scopes.provider(): pass",
    ],
)
def test_a_planted_breach_is_caught(source: str) -> None:
    assert list(breaches("portal/web/pages/planted.py", source))


def test_within_the_store_a_customers_row_is_loaded_by_id_through_the_tenancy_only() -> None:
    owned = set()
    for _, source in files():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "TenantOwned" for base in node.bases):
                owned.add(node.name)
    assert owned
    for path, source in files():
        if path != "portal/store/ground/tenancy.py":
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("session.get") and node.args:
                    assert ast.unparse(node.args[0]) not in owned, (path, ast.unparse(node))
