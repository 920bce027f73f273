"""Which redirect answers an attempt: its own exact one, while it lives.

Contract section 2, RFC 9700 section 4.1.
"""

from __future__ import annotations

from datetime import datetime
from hmac import compare_digest

from makini_desktop.core.redirect import (
    AnswerError,
    CodeGranted,
    LoginRefused,
    Reached,
    Redirect,
    RedirectError,
    read_answer,
)
from makini_desktop.domain.attempt import Attempt
from makini_desktop.domain.token import Secret


def answer_to(
    attempt: Attempt, url: Secret, now: datetime, *, stateless: bool
) -> CodeGranted | LoginRefused | None:
    """Return what a redirect brings, None unless it is the very one that the attempt waits for.

    Args:
        attempt: whose redirect it should be.
        url: where the login page led to.
        now: when it did.
        stateless: whether a redirect without `state` is believed: only in the embedded window, where nobody
            else can bring one, and only of a server that has never sent it back.
    """
    if attempt.is_over(now):
        return None
    try:
        if Redirect.parse(attempt.redirect_uri).reached_by(url.value) is not Reached.EXACTLY:
            return None
        answer = read_answer(url.value)
    except (RedirectError, AnswerError):
        return None
    if answer.state is None:
        return answer if stateless else None
    return answer if compare_digest(answer.state.encode(), attempt.state.value.encode()) else None
