"""Python's search for cycles in processes that go on for long: the program itself is left out of it.

An application is some 230,000 objects that stay. A full search looks at all of them, which holds a process up for more
than a tenth of a second, whatever it is doing for whom.
"""

import gc

THRESHOLDS = (20_000, 20, 50)
"""Objects kept before Python searches: a tick keeps thousands for a second, and none of them is part of a cycle."""


def search_seldom() -> None:
    """Leave what the program is made of by now out of every later search for cycles, and search seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
