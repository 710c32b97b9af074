"""What applying a configuration file does, as a list people read before and after."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

Facts = Mapping[str, object]
UNTOLD = "not told"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is created, changed and ended, in words such as `probe api-health`; the rest is counted as unchanged."""

    created: tuple[str, ...]
    changed: tuple[str, ...]
    ended: tuple[str, ...]
    unchanged: int

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.created or self.changed or self.ended)

    def lines(self) -> Iterator[str]:
        """Yield the plan line by line."""
        for verb, names in (("create", self.created), ("change", self.changed), ("end", self.ended)):
            for name in names:
                yield f"{verb:>8}  {name}"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing, such as `probe api-health`, as it was and as it is; None where there was or is nothing."""

    name: str
    before: Facts | None
    after: Facts | None


@dataclass(slots=True)
class Ledger:
    """Notes what is being done while a file is applied; `changes` without people, who are noted by their ids."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    unchanged: int = 0
    changes: list[Change] = field(default_factory=list)

    def create(self, name: str, after: Facts) -> None:
        """Note a thing that was not there before."""
        self.created.append(name)
        self.changes.append(Change(name, None, after))

    def end(self, name: str, before: Facts, remark: str) -> None:
        """Note a thing that ends, with a remark for people."""
        self.ended.append(f"{name} ({remark})")
        self.changes.append(Change(name, before, None))

    def compare(self, name: str, before: Facts, after: Facts, untold: Collection[str] = ()) -> None:
        """Note a thing as changed, by what differs, or as unchanged; the values of `untold` are not kept."""
        names = [key for key in {**before, **after} if before.get(key) != after.get(key)]
        if names:
            was, now = ({key: _told(key, facts, untold) for key in names if key in facts} for facts in (before, after))
            self.changes.append(Change(name, was, now))
        self.note(name, bool(names))

    def change(self, name: str, row: object, values: Facts, untold: Collection[str] = ()) -> None:
        """Set these values on a row and note it as changed or unchanged, as `compare` does."""
        self.compare(name, {key: getattr(row, key) for key in values}, values, untold)
        for key, value in values.items():
            if getattr(row, key) != value:
                setattr(row, key, value)

    def note(self, name: str, is_changed: bool) -> None:
        """Note the name as changed or unchanged."""
        if is_changed:
            self.changed.append(name)
        else:
            self.unchanged += 1

    def plan(self) -> Plan:
        """The plan noted so far."""
        return Plan(tuple(self.created), tuple(self.changed), tuple(self.ended), self.unchanged)


def _told(key: str, facts: Facts, untold: Collection[str]) -> object:
    return UNTOLD if key in untold else facts[key]
