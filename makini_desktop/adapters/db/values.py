"""Between the domain's values and the columns.

Lists are decoded in one call: a thousand rows in a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

encode = msgspec.json.Encoder().encode

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def decode_each(values: Iterable[bytes], kind: type[T]) -> tuple[T, ...]:
    """Decode many values of one type.

    Raises:
        msgspec.MsgspecError: one of them is not of that type.
    """
    return _decoder(kind).decode(b"[" + b",".join(values) + b"]")


_decoders: dict[type, msgspec.json.Decoder[Any]] = {}


def _decoder(kind: type[T]) -> msgspec.json.Decoder[tuple[T, ...]]:
    """Return the decoder, made once: making it costs more than a hundred rows."""
    if kind not in _decoders:
        _decoders[kind] = msgspec.json.Decoder(tuple[kind, ...])  # type: ignore[valid-type]
    return _decoders[kind]


def microseconds(at: datetime) -> int:
    """Return a time as a number that sorts."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def moment(number: int) -> datetime:
    """Return the time that `microseconds` made a number of."""
    return _EPOCH + timedelta(microseconds=number)
