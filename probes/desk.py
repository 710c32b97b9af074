"""Which order starts next: one in hand per probe and location, and hanging targets never take every place."""

import heapq
from collections import deque
from collections.abc import Iterator

from probes.results import Order

Key = tuple[int, int]

SLICES = 5
SLICE_MS = 100
"""Finer slices wake the loop for fewer probes at a time, which costs a third more for each; one for all of a second
makes hundreds of probes measure each other, 60 to 100 ms of it where 5 are true."""


class Ahead:
    """Orders that came before they are due, by the millisecond of the wall clock at which they may start.

    Slots are whole seconds: what is due in one is spread over the first half of it, or a quarter of its interval where
    that is less, so that probes do not measure how long they stood in each other's way. An order that is due when it
    comes is not held at all. The wall clock is looked at anew each time, so one that is set back starts nothing early.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, int, int, Order]] = []
        self._taken = 0

    def __len__(self) -> int:
        return len(self._heap)

    def hold(self, order: Order, now_ms: int) -> bool:
        """Keep an order that is not due yet; False when it is."""
        if order.slot * 1000 <= now_ms:
            return False
        self._taken += 1
        heapq.heappush(self._heap, (_start_ms(order), order.probe, order.location, self._taken, order))
        return True

    def due(self, now_ms: int) -> Iterator[Order]:
        """Take the orders whose time has come."""
        while self._heap and self._heap[0][0] <= now_ms:
            yield heapq.heappop(self._heap)[-1]

    def wait_ms(self, now_ms: int) -> int | None:
        """Return how long until the next one may start; None when there is none."""
        return max(0, self._heap[0][0] - now_ms) if self._heap else None

    def clear(self) -> Iterator[Order]:
        """Give up every order."""
        while self._heap:
            yield heapq.heappop(self._heap)[-1]


def _start_ms(order: Order) -> int:
    due_ms = order.slot * 1000
    slice_ms = min(SLICE_MS, (order.latest_start_ms - due_ms) // (2 * SLICES))
    return due_ms + (order.probe + order.location) % SLICES * slice_ms


class Desk:
    """Orders in hand, first come first served, in two lines.

    Whoever timed out last time stands in the second line, which may fill at most half of the places: targets
    that hang must not delay those that answer (trust.md F11).
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._by_key: dict[Key, deque[Order]] = {}
        self._line: deque[Order] = deque()
        self._second_line: deque[Order] = deque()
        self._suspects: set[Key] = set()
        self._started = 0
        self._started_suspects: set[Key] = set()

    def take(self, order: Order) -> bool:
        """Put an order in line, behind an earlier slot of the same probe and location; False when it is here."""
        key = (order.probe, order.location)
        in_hand = self._by_key.get(key)
        if in_hand is None:
            self._by_key[key] = deque((order,))
            (self._second_line if key in self._suspects else self._line).append(order)
            return True
        if any(other.slot == order.slot for other in in_hand):
            return False
        in_hand.append(order)
        return True

    def start_next(self) -> Order | None:
        """Take the next order that has a place."""
        if self._started >= self._places:
            return None
        if self._line:
            order = self._line.popleft()
        elif self._second_line and len(self._started_suspects) < max(1, self._places // 2):
            order = self._second_line.popleft()
            self._started_suspects.add((order.probe, order.location))
        else:
            return None
        self._started += 1
        return order

    def finish(self, order: Order, timed_out: bool) -> tuple[Order, ...]:
        """End a started order; returns the later slots that were waiting for it and are now overrun."""
        key = (order.probe, order.location)
        self._started -= 1
        self._started_suspects.discard(key)
        if timed_out:
            self._suspects.add(key)
        else:
            self._suspects.discard(key)
        in_hand = self._by_key.pop(key)
        in_hand.popleft()
        return tuple(in_hand)

    def clear(self) -> Iterator[Order]:
        """Give up every order in hand, slots of one probe in order."""
        while self._by_key:
            _, in_hand = self._by_key.popitem()
            yield from in_hand
        self._line.clear()
        self._second_line.clear()

    def give_up_waiting(self) -> Iterator[Order]:
        """Give up the orders that have not been started and have nothing before them, with what waits behind."""
        for line in (self._line, self._second_line):
            while line:
                order = line.popleft()
                yield from self._by_key.pop((order.probe, order.location))
