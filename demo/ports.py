"""The ports of the demo's services: chosen once, kept while they are free."""

import json
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

LOOPBACK = "127.0.0.1"
FIRST, LAST = 20_000, 32_000
"""Below the ports a machine lends to outgoing connections: a probe of a stopped service must never meet itself.

Chosen by chance within them, so that a second demo on this machine does not take the port of a stopped service.
"""
FILE = "ports.json"


def chosen_ports(folder: Path, names: tuple[str, ...]) -> dict[str, int]:
    """Return a port for each name, the one kept in the folder where it is still free, and keep the choice."""
    kept = known_ports(folder)
    fresh = _free_ports(set(kept.values()))
    chosen = {name: kept[name] if name in kept and is_free(kept[name]) else next(fresh) for name in names}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(json.dumps(chosen, indent=2) + "\n")
    return chosen


def known_ports(folder: Path) -> dict[str, int]:
    """Return the ports kept in the folder; none when the demo never started there."""
    path = folder / FILE
    return {str(name): int(port) for name, port in json.loads(path.read_text()).items()} if path.exists() else {}


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of the loopback address; asking it connects to nobody and counts nowhere."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def _free_ports(taken: set[int]) -> Iterator[int]:
    while True:
        port = FIRST + secrets.randbelow(LAST - FIRST)
        if port not in taken and is_free(port):
            taken.add(port)
            yield port
