"""The environment's proxies in the engine's words, and what they never give away."""

import pytest

from makini_desktop.login.embedding import refuses_embedding, says_so
from makini_desktop.login.question import Credentials
from makini_desktop.login.way_out import engine_flags, login_for

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_without_proxies_the_engine_gets_no_option():
    assert engine_flags() == []


@pytest.mark.parametrize(
    ("environment", "flags"),
    [
        (
            {"https_proxy": "http://proxy.acme.example:3128"},
            ["--proxy-server=https=http://proxy.acme.example:3128"],
        ),
        ({"HTTPS_PROXY": "proxy.acme.example:3128/"}, ["--proxy-server=https=proxy.acme.example:3128"]),
        ({"all_proxy": "http://p:1"}, ["--proxy-server=http=http://p:1;https=http://p:1"]),
        ({"https_proxy": "http://anna:s3cret@p:1"}, ["--proxy-server=https=http://p:1"]),
        ({"https_proxy": "http://p:1 --user-agent=x"}, []),
        (
            {"https_proxy": "http://p:1", "no_proxy": ".acme.example, intra,10.0.0.1,*.bad host"},
            [
                "--proxy-server=https=http://p:1",
                "--proxy-bypass-list=acme.example;*.acme.example;intra;*.intra;10.0.0.1",
            ],
        ),
        (
            {"https_proxy": "http://p:1", "no_proxy": "*"},
            ["--proxy-server=https=http://p:1", "--proxy-bypass-list=*"],
        ),
    ],
)
def test_the_environments_proxies_become_options_without_their_login(monkeypatch, environment, flags):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert engine_flags() == flags


def test_a_proxys_login_is_given_to_that_proxy_only(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://anna:s%40cret@proxy.acme.example:3128")
    monkeypatch.setenv("http_proxy", "http://other:1")
    assert login_for("proxy.acme.example") == Credentials("anna", "s@cret")
    assert login_for("other") is None
    assert "cret" not in repr(login_for("proxy.acme.example"))


@pytest.mark.parametrize(
    ("host", "refuses"),
    [("accounts.google.com", True), ("Accounts.Google.com", True), ("google.com", False), ("", False)],
)
def test_hosts_that_refuse_embedded_windows_are_known_exactly(host, refuses):
    assert refuses_embedding(host) is refuses


def test_a_refusal_is_read_from_address_or_text():
    assert says_so("error=disallowed_useragent", "")
    assert says_so("", "Error 403: disallowed_useragent")
    assert not says_so("error=access_denied", "Sign in")
