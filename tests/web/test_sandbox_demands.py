"""The sandbox's sign-ons, each with a demand of its own, signed in to with real keys and clicks."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from makini_desktop.core.redirect import CodeGranted, read_answer
from makini_desktop.domain.account import Account
from makini_desktop.domain.attempt import Attempt
from makini_desktop.domain.connection import ConnectionId
from tests.login_process import PATIENCE, LoginProcess
from tests.sandbox_process import PASSWORD, USER, SandboxProcess
from tests.waiting import wait_until
from tests.web.test_demanding_pages import crash, press

pytestmark = pytest.mark.web
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess().start("--connections", 4, "--latency", 0) as sandbox:
        yield sandbox


@pytest.fixture
def demanding(sandbox, tmp_path) -> Iterator[Callable[..., LoginProcess]]:
    """Opens the login of a connection whose sign-on demands something."""
    opened = []

    def demanding(demand: str, **options: object) -> LoginProcess:
        account: Account = sandbox.account()
        connection = next(iter(sandbox.state()))
        sandbox.control("login_demand", connection, demand=demand, **options)
        attempt = Attempt.begin(ConnectionId(connection), account.redirect_uris[0], NOW)
        login = LoginProcess(
            tmp_path,
            attempt.authorize_url(account),
            attempt.redirect_uri,
            environment={"QTWEBENGINE_CHROMIUM_FLAGS": "--use-fake-device-for-media-stream"},
        )
        opened.append(login.__enter__())
        return login

    yield demanding
    for login in opened:
        login.__exit__()


def sign_in(login: LoginProcess) -> None:
    login.wait_load()
    login.type(USER, "<Tab>", PASSWORD, "<Return>")


def went_on(sandbox: SandboxProcess, after: int) -> None:
    """Wait until the sandbox, after that request, has let the sign-in go on to the consent."""

    def is_served() -> bool:
        return any(each["path"] == "/oauth/authorize/continue" for each in sandbox.log(after))

    wait_until(is_served, "the consent", PATIENCE)


def allow(login: LoginProcess) -> None:
    """Agree on the last page, and insist on a code."""
    login.wait_load()
    login.press("Return")
    outcome = login.outcome()
    assert outcome["outcome"] == "redirected"
    assert isinstance(read_answer(outcome["url"]), CodeGranted)


def test_a_pop_up_signs_in_for_its_opener(demanding, sandbox):
    login = demanding("popup")
    login.wait_load()
    mark = sandbox.mark()
    press(login)
    sign_in(login)
    went_on(sandbox, mark)
    allow(login)


def test_a_sign_in_goes_through_three_hosts(demanding, sandbox):
    login = demanding("redirects")
    login.wait_load()
    mark = sandbox.mark()
    login.type(USER, "<Tab>", PASSWORD, "<Return>")
    went_on(sandbox, mark)
    allow(login)
    hosts = [event["host"].rpartition(":")[0] for event in login.events if event.get("event") == "host"]
    assert hosts == ["[::1]", "127.0.0.1"]


def test_http_authentication_is_asked_in_the_window(demanding):
    login = demanding("http_auth")
    login.event("question")
    login.type(USER, "<Tab>", PASSWORD, "<Return>")
    allow(login)


def test_a_login_goes_on_without_what_it_would_save(demanding, sandbox):
    login = demanding("download")
    sign_in(login)
    assert login.event("notice")["kind"] == "download"
    mark = sandbox.mark()
    login.type("<Return>")
    went_on(sandbox, mark)
    allow(login)


def test_a_login_goes_on_without_camera_microphone_location_and_notifications(demanding):
    login = demanding("permissions")
    sign_in(login)
    refused = {login.event("notice")["kind"] for _permission in range(4)}
    assert refused == {"camera", "microphone", "location", "notifications"}
    login.type("<Return>")
    allow(login)


def test_questions_in_dialogs_are_answered_and_the_page_left(demanding):
    login = demanding("dialogs")
    sign_in(login)
    login.wait_load()
    press(login)
    for kind, answer in (("alert", ""), ("confirm", ""), ("prompt", "4711"), ("leave", "")):
        assert login.event("question")["kind"] == kind
        login.type(answer, "<Return>")
    allow(login)


def test_a_page_that_crashes_is_opened_again_and_signed_in_to(demanding):
    login = demanding("crash", times=1)
    login.wait_load()
    crash(login)
    login.event("notice")
    sign_in(login)
    allow(login)


def test_a_sign_on_that_refuses_embedded_windows_is_left_to_the_browser(demanding):
    login = demanding("no_embedding")
    outcome = login.outcome()
    assert (outcome["outcome"], outcome["reason"]) == ("browser", "no_embedding")


def test_a_passkey_is_one_click_from_the_browser(demanding):
    login = demanding("passkey")
    login.wait_load()
    press(login)
    login.click("Open in browser instead")
    assert login.outcome()["outcome"] == "browser"
