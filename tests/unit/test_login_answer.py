"""Whatever address a login page leads to: only the exact redirect of the live attempt is ever accepted."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makini_desktop.adapters.loopback import LoopbackLogin
from makini_desktop.core.redirect import CodeGranted, LoginRefused
from makini_desktop.domain.attempt import LIFETIME, Attempt
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.token import Secret
from makini_desktop.services.login_answer import answer_to
from makini_desktop.services.logins import Granted
from tests.fakes.clock import FakeClock
from tests.fakes.program import FakeProgram
from tests.unit.redirects import NOW, REDIRECTS, attempts, exact, is_exact, moments, urls


@settings(max_examples=500, deadline=None)
@given(st.data(), attempts(), moments)
def test_only_the_exact_redirect_of_the_live_attempt_is_accepted(data, attempt, now):
    url = data.draw(urls(attempt))
    answer = answer_to(attempt, Secret(url), now, stateless=False)
    if answer is not None:
        assert is_exact(attempt, url, now)
        assert answer.state == attempt.state.value


@given(attempts(), st.timedeltas(timedelta(), LIFETIME - timedelta(microseconds=1)))
def test_the_exact_one_is_accepted_as_long_as_the_attempt_lives(attempt, age):
    now = NOW + age
    assert answer_to(attempt, Secret(exact(attempt)), now, stateless=False) == CodeGranted(
        "c0de", attempt.state.value
    )
    refused = exact(attempt).replace("code=c0de", "error=access_denied")
    assert isinstance(answer_to(attempt, Secret(refused), now, stateless=False), LoginRefused)


@given(attempts(), attempts())
def test_the_redirect_of_another_attempt_is_never_accepted(one, two):
    if one.state != two.state:
        assert answer_to(one, Secret(exact(two)), NOW, stateless=False) is None
        assert answer_to(one, Secret(exact(two)), NOW, stateless=True) is None


@pytest.mark.parametrize("redirect", REDIRECTS)
@pytest.mark.parametrize("age", [LIFETIME, -timedelta(seconds=1), timedelta(days=1)])
def test_a_late_redirect_is_not_accepted_nor_one_before_its_attempt(redirect, age):
    attempt = Attempt.begin(ConnectionId("A"), redirect, NOW)
    assert answer_to(attempt, Secret(exact(attempt)), NOW + age, stateless=True) is None


@settings(max_examples=200, deadline=None)
@given(st.data(), attempts(), st.sampled_from([None, False, True]))
def test_the_embedded_path_exchanges_no_other_code(data, attempt, echoed):
    """Without `state` only where none was ever sent back."""
    url = data.draw(urls(attempt))
    program = FakeProgram()
    program.change_account(state_echoed=echoed)
    program.clock.now = lambda: NOW
    if isinstance(program.logins._answered(attempt, Secret(url)), Granted):
        joint = "&" if "?" in url else "?"
        with_state = f"{url}{joint}state={attempt.state.value}"
        assert is_exact(attempt, url, NOW) or (echoed is not True and is_exact(attempt, with_state, NOW))


class Nobody:
    """Implements the browser: shows nothing."""

    def refusal(self) -> str:
        return ""

    async def open(self, url: str) -> None:
        """Do nothing."""


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "get"]))
def test_the_browser_path_exchanges_no_other_code(data, method):
    async def knock() -> None:
        async with LoopbackLogin(Nobody(), FakeClock()).listen(
            "http://127.0.0.1/makini/callback"
        ) as listener:
            attempt = Attempt.begin(None, listener.redirect_uri, FakeClock().now())
            waiting = asyncio.ensure_future(listener.answered(attempt, "https://link.example/"))
            drawn = data.draw(urls(attempt)).partition("://")[2]
            url = f"http://{''.join(drawn.splitlines())}"  # no browser sends a line break in an address
            await _send(urlsplit(listener.redirect_uri).port, method, url)
            if waiting.done():
                assert method == "GET"
                assert waiting.result().url.value == url
                assert is_exact(attempt, url, attempt.started_at)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)

    asyncio.run(knock())


async def _send(port: int | None, method: str, url: str) -> None:
    """Send a request as a browser would that was led to this address, and read the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    host, slash, target = url.partition("://")[2].partition("/")
    request = f"{method} {slash}{target} HTTP/1.1\r\nHost: {host}\r\n\r\n"
    with suppress(OSError):
        writer.write(request.encode())
        writer.write_eof()
        await reader.read()
        writer.close()
        await writer.wait_closed()
