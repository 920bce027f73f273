"""A login in the system's browser, on real sockets: only its own redirect ends the waiting."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from makini_desktop.adapters.loopback import LoopbackLogin
from makini_desktop.domain.attempt import LIFETIME, Attempt
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import BrowserUnavailable
from makini_desktop.services.login_ports import LoginRedirected
from tests.fakes.clock import FakeClock

PATIENCE = 10.0
CODE = "c0de-5up3r"


class Person:
    """Implements the browser: notes what it was shown."""

    def __init__(self) -> None:
        self.shown: asyncio.Queue[str] = asyncio.Queue()
        self.fails: BrowserUnavailable | None = None

    def refusal(self) -> str:
        return ""

    async def open(self, url: str) -> None:
        if self.fails is not None:
            raise self.fails
        self.shown.put_nowait(url)


class Waiting:
    """A login that waits.

    Attributes:
        attempt: whose it is.
        result: how it ends.
    """

    def __init__(self, attempt: Attempt, result: "asyncio.Future[LoginRedirected]", clock: FakeClock) -> None:
        self.attempt = attempt
        self.result = result
        self.clock = clock
        self.origin = "{0.scheme}://{0.netloc}".format(urlsplit(attempt.redirect_uri))

    def url(self, **changes: str) -> str:
        """Return the attempt's own redirect, with changes."""
        answer = {"code": CODE, "state": self.attempt.state.value, **changes}
        return f"{self.attempt.redirect_uri}?{urlencode(answer)}"


@asynccontextmanager
async def waiting(redirect: str = "http://127.0.0.1/callback") -> AsyncIterator[Waiting]:
    clock, person = FakeClock(), Person()
    async with LoopbackLogin(person, clock).listen(redirect) as listener:
        attempt = Attempt.begin(ConnectionId("A"), listener.redirect_uri, clock.now())
        result = asyncio.ensure_future(listener.answered(attempt, "https://link.makini.example/"))
        assert await asyncio.wait_for(person.shown.get(), PATIENCE) == "https://link.makini.example/"
        yield Waiting(attempt, result, clock)
        result.cancel()
        await asyncio.gather(result, return_exceptions=True)


async def get(url: str, method: str = "GET", **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as http:
        return await http.request(method, url, headers=headers)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_its_own_redirect_ends_the_waiting_with_a_friendly_page():
    async with waiting() as login:
        answer = await get(login.url())
        assert (await asyncio.wait_for(login.result, PATIENCE)).url.value == login.url()
    assert answer.status_code == 200
    assert "You can close this page" in answer.text


async def test_the_page_holds_no_code_and_takes_it_out_of_address_bar_and_history():
    async with waiting() as login:
        answer = await get(login.url())
        state = login.attempt.state.value
    assert "history.replaceState(null, '', location.pathname)" in answer.text
    assert CODE not in answer.text + str(answer.headers)
    assert state not in answer.text + str(answer.headers)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert re.search(r"script-src 'sha256-[\w+/]+=*'", answer.headers["Content-Security-Policy"])
    assert not re.search(r"""\b(src|href|action)=""", answer.text)


async def test_a_refusal_ends_it_too_and_is_said():
    async with waiting() as login:
        url = f"{login.attempt.redirect_uri}?{urlencode({'error': 'x', 'state': login.attempt.state.value})}"
        answer = await get(url)
        assert (await asyncio.wait_for(login.result, PATIENCE)).url.value == url
    assert "Not signed in" in answer.text


@pytest.mark.parametrize(
    "changed",
    [
        lambda login: login.url(state="forged"),
        lambda login: login.url(state=""),
        lambda login: f"{login.attempt.redirect_uri}?code={CODE}",
        lambda login: login.attempt.redirect_uri,
        lambda login: f"{login.url()}&code=second",
        lambda login: f"{login.url()}&error=x",
        lambda login: f"{login.url()}&state=second",
        lambda login: login.url().replace("/callback", "/callback/"),
        lambda login: login.url().replace("/callback", "/Callback"),
        lambda login: login.url().replace("/callback", "//callback"),
        lambda login: login.url().replace("/callback", ""),
        lambda login: f"{login.origin}/favicon.ico",
    ],
)
async def test_anything_else_is_not_found_and_ends_nothing(changed):
    async with waiting() as login:
        assert (await get(changed(login))).status_code == 404
        assert not login.result.done()
        assert (await get(login.url())).status_code == 200
        assert await asyncio.wait_for(login.result, PATIENCE)


@pytest.mark.parametrize("method", ["POST", "HEAD", "OPTIONS", "PUT"])
async def test_only_a_get_counts(method):
    async with waiting() as login:
        assert (await get(login.url(), method)).status_code == 404
        assert not login.result.done()


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "localhost:{port}", "127.0.0.1:{port}@evil.example"]
)
async def test_a_name_made_to_point_here_is_turned_away(host):
    async with waiting() as login:
        port = urlsplit(login.origin).port
        assert (await get(login.url(), Host=host.format(port=port))).status_code == 404
        assert not login.result.done()


