"""What headers say of the API version, by RFC 9745, RFC 8594 and RFC 8288 and against them."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makini_desktop.adapters.api.http import Response
from makini_desktop.adapters.api.news import version, version_in, version_news
from makini_desktop.domain.version import VersionNews

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
BASE = "https://api.makini.example"


def heard(**headers: str) -> VersionNews:
    return version_news(response(**headers), "v1", BASE, "account")


def response(**headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status=200, headers=named, body=b"", at=NOW)


@pytest.mark.parametrize(
    ("header", "since", "undated"),
    [
        ("@1688169599", datetime(2023, 6, 30, 23, 59, 59, tzinfo=UTC), False),
        ("Fri, 30 Jun 2023 23:59:59 GMT", datetime(2023, 6, 30, 23, 59, 59, tzinfo=UTC), False),
        ("Fri, 30 Jun 2023 23:59:59 +0200", datetime(2023, 6, 30, 21, 59, 59, tzinfo=UTC), False),
        ("true", NOW, True),
        ("?1", NOW, True),
        ("True", NOW, True),
        ("false", None, False),
        ("?0", None, False),
        ("", None, False),
        ("@", None, False),
        ("@soon", None, False),
        ("@99999999999999", None, False),
        ("@" + "9" * 400, None, False),
        ("Fri, 99 Jun 2023 23:59:59 GMT", None, False),
        ("Fri, 30 Jun 1601 23:59:59 GMT", None, False),
        ("soon", None, False),
    ],
)
def test_a_deprecation_is_read_in_every_form(header: str, since: datetime | None, undated: bool):
    found = heard(deprecation=header)
    assert (found.deprecated_since, found.undated) == (since, undated)
    assert found.deprecated is (since is not None)


def test_a_sunset_is_an_http_date():
    assert heard(sunset="Sat, 31 Dec 2025 23:59:59 GMT").ends_at == datetime(
        2025, 12, 31, 23, 59, 59, tzinfo=UTC
    )
    assert heard(sunset="in a while").ends_at is None


GUIDE, NEXT = "https://makini.example/guide", "https://api.makini.example/api/v2"


@pytest.mark.parametrize(
    ("header", "guide", "successor"),
    [
        (f'<{GUIDE}>; rel="deprecation", <{NEXT}>; rel="successor-version"', GUIDE, NEXT),
        (f'<{GUIDE}>; rel="deprecation"; type="text/html",<{NEXT}>;rel=successor-version', GUIDE, NEXT),
        (f"<{GUIDE}>;REL=Deprecation", GUIDE, None),
        (f'<{GUIDE}>; rel="sunset deprecation"', GUIDE, None),
        (f'<{GUIDE}>; rel="sunset"', GUIDE, None),
        (f'<https://x.example/s>; rel="sunset", <{GUIDE}>; rel="deprecation"', GUIDE, None),
        (f'<{GUIDE}>; title="a, <b>; rel=next"; rel="deprecation"', GUIDE, None),
        (f'<{GUIDE}>; title="a \\"quoted\\" word"; rel="deprecation"', GUIDE, None),
        (f'<{GUIDE}>; rel="deprecation"; rel="successor-version"', GUIDE, None),
        ('<https://makini.example/a,b;c>; rel="deprecation"', "https://makini.example/a,b;c", None),
        ('</api/v2>; rel="successor-version"', None, NEXT),
        ('<https://x.example/1>; rel="other", broken, <' + GUIDE + '>; rel="deprecation"', GUIDE, None),
        (f'<{GUIDE}>; rel="deprecation"; anchor="#part"', None, None),
        ('<javascript:alert(1)>; rel="deprecation"', None, None),
        ('<file:///etc/passwd>; rel="deprecation"', None, None),
        ('<https://user:pass@makini.example/>; rel="deprecation"', None, None),
        ('<https://makini.example/\u202egpj>; rel="deprecation"', None, None),
        ('<https://[garbage>; rel="deprecation"', None, None),
        (f"<{'https://x.example/' + 'x' * 3000}>; rel=deprecation", None, None),
        (f"<{GUIDE}>", None, None),
        (f"{GUIDE}; rel=deprecation", None, None),
        ("", None, None),
    ],
)
def test_links_are_read_and_only_web_pages_kept(header: str, guide: str | None, successor: str | None):
    found = heard(link=header)
    assert (found.guide, found.successor) == (guide, successor)


HOSTILE = st.binary(max_size=40).map(lambda content: content.decode("latin-1")) | st.text(
    alphabet='<>;,="\\@ rel/:htps0123456789', max_size=60
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["deprecation", "sunset", "link", "x-api-version"]), HOSTILE))
def test_no_header_breaks_the_reading(headers: dict[str, str]):
    found = version_news(response(**headers), "v1", BASE, "account")
    assert found.calls == ("account",)
    assert found.version
    for link in (found.guide, found.successor):
        assert link is None or link.startswith(("https://", "http://"))


@pytest.mark.parametrize("part", ["<", "<;", "<>;a=", '<>;a="', "<>; ", "<> ;a ", " "])
def test_a_long_header_takes_no_long_time(part: str):
    begun = time.process_time()
    assert heard(link="<a>" + part * 30_000).guide is None
    assert time.process_time() - begun < 2


def test_the_version_comes_from_the_first_header_that_has_one():
    assert version(response(api_version="v2", makini_version="v3")) == "v2"
    assert version(response(x_api_version=" ", makini_version="v3")) == "v3"
    assert version(response(x_api_version="x" * 5000)) is None
    assert version(response(x_api_version="v\x1b[31m")) is None
    assert heard().version == "v1"
    assert heard(x_api_version="v1.7").version == "v1.7"


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://x.example/api/v2", "v2"),
        ("https://x.example/api/v2/", "v2"),
        ("https://x.example/v9/docs/v2.1/system", "v2.1"),
        ("https://x.example/vehicles", None),
        ("https://x.example/?a=/v2", None),
    ],
)
def test_a_version_is_read_from_a_path(url: str, found: str | None):
    assert version_in(url) == found
