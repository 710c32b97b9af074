"""How an agreement cuts time into periods, as terms write it (semantics.md R2)."""

from dataclasses import dataclass
from datetime import datetime

from portal.domain.documents.reading import Reader
from portal.domain.documents.scalars import between, choose, read_date
from portal.domain.quantities.zones import parse_instant

_LONGEST_ROLLING_S = 366 * 86400
_PERIOD_KINDS = (
    "calendar_month",
    "calendar_quarter",
    "calendar_year",
    "fiscal_quarter",
    "billing_month",
    "rolling",
    "custom",
)


@dataclass(frozen=True, slots=True)
class PeriodRule:
    """How time is cut into periods (R2); only the keys of the kind are set."""

    kind: str
    fiscal_year_start_month: int | None = None
    anchor_day: int | None = None
    seconds: int | None = None
    as_of: str | None = None
    start: str | None = None
    end: str | None = None


def period_document(rule: PeriodRule) -> dict[str, object]:
    """The document of a period rule: the keys of its kind, as `periods.period_of` reads them."""
    keys: dict[str, object] = {
        "fiscal_year_start_month": rule.fiscal_year_start_month,
        "anchor_day": rule.anchor_day,
        "seconds": rule.seconds,
        "as_of": rule.as_of,
        "start": rule.start,
        "end": rule.end,
    }
    return {"kind": rule.kind} | {key: value for key, value in keys.items() if value is not None}


def read_period(reader: Reader) -> PeriodRule:
    """The period rule an object describes; problems are noted on the reader."""
    kind = reader.read("kind", choose(*_PERIOD_KINDS), "")
    rule = PeriodRule(kind)
    if kind == "fiscal_quarter":
        rule = PeriodRule(kind, fiscal_year_start_month=reader.read("fiscal_year_start_month", between(1, 12), 1))
    if kind == "billing_month":
        rule = PeriodRule(kind, anchor_day=reader.read("anchor_day", between(1, 31), 1))
    if kind == "rolling":
        seconds = reader.read("seconds", between(1, _LONGEST_ROLLING_S), 1)
        rule = PeriodRule(kind, seconds=seconds, as_of=reader.maybe("as_of", _read_instant_text))
    if kind == "custom":
        start, end = reader.read("start", _read_local_text, ""), reader.read("end", _read_local_text, "")
        if reader.clean and ("T" in start) == ("T" in end) and start >= end:
            reader.refuse("end", "A custom period ends after it starts.")
        rule = PeriodRule(kind, start=start, end=end)
    if kind:
        reader.finish()
    return rule


def _read_local_text(value: object) -> str:
    if isinstance(value, str) and "T" in value:
        try:
            stamp = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("must be a local date like 2026-06-01 or a time like 2026-06-01T12:00:00.") from None
        return _read_instant_text(value) if stamp.tzinfo else value
    return read_date(value).isoformat()


def _read_instant_text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a time like 2026-06-10T10:00:00Z.")
    try:
        parse_instant(value)
    except ValueError:
        raise ValueError("must be a time like 2026-06-10T10:00:00Z.") from None
    return value
