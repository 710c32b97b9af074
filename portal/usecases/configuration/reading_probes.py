"""Reading the probes of a configuration file: what is asked, how often, from where, and what a good answer is."""

from collections.abc import Collection, Mapping
from functools import partial

from portal.domain.documents.reading import Reader
from portal.domain.documents.scalars import between, choose, read_flag, read_name, read_text
from portal.domain.notices.refusals import Refusal
from portal.senders.targets import check_target
from portal.usecases.configuration.entries import ProbeEntry
from portal.usecases.configuration.references import refuse_stranger

DAY_S = 86_400
TIMEOUT_MS_LEAST = 50
TIMEOUT_MS_MOST = 60_000
TIMEOUT_MS_USUAL = 10_000
LONGEST_STATUSES = 200
MOST_LOCATIONS = 100


def read_probe(node: Reader, services: Collection[str], networks: Mapping[str, tuple[str, ...]]) -> ProbeEntry:
    """The probe an object describes; `networks` is the allow list of every location. Problems are noted on the node."""
    interval_s = node.read("interval_seconds", between(1, DAY_S), 60)
    usual_ms = min(TIMEOUT_MS_USUAL, interval_s * 1000)
    entry = ProbeEntry(
        key=node.read("id", read_name, ""),
        service=node.read("service", read_name, ""),
        kind=node.read("kind", choose("http", "tcp"), ""),
        target=_read_target(node),
        interval_s=interval_s,
        timeout_ms=node.read("timeout_ms", between(TIMEOUT_MS_LEAST, TIMEOUT_MS_MOST), usual_ms, usual_ms),
        latency_limit_ms=node.maybe("latency_limit_ms", between(1, TIMEOUT_MS_MOST)),
        locations=node.listed("locations", read_name, 1, MOST_LOCATIONS),
    )
    node.finish()
    _refuse_impossible_times(node, entry)
    refuse_stranger(node, "service", entry.service, services)
    for n, location in enumerate(entry.locations):
        refuse_stranger(node, f"locations[{n}]", location, networks)
        if location in entry.locations[:n]:
            node.refuse(f"locations[{n}]", "This location already stands in the list.")
    _refuse_targets(node, entry, networks)
    return entry


def _read_target(node: Reader) -> dict[str, object]:
    target: dict[str, object] = {"address": node.read("target", read_text, "")}
    expect = node.maybe_child("expect")
    statuses = expect.maybe("status", _read_statuses)
    contains = expect.maybe("body_contains", partial(read_text, longest=1000))
    if statuses is not None:
        target["statuses"] = statuses
    if contains is not None:
        target["body_contains"] = contains
    if expect.read("follow_redirects", read_flag, False, False):
        target["follow_redirects"] = True
    expect.finish()
    return target


def _read_statuses(value: object) -> str:
    return read_text(str(value) if type(value) is int else value, LONGEST_STATUSES)


def _refuse_impossible_times(node: Reader, entry: ProbeEntry) -> None:
    if entry.timeout_ms > entry.interval_s * 1000:
        node.refuse("timeout_ms", "A probe must be answered before it is due again: at most the interval.")
    if entry.latency_limit_ms is not None and entry.latency_limit_ms >= entry.timeout_ms:
        node.refuse("latency_limit_ms", "This must be below the timeout, or nothing can ever be slow.")


def _refuse_targets(node: Reader, entry: ProbeEntry, networks: Mapping[str, tuple[str, ...]]) -> None:
    if not node.clean:
        return
    options = {key: value for key, value in entry.target.items() if key != "address"}
    for location in entry.locations:
        try:
            check_target(entry.kind, str(entry.target["address"]), options, networks[location])
        except Refusal as refusal:
            node.refuse("target", f"Location {location} cannot ask this: {refusal.sentence}")
