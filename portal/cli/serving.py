"""Serving the pages: one web server process and its workers, each with its own application."""

import errno
import os
import signal
import socket

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from portal import config, cycles
from portal.app import create_app
from portal.cli.processes import end_with
from portal.config import Settings
from portal.domain.notices.refusals import Refusal
from portal.web.prepared.watch import watch
from portal.web.transactions import WRITERS_AT_ONCE

THREADS = WRITERS_AT_ONCE + 4
"""Some are left for readers while as many writers as may wait for the database's lock."""
KILL_AFTER_S = 5
APPLICATION = "portal.cli.serving:make_app"


def make_app() -> Flask:
    """Return the application of one web worker, which ends with the server that started it."""
    end_with(os.getppid(), signal.SIGKILL)
    app = create_app(config.load())
    cycles.search_seldom()
    watch(app)
    return app


def serve(settings: Settings) -> None:
    """Serve the pages until SIGTERM or SIGINT; raises Refusal when the port is taken."""
    refuse_taken_port(settings)
    Granian(
        APPLICATION,
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.web_workers,
        blocking_threads=THREADS,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_AFTER_S,
        log_level=LogLevels.error,
    ).serve()


def refuse_taken_port(settings: Settings) -> None:
    """Raise Refusal when nobody can listen at the address the settings name."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            where = f"{settings.host}, port {settings.port}"
            if error.errno == errno.EADDRINUSE:
                raise Refusal(f"{where} is taken. Stop what listens there, or set SLA_PORTAL_PORT.") from None
            raise Refusal(f"Nobody can listen at {where}: {error.strerror}.") from None


def answers(settings: Settings) -> bool:
    """Whether the web server accepts connections."""
    try:
        socket.create_connection((settings.host, settings.port), timeout=1).close()
    except OSError:
        return False
    return True
