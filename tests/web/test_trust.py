"""Whom the login window trusts, whom it shows a certificate, and by which way it goes."""

import asyncio
import hashlib
import shutil
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.login_process import LoginProcess
from tests.nss_database import make_database
from tests.proxy_server import ProxyServer
from tests.web.login_pages import LoginPages

pytestmark = pytest.mark.web


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "Acme CA")


@contextmanager
def proxy_to(port: int, login: str = "") -> Iterator[ProxyServer]:
    """A company's proxy, in a thread of its own."""
    proxy, started, loop = ProxyServer(port, login), threading.Event(), asyncio.new_event_loop()
    ended = asyncio.Event()

    async def serve() -> None:
        async with proxy:
            started.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    started.wait()
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()


def folder_of(authority: Authority, folder: Path) -> Path:
    """A folder of trusted certificates, as OpenSSL reads one."""
    folder.mkdir()
    shutil.copy(authority.pem, folder / "0badcafe.0")
    return folder


def test_an_authority_that_the_system_trusts_is_trusted(open_login, authority):
    with LoginPages(authority.server("127.0.0.1")) as pages:
        login = open_login(
            pages.url("/link", pages.answer()),
            redirect_uri=pages.callback,
            environment={"SSL_CERT_FILE": str(authority.pem)},
        )
        login.wait_load()
        login.press("Return")
        assert login.outcome()["url"] == pages.answer()


def test_a_folder_of_trusted_authorities_counts_too(open_login, authority, tmp_path):
    with LoginPages(authority.server("127.0.0.1")) as pages:
        login = open_login(
            pages.url("/script", pages.answer()),
            redirect_uri=pages.callback,
            environment={"SSL_CERT_DIR": str(folder_of(authority, tmp_path / "trusted"))},
        )
        assert login.outcome()["outcome"] == "redirected"


@pytest.mark.parametrize(
    ("host", "days", "detail"),
    [
        ("127.0.0.1", -1, "certificate: date invalid"),
        ("login.test", 1, "certificate: common name invalid"),
    ],
)
def test_a_trusted_authority_waves_nothing_through(open_login, authority, host, days, detail):
    with LoginPages(authority.server(host, days=days)) as pages:
        login = open_login(
            pages.url("/form"),
            redirect_uri=pages.callback,
            environment={"SSL_CERT_FILE": str(authority.pem)},
        )
        assert login.outcome() == {
            "outcome": "failed",
            "reason": "certificate",
            "host": pages.host,
            "detail": detail,
        }
        assert pages.paths == []


def test_who_vouches_for_a_host_is_told_on_demand(open_login, authority):
    with LoginPages(authority.server("127.0.0.1")) as pages:
        login = open_login(
            pages.url("/form"),
            redirect_uri=pages.callback,
            environment={"SSL_CERT_FILE": str(authority.pem)},
        )
        login.wait_load()
        login.click(f"Page from {pages.host}, encrypted")
        said = login.event("notice")["sentence"]
        assert said.startswith(f"{pages.host} is vouched for by Acme CA, until ")


def demanding(authority: Authority) -> ssl.SSLContext:
    """The TLS context of a server that wants a certificate of the person's."""
    context = authority.server("127.0.0.1")
    context.load_verify_locations(authority.pem)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def open_with_certificates(
    folder: Path, pages: LoginPages, authority: Authority, *people: str
) -> LoginProcess:
    login = LoginProcess(
        folder,
        pages.url("/link", pages.answer()),
        pages.callback,
        environment={"SSL_CERT_FILE": str(authority.pem)},
    )
    make_database(login.home / ".pki" / "nssdb", *map(authority.client_pem, people))
    return login


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_person_chooses_which_certificate_a_server_gets(tmp_path, authority):
    with LoginPages(demanding(authority)) as pages:
        login = open_with_certificates(tmp_path, pages, authority, "anna", "bert")
        before = contents(login.home)
        assert len(before) == 3
        with login:
            assert login.event("question") == {
                "event": "question",
                "kind": "certificate",
                "host": pages.host,
            }
            login.type("<Return>")
            login.wait_load()
            login.press("Return")
            assert login.outcome()["url"] == pages.answer()
        assert contents(login.home) == before


def test_no_certificate_is_a_choice_too(tmp_path, authority):
    with (
        LoginPages(demanding(authority)) as pages,
        open_with_certificates(tmp_path, pages, authority, "anna") as login,
    ):
        login.event("question")
        login.type("<End>", "<Return>")
        assert login.event("trouble")["reason"] == "network"
        assert pages.paths == []


def test_the_environments_proxy_is_used_with_its_login(open_login, pages, authority):
    with (
        LoginPages(authority.server("login.test")) as secured,
        proxy_to(secured.port, "anna:s3cret") as proxy,
    ):
        login = open_login(
            pages.url("/go", "https://login.test/link?to=" + pages.answer().replace("&", "%26")),
            environment={
                "SSL_CERT_FILE": str(authority.pem),
                "https_proxy": f"http://anna:s3cret@{proxy.address}",
            },
        )
        login.wait_load()
        login.press("Return")
        assert login.outcome()["url"] == pages.answer()
        assert {first.split()[1] for first in proxy.asked} == {"login.test:443"}


def test_a_proxy_that_wants_a_password_gets_what_the_person_enters(open_login, pages, authority):
    with (
        LoginPages(authority.server("login.test")) as secured,
        proxy_to(secured.port, "anna:s3cret") as proxy,
    ):
        login = open_login(
            pages.url("/go", "https://login.test/link?to=" + pages.answer().replace("&", "%26")),
            environment={"SSL_CERT_FILE": str(authority.pem), "https_proxy": f"http://{proxy.address}"},
        )
        assert login.event("question")["kind"] == "proxy_password"
        login.type("anna", "<Return>", "s3cret", "<Return>")
        login.wait_load()
        login.press("Return")
        assert login.outcome()["url"] == pages.answer()


def test_no_part_of_a_page_is_fetched_where_others_could_read_along(open_login, pages):
    with proxy_to(pages.port) as proxy:
        login = open_login(
            pages.url("/read-along", "http://login.test/elsewhere"),
            environment={"http_proxy": f"http://{proxy.address}"},
        )
        login.wait_load()
        login.end_input()
        login.last_lines()
        assert proxy.asked == []
