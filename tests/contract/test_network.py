"""The network as companies have it: proxies, their logins, inspected TLS, IPv6, clocks that are off."""

import plistlib
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from makini_desktop.adapters.api import network
from makini_desktop.domain.account import Account
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    CertificateRejected,
    MakiniDesktopError,
    NotMakini,
    ProxyRefuses,
    TokenRejected,
    Unreachable,
)
from makini_desktop.domain.token import Secret
from makini_desktop.services.ports import Priority
from tests.api_client import HurriedClock, Opened, hostile_account, opened
from tests.certificates import Authority
from tests.proxy_server import ProxyServer
from tests.raw_server import RawServer, answer

TOKEN = Secret("t0ken-5up3r")
INTEGRATION = answer({"data": {"id": "1", "company_name": "Acme"}})
HOST = "makini.invalid"  # is never looked up here; the proxy does that


def at(base: str) -> Account:
    return msgspec.structs.replace(hostile_account("http://127.0.0.1"), api_base=base, link_base=base)


async def ask(client: Opened) -> str:
    return (await client.api.integration(TOKEN, Priority.PERSON)).value.company_name


async def failure_of(base: str, clock: HurriedClock) -> MakiniDesktopError:
    async with opened(at(base), clock, silence=5.0) as client:
        with pytest.raises(MakiniDesktopError) as failure:
            await ask(client)
    return failure.value


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def server() -> RawServer:
    return RawServer(say=lambda _asked: INTEGRATION)


# Proxies


async def test_requests_go_by_the_proxy_of_the_environment(server, clock, monkeypatch):
    async with server, ProxyServer(server.port) as proxy, opened(at(f"http://{HOST}"), clock) as client:
        monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.address}")
        assert await ask(client) == "Acme"
    assert proxy.asked == [f"GET http://{HOST}/api/v1/integrations/current HTTP/1.1"]


async def test_a_proxy_sees_nothing_of_what_is_encrypted(tmp_path, clock, monkeypatch):
    authority = Authority(tmp_path, "Acme Corporate CA")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))
    server = RawServer(say=lambda _asked: INTEGRATION, tls=authority.server(HOST))
    async with server, ProxyServer(server.port) as proxy, opened(at(f"https://{HOST}"), clock) as client:
        monkeypatch.setenv("HTTPS_PROXY", proxy.address)
        assert await ask(client) == "Acme"
    assert proxy.asked == [f"CONNECT {HOST}:443 HTTP/1.1"]
    assert server.asked[0].headers["authorization"] == f"Bearer {TOKEN.value}"
    assert "proxy-authorization" not in server.asked[0].headers


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_s_login_is_taken_from_its_address(tmp_path, clock, monkeypatch, scheme):
    authority = Authority(tmp_path, "Acme Corporate CA")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))
    server = RawServer(
        say=lambda _asked: INTEGRATION, tls=authority.server(HOST) if scheme == "https" else None
    )
    async with (
        server,
        ProxyServer(server.port, login="ann:pä55/w0rd") as proxy,
        opened(at(f"{scheme}://{HOST}"), clock) as client,
    ):
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://ann:p%C3%A455%2Fw0rd@{proxy.address}")
        assert await ask(client) == "Acme"


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("login", ["", "ann:wr0ng-5up3r@"])
async def test_a_proxy_that_wants_a_login_is_named(server, clock, monkeypatch, caplog, scheme, login):
    async with server, ProxyServer(server.port, login="ann:secret") as proxy:
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://{login}{proxy.address}")
        failure = await failure_of(f"{scheme}://{HOST}", clock)
    assert type(failure) is ProxyRefuses
    assert str(failure).startswith(f"The proxy {proxy.address} wants a user name and a password")
    assert "5up3r" not in f"{failure}{failure!r}{failure.__cause__!r}{caplog.text}"
    assert len(proxy.asked) == 1, "asking again would lock the login"
    assert server.asked == []


