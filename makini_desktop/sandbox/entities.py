"""Entity pages: a few dozen generated records per connection and entity (contract section 3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import blake2b

from makini_desktop.sandbox.connection import Connection
from makini_desktop.sandbox.wire import Json, invalid, published_time

_PARAMETER = re.compile(r"(filter|sort)\[(\w+)\]")
_STATUS = ("open", "in_progress", "completed", "on_hold")


def records(connection: Connection, entity: str) -> list[Json]:
    """All records of an entity; always the same for one connection."""
    count = 12 + connection.quirk % 60
    return [_record(connection, entity, number) for number in range(1, count + 1)]


def select(rows: list[Json], parameters: list[tuple[str, str]]) -> list[Json]:
    """Apply `filter[field]=value` and `sort[field]=asc|desc`.

    Raises:
        ApiError: 422 for a field that records do not have, or another order.
    """
    for name, value in parameters:
        match = _PARAMETER.fullmatch(name)
        if match is None:
            continue
        kind, field = match.groups()
        if rows and field not in rows[0]:
            raise invalid(name, f"Records have no field {field}.")
        by_field: Callable[[Json], str] = lambda row, field=field: str(row[field])  # type: ignore[misc]  # noqa: E731
        if kind == "filter":
            rows = [row for row in rows if by_field(row).casefold() == value.casefold()]
        elif value in {"asc", "desc"}:
            rows = sorted(rows, key=by_field, reverse=value == "desc")
        else:
            raise invalid(name, "The order is asc or desc.")
    return rows


def _record(connection: Connection, entity: str, number: int) -> Json:
    digest = blake2b(f"{connection.key}:{entity}:{number}".encode(), digest_size=6).digest()
    created_at = connection.created_at + digest[0] * 3_600
    return {
        "id": digest.hex(),
        "number": f"{entity[:3].upper()}-{number:05d}",
        "name": f"{entity.rstrip('s').replace('_', ' ').capitalize()} {number}",
        "status": _STATUS[digest[1] % len(_STATUS)],
        "quantity": str(digest[2]),
        "created_at": published_time(created_at),
        "updated_at": published_time(created_at + digest[3] * 600),
    }
