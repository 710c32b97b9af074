"""The press: turns a page into a PDF, in a process of its own that reaches nothing (trust.md X4).

The only place that knows WeasyPrint. The page comes in with its style sheets and is all the press gets: it fetches no
address, opens no socket and writes no file; time, memory and size are limited. What comes out is PDF/UA-1, tagged,
with its fonts embedded. Needs Pango; `missing` says in a sentence when it is not there.
"""

import io
import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Sequence

SECONDS = 240
"""How long a process may take by the clock on the wall: on a busy machine it comes last."""
CPU_SECONDS = 50
MEMORY_BYTES = 2 * 1024**3
PDF_BYTES_MAX = 16 * 1024**2
FILES_MOST = 256
TOLD_MOST = 300
NICENESS = 10
LIBRARY_MISSING = 3
INSTALL = (
    "PDFs cannot be made here: Pango is missing. Install it "
    "(Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core fonts-noto-cjk)."
)
_LOOKING = "--look"
_REACHING_OUT = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "ctypes.dlopen")


_running: set[subprocess.Popen[bytes]] = set()
_stopped, _lock = threading.Event(), threading.Lock()


class NotPrinted(Exception):
    """A page could not be printed; the message says why."""


class PressMissing(NotPrinted):
    """This machine has no press; the message says what to install."""


def printed(pages: Sequence[str], sheets: Sequence[str]) -> Sequence[bytes | NotPrinted]:
    """Return each page, given as HTML, as PDF under these style sheets, or why it is none; raise PressMissing.

    Several pages share a process; when one of them ends it, each gets a process of its own.
    """
    asked = json.dumps({"pages": list(pages), "sheets": list(sheets)}).encode()
    try:
        return _read(_run([], asked), len(pages))
    except PressMissing:
        raise
    except NotPrinted as problem:
        if len(pages) == 1:
            return [problem]
    return [one for page in pages for one in printed([page], sheets)]


def _read(told: bytes, pages: int) -> Sequence[bytes | NotPrinted]:
    """Read what the process wrote: for each page a line that says how many bytes follow, or a problem."""
    file, found = io.BytesIO(told), list[bytes | NotPrinted]()
    for _ in range(pages):
        line = json.loads(file.readline() or "{}")
        problem = line.get("problem")
        content = file.read(line.get("bytes", 0))
        found.append(content if content.startswith(b"%PDF-") else NotPrinted(problem or "The press gave no PDF."))
    return found


def missing() -> str | None:
    """Return the sentence that says what to install, or None when papers can be made."""
    try:
        _run([_LOOKING], b"")
    except NotPrinted as problem:
        return str(problem)
    return None


def _run(options: Sequence[str], given: bytes) -> bytes:
    command = [sys.executable, "-I", "-m", "portal.press", *options]
    pipe = subprocess.PIPE
    with _lock:
        if _stopped.is_set():
            raise PressMissing("The worker ends.")
        process = subprocess.Popen(command, env=_environment(), cwd="/", stdin=pipe, stdout=pipe, stderr=pipe)
        _running.add(process)
    try:
        told, errors = process.communicate(given, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise NotPrinted(f"Printing took longer than {SECONDS} seconds and was ended.") from None
    finally:
        _running.discard(process)
    if _stopped.is_set():
        raise PressMissing("The worker ends.")
    if process.returncode == LIBRARY_MISSING:
        raise PressMissing(INSTALL)
    if process.returncode != 0:
        raise NotPrinted(f"The press ended with {process.returncode}: {_last_line(errors)}")
    return told


def stop() -> None:
    """End what is being printed, and print nothing more in this process: whoever ordered it waits for the next one."""
    with _lock:
        _stopped.set()
        for process in _running:
            process.kill()


def _environment() -> dict[str, str]:
    """What the press knows of its surroundings: no secret of the portal is among it."""
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}


def _last_line(told: bytes) -> str:
    lines = told.decode(errors="replace").strip().splitlines()
    return lines[-1][:TOLD_MOST] if lines else "nothing was said"


def main(arguments: Sequence[str]) -> int:
    """Read pages from standard input and write their PDFs to standard output; the process of `printed`."""
    os.nice(NICENESS)
    try:
        import weasyprint  # noqa: F401 - looks for Pango, and is compiled once before no file may be written
    except (ImportError, OSError) as problem:
        sys.stderr.write(f"{problem}\n")
        return LIBRARY_MISSING
    if _LOOKING in arguments:
        return 0
    _limit()
    asked = json.loads(sys.stdin.buffer.read())
    sys.addaudithook(_refuse)
    for page in asked["pages"]:
        _hand_out(page, asked["sheets"])
    return 0


def _hand_out(page: str, sheets: Sequence[str]) -> None:
    line: dict[str, object]
    try:
        content = _print(page, sheets)
    except Exception as problem:  # noqa: BLE001 - the door of this process: whatever a page did is told
        line, content = {"problem": f"{type(problem).__name__}: {problem}"[:TOLD_MOST]}, b""
    else:
        line = {"bytes": len(content)} if len(content) <= PDF_BYTES_MAX else {"problem": "The PDF is too large."}
    sys.stdout.buffer.write(json.dumps(line).encode() + b"\n" + (content if "bytes" in line else b""))


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, FILES_MOST),
    ):
        resource.setrlimit(what, (most, most))


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse whatever would leave this process, should the fetcher be passed by; Python's own files may be read."""
    if event.startswith(_REACHING_OUT):
        raise PermissionError(f"The press reaches nothing: {event}.")
    if event == "open" and isinstance(arguments[0], str) and not _is_of_python(arguments[0], arguments[2]):
        raise PermissionError("The press opens no file.")


def _is_of_python(path: str, flags: object) -> bool:
    reads_only = isinstance(flags, int) and not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    return reads_only and os.path.realpath(path).startswith((sys.prefix, sys.base_prefix))


def _print(page: str, sheets: Sequence[str]) -> bytes:
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    class Closed(URLFetcher):  # type: ignore[misc]  # the library has no types
        """Fetches nothing, whatever the scheme."""

        def fetch(self, url: str, headers: object = None) -> object:  # noqa: ARG002 - the library's form
            raise PermissionError("The press fetches nothing.")

    closed, fonts = Closed(), FontConfiguration()
    styles = [CSS(string=sheet, url_fetcher=closed, font_config=fonts) for sheet in sheets]
    html = HTML(string=page, url_fetcher=closed)
    content: bytes = html.write_pdf(stylesheets=styles, font_config=fonts, pdf_variant="pdf/ua-1")
    return content


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
