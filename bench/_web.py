"""A web server with its workers, as `sla-portal web` starts it, whose workers write down how many pages they made."""

import json
import os
import sys
import threading
import time
from pathlib import Path

from flask import Flask

from portal import config
from portal.cli import serving
from portal.web.prepared.door import SHELF

WRITE_S = 0.2
COUNTS = "counts-{pid}.json"


def make_app() -> Flask:
    """Return the application of one web worker, counting."""
    app = serving.make_app()
    settings = config.load()
    threading.Thread(target=_write, args=(app, settings.home / COUNTS.format(pid=os.getpid())), daemon=True).start()
    return app


def made_while_asked(home: Path) -> int:
    """Return how many answers all workers have made while a request waited."""
    return sum(int(json.loads(path.read_text())["asked"]) for path in home.glob(COUNTS.format(pid="*")))


def _write(app: Flask, path: Path) -> None:
    counts = app.extensions[SHELF].counts
    while True:
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({"asked": counts.asked, "behind": counts.behind}))
        fresh.replace(path)
        time.sleep(WRITE_S)


if __name__ == "__main__":
    serving.APPLICATION = "bench._web:make_app"
    serving.serve(config.load())
    sys.exit(0)
