"""From a whole response to a value with what cites it, or to the error that says it holds none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from makini_desktop.adapters.api import wire
from makini_desktop.core.text import _
from makini_desktop.domain.errors import AnswerUnreadable, ConnectionGone, MakiniDesktopError, NotOffered
from makini_desktop.domain.token import TokenPair
from makini_desktop.services.ports import Answer

if TYPE_CHECKING:
    from makini_desktop.adapters.api.http import Response

T = TypeVar("T")

_NOT_FOUND = 404


def document(response: Response, what: str) -> Any:  # noqa: ANN401 - JSON is anything
    """Return the answer's JSON.

    Raises:
        AnswerUnreadable: it holds none.
    """
    try:
        return wire.decode(response.body)
    except ValueError as error:
        raise unreadable(response, what) from error


def answer(response: Response, read: Callable[[Any], T], what: str, *telling: str) -> Answer[T]:
    """Return what `read` makes of the answer's JSON.

    Args:
        what: the request in the person's words.
        telling: fields of which an object must have one; without any it would be taken for one that is
            in order.

    Raises:
        AnswerUnreadable: there is no JSON, or none of these fields.
    """
    found = document(response, what)
    if not isinstance(found, (Mapping, list)):
        raise unreadable(response, what)
    if telling and all(wire.single(found).get(name) is None for name in telling):
        raise unreadable(response, what)
    return cited(response, read(found))


def answer_or(response: Response, read: Callable[[Any], T], what: str, sent: T) -> Answer[T]:
    """Return what `read` makes of the answer to a change; `sent` where the server says no more than yes.

    Raises:
        AnswerUnreadable: it says something else.
    """
    if not response.body.strip():
        return cited(response, sent)
    return answer(response, read, what)


def cited(response: Response, value: T, *, whole: bool = True) -> Answer[T]:
    """Return a value with what is needed to cite the answer that it came from."""
    return Answer(
        value=value,
        at=response.at,
        request_id=request_id(response),
        detail=f"{response.status}",
        whole=whole,
    )


def token_pair(response: Response, what: str) -> TokenPair:
    """Return the tokens of an answer.

    Raises:
        AnswerUnreadable: it holds none.
    """
    pair = wire.token_pair(document(response, what), response.at, response.skew)
    if pair is None:
        raise unreadable(response, what)
    return pair


def gone(error: NotOffered) -> ConnectionGone:
    """Return the error for a 404, 405 or 501 where every server has the endpoint."""
    return ConnectionGone(
        _("Makini no longer knows this connection."),
        request_id=error.request_id,
        code=error.code,
        status=error.status,
    )


def gone_or_lacking(error: NotOffered) -> MakiniDesktopError:
    """Return the error for an order about one connection: only a 404 says that it is gone."""
    return gone(error) if error.status == _NOT_FOUND else error


def request_id(response: Response) -> str | None:
    """Return the server's id of the request."""
    return response.headers.get("x-request-id")


def unreadable(response: Response, what: str) -> AnswerUnreadable:
    """Return the error for a success that does not hold what was asked for."""
    return AnswerUnreadable(
        _("Makini's answer to the {what} cannot be read.").format(what=what),
        request_id=request_id(response),
        status=response.status,
    )
