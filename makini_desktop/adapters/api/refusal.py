"""From an unhappy answer to the error tree (contract section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from makini_desktop.adapters.api import wire
from makini_desktop.core.text import _
from makini_desktop.domain.errors import (
    AnswerUnreadable,
    InvalidRequest,
    MakiniDesktopError,
    NotOffered,
    PermissionDenied,
    RateLimited,
    ReconnectNeeded,
    ServerFailed,
    SyncUnderWay,
    SystemUnreachable,
    TokenRejected,
)

if TYPE_CHECKING:
    from makini_desktop.adapters.api.http import Response

_LONGEST = 300
"""Characters of the server's words that are shown; more is no sentence."""

_RECONNECT_CODES = frozenset({"AUTHENTICATION_FAILED", "REAUTHORIZATION_REQUIRED"})


def refusal(response: Response, what: str) -> MakiniDesktopError:
    """Return the error for an answer that is not a success.

    Args:
        response: the answer.
        what: the request in the person's words, for example "connection status".
    """
    outer, inner, found = _read(response)
    code = _line(found.get("code")) or (_line(inner) if isinstance(inner, str) else "")
    message = _line(found.get("message")) or _line(outer.get("error_description"))
    facts: dict[str, Any] = {
        "request_id": request_id(response),
        "code": code or None,
        "status": response.status,
    }
    said = message or _("no reason given")
    match response.status:
        case 400 | 422:
            field = _field(found.get("details"))
            sentence = _("Makini refused the {what}: {said}").format(what=what, said=said)
            invalid = InvalidRequest(f"{sentence} ({field})" if field else sentence, **facts)
            invalid.field = field
            return invalid
        case 401 if code in _RECONNECT_CODES:
            return ReconnectNeeded(
                _("The customer's sign-in is no longer accepted: {said}").format(said=said), **facts
            )
        case 401:
            return TokenRejected(_("Makini did not accept the token: {said}").format(said=said), **facts)
        case 403:
            return PermissionDenied(
                _("This account may not ask for the {what}: {said}").format(what=what, said=said), **facts
            )
        case 404 | 405 | 501:
            return NotOffered(_("This server does not offer the {what}.").format(what=what), **facts)
        case 409:
            under_way = SyncUnderWay(_("A sync is running already."), **facts)
            under_way.running = _running(found, outer)
            return under_way
        case 429:
            limited = RateLimited(
                _("Makini asks for fewer requests; the {what} waits.").format(what=what), **facts
            )
            limited.retry_after = response.retry_after()
            return limited
        case 503 if code == "SYSTEM_UNREACHABLE":
            return SystemUnreachable(
                _("The customer's system does not answer Makini: {said}").format(said=said), **facts
            )
        case status if status >= 500:
            return ServerFailed(
                _("Makini failed on the {what} ({status}).").format(what=what, status=status), **facts
            )
        case status:
            return AnswerUnreadable(
                _("Makini answered the {what} in an unexpected way ({status}).").format(
                    what=what, status=status
                ),
                **facts,
            )


def request_id(response: Response) -> str | None:
    """Return the server's id of a request: the body's, else the header's (contract section 4)."""
    in_body = "" if response.good else _line(_read(response)[2].get("request_id"))
    return in_body or _line(response.headers.get("x-request-id")) or None


def _read(response: Response) -> tuple[Mapping[str, Any], Any, Mapping[str, Any]]:
    """Return the body's object, its `error`, and whichever of both holds the facts."""
    try:
        document: Any = wire.decode(response.body)
    except ValueError:
        document = {}
    outer = document if isinstance(document, Mapping) else {}
    inner = outer.get("error")
    return outer, inner, inner if isinstance(inner, Mapping) else outer


def _line(value: Any) -> str:  # noqa: ANN401 - JSON is anything
    """Return the server's words as one line that no terminal takes for an order."""
    printable = "".join(letter if letter.isprintable() else " " for letter in wire.text(value))
    words = " ".join(printable.split())
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"


def _field(details: Any) -> str:  # noqa: ANN401 - JSON is anything
    if isinstance(details, Mapping):
        return _line(details.get("field")) or _line(", ".join(map(str, details)))
    return _line(", ".join(wire.words(details)))


def _running(*places: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return the running sync, wherever the server put it: data, details, or details.sync."""
    for place in places:
        for name in ("data", "sync", "details"):
            inner = place.get(name)
            if isinstance(inner, Mapping):
                inner = inner.get("sync", inner)
                if isinstance(inner, Mapping) and inner.get("id"):
                    return wire.sync(inner)
    return None
