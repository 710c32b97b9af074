"""The probes' only reading of the time: the wall clock for labels, the monotonic one for waits (trust.md E8)."""

import time


class Clock:
    """The machine's clocks; tests hand the runner another one."""

    def wall_ms(self) -> int:
        """Return the wall clock in whole milliseconds since 1970, UTC."""
        return time.time_ns() // 1_000_000

    def monotonic_us(self) -> int:
        """Return the monotonic clock in whole microseconds."""
        return time.monotonic_ns() // 1_000
