"""The http kind: libcurl on the loop, a fresh connection for each probe, one deadline over everything."""

import ssl
from collections.abc import Callable

import certifi

from probes.finding import Finder, Found
from probes.guard import Refused, Url, check_url
from probes.kinds.answer import (
    REDIRECTS,
    Answer,
    judge_answer,
    judge_header,
    judge_header_size,
    judge_overflow,
    judge_redirect,
)
from probes.kinds.faults import judge_code
from probes.kinds.handle import Handle
from probes.kinds.multi import Multi
from probes.loop import Loop
from probes.measurement import UP, Measurement, Phases, Verdict, down, judge_latency, unknown
from probes.results import Fault, Order, Reason
from probes.targets import HttpTarget

MAX_REDIRECTS = 5
MAX_IDLE_HANDLES = 256

Done = Callable[[Measurement], None]


def default_ca_file() -> str:
    """Return the machine's file of trusted issuers, or the one that came with the program."""
    return ssl.get_default_verify_paths().cafile or certifi.where()


class Http:
    """Runs http probes; libcurl keeps one loaded set of issuers per multi, so each file of issuers has its own."""

    def __init__(self, loop: Loop, finder: Finder, ca_file: str | None = None) -> None:
        self.loop = loop
        self.finder = finder
        self._ca_file = ca_file or default_ca_file()
        self._multis: dict[str, Multi] = {}
        self._idle: list[Handle] = []

    def start(self, order: Order, target: HttpTarget, deadline_us: int, done: Done) -> "HttpProbe":
        """Begin a probe; `done` is called once with its measurement, possibly before this returns."""
        probe = HttpProbe(self, order, target, deadline_us, done)
        probe.start()
        return probe

    def ca_file(self, target: HttpTarget) -> str:
        """Return the issuers this target is judged by."""
        return target.ca_file or self._ca_file

    def multi(self, ca_file: str) -> Multi:
        """Return the multi that holds these issuers."""
        multi = self._multis.get(ca_file)
        if multi is None:
            multi = self._multis[ca_file] = Multi(self.loop)
        return multi

    def take_handle(self) -> Handle:
        """Take an idle handle or make one."""
        return self._idle.pop() if self._idle else Handle()

    def return_handle(self, handle: Handle) -> None:
        """Keep a handle for the next probe, or close it when enough are idle."""
        if len(self._idle) < MAX_IDLE_HANDLES:
            self._idle.append(handle)
        else:
            handle.close()

    def close(self) -> None:
        """Give everything back; nothing may be running."""
        for multi in self._multis.values():
            multi.close()
        for handle in self._idle:
            handle.close()
        self._multis.clear()
        self._idle.clear()


class HttpProbe:
    """One probe under way: name, request, and again for each redirect."""

    __slots__ = (
        "_deadline_us",
        "_done",
        "_handle",
        "_home",
        "_hop_us",
        "_hops",
        "_multi",
        "_order",
        "_phases",
        "_target",
        "_url",
    )

    def __init__(self, home: Http, order: Order, target: HttpTarget, deadline_us: int, done: Done) -> None:
        self._home = home
        self._order = order
        self._target = target
        self._deadline_us = deadline_us
        self._done: Done | None = done
        self._phases = Phases()
        self._hops = 0
        self._hop_us = 0
        self._url: Url
        self._handle: Handle | None = None
        self._multi = home.multi(home.ca_file(target))

    def start(self) -> None:
        """Ask the first address."""
        self._ask(self._target.url)

    def abort(self) -> None:
        """End without a measurement."""
        self._done = None
        self._release()

    def _ask(self, address: str) -> None:
        try:
            self._url = check_url(address, self._order.policy)
        except Refused as refusal:
            self._finish(unknown(Reason.ADDRESS_REFUSED, str(refusal)), None)
            return
        self._hop_us = self._home.loop.now_us()
        self._home.finder.find(self._url.endpoint, self._order.policy, self._deadline_us, self._found)

    def _found(self, found: Found) -> None:
        if self._done is None:
            return
        now_us = self._home.loop.now_us()
        self._phases.resolve_us += now_us - self._hop_us
        self._phases.total_us += now_us - self._hop_us
        if isinstance(found, Verdict):
            self._finish(found, None)
            return
        self._handle = self._home.take_handle()
        self._handle.prepare(self._target, self._url, found, self._home.ca_file(self._target))
        self._handle.set_deadline(max(1, (self._deadline_us - now_us) // 1000))
        self._multi.add(self._handle.curl, self._answered)

    def _answered(self, code: int, message: str) -> None:
        handle = self._handle
        if handle is None:
            return
        handle.add_phases(self._phases, self._url.scheme)
        answer = handle.answer()
        location = self._redirect(handle, answer) if code == 0 else None
        if location is None:
            self._finish(self._judge(handle, answer, code, message), answer.status or None)
            return
        verdict = judge_redirect(self._url.scheme, location, self._hops, MAX_REDIRECTS)
        if verdict is not None:
            self._finish(verdict, answer.status)
            return
        self._hops += 1
        self._release()
        self._ask(location)

    def _redirect(self, handle: Handle, answer: Answer) -> str | None:
        """Return where a whole answer sends us, empty for nowhere; None when it is not to be followed."""
        if not self._target.follow_redirects or answer.status not in REDIRECTS:
            return None
        return handle.redirect_url() if judge_header(answer.header) is None else None

    def _judge(self, handle: Handle, answer: Answer, code: int, message: str) -> Verdict:
        if handle.overflowed:
            return judge_overflow(self._target, answer)
        if code:
            return judge_header_size(answer.header) or judge_code(code, message, handle.os_errno())
        if self._home.loop.now_us() > self._deadline_us:
            return down(Fault.TIMEOUT, "the answer came after the deadline")
        verdict = judge_answer(self._target, answer)
        return judge_latency(self._phases.total_us // 1000, self._target.latency_limit_ms) if verdict is UP else verdict

    def _finish(self, verdict: Verdict, status: int | None) -> None:
        done, self._done = self._done, None
        self._release()
        if done is not None:
            done(Measurement(verdict, self._phases, status))

    def _release(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            self._multi.drop(handle.curl)
            self._home.return_handle(handle)