async def test_a_proxy_that_lets_nothing_through_is_named(server, clock, monkeypatch):
    async with server, ProxyServer(server.port, refuses=True) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"http://{proxy.address}")
        failure = await failure_of(f"https://{HOST}", clock)
    assert str(failure) == f"The proxy {proxy.address} does not let requests through to {HOST}."


async def test_a_proxy_that_is_not_there_is_named(clock, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://ann:5up3r@127.0.0.1:1")
    failure = await failure_of(f"https://{HOST}", clock)
    assert str(failure) == f"{HOST} cannot be reached by way of the proxy 127.0.0.1:1."


async def test_a_kind_of_proxy_that_is_not_supported_is_said_so(clock, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    failure = await failure_of(f"https://{HOST}", clock)
    assert str(failure).startswith("The proxy 127.0.0.1:1080 is of a kind that is not supported")


async def test_this_computer_is_reached_without_a_proxy(server, clock, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with server, opened(at(server.base), clock) as client:
        assert await ask(client) == "Acme"


async def test_a_proxy_named_later_is_found_after_the_first_failure(server, clock, monkeypatch):
    async with server, ProxyServer(server.port) as proxy, opened(at(f"http://{HOST}"), clock) as client:
        with pytest.raises(Unreachable):
            await ask(client)
        monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.address}")
        assert await ask(client) == "Acme"


def test_a_proxy_is_found_in_the_system_s_settings(monkeypatch):
    monkeypatch.setattr(network, "getproxies", lambda: {"https": "proxy.acme.example:3128"})
    monkeypatch.setattr(network, "proxy_bypass", lambda host: host == "intern.acme.example")
    assert network.proxy_for("https://api.makini.example/x") == "http://proxy.acme.example:3128"
    assert network.proxy_for("https://intern.acme.example") is None
    assert network.proxy_for("http://api.makini.example") is None


def test_no_proxy_is_kept_to(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.acme.example:3128")
    monkeypatch.setenv("NO_PROXY", "makini.example, .intern")
    assert network.proxy_for("https://api.makini.example") is None
    assert network.proxy_for("https://api.makini.com") is not None


# Scripts that choose a proxy


async def test_a_script_that_would_choose_a_proxy_is_said_not_to_be_supported(clock, monkeypatch):
    monkeypatch.setattr("makini_desktop.adapters.api.http.script_named", lambda: True)
    failure = await failure_of(f"https://{HOST}", clock)
    assert "a script (PAC), which is not supported; name the proxy in HTTPS_PROXY." in str(failure)


@pytest.mark.parametrize(("url", "found"), [("http://wpad/proxy.pac", True), ("", False), (None, False)])
def test_a_script_is_found_in_windows_settings(monkeypatch, url, found):
    class Key:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

    def value(_key, name):
        assert name == "AutoConfigURL"
        if url is None:
            raise FileNotFoundError(2, "no such value")
        return url, 1

    registry = SimpleNamespace(HKEY_CURRENT_USER=1, OpenKey=lambda _root, _path: Key(), QueryValueEx=value)
    monkeypatch.setitem(sys.modules, "winreg", registry)
    monkeypatch.setattr(network.sys, "platform", "win32")
    assert network.script_named() is found


@pytest.mark.parametrize(("enabled", "found"), [(1, True), (0, False)])
def test_a_script_is_found_in_macos_settings(tmp_path: Path, monkeypatch, enabled, found):
    settings = tmp_path / "preferences.plist"
    services = {"A": {"Proxies": {}}, "B": {"Proxies": {"ProxyAutoConfigEnable": enabled}}, "C": {}}
    settings.write_bytes(plistlib.dumps({"NetworkServices": services}))
    monkeypatch.setattr(network, "_MAC_SETTINGS", settings)
    monkeypatch.setattr(network.sys, "platform", "darwin")
    assert network.script_named() is found
    settings.write_bytes(b"no plist")
    assert network.script_named() is False


# TLS


async def test_a_company_s_certificate_that_this_computer_trusts_is_accepted(tmp_path, clock, monkeypatch):
    authority = Authority(tmp_path, "Acme Corporate CA")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))
    async with (
        RawServer(say=lambda _asked: INTEGRATION, tls=authority.server("127.0.0.1")) as server,
        opened(at(server.base), clock) as client,
    ):
        assert await ask(client) == "Acme"


async def test_inspected_tls_is_named_as_such_with_who_signed(tmp_path, clock):
    tls = Authority(tmp_path, "Acme Corporate CA").server("127.0.0.1")
    async with RawServer(say=lambda _asked: INTEGRATION, tls=tls) as server:
        failure = await failure_of(server.base, clock)
    assert type(failure) is CertificateRejected
    assert str(failure) == (
        "The certificate of 127.0.0.1 is signed by “Acme Corporate CA”, which this computer does not trust; "
        "a company proxy may be inspecting TLS. Ask for its certificate to be installed on this computer."
    )
    assert server.asked == []


async def test_inspected_tls_behind_a_proxy_names_the_proxy(tmp_path, clock, monkeypatch):
    server = RawServer(tls=Authority(tmp_path, "Acme Corporate CA").server(HOST))
    async with server, ProxyServer(server.port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        failure = await failure_of(f"https://{HOST}", clock)
    assert type(failure) is CertificateRejected
    assert f"the proxy {proxy.address} may be inspecting TLS" in str(failure)
    assert server.asked == []


@pytest.mark.parametrize(
    ("host", "days", "why"), [("127.0.0.1", -1, "expired"), ("127.0.0.2", 1, "mismatch|not valid for")]
)
async def test_a_trusted_signer_excuses_no_other_fault(tmp_path, clock, monkeypatch, host, days, why):
    authority = Authority(tmp_path, "Acme Corporate CA")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))
    async with RawServer(tls=authority.server(host, days=days)) as server:
        failure = await failure_of(server.base, clock)
    assert type(failure) is CertificateRejected
    with pytest.raises(CertificateRejected, match=why):
        raise failure
    assert server.asked == []


