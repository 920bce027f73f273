"""How answers look: JSON bodies, the list envelope, errors, times (contract sections 3 and 4)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar, cast
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response

Json = dict[str, Any]
T = TypeVar("T")

DEFAULT_PER_PAGE = 50
MAX_PER_PAGE = 200


class ApiError(Exception):
    """An answer that is an error of contract section 4."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Json | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Json | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details or {}
        self.headers = dict(headers or {})
        self.extra = extra or {}

    def body(self, request_id: str, *, bare: bool) -> Json:
        """The body; a bare server says the message alone."""
        if bare:
            return {"message": self.message}
        error = {
            "code": self.code,
            "type": _error_type(self.status),
            "message": self.message,
            "request_id": request_id,
            "details": self.details,
        }
        return {"error": error, **self.extra}


def invalid(field: str, message: str, *, status: int = 422) -> ApiError:
    """The error for a field that cannot be taken as it is."""
    return ApiError(status, "INVALID_REQUEST", message, details={"field": field, "message": message})


def not_found(what: str) -> ApiError:
    """The error for something that is not there."""
    return ApiError(404, "NOT_FOUND", what)


def json_response(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")


def entity_tag(body: bytes) -> str:
    """A weak tag of an answer: when it was checked makes it no other."""
    lasting = re.sub(rb'"checked_at":"[^"]*"', b"", body)
    return f'W/"{hashlib.blake2b(lasting, digest_size=12).hexdigest()}"'


async def read_json(request: Request) -> object:
    """The request's JSON body.

    Raises:
        ApiError: 400 where it is no JSON.
    """
    try:
        return json.loads(await request.body() or b"null")
    except ValueError:
        raise ApiError(400, "INVALID_REQUEST", "The body is not valid JSON.") from None


async def read_object(request: Request) -> Json:
    """The request's JSON object.

    Raises:
        ApiError: 400 where it is something else.
    """
    body = await read_json(request)
    if not isinstance(body, dict):
        raise ApiError(400, "INVALID_REQUEST", "The body must be a JSON object.")
    return cast("Json", body)


async def read_form(request: Request) -> dict[str, str]:
    """The request's form fields; the last of equal names counts."""
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))


def envelope(
    request: Request, total: int, items: Callable[[int, int], list[T]], shape: Callable[[T], Json]
) -> Response:
    """A page of a list marked P: `data`, `links`, `meta`.

    A number that the caller wrote into the address comes back as a string, as published.

    Raises:
        ApiError: 422 where page or per_page is no positive number.
    """
    page = _positive(request, "page", 1)
    per_page = min(_positive(request, "per_page", DEFAULT_PER_PAGE), MAX_PER_PAGE)
    last_page = max(1, -(-total // per_page))
    first = (page - 1) * per_page
    rows = [shape(item) for item in items(first, per_page)] if first < total else []

    def link(number: int) -> str:
        return str(request.url.include_query_params(page=number, per_page=per_page))

    meta: Json = {
        "current_page": page,
        "from": first + 1 if rows else None,
        "last_page": last_page,
        "path": str(request.url.replace(query="")),
        "per_page": str(per_page) if "per_page" in request.query_params else per_page,
        "to": first + len(rows) if rows else None,
        "total": total,
    }
    links = {
        "first": link(1),
        "last": link(last_page),
        "prev": link(min(page - 1, last_page)) if page > 1 else None,
        "next": link(page + 1) if page < last_page else None,
    }
    return json_response({"data": rows, "links": links, "meta": meta})


def published_time(at: float | None) -> str | None:
    """A time as the published shapes write it, with microseconds."""
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def time_text(at: float | None) -> str | None:
    """A time as our own shapes write it, to the millisecond."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _positive(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdecimal() or not 0 < int(text) < 10**9:
        raise invalid(name, f"{name} must be a positive whole number.")
    return int(text)


def _error_type(status: int) -> str:
    match status:
        case 401:
            return "authentication_error"
        case 403:
            return "permission_error"
        case 404 | 405 | 501:
            return "not_found_error"
        case 409:
            return "conflict_error"
        case 429:
            return "rate_limit_error"
        case _ if status >= 500:
            return "server_error"
        case _:
            return "invalid_request_error"
