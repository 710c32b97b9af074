"""A tree of processes: started together, ended together, however the first of them ends."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

PR_SET_PDEATHSIG = 1
LOOK_S = 0.2
STOP_S = 15.0
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Child:
    """One process of the tree and what people call it."""

    name: str
    process: subprocess.Popen[bytes]


class Tree:
    """The children of this process. They hear of Ctrl-C through it alone, so they end in order."""

    def __init__(self) -> None:
        self._children: list[Child] = []

    def start(self, name: str, command: Sequence[str]) -> Child:
        """Start one child; `command` begins with the program."""
        child = Child(name, subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL))
        self._children.append(child)
        return child

    def ended(self) -> Child | None:
        """Return a child that is not running any more, if there is one."""
        return next((child for child in self._children if child.process.poll() is not None), None)

    def watch(self, stop: threading.Event) -> Child | None:
        """Wait until `stop` is set or a child ends by itself; return that child."""
        while not stop.wait(LOOK_S):
            if child := self.ended():
                return child
        return None

    def stop(self) -> None:
        """End every child in reverse order of their start, with force after 15 seconds."""
        for child in reversed(self._children):
            child.process.terminate()
        deadline = time.monotonic() + STOP_S
        for child in reversed(self._children):
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """Lend an event that is set by Ctrl-C, SIGTERM or a closed terminal."""
    stop = threading.Event()

    def set_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, set_stop) for number in ENDING}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def verb(*words: str) -> list[str]:
    """Return the command that runs a verb in a process of its own that ends with this one."""
    return [sys.executable, "-m", "portal.cli", *words, "--parent", str(os.getpid())]


def end_with(parent: int, number: signal.Signals = signal.SIGTERM) -> None:
    """Make this process get a signal when its parent ends, however it ends; `parent` is its process id.

    Linux tells by itself; elsewhere a thread looks twice a second.
    """
    system = ctypes.CDLL(None)
    if hasattr(system, "prctl"):
        system.prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:
            os.kill(os.getpid(), number)
        return
    threading.Thread(target=_follow, args=(parent, lambda: os.kill(os.getpid(), number)), daemon=True).start()


def _follow(parent: int, end: Callable[[], None]) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    end()
