"""The redirect is recognised exactly, and its answer is read once or not at all."""

from __future__ import annotations

import string
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makini_desktop.core.redirect import (
    AnswerError,
    CodeGranted,
    LoginRefused,
    Reached,
    Redirect,
    RedirectError,
    is_loopback,
    is_protected,
    read_answer,
)

HOME = "https://app.example.com/makini/callback"

labels = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=12)
hosts = st.lists(labels, min_size=1, max_size=4).map(".".join)
ports = st.one_of(st.none(), st.integers(1, 65535))
paths = st.lists(labels, max_size=4).map(lambda parts: "/" + "/".join(parts))
words = st.text(min_size=1, max_size=40).filter(lambda text: text.isprintable())


def url_of(host: str, port: int | None, path: str, query: str = "", scheme: str = "https") -> str:
    return f"{scheme}://{host}{'' if port is None else f':{port}'}{path}{'?' + query if query else ''}"


@given(host=hosts, port=ports, path=paths, code=words, state=words)
def test_a_redirect_is_reached_with_any_query(host, port, path, code, state):
    query = urlencode({"code": code, "state": state})
    reached = url_of(host, port, path, query)
    assert Redirect.parse(url_of(host, port, path)).reached_by(reached) is Reached.EXACTLY
    assert read_answer(reached) == CodeGranted(code, state)


@given(one=st.tuples(hosts, ports, paths), other=st.tuples(hosts, ports, paths))
def test_another_host_port_or_path_is_not_the_redirect(one, other):
    same = (one[0], one[1] or 443, one[2]) == (other[0], other[1] or 443, other[2])
    reached = Redirect.parse(url_of(*one)).reached_by(url_of(*other, "code=1"))
    assert (reached is Reached.EXACTLY) == same


@given(text=st.text(max_size=60))
def test_any_text_can_be_compared(text):
    assert Redirect.parse(HOME).reached_by(text) is Reached.NOT
    assert isinstance(is_protected(text), bool)


@pytest.mark.parametrize(
    "url",
    [
        HOME,
        "HTTPS://APP.Example.COM/makini/callback?code=1",
        "https://app.example.com:443/makini/callback?code=1",
        "https://app.example.com:/makini/callback",
    ],
)
def test_spellings_of_one_place_are_the_redirect(url):
    assert Redirect.parse(HOME).reached_by(url) is Reached.EXACTLY


@pytest.mark.parametrize(
    "url",
    [
        "http://app.example.com/makini/callback",
        "http://app.example.com:443/makini/callback",
        "https://app.example.com:8443/makini/callback",
        "https://app.example.com./makini/callback",
        "https://app.example.com.evil.example/makini/callback",
        "https://xapp.example.com/makini/callback",
        "https://app.example.com/makini/callback/",
        "https://app.example.com/makini/Callback",
        "https://app.example.com/makini/callback;v=1",
        "https://app.example.com/makini/%63allback",
        "https://app.example.com/makini/x/../callback",
        "https://app.example.com\\makini/callback",
        "https://app.example.com/makini/callback ",
        "https://app.example.com:99999/makini/callback",
        "https://[::1/makini/callback",
        "https:/makini/callback",
        "makini://app.example.com/makini/callback",
        "",
    ],
)
def test_near_misses_are_not_the_redirect(url):
    assert Redirect.parse(HOME).reached_by(url) is Reached.NOT


@pytest.mark.parametrize(
    "url",
    [
        HOME + "?code=1#",
        HOME + "?code=1#step",
        "https://me@app.example.com/makini/callback?code=1",
        "https://@app.example.com/makini/callback?code=1",
        "https://me:pass@app.example.com/makini/callback?code=1",
    ],
)
def test_a_user_name_or_a_fragment_is_a_disguise(url):
    assert Redirect.parse(HOME).reached_by(url) is Reached.IN_DISGUISE


def test_loopback_addresses_are_compared_by_value_and_port():
    assert Redirect.parse("http://[::1]:5000").reached_by("http://[0:0::1]:5000/?code=1") is Reached.EXACTLY
    assert Redirect.parse("http://127.0.0.1").reached_by("http://127.0.0.1:80/") is Reached.EXACTLY
    assert Redirect.parse("http://127.0.0.1:5000/").reached_by("http://localhost:5000/") is Reached.NOT


@pytest.mark.parametrize(
    "uri",
    [
        "http://app.example.com/callback",
        "https://app.example.com/callback#here",
        "https://me@app.example.com/callback",
        "https://exämple.com/callback",
        "https:///callback",
        "/callback",
        "makini://callback",
        "ftp://127.0.0.1/",
        "",
    ],
)
def test_an_unusable_redirect_is_refused_with_a_sentence(uri):
    with pytest.raises(RedirectError, match="a redirect URI"):
        Redirect.parse(uri)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.9.8.7", "::1", "[::1]"])
def test_loopback_hosts_are_this_computer(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "localhost.example.com", "128.0.0.1", "10.0.0.1", "::2", "127.0.0.1.nip.io"]
)
def test_other_hosts_are_not_this_computer(host):
    assert not is_loopback(host)


def test_only_https_and_loopback_are_protected():
    assert is_protected("https://example.com/")
    assert is_protected("http://127.0.0.1:8000/")
    assert not is_protected("http://example.com/")
    assert not is_protected("http://127.0.0.1@example.com/")
    assert not is_protected("file:///etc/passwd")
    assert not is_protected("javascript:alert(1)")


@given(error=words, description=words)
def test_a_refusal_keeps_the_servers_words(error, description):
    query = urlencode({"error": error, "error_description": description})
    assert read_answer(f"{HOME}?{query}") == LoginRefused(error, description, None)


@given(name=st.sampled_from(["code", "state", "error", "error_description"]), one=words, two=words)
def test_a_parameter_that_comes_twice_is_refused(name, one, two):
    query = f"{name}={quote(one)}&{name}={quote(two)}"
    with pytest.raises(AnswerError, match=f"{name} twice"):
        read_answer(f"{HOME}?{query}")


@pytest.mark.parametrize(
    "query", ["", "state=s", "code=", "error=", "code=secret&error=no", "code=%ff", "&".join(["x=1"] * 60)]
)
def test_an_answer_that_is_none_is_refused_without_quoting_it(query):
    with pytest.raises(AnswerError) as caught:
        read_answer(f"{HOME}?{query}")
    assert "secret" not in str(caught.value)


def test_neither_code_nor_state_show_in_a_repr():
    shown = repr(read_answer(f"{HOME}?code=secret-code&state=secret-state"))
    assert "secret" not in shown
