"""Terms of every kind the schema knows, each complete, to walk through key by key."""

from typing import Any

from tests.domain.agreements import availability, gold_terms

Document = dict[str, Any]

OUTAGE: Document = {
    "min_outage_seconds": 300,
    "merge_gap_seconds": 120,
    "clock_start": "reported",
    "severity_weights": {"down": "1", "degraded": "1/2"},
    "quorum": {"mode": "at_least", "down_at_least": 2, "known_at_least": 2},
    "confirm_failures": 2,
    "max_gap_seconds": 600,
}
SITE: Document = {
    "timezone": "Europe/Paris",
    "hours": {"mon": [["09:00", "12:00"], ["13:00", "17:00"]], "tue": [["09:00", "17:00"]]},
    "holidays": ["2026-05-01"],
}
METHODS: tuple[Document, ...] = (
    {"type": "continuous"},
    {"type": "continuous", **OUTAGE},
    {"type": "probe", "quorum": {"mode": "majority_of_known", "known_at_least": 2}},
    {"type": "slots", "slot_seconds": 60},
    {"type": "slots", "slot_seconds": 300, "min_consecutive_slots": 3, **OUTAGE},
    {"type": "mean_error_rate", "slot_seconds": 300, "empty": "skip"},
    {"type": "error_rate_slots", "slot_seconds": 60, "threshold": "0.05", "op": ">", "min_consecutive_slots": 2},
    {"type": "request_ratio", "scores": {"ok": "1", "slow": "1/2"}},
    {"type": "user_minutes", "total_users": 1000, **OUTAGE},
    {"type": "affected_ratio", "overlap": "max"},
    {"type": "percentile", "percentile": "95", "threshold_ms": 300, "slot_seconds": 60},
    {
        "type": "response_time",
        "target_seconds": 3600,
        "calendar": SITE,
        "small_sample": {"below": 20, "allowed_misses": 1},
    },
    {
        "type": "response_time",
        "target_seconds": 3600,
        "calendar": {"sites": [SITE, SITE | {"timezone": "Asia/Tokyo"}]},
        "small_sample": {"below": 20, "allowed_misses": 1},
    },
)
LIMITS: Document = {"cap_percent": "50", "cap_amount": "500.00 EUR", "min_credit_exclusive": "1.00 EUR"}
CREDITS: tuple[Document, ...] = (
    {"type": "none"},
    {"type": "tiers", "tiers": [{"below": "99.9", "percent": "10"}, {"below": "99", "percent": "25"}], **LIMITS},
    {"type": "days", "tiers": [{"below": "99.9", "days": "3"}], "day_divisor": "30"},
    {"type": "per_unit", "unit_seconds": 60, "percent_per_unit": "1", "rounding": "ceil", "scope": "total"},
    {
        "type": "per_unit",
        "unit_seconds": 1800,
        "days_per_unit": "1",
        "rounding": "floor",
        "scope": "per_outage",
        "free_seconds": 3600,
    },
    {"type": "pro_rata", "multiplier": "10"},
    {"type": "per_outage", "tiers": [{"at_least_seconds": 300, "percent": "5"}], "aggregate": "sum"},
    {"type": "breach_count", "tiers": [{"at_least": 2, "percent": "5"}]},
)
PERIODS: tuple[Document, ...] = (
    {"kind": "fiscal_quarter", "fiscal_year_start_month": 4},
    {"kind": "billing_month", "anchor_day": 15},
    {"kind": "rolling", "seconds": 2_592_000, "as_of": "2026-06-10T10:00:00Z"},
    {"kind": "custom", "start": "2026-06-01", "end": "2026-09-01"},
)
DEADLINES: tuple[Document, ...] = (
    {"type": "by_contract"},
    {"type": "days_after_period_end", "days": 30},
    {"type": "months_after_period_end", "months": 1},
    {"type": "business_days_after_period_end", "days": 5, "holidays": ["2026-12-25"]},
    {"type": "end_of_nth_period_after", "n": 2},
    {"type": "days_after_incident", "days": 7},
    {"type": "business_days_after_incident", "days": 5},
)
EXCLUSIONS: Document = {
    "mode": "remove",
    "types": {
        "force_majeure": {},
        "scheduled_maintenance": {
            "notice_seconds": 172_800,
            "notice_shortfall": "reject",
            "cap_seconds": 14_400,
            "cap_per": "period",
            "cap_counts": "window",
        },
    },
}


Focus = tuple[str | int, ...]
PROMISE: Focus = ("commitments", 0)


def every_kind() -> list[tuple[Focus, Document]]:
    """A document for each methodology, credit schedule, period, deadline and policy, with the part it is there for."""
    return [
        ((), _terms({})),
        *(((*PROMISE, "methodology"), _terms({"methodology": one})) for one in METHODS),
        *(((*PROMISE, "credit_schedule"), _terms({"credit_schedule": one})) for one in CREDITS),
        *((("period",), _terms({}, period=one)) for one in PERIODS),
        *((("claim",), _terms({}, claim={"required": True, "deadline": one})) for one in DEADLINES),
        ((*PROMISE, "exclusions_policy"), _terms({"exclusions_policy": EXCLUSIONS})),
        ((*PROMISE, "exclusions_policy"), _terms({"exclusions_policy": EXCLUSIONS | {"mode": "none"}})),
        ((*PROMISE, "measured"), _terms({"measured": "answers to our probes"})),
        ((*PROMISE, "comparison"), _terms({"comparison": {"precision": 2, "rounding": "down"}})),
        (
            (*PROMISE, "unknown_policy"),
            _terms({"unknown_policy": {"treat_as": "up", "max_unknown_percent": "5"}}),
        ),
        (("restatement",), _terms({}, restatement={"policy": "frozen", "dispute_days": 60})),
        (("combine",), _terms({}, combine={"policy": "sum_capped", "cap_percent": "50"})),
        (("combine",), _terms({}, combine={"policy": "highest"})),
    ]


def _terms(commitment: Document, **changes: Any) -> Document:
    return gold_terms(commitments=[availability(**commitment)], **changes)