# Addresses, redirects, cookies, headers


async def test_an_ipv6_address_is_reached(clock):
    async with RawServer(say=lambda _asked: INTEGRATION, host="::1") as server:
        assert server.base.startswith("http://[::1]:")
        async with opened(hostile_account(server.base), clock) as client:
            assert await ask(client) == "Acme"


async def test_a_redirect_is_refused_in_words(clock):
    say = lambda _asked: answer(b"", 302, Location="https://login.acme.example/portal?x=1")  # noqa: E731
    async with RawServer(say=say) as server:
        failure = await failure_of(server.base, clock)
    assert type(failure) is NotMakini
    assert "elsewhere, to login.acme.example (302)" in str(failure)


async def test_no_cookie_of_one_connection_reaches_a_request_of_another(clock):
    def say(asked):
        name = asked.headers["authorization"].rpartition(" ")[2]
        return answer(
            {"data": {"id": name}}, Set_Cookie=f"session={name}; Path=/; Domain=127.0.0.1; Max-Age=9999"
        )

    async with RawServer(say=say) as server, opened(hostile_account(server.base), clock) as client:
        for token in ("token-of-a", "token-of-b", "token-of-a"):
            await client.api.integration(Secret(token), Priority.PERSON)
    assert len(server.asked) == 3
    assert not any("cookie" in asked.headers for asked in server.asked)


@pytest.mark.parametrize("token", ["5up3r\n1", "5up3rö", "5up3r\x00", "5up3r\r\nX-Evil: 1"])
async def test_a_token_that_no_header_can_carry_is_refused_before_it_is_sent(clock, token):
    async with RawServer() as server, opened(hostile_account(server.base), clock) as client:
        with pytest.raises(TokenRejected) as failure:
            await client.api.integration(Secret(token), Priority.PERSON)
    assert server.asked == []
    assert "5up3r" not in repr(failure.value)


# Clocks


