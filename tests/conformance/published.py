"""The vendor's file, and what has to be mended in it before anything can be validated with it.

`oas3_system.json` is the file as published. Every patch says what it replaces, so that a newer file that no
longer needs it is noticed.
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

FILE = Path(__file__).with_name("oas3_system.json")

ABSENT = object()
"""A value that is not there: added by a patch if it `was`, removed if it `becomes`."""

NO_TYPE = "“nullable” is no type; the sample shows that anything may come"
ARRAY_WITHOUT_ITEMS = "an array without `items` (OpenAPI 3.0.0, Schema Object)"
EMPTY_LIST = "an empty list where an object belongs, as PHP writes an empty map"
PREV_NEXT = "“nullable” is no format; what is meant is `nullable`"
NULL_SEEN = "nothing is marked nullable (contract section 3); what is not known is null"
NUMBER_AS_STRING = "numbers come as strings, too (contract section 3)"


class Patch(NamedTuple):
    """One difference: what stands at `where`, what has to stand there, and why."""

    where: str
    was: Any
    becomes: Any
    why: str


_BODY = "requestBody/content/application\\/json/schema/properties"
_CREATED = f"paths/\\/api\\/system\\/connections/post/{_BODY}"
_PASSED = f"paths/\\/api\\/passthrough/post/{_BODY}"
_ISSUED = "paths/\\/api\\/system\\/connections\\/{id}\\/token/post"
_ANSWER = "responses/200/content/application\\/json/schema/properties"
_LISTS = (
    "paths/\\/api\\/system\\/platforms/get",
    "paths/\\/api\\/system\\/connections/get",
    "paths/\\/api\\/system\\/connections\\/{id}\\/metadata/get",
)
_RAW = "paths/\\/api\\/raw\\/tables\\/{table}\\/data/get/parameters"
_TEXTS: dict[str, Any] = {"type": "array", "items": {"type": "string"}}


def _plain(kind: str, *, nullable: bool = False) -> dict[str, Any]:
    return {"type": kind, "description": "Description", "nullable": nullable, "format": kind}


PATCHES: tuple[Patch, ...] = (
    # What makes the file no valid OpenAPI.
    Patch("components/schemas/RawData", [], {}, EMPTY_LIST),
    Patch(
        "components/schemas/ConnectionToken",
        [],
        {
            "type": "object",
            "properties": {
                "token": {"type": "string"},
                "access_token": {"type": "string"},
                "refresh_token": {"type": "string"},
                "expires_in": {"oneOf": [{"type": "number"}, {"type": "string"}]},
            },
        },
        f"{EMPTY_LIST}; the fields are those of the sample and of contract section 2",
    ),
    Patch("components/schemas/Passthrough", [], {}, EMPTY_LIST),
    Patch(f"{_CREATED}/email/type", "required|email", "string", "a rule of the vendor's framework, no type"),
    Patch(f"{_CREATED}/credentials/type", "array", "object", "the sample beside it is an object"),
    Patch(f"{_ISSUED}/{_BODY}", [], {}, EMPTY_LIST),
    Patch(
        f"{_ISSUED}/requestBody/content/application\\/json/schema/example",
        {"token": "{{TOKEN_GENERATED}}", "expires_in": 300},
        ABSENT,
        "a sample of the answer, not of the request",
    ),
    *(
        Patch(f"{_PASSED}/{name}/type", "nullable", ABSENT, NO_TYPE)
        for name in ("headers", "query", "body", "parameters")
    ),
    *(Patch(f"{_RAW}/{index}/schema", {"type": "array"}, _TEXTS, ARRAY_WITHOUT_ITEMS) for index in (1, 3)),
    *(
        Patch(f"components/schemas/{name}/items", ABSENT, {"type": "string"}, ARRAY_WITHOUT_ITEMS)
        for name in ("Client/properties/redirects", "Connection/properties/tags")
    ),
    # What is valid, and not what is meant.
    *(
        Patch(f"components/schemas/{name}/type", ABSENT, "object", "without a type a list would pass")
        for name in ("Integration", "Client", "Connection", "ConnectionStore", "ConnectionMetadata")
    ),
    *(
        Patch(
            f"{of}/{_ANSWER}/links/properties/{name}",
            {"type": "string", "format": "nullable"},
            {"type": "string", "nullable": True},
            PREV_NEXT,
        )
        for of in _LISTS
        for name in ("prev", "next")
    ),
    *(
        Patch(f"{of}/{_ANSWER}/meta/properties/{name}/nullable", ABSENT, True, NULL_SEEN)
        for of in _LISTS
        for name in ("from", "to")
    ),
    *(
        Patch(
            f"{of}/{_ANSWER}/meta/properties/per_page",
            {"type": "number"},
            {"oneOf": [{"type": "number"}, {"type": "string"}]},
            NUMBER_AS_STRING,
        )
        for of in _LISTS
    ),
    *(
        Patch(f"components/schemas/{name}", _plain("string"), _plain("string", nullable=True), NULL_SEEN)
        for name in (
            "Client/properties/logo_url",
            "Connection/properties/user_metadata",
            "Connection/properties/connected_at",
        )
    ),
    Patch(
        f"paths/\\/api\\/system\\/connections\\/{{id}}\\/metadata/post/{_ANSWER}/data",
        {"$ref": "#/components/schemas/ConnectionMetadata"},
        {"type": "array", "items": {"$ref": "#/components/schemas/ConnectionMetadata"}},
        "a list goes in, so a list comes back",
    ),
)


def published() -> dict[str, Any]:
    """Return the file as published."""
    document: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return document


def patched() -> dict[str, Any]:
    """Return the file with all patches.

    Raises:
        ValueError: something to be patched is not what the patch says it was.
    """
    document = deepcopy(published())
    for patch in PATCHES:
        apply(document, patch)
    return document


def apply(document: dict[str, Any], patch: Patch) -> None:
    """Apply one patch in place.

    Raises:
        ValueError: what is there is not what the patch says it was.
    """
    *path, last = [part.replace("\0", "/") for part in patch.where.replace("\\/", "\0").split("/")]
    place: Any = document
    for part in path:
        place = place[int(part)] if isinstance(place, list) else place[part]
    was = place.get(last, ABSENT)
    if was != patch.was:
        raise ValueError(f"{patch.where} is {was!r}")
    if patch.becomes is ABSENT:
        del place[last]
    else:
        place[last] = deepcopy(patch.becomes)