async def test_a_redirect_after_ten_minutes_is_late():
    async with waiting() as login:
        await login.clock.advance(LIFETIME - timedelta(seconds=1))
        late = login.url()
        await login.clock.advance(1)
        assert (await get(late)).status_code == 404
        assert not login.result.done()


async def test_of_two_redirects_one_counts_and_nobody_listens_afterwards():
    async with waiting() as login:
        answers = await asyncio.gather(*(get(login.url(code=f"code-{i}")) for i in range(4)))
        assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]
    with pytest.raises(httpx.ConnectError):
        await get(login.url())


async def test_nobody_listens_before_a_login_and_after_one_that_is_cancelled():
    port = free_port()
    async with waiting(f"http://127.0.0.1:{port}/callback") as login:
        assert login.attempt.redirect_uri == f"http://127.0.0.1:{port}/callback"
    with pytest.raises(httpx.ConnectError):
        await get(login.url())


async def test_it_listens_on_both_loopback_addresses_and_on_no_other():
    async with waiting("http://localhost/callback") as login:
        port = urlsplit(login.origin).port
        for address in ("127.0.0.1", "[::1]"):
            answer = await get(
                login.url(state="forged").replace("localhost", address), Host=f"localhost:{port}"
            )
            assert answer.status_code == 404
        with pytest.raises(OSError, match=r"refused|Connect call failed"):
            await asyncio.open_connection("127.0.0.2", port)
        assert (await get(login.url())).status_code == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_a_port_that_is_taken_is_a_sentence(address):
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as other:
        other.bind((address, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(BrowserUnavailable, match=rf"^Port {port}, .* is taken: by another sign-in"):
            async with LoopbackLogin(Person(), FakeClock()).listen(f"http://localhost:{port}/callback"):
                pass


async def test_a_second_login_at_the_same_redirect_is_told_so_and_the_first_goes_on():
    async with waiting() as login:
        with pytest.raises(BrowserUnavailable, match="taken"):
            async with waiting(login.attempt.redirect_uri):
                pass
        assert (await get(login.url())).status_code == 200


async def test_logins_side_by_side_do_not_cross():
    async with waiting() as one, waiting() as two:
        assert (await get(one.url(state=two.attempt.state.value))).status_code == 404
        assert (await get(two.url(state=one.attempt.state.value))).status_code == 404
        assert not one.result.done()
        assert not two.result.done()
        assert (await get(two.url())).status_code == 200
        assert (await asyncio.wait_for(two.result, PATIENCE)).url.value == two.url()
        assert not one.result.done()


async def test_whoever_knocks_and_says_nothing_holds_up_nobody():
    async with waiting() as login:
        port = urlsplit(login.origin).port
        _reader, silent = await asyncio.open_connection("127.0.0.1", port)
        _reader, chatty = await asyncio.open_connection("127.0.0.1", port)
        chatty.write(b"GET /callback?" + b"x" * 50_000)
        await get(login.url())
        await asyncio.wait_for(login.result, PATIENCE)
    for writer in (silent, chatty):
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


@pytest.mark.parametrize(
    "sent", [b"\0\1\2\r\n\r\n", b"GET\r\n\r\n", b"GET http://127.0.0.1/callback HTTP/1.1\r\n\r\n"]
)
async def test_what_is_no_request_ends_nothing(sent):
    async with waiting() as login:
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(login.origin).port)
        writer.write(sent)
        assert b" 200 " not in await asyncio.wait_for(reader.read(), PATIENCE)
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)
        assert not login.result.done()


async def test_a_browser_that_cannot_be_opened_ends_the_login():
    person = Person()
    person.fails = BrowserUnavailable("There is no browser.")
    async with LoopbackLogin(person, FakeClock()).listen("http://127.0.0.1/callback") as listener:
        attempt = Attempt.begin(ConnectionId("A"), listener.redirect_uri, FakeClock().now())
        with pytest.raises(BrowserUnavailable, match="no browser"):
            await listener.answered(attempt, "https://link.makini.example/")


async def test_nothing_secret_is_logged(caplog):
    caplog.set_level("DEBUG")
    async with waiting() as login:
        await get(login.url(state="forged"))
        await get(login.url())
        result = await asyncio.wait_for(login.result, PATIENCE)
        said = "".join(
            record.getMessage() for record in caplog.records if record.name.startswith("makini_desktop")
        )
    assert CODE not in said + repr(result)
    assert login.attempt.state.value not in said + repr(result)
