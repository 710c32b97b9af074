"""Load on a running portal, with a book of everything that was acknowledged."""

import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from tests.soak.portal import Portal
from tests.soak.world import World

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
ANSWER_S = 40.0
REST_S = 0.02
NOT_SAVED = "Nothing was saved. Try again in a minute."
UNSURE = "Look whether it is there before you send it again."


class Book:
    """What was sent and what was acknowledged, by kind; and every answer that was neither yes nor a proper 503."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()
        self.refused: dict[str, set[str]] = {"feedback": set(), "incident": set()}
        self.unsure: dict[str, set[str]] = {"feedback": set(), "incident": set()}
        self.acknowledged: dict[str, set[str]] = {"feedback": set(), "incident": set()}
        self.statuses: Counter[str] = Counter()
        self.strange: list[str] = []
        self.longest_s: dict[int, float] = {}
        self._lock = threading.Lock()

    def note(self, kind: str, words: str, answer: requests.Response | None, took_s: float) -> None:
        """Write one answer down; None is a connection that broke."""
        with self._lock:
            self.sent[kind] += 1
            self.statuses[str(answer.status_code) if answer is not None else "broken off"] += 1
            if answer is None:
                return
            self.longest_s[answer.status_code] = max(took_s, self.longest_s.get(answer.status_code, 0.0))
            if answer.status_code == 303:
                self.acknowledged[kind].add(words)
            elif is_proper_503(answer):
                (self.refused if NOT_SAVED in answer.text else self.unsure)[kind].add(words)
            else:
                self.strange.append(f"{answer.status_code} {answer.text[:2000]}")

    @property
    def total(self) -> int:
        """How many of all kinds were acknowledged."""
        return sum(len(words) for words in self.acknowledged.values())


def is_proper_503(answer: requests.Response) -> bool:
    """Whether this is the refusal of a portal whose database is away: a sentence, and when to come back."""
    has_sentence = NOT_SAVED in answer.text or UNSURE in answer.text
    return answer.status_code == 503 and has_sentence and answer.headers.get("Retry-After") == "5"


class Writer(threading.Thread):
    """One person who sends forms without a pause, each with words of its own."""

    def __init__(self, name: str, kind: str, portal: Portal, world: World, book: Book) -> None:
        super().__init__(name=name, daemon=True)
        self._kind, self._portal, self._world, self._book = kind, portal, world, book
        self._over = threading.Event()
        self._browser = requests.Session()
        self._browser.trust_env = False
        self._browser.cookies.set("portal", world.owner if kind == "feedback" else world.responder)
        self._path, self._form_at = self._paths()
        self._token = ""

    def _paths(self) -> tuple[str, str]:
        if self._kind == "feedback":
            path = f"/c/{self._world.customer}/feedback"
            return path, path
        return "/staff/incidents", "/staff/incidents/new"

    def open_form(self) -> None:
        """Read the form once, for the token every sending needs."""
        page = self._browser.get(self._portal.address + self._form_at, timeout=ANSWER_S)
        found = TOKEN.search(page.text)
        assert found, page.text
        self._token = found[1]

    def run(self) -> None:
        """Send until told to end."""
        number = 0
        while not self._over.is_set():
            self.send(f"{self.name} number {number}")
            number += 1
            time.sleep(REST_S)

    def send(self, words: str) -> None:
        """Send one form and write the answer down."""
        began = time.monotonic()
        try:
            answer = self._browser.post(
                self._portal.address + self._path, data=self._data(words), timeout=ANSWER_S, allow_redirects=False
            )
        except requests.ConnectionError:
            answer = None
            time.sleep(0.2)
        self._book.note(self._kind, words, answer, time.monotonic() - began)

    def end(self) -> None:
        """Send no more, and wait for the last answer."""
        self._over.set()
        self.join(ANSWER_S)
        assert not self.is_alive()

    def _data(self, words: str) -> dict[str, str]:
        token = {"csrf_token": self._token}
        if self._kind == "feedback":
            return token | {"subject": "service:api", "rating": "4", "words": words}
        incident = {"title": words, "services": str(self._world.service), "impact": "minor"}
        return token | incident | {"status": "investigating", "body": f"We look into {words}."}


@contextmanager
def load(portal: Portal, world: World, writers: int) -> Iterator[Book]:
    """Let so many writers send feedback and incidents in turn; at the end every answer is in the book."""
    book = Book()
    kinds = ["feedback", "incident"] * writers
    all_writers = [Writer(f"writer {at}", kind, portal, world, book) for at, kind in enumerate(kinds[:writers])]
    for writer in all_writers:
        writer.open_form()
    for writer in all_writers:
        writer.start()
    try:
        yield book
    finally:
        for writer in all_writers:
            writer.end()


class Readers(threading.Thread):
    """Somebody who reloads public pages; `statuses` by page, and how long the slowest answer took."""

    def __init__(self, portal: Portal, paths: tuple[str, ...] = ("/", "/history", "/history.rss")) -> None:
        super().__init__(daemon=True)
        self._portal, self._paths = portal, paths
        self._over = threading.Event()
        self.statuses: Counter[int] = Counter()
        self.failed: Counter[str] = Counter()
        self.as_of = 0
        self.longest_s = 0.0

    def run(self) -> None:
        """Read until told to end."""
        while not self._over.wait(0.1):
            self.read_all()

    def read_all(self) -> None:
        """Read every page once, as a stranger with a new browser."""
        with requests.Session() as browser:
            browser.trust_env = False
            for path in self._paths:
                self._read(browser, path)

    def _read(self, browser: requests.Session, path: str) -> None:
        began = time.monotonic()
        answer = browser.get(self._portal.address + path, timeout=ANSWER_S)
        self.longest_s = max(self.longest_s, time.monotonic() - began)
        self.statuses[answer.status_code] += 1
        if answer.status_code != 200:
            self.failed[path] += 1
        self.as_of += "Age" in answer.headers

    def end(self) -> None:
        """Read no more."""
        self._over.set()
        self.join(ANSWER_S)


@contextmanager
def reading(portal: Portal) -> Iterator[Readers]:
    """Let somebody read meanwhile; every page was read once before."""
    readers = Readers(portal)
    readers.read_all()
    assert not readers.failed
    readers.start()
    try:
        yield readers
    finally:
        readers.end()
