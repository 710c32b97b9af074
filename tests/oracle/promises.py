"""Random contracts in the vectors' flat form: every methodology, policy and credit schedule."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from tests.oracle.places import Place
from tests.oracle.wall_clock import utc_text

CURRENCIES = ("USD", "EUR", "JPY", "KWD", "TND")
EXCLUSION_TYPES = ("scheduled_maintenance", "force_majeure", "customer_caused")

Object = dict[str, Any]


def random_contract(dice: Random, place: Place) -> Object:
    """A contract over a place, every key of it drawn."""
    methodology = random_methodology(dice)
    contract = {
        "timezone": place.zone,
        "period": place.rule,
        "target_percent": dice.choice(["100", "99.9", "99.5", "99", "95", "90", "200/3"]),
        "methodology": methodology,
        "unknown_policy": random_unknown_policy(dice),
        "exclusions_policy": random_exclusions_policy(dice),
        "credit_schedule": random_schedule(dice, methodology["type"]),
        "monthly_fee": {
            "amount": dice.choice(["1000.00", "100.05", "12345", "0.005", "1"]),
            "currency": dice.choice(CURRENCIES),
        },
        "fee_proration": dice.choice(["none", "days", "seconds"]),
        "partial_period": dice.choice(["existing_portion", "existing_portion", "assume_up"]),
        "money_rounding": dice.choice(["half_up", "half_even", "up"]),
    }
    contract |= random_service(dice, place, methodology)
    if dice.random() < 0.3:
        rounding = dice.choice(["down", "half_up"])
        contract["comparison"] = {"precision": dice.choice([0, 1, 2, 3]), "rounding": rounding}
    return contract


def random_service(dice: Random, place: Place, methodology: Mapping[str, Any]) -> Object:
    """Now and then a service that begins or ends inside the period, at the edge of a slot where slots are counted."""
    keys: Object = {}
    step = dice.choice([methodology.get("slot_seconds", 1), 1])
    for key in ("service_start", "service_end"):
        if dice.random() < 0.1:
            keys[key] = utc_text(place.start + dice.randrange(place.end - place.start + step) // step * step)
    if len(keys) == 2:
        keys["service_start"], keys["service_end"] = sorted(keys.values())
    return keys


def random_unknown_policy(dice: Random) -> Object:
    """Each way to treat time without evidence, with and without a coverage limit."""
    policy: Object = {"treat_as": dice.choice(["exclude", "exclude", "up", "down"])}
    if dice.random() < 0.4:
        policy["max_unknown_percent"] = dice.choice(["0", "1", "5", "10", "100/3"])
    return policy


def random_exclusions_policy(dice: Random) -> Object:
    """Each mode; types with notice and caps."""
    mode = dice.choice(["remove", "remove", "count_as_up", "none"])
    if mode == "none":
        return {"mode": mode, "types": {}}
    names = EXCLUSION_TYPES[: dice.randrange(1, 4)]
    return {"mode": mode, "types": {name: _random_type(dice) for name in names}}


def _random_type(dice: Random) -> Object:
    kind: Object = {}
    if dice.random() < 0.4:
        kind["notice_seconds"] = dice.choice([600, 3600])
        kind["notice_shortfall"] = dice.choice(["reject", "partial"])
    if dice.random() < 0.3:
        kind["cap_seconds"] = dice.choice([0, 60, 600, 3600])
        kind["cap_per"] = dice.choice(["period", "year"])
        kind["cap_counts"] = dice.choice(["window", "downtime"])
    return kind


def random_methodology(dice: Random) -> Object:
    """One methodology with its keys."""
    kinds: Sequence[Callable[[Random], Object]] = (
        _continuous,
        _continuous,
        _probe,
        _slots,
        _slots,
        _error_rate_slots,
        _mean_error_rate,
        _request_ratio,
        _user_minutes,
        _affected_ratio,
    )
    return dice.choice(kinds)(dice)


def _continuous(dice: Random) -> Object:
    return {"type": "continuous"} | _outage_keys(dice) | _detection_keys(dice) | _weight_keys(dice)


def _probe(dice: Random) -> Object:
    return {"type": "probe"} | _outage_keys(dice) | _detection_keys(dice)


def _slots(dice: Random) -> Object:
    keys = {"type": "slots", "slot_seconds": dice.choice([60, 60, 300, 900, 420])}
    keys |= _outage_keys(dice) | _detection_keys(dice) | _weight_keys(dice)
    keys["down_when"] = dice.choice(["all", "any", "majority"])
    if dice.random() < 0.5:
        keys["min_consecutive_slots"] = dice.choice([1, 2, 5])
    return keys


def _error_rate_slots(dice: Random) -> Object:
    return {
        "type": "error_rate_slots",
        "slot_seconds": dice.choice([60, 300, 420]),
        "threshold": dice.choice(["0", "0.05", "1/3", "1"]),
        "op": dice.choice([">", ">="]),
        "min_requests": dice.choice([0, 1, 100]),
        "min_consecutive_slots": dice.choice([1, 1, 2, 5]),
    }


def _mean_error_rate(dice: Random) -> Object:
    return {
        "type": "mean_error_rate",
        "slot_seconds": dice.choice([60, 300, 420, 1800]),
        "empty": dice.choice(["zero_error", "skip"]),
    }


def _request_ratio(dice: Random) -> Object:
    return {"type": "request_ratio"} | ({"scores": {"slow": "1/2"}} if dice.random() < 0.3 else {})


def _user_minutes(dice: Random) -> Object:
    keys = {"type": "user_minutes", "total_users": dice.choice([3, 50, 100])}
    return keys | _overlap_keys(dice)


def _affected_ratio(dice: Random) -> Object:
    return {"type": "affected_ratio"} | _overlap_keys(dice)


def _overlap_keys(dice: Random) -> Object:
    keys = {"overlap": dice.choice(["sum_capped", "max"])}
    return keys | _outage_keys(dice) | _detection_keys(dice) | _weight_keys(dice)


def _outage_keys(dice: Random) -> Object:
    keys: Object = {}
    if dice.random() < 0.4:
        keys["min_outage_seconds"] = dice.choice([1, 60, 300, 600])
        keys["min_outage_op"] = dice.choice([">=", ">"])
        keys["count_from"] = dice.choice(["start", "threshold"])
    if dice.random() < 0.4:
        keys["basis"] = dice.choice(["raw", "counted"])
    if dice.random() < 0.3:
        keys["merge_gap_seconds"] = dice.choice([1, 30, 60, 300])
        keys["gap_counts"] = dice.choice(["up", "down"])
    if dice.random() < 0.15:
        keys["clock_start"] = "reported"
    return keys


def _weight_keys(dice: Random) -> Object:
    weights = dice.choice([{}, {"degraded": "1/2"}, {"degraded": "0"}, {"down": "1", "degraded": "1/3"}])
    return {"severity_weights": weights} if weights else {}


def _detection_keys(dice: Random) -> Object:
    keys: Object = {}
    if dice.random() < 0.5:
        keys["max_gap_seconds"] = dice.choice([30, 60, 61, 120, 180, 600])
    if dice.random() < 0.5:
        keys["confirm_failures"] = dice.choice([1, 2, 3])
        keys["outage_begins"] = dice.choice(["first_failure", "confirmation"])
    if dice.random() < 0.5:
        keys["confirm_successes"] = dice.choice([1, 2, 3])
        keys["outage_ends"] = dice.choice(["first_success", "confirmation"])
    known = dice.choice([1, 2])
    if dice.random() < 0.3:
        keys["quorum"] = {"down_at_least": dice.choice([1, 2]), "known_at_least": known}
    elif dice.random() < 0.3:
        keys["quorum"] = {"mode": "majority_of_known", "known_at_least": known}
    return keys


def random_schedule(dice: Random, methodology: str) -> Object:
    """A credit schedule the methodology allows, with caps and a minimum."""
    counts_requests = methodology in ("mean_error_rate", "request_ratio")
    kinds = ["tiers", "tiers", "days", "none"]
    if not counts_requests:
        kinds += ["per_unit", "pro_rata", "per_outage"]
    schedule = _SCHEDULES[dice.choice(kinds)](dice)
    schedule["requires_breach"] = dice.random() < 0.7
    if dice.random() < 0.4:
        schedule["cap_percent"] = dice.choice(["100", "30", "27.5"])
    if dice.random() < 0.2:
        schedule["cap_amount"] = dice.choice(["1", "50", "100"])
    if dice.random() < 0.2:
        schedule["min_credit_exclusive"] = dice.choice(["0", "1", "10"])
    return schedule


def _tiers(dice: Random) -> Object:
    rows = [{"below": "99.9", "percent": "10"}, {"below": "99", "percent": "25"}, {"below": "90", "percent": "100/3"}]
    rows = rows[: dice.randrange(1, 4)]
    for row in rows:
        if dice.random() < 0.3:
            row["inclusive"] = True  # type: ignore[assignment]
    dice.shuffle(rows)
    return {"type": "tiers", "tiers": rows}


def _days(dice: Random) -> Object:
    rows = [{"below": "99.9", "days": 3}, {"below": "99", "days": "1/2"}]
    return {"type": "days", "tiers": rows, "day_divisor": dice.choice([30, "period_days"])}


def _per_unit(dice: Random) -> Object:
    schedule: Object = {
        "type": "per_unit",
        "unit_seconds": dice.choice([60, 1800, 3600]),
        "rounding": dice.choice(["ceil", "floor", "exact"]),
        "scope": dice.choice(["total", "per_outage"]),
        "free_seconds": dice.choice([0, 0, 60, 3600]),
    }
    if dice.random() < 0.5:
        return schedule | {"percent_per_unit": "5"}
    return schedule | {"days_per_unit": "1", "day_divisor": dice.choice([30, "period_days"])}


def _pro_rata(dice: Random) -> Object:
    return {
        "type": "pro_rata",
        "multiplier": dice.choice(["1", "10", "1/2"]),
        "excess_only": dice.random() < 0.5,
        "denominator": dice.choice(["period", "eligible"]),
    }


def _per_outage(dice: Random) -> Object:
    bands = [{"at_least_seconds": 60, "percent": "5"}, {"at_least_seconds": 600, "percent": "15"}]
    return {"type": "per_outage", "tiers": bands, "aggregate": dice.choice(["sum", "max"])}


def _no_credit(_: Random) -> Object:
    return {"type": "none"}


_SCHEDULES: Mapping[str, Callable[[Random], Object]] = {
    "tiers": _tiers,
    "days": _days,
    "per_unit": _per_unit,
    "pro_rata": _pro_rata,
    "per_outage": _per_outage,
    "none": _no_credit,
}
