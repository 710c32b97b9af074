"""What a location may be told to probe: the words of the probes' own guard, for whoever configures one."""

from collections.abc import Mapping, Sequence

from portal.domain.notices.refusals import Refusal
from probes.guard import Policy, Refused, probe_policy
from probes.targets import parse_target


def check_networks(allow: Sequence[str]) -> None:
    """Check a location's allow list of networks such as `10.1.0.0/16`; raises Refusal with a sentence."""
    _policy(allow)


def check_target(kind: str, address: str, options: Mapping[str, object], allow: Sequence[str]) -> None:
    """Check that a location with this allow list may ask this address in this way; raises Refusal with a sentence.

    A host name passes here and is checked again each time it is resolved (trust.md S1, S2).
    """
    try:
        parse_target(kind, address, options, _policy(allow))
    except Refused as refused:
        raise Refusal(str(refused)) from None


def _policy(allow: Sequence[str]) -> Policy:
    try:
        return probe_policy(allow)
    except Refused as refused:
        raise Refusal(str(refused)) from None
