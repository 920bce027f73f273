"""Both loopback addresses, and login pages over https with a company's own authority, over real sockets."""

import json
import re
import socket
import ssl
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from tests.certificates import Authority
from tests.proxy_server import ProxyServer
from tests.sandbox.harness import CALLBACK, login_parameters
from tests.sandbox.test_server import PATIENCE, child, end, refusal, running

HOSTS = ("localhost", "127.0.0.1", "::1")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "Acme Corporate CA")


def browser(authority: Authority, client: Path | None = None) -> httpx.Client:
    """What a browser is that trusts the company's authority, with or without a certificate of its own."""
    trust = ssl.create_default_context(cafile=authority.pem)
    if client is not None:
        trust.load_cert_chain(client)
    return httpx.Client(verify=trust, timeout=PATIENCE, follow_redirects=True, trust_env=False)


def submit(http: httpx.Client, page: httpx.Response, **fields: str) -> httpx.Response:
    action = urljoin(str(page.url), re.search(r'action="([^"]+)"', page.text)[1])
    login = re.search(r'name="login" value="([^"]+)"', page.text)[1]
    return http.post(action, data={"login": login, **fields}, follow_redirects=False)


def test_it_is_reached_by_every_name_of_this_computer():
    with child() as (process, news):
        port = news["api_base"].rsplit(":", 1)[1]
        for host in ("127.0.0.1", "localhost", "[::1]"):
            answer = httpx.get(f"http://{host}:{port}/sandbox/state", timeout=PATIENCE, trust_env=False)
            assert answer.status_code == 200
        assert end(process) == 0


def test_a_port_that_is_taken_on_ipv6_alone_is_not_shared_with_a_stranger():
    with socket.socket(socket.AF_INET6) as taken:
        taken.bind(("::1", 0))
        taken.listen()
        code, words = refusal("--port", taken.getsockname()[1])
    assert code == 1
    assert "is taken" in words


def test_login_pages_are_served_over_https_at_a_port_of_their_own(authority, tmp_path):
    pem = authority.server_pem(*HOSTS)
    state = tmp_path / "state"
    with child("--link-certificate", pem, "--link-host", "localhost", "--state", state) as (process, news):
        assert news["link_base"].startswith("https://localhost:")
        assert news["api_base"].startswith("http://127.0.0.1:")
        with browser(authority) as http:
            page = http.get(f"{news['link_base']}/oauth/authorize", params=login_parameters())
            page = submit(http, page, system="odoo")
            consent = submit(http, page, user="admin", password="correct-horse", company="Inextia")
            assert submit(http, consent, decision="allow").headers["Location"].startswith(f"{CALLBACK}?code=")
        with httpx.Client(timeout=PATIENCE) as stranger, pytest.raises(httpx.ConnectError):
            stranger.get(f"{news['link_base']}/oauth/authorize")
        assert end(process) == 0
        assert process.stderr.read() == ""
    with child("--link-certificate", pem, "--link-host", "localhost", "--state", state) as (process, again):
        assert again["link_base"] == news["link_base"]
        assert end(process) == 0


def test_a_demanded_certificate_has_to_be_shown_and_to_be_one_of_the_companys(authority):
    pem, ann = authority.server_pem(*HOSTS), authority.client_pem("Ann")
    with child("--link-certificate", pem, "--link-client-ca", authority.pem) as (process, news):
        api = httpx.Client(base_url=news["api_base"], timeout=PATIENCE)
        order = {"action": "login_demand", "demand": "client_certificate"}
        assert api.post("/sandbox/control", json=order).status_code == 200
        key = api.get("/sandbox/state").json()["connections"][0]["id"]
        parameters = {**login_parameters(), "connection_id": key}
        with browser(authority) as http:
            page = http.get(f"{news['link_base']}/oauth/authorize", params=parameters)
            assert page.status_code == 403
            assert "Certificate needed" in page.text
        with browser(authority, ann) as http:
            consent = http.get(f"{news['link_base']}/oauth/authorize", params=parameters)
            assert str(consent.url).startswith(f"{news['link_base']}/oauth/authorize/continue")
            assert "code=" in submit(http, consent, decision="allow").headers["Location"]
        assert api.get("/sandbox/state").json()["demand_answers"] == {"certificate": "Ann"}
        api.close()
        assert end(process) == 0
        assert process.stderr.read() == ""


async def test_a_sign_in_behind_a_proxy_is_reached_with_the_proxys_password():
    with child() as (process, news):
        port = int(news["api_base"].rsplit(":", 1)[1])
        order = {"action": "login_demand", "demand": "proxy_auth"}
        async with ProxyServer(port, login="ann:secret") as proxy:
            for login, status in (("", 407), ("ann:secret@", 200)):
                through = f"http://{login}{proxy.address}"
                async with httpx.AsyncClient(proxy=through, timeout=PATIENCE, follow_redirects=True) as http:
                    async with httpx.AsyncClient(base_url=news["api_base"], trust_env=False) as api:
                        await api.post("/sandbox/control", json=order)
                        key = (await api.get("/sandbox/state")).json()["connections"][0]["id"]
                    page = await http.get(
                        f"{news['link_base']}/oauth/authorize",
                        params={**login_parameters(), "connection_id": key},
                    )
                    assert page.status_code == status
            assert "Sign in" in page.text
        assert end(process) == 0


def test_without_a_certificate_there_is_no_key_and_no_client_authority(authority, tmp_path):
    for option in ("--link-key", "--link-client-ca"):
        code, words = refusal("--port", 0, option, authority.pem)
        assert (code, words) == (1, "--link-key and --link-client-ca need --link-certificate.\n")


def test_files_that_are_no_certificates_are_named(authority, tmp_path):
    code, words = refusal("--port", 0, "--link-certificate", tmp_path / "nothing.pem")
    assert (code, words) == (
        1, f"{tmp_path / 'nothing.pem'}: no PEM certificate with its key, without password.\n"
    )  # fmt: skip
    (tmp_path / "empty.pem").write_text("")
    pem = authority.server_pem("localhost")
    code, words = refusal("--port", 0, "--link-certificate", pem, "--link-client-ca", tmp_path / "empty.pem")
    assert (code, words) == (1, f"{tmp_path / 'empty.pem'}: no PEM certificate of an authority.\n")


def test_a_person_is_told_the_https_address(authority):
    with running("--port", "0", "--link-certificate", authority.server_pem("127.0.0.1")) as process:
        text = "".join(process.stdout.readline() for _ in range(8))
        assert re.search(r"Login pages   https://127\.0\.0\.1:\d+/oauth/authorize", text)
        assert re.search(r"--link-base https://127\.0\.0\.1:\d+ ", text)


def test_a_dropped_answer_is_dropped_over_ipv6_too():
    with child() as (process, news):
        port = news["api_base"].rsplit(":", 1)[1]
        with httpx.Client(base_url=f"http://[::1]:{port}", timeout=PATIENCE, trust_env=False) as http:
            assert http.post("/sandbox/control", json={"action": "drop"}).status_code == 200
            with pytest.raises(httpx.TransportError):
                http.get("/api/v1/system/client")
            assert http.get("/api/v1/system/client").status_code == 401
        assert end(process) == 0
        assert json.loads(process.stdout.read() or "null") is None
