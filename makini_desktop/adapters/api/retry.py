"""When a request is sent again by itself, and after how long (contract section 4)."""

from __future__ import annotations

from collections.abc import Callable
from random import random

import msgspec


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Exponential back-off with full jitter.

    A request may be repeated only if that can do no harm: reading, and what carries an idempotency key.
    A line that broke proves nothing about whether the server has carried out what it was sent.

    Attributes:
        tries: how often a request is sent at most.
        base: seconds up to which the wait before the second try is drawn; doubled before each further one.
        cap: seconds up to which any such wait is drawn.
        patience: the longest `Retry-After`, in seconds, that is waited for; a longer one is told instead.
        jitter: gives a number from 0 up to 1.
    """

    tries: int = 3
    base: float = 1.0
    cap: float = 8.0
    patience: float = 60.0
    jitter: Callable[[], float] = random

    def after_loss(self, attempt: int, *, repeatable: bool) -> float | None:
        """Return seconds until the next try after no whole answer came, None where there is none.

        Args:
            attempt: the number of the try that failed, from 1.
            repeatable: sending it twice does no harm.
        """
        return self._drawn(attempt) if repeatable and attempt < self.tries else None

    def after_limit(self, attempt: int, asked: float | None) -> float | None:
        """Return seconds until the next try after a 429, None where there is none.

        The server has not carried it out, so every request may be sent again. The jitter only adds to
        what was asked for.

        Args:
            attempt: the number of the try that was refused, from 1.
            asked: the seconds of `Retry-After`, None without any.
        """
        if attempt >= self.tries or (asked or 0.0) > self.patience:
            return None
        return (asked or 0.0) + self._drawn(attempt)

    def after_failure(self, attempt: int, asked: float | None, *, repeatable: bool) -> float | None:
        """Return seconds until the next try after a 5xx that may pass, None where there is none."""
        return self.after_limit(attempt, asked) if repeatable else None

    def _drawn(self, attempt: int) -> float:
        return self.jitter() * min(self.cap, self.base * 2.0 ** (attempt - 1))
