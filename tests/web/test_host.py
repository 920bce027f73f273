"""Which part of a host name is shown as the strong one."""

import pytest
from PySide6.QtCore import QUrl

from makini_desktop.login.host import host_of, split_host


@pytest.mark.parametrize(
    ("host", "light", "strong"),
    [
        ("login.example.com", "login.", "example.com"),
        ("example.com.login.evil.example", "example.com.login.", "evil.example"),
        ("sso.shop.acme.co.uk:8443", "sso.shop.", "acme.co.uk:8443"),
        ("example.com", "", "example.com"),
        ("localhost:5000", "", "localhost:5000"),
        ("127.0.0.1:5000", "", "127.0.0.1:5000"),
        ("[::1]:5000", "", "[::1]:5000"),
        ("intranet", "", "intranet"),
        ("", "", ""),
    ],
)
def test_the_registered_part_is_strong(host, light, strong):
    assert split_host(host) == (light, strong)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Login.Example.com/path", "login.example.com"),
        ("https://exаmple.com/", "xn--exmple-4nf.com"),
        ("https://example.com:8443/", "example.com:8443"),
        ("http://[::1]:80/", "[::1]:80"),
        ("about:blank", ""),
    ],
)
def test_a_host_is_named_in_plain_letters(url, host):
    assert host_of(QUrl(url)) == host
