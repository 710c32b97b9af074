"""Things that have one home stay there: the clock, the commit, raw SQL, the machine's own names."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-build.txt")
REGISTRY_HOSTS = ("py" + "pi.org", "python" + "hosted", "registry.n" + "pmjs", "deb.d" + "ebian")
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|root|opt)/")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def texts() -> Iterator[tuple[Path, str]]:
    for path in tracked():
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def calls(folder: str) -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                yield path.relative_to(ROOT).as_posix(), ast.unparse(node.func)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_hashes_and_names_no_host_path_or_index(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "--hash=sha256:" in text
    assert not re.search(r"://|--(?:index|extra|find|trusted)|(?<![\w.])/|@ file", text)
    pinned = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line)]
    assert pinned
    assert all("==" in line for line in pinned)


def test_no_text_names_a_registry_host_or_a_path_of_a_machine() -> None:
    found = [
        path.relative_to(ROOT).as_posix()
        for path, text in texts()
        if any(host in text for host in REGISTRY_HOSTS) or MACHINE_PATHS.search(text)
    ]
    assert found == []


def test_only_the_clock_reads_the_time_in_the_portal() -> None:
    readers = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
    assert {path for path, name in calls("portal") if name in readers} <= {"portal/clock.py"}


def test_only_the_database_commits() -> None:
    committing = {path for path, name in calls("portal") if name.endswith("session.commit")}
    assert committing == {"portal/database.py"}


def test_raw_sql_stands_in_the_store_only() -> None:
    raw = {path for path, name in calls("portal") if name in {"text", "sqlalchemy.text"} or "exec_driver_sql" in name}
    assert all(path == "portal/database.py" or path.startswith("portal/store/") for path in raw), raw


def test_no_template_holds_inline_style_script_or_unescaped_text() -> None:
    inline = re.compile(r"\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|\|\s*safe\b")
    found = [path.as_posix() for path in (ROOT / "templates").rglob("*.html") if inline.search(path.read_text())]
    assert found == []


def test_scripts_stay_small() -> None:
    large = [path.name for path in (ROOT / "static").rglob("*.js") if len(path.read_text().splitlines()) > 60]
    assert large == []
