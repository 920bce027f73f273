"""Waiting for what another process does and tells nobody."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LOOK_EVERY = 0.02


def wait_until(look: Callable[[], T], what: str, within: float) -> T:
    """Look until there is something to be seen, and return it; fail after so many seconds."""
    until = time.monotonic() + within
    while not (found := look()):
        assert time.monotonic() < until, f"{what} did not come within {within} s"
        time.sleep(LOOK_EVERY)
    return found
