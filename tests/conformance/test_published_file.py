"""The vendor's file as a yardstick: what is wrong with it is known, and it does judge."""

import httpx
import pytest
from openapi_core.exceptions import OpenAPIError
from openapi_spec_validator import OpenAPIV30SpecValidator

from tests.conformance.conftest import SERVER, Judge
from tests.conformance.published import PATCHES, Patch, apply, patched, published


def test_as_published_it_is_no_valid_openapi() -> None:
    assert len(list(OpenAPIV30SpecValidator(published()).iter_errors())) == 12


def test_with_the_patches_it_is() -> None:
    assert not list(OpenAPIV30SpecValidator(patched()).iter_errors())


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.where.replace("\\/", "."))
def test_every_patch_changes_what_it_says_and_has_a_reason(patch: Patch) -> None:
    document = published()
    apply(document, patch)
    assert document != published()
    assert patch.why


def test_a_newer_file_that_needs_a_patch_no_more_is_noticed() -> None:
    document = patched()
    with pytest.raises(ValueError, match="RawData"):
        apply(document, PATCHES[0])


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, {"data": {"id": "client"}}),
        ({"Authorization": "Bearer token"}, {"data": {"id": 7}}),
        ({"Authorization": "Bearer token"}, {"data": []}),
        ({"Authorization": "Bearer token"}, {"data": {"name": None}}),
    ],
    ids=["no token", "a number", "a list", "a null"],
)
def test_what_is_not_as_published_is_refused(judge: Judge, headers: dict, body: object) -> None:
    request = httpx.Request("GET", f"{SERVER}/api/v1/system/client", headers=headers)
    with pytest.raises(OpenAPIError):
        judge.answer(httpx.Response(200, json=body, request=request))
