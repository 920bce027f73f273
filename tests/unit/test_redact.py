"""Redaction: what leaves the program as text holds no secret."""

import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makini_desktop.core.logs import start_log
from makini_desktop.core.redact import MARK, redact

SECRET = "5up3r-S3cret.Value_1"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl-_x"
NAMES = [
    "access_token",
    "refresh_token",
    "client_secret",
    "code_verifier",
    "authorization",
    "password",
    "passphrase",
    "token",
    "secret",
    "code",
    "state",
]


@pytest.mark.parametrize("name", [*NAMES, "Access_Token", "PASSWORD"])
@pytest.mark.parametrize(
    "text",
    [
        "{name}={secret}",
        "{name}: {secret}",
        '{{"{name}": "{secret}"}}',
        "{{'{name}': '{secret}', 'more': 1}}",
        "https://app.example.com/callback?{name}={secret}&more=1",
        "https://app.example.com/callback?more=1&{name}={secret}",
        "x-{name}={secret}",
    ],
)
def test_the_value_of_a_field_named_like_a_secret_is_taken_out(name, text):
    said = redact(text.format(name=name, secret=SECRET))
    assert SECRET not in said
    assert MARK in said


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {SECRET}",
        f"authorization: basic {SECRET}==",
        f"{{'Authorization': 'Bearer {SECRET}'}}",
        f"the header was bearer {SECRET}",
    ],
)
def test_a_bearer_token_is_taken_out(text):
    assert SECRET not in redact(text)


@pytest.mark.parametrize(
    "text",
    ['{"password": "two words, and {more}"}', "password='two words, and {more}'", 'secret="a\\"and z"'],
)
def test_a_quoted_value_is_taken_out_whole(text):
    said = redact(text)
    assert "words" not in said
    assert "more" not in said
    assert "and" not in said


def test_a_jwt_is_taken_out_wherever_it_stands():
    assert redact(f"tried {JWT}, in vain") == f"tried {MARK}, in vain"


@pytest.mark.parametrize(
    "text",
    [
        "token of conn-1 not renewed early: No answer.",
        "check before login: 503 SYSTEM_UNREACHABLE",
        "GET /api/v1/system/connections?page=1&per_page=200 200 in 31 ms, request req_81",
        "the rest: nothing secret",
    ],
)
def test_what_is_no_secret_stays(text):
    assert redact(text) == text


@given(before=st.text(max_size=20), name=st.sampled_from(NAMES), after=st.text(max_size=20))
def test_no_text_around_it_lets_a_secret_through(before, name, after):
    assert SECRET not in redact(f"{before} {name}={SECRET} {after}")


@given(
    text=st.lists(
        st.one_of(
            st.text(max_size=5), st.sampled_from([*NAMES, "=", ": ", '"', "'", "\\", " ", MARK, "Bearer "])
        ),
        max_size=30,
    ).map("".join)
)
def test_any_text_can_be_redacted_and_twice_is_as_once(text):
    once = redact(text)
    assert redact(once) == once


@pytest.fixture
def log_file(tmp_path) -> Iterator[Path]:
    logger = logging.getLogger("makini_desktop")
    before = logger.level, logger.propagate
    handler = start_log(tmp_path / "log")
    yield tmp_path / "log"
    logger.removeHandler(handler)
    handler.close()
    logger.setLevel(before[0])
    logger.propagate = before[1]


def test_the_log_is_redacted_tracebacks_included(log_file):
    log = logging.getLogger("makini_desktop.services.tokens")
    try:
        int(f"refresh_token={SECRET}")
    except ValueError:
        log.exception("failed with access_token=%s", SECRET)
    text = log_file.read_text(encoding="utf-8")
    assert "ValueError" in text
    assert "makini_desktop.services.tokens" in text
    assert SECRET not in text


def test_the_log_is_readable_by_its_owner_only(log_file):
    logging.getLogger("makini_desktop").warning("something")
    assert stat.S_IMODE(log_file.stat().st_mode) == 0o600
