"""From a checked endpoint to the checked addresses it stands for: the one way to an outgoing connection."""

from collections.abc import Callable

from probes.guard import Endpoint, Policy, Refused, check_addresses
from probes.loop import Loop
from probes.measurement import Verdict, down, unknown
from probes.messages import Outcome
from probes.resolver import Answer, Resolver
from probes.results import Fault, Reason

Found = tuple[str, ...] | Verdict


class Finder:
    """Resolves and checks on behalf of every kind of probe."""

    def __init__(self, loop: Loop, resolver: Resolver) -> None:
        self._loop = loop
        self._resolver = resolver

    def find(self, endpoint: Endpoint, policy: Policy, deadline_us: int, done: Callable[[Found], None]) -> None:
        """Call `done` once with all addresses, each let through by the policy, or with the verdict why not.

        Resolves anew for each connection unless the answer's TTL says otherwise (S2). A name server that keeps
        silent until the deadline is our own failure.
        """
        if endpoint.is_address:
            done((endpoint.host,))
            return
        known = self._resolver.known(endpoint.host)
        if known is not None:
            done(_judge(endpoint.host, known, policy))
            return
        self._resolver.resolve(endpoint.host, _Once(self._loop, endpoint.host, policy, deadline_us, done))


class _Once:
    """The first of answer and deadline wins."""

    __slots__ = ("_done", "_host", "_policy", "_timer")

    def __init__(self, loop: Loop, host: str, policy: Policy, deadline_us: int, done: Callable[[Found], None]) -> None:
        self._host = host
        self._policy = policy
        self._done: Callable[[Found], None] | None = done
        self._timer = loop.at(deadline_us, self._give_up)

    def __call__(self, answer: Answer) -> None:
        self._timer.cancel()
        self._tell(_judge(self._host, answer, self._policy))

    def _give_up(self) -> None:
        self._tell(unknown(Reason.RESOLVER_FAILED, "no name server answered in time"))

    def _tell(self, found: Found) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(found)


def _judge(host: str, answer: Answer, policy: Policy) -> Found:
    if answer.outcome is Outcome.NOT_FOUND:
        return down(Fault.NAME_NOT_FOUND, f"{host} has no address")
    if answer.outcome is Outcome.FAILED:
        return unknown(Reason.RESOLVER_FAILED, f"no name server could say what {host} is")
    try:
        return check_addresses(answer.addresses, policy)
    except Refused as refusal:
        return unknown(Reason.ADDRESS_REFUSED, str(refusal))