@pytest.mark.parametrize("minutes", [-90, -2, 2, 90])
async def test_a_clock_that_is_off_is_measured_by_the_date_header(clock, minutes):
    theirs = format_datetime(datetime.now(UTC) - timedelta(minutes=minutes), usegmt=True)
    say = lambda _asked: answer({"data": {"id": "1"}}, Date=theirs)  # noqa: E731
    async with RawServer(say=say) as server, opened(hostile_account(server.base), clock) as client:
        await client.api.integration(TOKEN, Priority.PERSON)
        assert client.store.skew == pytest.approx(minutes * 60, abs=3)


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Fri, 01 Jan 1700 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"]
)
async def test_a_date_that_is_none_says_nothing_of_the_clock(clock, date):
    say = lambda _asked: answer({"data": {"id": "1"}}, Date=date)  # noqa: E731
    async with RawServer(say=say) as server, opened(hostile_account(server.base), clock) as client:
        await client.api.integration(TOKEN, Priority.PERSON)
        assert client.store.skew is None


@pytest.mark.parametrize("expires_in", [3600, "absolute"])
async def test_a_token_s_end_is_told_by_this_computer_s_clock(clock, expires_in):
    now = datetime.now(UTC)
    theirs = now - timedelta(hours=2)
    ends = int((theirs + timedelta(hours=1)).timestamp()) if expires_in == "absolute" else expires_in
    say = lambda _asked: answer(  # noqa: E731
        {"access_token": "new-token", "expires_in": ends}, Date=format_datetime(theirs, usegmt=True)
    )
    async with RawServer(say=say) as server, opened(hostile_account(server.base), clock) as client:
        pair = await client.api.refresh(Secret("refresh"))
    assert pair.expires_at - now == pytest.approx(timedelta(hours=1), abs=timedelta(seconds=5))


async def test_a_wait_until_a_date_is_reckoned_by_the_server_s_clock(clock):
    theirs = datetime.now(UTC) - timedelta(hours=2)
    limited = answer(
        {},
        429,
        Date=format_datetime(theirs, usegmt=True),
        Retry_After=format_datetime(theirs + timedelta(seconds=20), usegmt=True),
    )
    server = RawServer()
    server.say = lambda _asked: limited if len(server.asked) < 2 else INTEGRATION
    async with server, opened(hostile_account(server.base), clock) as client:
        assert await ask(client) == "Acme"
    assert 18 <= max(clock.slept) <= 23


# Requests as they are shown


async def test_requests_are_seen_without_query_body_or_token(clock):
    def say(asked):
        if asked.method == "POST":
            return answer({"error": {"code": "SYNC_IN_PROGRESS", "request_id": "req-body"}}, 409)
        return answer({"data": []}, X_Request_Id="req-header")

    async with RawServer(say=say) as server, opened(hostile_account(server.base), clock) as client:
        client.api.belongs(TOKEN, ConnectionId("acme"))
        await client.api.syncs(TOKEN, 5, Priority.PERSON)
        with pytest.raises(MakiniDesktopError):
            await client.api.issue_token(ConnectionId("acme/1"))
        refused, _admin, shown = client.api.requests()
    assert (shown.method, shown.path, shown.status) == ("GET", "/api/v1/integrations/syncs", 200)
    assert (shown.connection, shown.request_id, shown.failure) == ("acme", "req-header", "")
    assert (refused.path, refused.status) == ("/api/v1/system/connections/acme%2F1/token", 409)
    assert (refused.connection, refused.request_id) == (None, "req-body")
    assert TOKEN.value not in repr(client.api.requests())


async def test_a_request_without_an_answer_is_seen_with_the_reason(clock):
    async with opened(hostile_account("http://127.0.0.1:1"), clock) as client:
        with pytest.raises(Unreachable):
            await ask(client)
        seen = client.api.requests()
    assert len(seen) == 3
    assert {(each.status, each.failure) for each in seen} == {
        (None, "127.0.0.1 cannot be reached from this computer.")
    }


async def test_the_last_two_hundred_requests_are_kept(clock):
    async with (
        RawServer(say=lambda _asked: INTEGRATION) as server,
        opened(hostile_account(server.base), clock) as client,
    ):
        for _ in range(203):
            await ask(client)
        assert len(client.api.requests()) == 200
