"""The whole suite looks for its secrets in every log: a leak planted anywhere fails the run and is named without it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEAKS = """
import base64, json, logging, os, subprocess, sys
import structlog
from portal import logs
from portal.usecases.people import second_factor
from portal.usecases.people.passwords import password_fits
from portal.usecases.people.sessions import new_token

def test_a_token_in_a_line_of_this_process():
    structlog.PrintLogger().warning(json.dumps({"level": "warning", "path": "/x/" + new_token()}))

def test_a_typed_password_in_a_line_of_another_package():
    logs.configure([])
    password_fits(None, "a word that was typed")
    logging.getLogger("another").error("typed: a word that was typed")

def test_a_seed_in_a_file_that_a_process_wrote(tmp_path):
    seed = second_factor.secrets.token_bytes(second_factor.SECRET_BYTES)
    (tmp_path / "words").write_text(json.dumps({"level": "info", "event": base64.b32encode(seed).decode()}))

def test_a_password_of_a_database_in_what_a_process_said():
    say = "import json, os; print(json.dumps({'level': os.environ['SLA_PORTAL_DATABASE_URL']}))"
    address = {"SLA_PORTAL_DATABASE_URL": "postgresql://portal:hemlock-and-thyme@db/portal"}
    subprocess.run([sys.executable, "-c", say], env=address, capture_output=True, check=True)

def test_a_line_as_the_portal_writes_it():
    logs.configure([])
    structlog.get_logger().warning("event", path="/x/" + new_token())
"""
KINDS = ("a token", "a password stands", "a seed of a second factor", "a database's password")


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["alone", "in a worker"])
def test_planted_leaks_fail_the_run_and_are_named_without_the_secret(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "test_planted.py").write_text(LEAKS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.canary_secrets", "-p", "no:cacheprovider", *options]
    own = ["--rootdir", str(tmp_path), "-c", os.devnull, f"--basetemp={tmp_path / 'temp'}", str(tmp_path)]
    done = subprocess.run([*command, *own], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, "5 passed" in done.stdout) == (1, True), done.stdout
    told = done.stdout.partition("secrets in logs")[2].partition("5 passed")[0].strip("= \n")
    assert len(told.splitlines()) == len(KINDS), told
    assert all(kind in told for kind in KINDS), told
    assert not [secret for secret in ("a word that was typed", "hemlock-and-thyme") if secret in told]
