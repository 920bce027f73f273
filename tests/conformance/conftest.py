"""The vendor's file, patched, as something that judges requests and answers."""

from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from tests.conformance.published import patched
from tests.raw_server import Asked

SERVER = "https://api.makini.io"


class Judge:
    """Validates what was said, wherever the account puts the version (contract section 1).

    Attributes:
        seen: the operations that were validated, for example ``("get", "/api/system/client")``.
    """

    def __init__(self, document: dict) -> None:
        self._api = OpenAPI.from_dict(document)
        self._document = document
        self.seen: set[tuple[str, str]] = set()

    def operations(self) -> set[tuple[str, str]]:
        """Return all operations that the file has."""
        return {(method, path) for path, methods in self._document["paths"].items() for method in methods}

    def knows(self, method: str, target: str) -> bool:
        """Tell whether the file has this operation."""
        return self._operation(method, target) is not None

    def request(self, asked: Asked) -> None:
        """Insist that a request is as published."""
        self._api.validate_request(self._asked(asked))
        self._mark(asked.method, asked.target)

    def answer(self, answer: httpx.Response) -> None:
        """Insist that an answer, and the request it is for, are as published."""
        asked = Asked(
            answer.request.method,
            answer.request.url.raw_path.decode(),
            dict(answer.request.headers),
            answer.request.content,
        )
        self.request(asked)
        self._api.validate_response(
            self._asked(asked),
            MockResponse(
                answer.content,
                answer.status_code,
                dict(answer.headers),
                answer.headers["Content-Type"].partition(";")[0],
            ),
        )

    def _asked(self, asked: Asked) -> MockRequest:
        parts = urlsplit(_unversioned(asked.target))
        return MockRequest(
            SERVER,
            asked.method.lower(),
            parts.path,
            args=dict(parse_qsl(parts.query)),
            headers={name.title(): value for name, value in asked.headers.items()},
            data=asked.body,
        )

    def _mark(self, method: str, target: str) -> None:
        operation = self._operation(method, target)
        assert operation is not None
        self.seen.add(operation)

    def _operation(self, method: str, target: str) -> tuple[str, str] | None:
        asked = urlsplit(_unversioned(target)).path.split("/")
        for known, path in self.operations():
            parts = path.split("/")
            fits = all(one == other or one.startswith("{") for one, other in zip(parts, asked, strict=False))
            if known == method.lower() and len(parts) == len(asked) and fits:
                return known, path
        return None


def _unversioned(target: str) -> str:
    return target.replace("/api/v1/", "/api/", 1)


@pytest.fixture
def judge() -> Judge:
    return Judge(patched())
