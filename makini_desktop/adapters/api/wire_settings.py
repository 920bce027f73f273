"""Reading platforms, metadata and webhook settings leniently, as `wire` does (contract section 3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from makini_desktop.adapters.api import wire
from makini_desktop.domain.platform import Platform
from makini_desktop.domain.settings import Metadatum, SyncSchedule, Webhook

_KEYS = ("key", "id", "slug", "provider")
_NAMES = ("name", "title", "label")
_CATEGORIES = ("category", "type")


def platforms(rows: Sequence[Any]) -> tuple[Platform, ...]:
    """Read rows of the list of platforms, whose shape is published empty; one that has no key is left out."""
    found = (_platform(row) for row in rows)
    return tuple(each for each in found if each is not None)


def metadata(document: Any) -> tuple[Metadatum, ...]:  # noqa: ANN401 - JSON is anything
    """Read metadata in each of its forms: rows with key and value, one object, or that inside a row.

    Of two values for a key the later one counts.
    """
    inner = document.get("data") if isinstance(document, Mapping) else document
    found = dict(_entries(inner))
    return tuple(Metadatum(key, value) for key, value in found.items())


def webhook(document: Any) -> Webhook:  # noqa: ANN401
    """Read `GET {P}/integrations/current/webhook`; a secret that a server tells all the same is not read."""
    found = wire.single(document)
    return Webhook(url=wire.text(found.get("url")) or None, events=wire.words(found.get("events")))


def schedule_body(schedule: SyncSchedule) -> dict[str, object]:
    """Return a schedule as it is sent, without what the server has not told."""
    fields = {
        "mode": schedule.mode_word or None,
        "interval_minutes": schedule.interval_minutes,
        "history_days": schedule.history_days,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _platform(row: Any) -> Platform | None:  # noqa: ANN401
    if isinstance(row, str) and row.strip():
        return Platform(key=row.strip(), name=row.strip())
    if not isinstance(row, Mapping):
        return None
    name = _first(row, _NAMES)
    key = _first(row, _KEYS) or name
    if not key:
        return None
    return Platform(key=key, name=name or key, category=_first(row, _CATEGORIES))


def _first(row: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return the first of some fields that says something."""
    return next((word for name in names if (word := wire.text(row.get(name)).strip())), "")


def _entries(found: Any, inner: int = 4) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Yield keys and values.

    Args:
        inner: how many levels of rows inside rows are still looked into.
    """
    if not inner:
        return
    if isinstance(found, list):
        for row in found:
            yield from _entries(row, inner - 1)
    elif isinstance(found, str):  # published as a string: an object written into one
        try:
            yield from _entries(wire.decode(found.encode(errors="replace")), inner - 1)
        except ValueError:
            return
    elif isinstance(found, Mapping) and "user_metadata" in found:
        yield from _entries(found["user_metadata"], inner - 1)
    elif isinstance(found, Mapping) and "value" in found:
        if key := wire.text(found.get("key")):
            yield key, wire.text(found["value"])
    elif isinstance(found, Mapping):
        yield from ((name, wire.text(value)) for name, value in found.items() if name)
