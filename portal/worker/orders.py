"""Between the portal's words and the probes': due slots become orders, results become samples."""

from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import State
from portal.domain.quantities.agenda import Due
from portal.usecases.measuring.measurement import Timetable
from probes.guard import Policy, probe_policy
from probes.results import Order, Reason, Result
from probes.results import State as ProbeState
from probes.targets import Target, parse_target

_STATES = {state: State(state.value) for state in ProbeState}


class Orders:
    """Turns due slots into orders; a target that the location may not ask has no order."""

    def __init__(self, timetable: Timetable) -> None:
        self._allow = timetable.allow
        self._policies: dict[int, Policy] = {}
        self._targets: dict[tuple[int, int, int], Target] = {}

    def order(self, due: Due) -> Order:
        """Return the order for a slot; raise Refused."""
        schedule, location = due.schedule, due.location
        key = (schedule.probe, schedule.effective_from, location)
        target = self._targets.get(key)
        if target is None:
            target = self._targets[key] = self._target(due)
        policy = self._policies[location]
        return Order(schedule.probe, location, due.slot, target, policy, schedule.timeout_ms, due.latest_start_ms)

    def _target(self, due: Due) -> Target:
        schedule = due.schedule
        if due.location not in self._policies:
            self._policies[due.location] = probe_policy(self._allow.get(due.location, ()))
        options = {name: value for name, value in schedule.target.items() if name != "address"}
        if schedule.latency_limit_ms is not None:
            options["latency_limit_ms"] = schedule.latency_limit_ms
        address = str(schedule.target.get("address", ""))
        return parse_target(schedule.kind, address, options, self._policies[due.location])


def sample_of(result: Result, interval_s: int, boot: int) -> Sample:
    """Return the sample that a result makes; `interval_s` is that of its schedule, `boot` the leadership's epoch."""
    if result.start_offset_ms is None:
        return _unmeasured(result, interval_s, boot)
    return Sample(
        probe=result.probe,
        location=result.location,
        slot=result.slot,
        interval_s=interval_s,
        state=_STATES[result.state],
        reason=result.reason and result.reason.value,
        error=result.error and result.error.value,
        http_status=result.http_status,
        start_offset_ms=result.start_offset_ms,
        resolve_ms=result.resolve_ms,
        connect_ms=result.connect_ms,
        tls_ms=result.tls_ms,
        processing_ms=result.processing_ms,
        transfer_ms=result.transfer_ms,
        total_ms=result.total_ms,
        monotonic_ms=result.monotonic_ms,
        boot=boot,
    )


def _unmeasured(result: Result, interval_s: int, boot: int) -> Sample:
    reason = (result.reason or Reason.OVERRUN).value
    return Sample(result.probe, result.location, result.slot, interval_s, State.UNKNOWN, reason, boot=boot)


def refused(due: Due, boot: int) -> Sample:
    """Return the sample of a slot whose target this location may not ask."""
    schedule, reason = due.schedule, Reason.ADDRESS_REFUSED.value
    return Sample(schedule.probe, due.location, due.slot, schedule.interval_s, State.UNKNOWN, reason, boot=boot)
