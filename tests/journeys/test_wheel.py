"""The portal as a wheel: installed into an environment of its own, away from the checkout, it runs."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
import requests

from tests.journeys.demo import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "demo",
    "migrations",
    "portal",
    "probes",
    "static",
    "templates",
    "translations",
    "pyproject.toml",
    "README.md",
    "setup.py",
)
WITHIN_PORTAL = ("migrations", "static", "templates", "translations")
START_S = 120


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of what it is made of."""
    source = tmp_path_factory.mktemp("source")
    for name in PARTS:
        part = ROOT / name
        if part.is_dir():
            shutil.copytree(part, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(part, source)
    pip("wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(source / "dist"), str(source))
    (built,) = (source / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel and the locked packages beside it, but no editable install."""
    home = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    pip("--python", str(home / "bin" / "python"), "install", "--no-deps", "--no-index", str(wheel))
    (packages,) = home.glob("lib/python*/site-packages")
    (packages / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin"


def pip(*words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_wheel_holds_every_file_of_the_top_level_folders(wheel: Path) -> None:
    expected = {
        f"portal/{path.relative_to(ROOT).as_posix()}"
        for name in WITHIN_PORTAL
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert expected <= names
    assert {"demo/provider.yaml", "portal/domain/quantities/zone_editions/2025b.zip"} <= names
    assert not [name for name in names if name.startswith(("tests/", "bench/"))]


def test_an_installed_portal_runs_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    place = subprocess.check_output(
        [installed / "python", "-c", "import portal; print(portal.__file__)"], cwd=tmp_path, text=True
    )
    assert place.startswith(str(installed.parent))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLA_PORTAL_", "PYTHON"))}
    environment = {**kept, "SLA_PORTAL_HOME": str(tmp_path / "home"), "SLA_PORTAL_PORT": str(port)}
    words = tmp_path / "words"
    with words.open("wb") as output:
        process = subprocess.Popen(
            [installed / "sla-portal", "run"], cwd=tmp_path, env=environment, stdout=output, stderr=output
        )
    try:
        wait_for(lambda: "The portal is at" in words.read_text() or process.poll() is not None or None, START_S, "It")
        assert process.poll() is None, words.read_text()
        for path in ("/", "/sign-in", "/static/css/base.css"):
            assert requests.get(f"http://127.0.0.1:{port}{path}", timeout=30).status_code == 200, path
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
    assert (tmp_path / "home" / "portal.sqlite").exists()
    assert process.returncode == 0
