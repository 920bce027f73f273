"""Where a customer may sign in: what is offered, what is remembered, and how the browser takes over."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from makini_desktop.domain.account import Client
from makini_desktop.domain.errors import BrowserUnavailable, UsageError
from makini_desktop.domain.health import Health
from makini_desktop.domain.login import (
    AlreadyHealthy,
    LoginFailed,
    LoginPath,
    Refused,
    Repaired,
    Stage,
    WrongState,
)
from makini_desktop.services import logins
from makini_desktop.services.login_ports import LoginToBrowser
from makini_desktop.services.ports import Answer
from tests.fakes.login_window import SIGNING_IN, back_with, back_without_state
from tests.fakes.program import FakeProgram
from tests.unit.logins import NO_LINE, A, B, C, broken, run, said, signs_in  # noqa: F401

LOOPBACK = "http://127.0.0.1:8400/callback"


@pytest.fixture(autouse=True)
def browser_offered(program) -> None:
    """The account has a redirect to this computer, too."""
    program.change_account(redirect_uris=("https://app.example.com/callback", LOOPBACK))


def signs_in_with_the_browser(program: FakeProgram) -> None:
    """Let the person sign in as customer A, in the browser only."""
    signs_in(program)
    program.browser.person, program.window.person = program.window.person, None


async def in_browser(program: FakeProgram):
    return await program.clock.finish(program.reconnect.run(A, LoginPath.BROWSER))


async def test_the_browser_is_as_good_as_the_window(program):
    old = (await program.entry("A")).current
    signs_in_with_the_browser(program)
    assert await in_browser(program) == Repaired(A)
    assert (await program.entry("A")).current.access != old.access
    assert program.health("A") is Health.HEALTHY
    assert program.window.opened == []
    assert [attempt.redirect_uri for attempt in program.browser.opened] == [LOOPBACK]
    assert program.browser.listening == 0


async def test_the_row_says_that_the_browser_is_waited_for(program):
    attempt = asyncio.ensure_future(program.reconnect.run(A, LoginPath.BROWSER))
    await program.clock.settle()
    assert program.row("A").stage is Stage.IN_BROWSER
    attempt.cancel()
    await asyncio.gather(attempt, return_exceptions=True)
    assert program.browser.listening == 0
    assert program.row("A").stage is None


async def test_the_browser_is_not_opened_where_nothing_is_broken_any_more(program):
    program.api.customers[A].credentials_hold = True
    assert await in_browser(program) == AlreadyHealthy(A)
    assert program.browser.opened == []


async def test_the_browser_does_not_wait_long_for_that_check(program, monkeypatch):
    monkeypatch.setattr("makini_desktop.services.reconnect.CHECK_AT_MOST", 0.01)
    program.api.gate("status")
    attempt = asyncio.ensure_future(program.reconnect.run(A, LoginPath.BROWSER))
    async with asyncio.timeout(5):
        await program.browser.asked.wait()
    attempt.cancel()
    await asyncio.gather(attempt, return_exceptions=True)


async def test_a_refusal_in_the_browser_is_read_out(program):
    program.browser.person = back_with(error="access_denied", error_description="Not today.")
    assert await in_browser(program) == Refused("Not today.")


@pytest.mark.parametrize("person", [back_with(code="c", state="forged"), back_without_state(code="c")])
async def test_a_redirect_that_is_not_its_own_is_refused_once_more(program, person):
    program.api.codes["c"] = A
    program.browser.person = person
    assert await in_browser(program) == WrongState()
    assert "exchange" not in program.api.calls
    assert program.account.state_echoed is None


async def test_a_browser_in_which_nobody_signs_in_is_waited_for_ten_minutes(program, monkeypatch):
    monkeypatch.setattr(logins, "LIFETIME", timedelta(0))
    outcome = await program.reconnect.run(A, LoginPath.BROWSER)
    assert said(outcome) == "The sign-in of Acme Foods took longer than ten minutes. Start it again."
    assert program.browser.listening == 0


async def test_a_port_that_is_taken_is_said_and_nothing_is_changed(program):
    before = msgspec.msgpack.encode(await program.entry("A"))
    program.browser.taken = BrowserUnavailable("Port 8400 is taken.")
    with pytest.raises(BrowserUnavailable, match="Port 8400 is taken"):
        await in_browser(program)
    assert msgspec.msgpack.encode(await program.entry("A")) == before
    assert program.row("A").stage is None


async def test_the_window_hands_over_to_the_browser_with_an_attempt_of_its_own(program):
    signs_in_with_the_browser(program)
    program.window.person = lambda _attempt: LoginToBrowser()
    assert await run(program) == Repaired(A)
    (embedded,), (browser,) = program.window.opened, program.browser.opened
    assert embedded.redirect_uri == "https://app.example.com/callback"
    assert browser.redirect_uri == LOOPBACK
    assert embedded.state != browser.state
    assert embedded.verifier != browser.verifier
    assert program.notices == []


@pytest.mark.parametrize(
    ("reason", "words", "remembered"),
    [
        ("no_embedding", "This login page refuses the sign-in window.", LoginPath.BROWSER),
        ("passkey", "This login page asks for a passkey.", LoginPath.BROWSER),
        ("renderer", "The sign-in window cannot show this login page.", None),
    ],
)
async def test_why_the_browser_takes_over_is_said(program, reason, words, remembered):
    signs_in_with_the_browser(program)
    program.window.person = lambda _attempt: LoginToBrowser(reason)
    assert await run(program) == Repaired(A)
    assert program.notices[0].words == f"{words} The sign-in goes on in your browser."
    assert program.login_paths.remembered("SAP") is remembered


async def test_a_hand_over_without_a_redirect_to_this_computer_says_both(program):
    program.change_account(redirect_uris=("https://app.example.com/callback",))
    program.window.person = lambda _attempt: LoginToBrowser("passkey")
    outcome = await run(program)
    assert isinstance(outcome, LoginFailed)
    assert said(outcome).startswith(
        "This login page asks for a passkey. The browser needs a redirect to this"
    )


@pytest.mark.parametrize(
    ("redirects", "offered"),
    [
        (("https://app.example.com/callback",), False),
        (("https://127.0.0.1:8400/callback",), False),
        (("http://127.0.0.1:8400/callback",), True),
        (("http://[::1]:8400/callback",), True),
        (("https://app.example.com/callback", "http://localhost/callback"), True),
    ],
)
def test_the_browser_needs_a_loopback_redirect_that_can_be_listened_at(program, redirects, offered):
    program.change_account(redirect_uris=redirects)
    refusal = program.login_paths.refusal(LoginPath.BROWSER)
    assert (refusal == "") is offered
    if not offered:
        assert refusal.startswith(
            "The browser needs a redirect to this computer, and the account “acme” has none."
        )


@pytest.mark.parametrize(("echoed", "offered"), [(None, True), (True, True), (False, False)])
def test_the_browser_is_off_where_state_never_comes_back(program, echoed, offered):
    program.change_account(state_echoed=echoed)
    assert (program.login_paths.refusal(LoginPath.BROWSER) == "") is offered


async def test_a_computer_without_a_browser_says_so_in_place_of_the_path(program):
    program.browser.refused = "There is no browser."
    assert program.login_paths.refusal(LoginPath.BROWSER) == "There is no browser."
    with pytest.raises(UsageError, match="There is no browser"):
        await program.reconnect.run(A, LoginPath.BROWSER)


async def test_a_link_is_no_login_here(program):
    with pytest.raises(UsageError, match="link is sent to the customer"):
        await program.reconnect.run(A, LoginPath.LINK)


@pytest.mark.parametrize(
    ("default", "others", "offered"),
    [
        ("https://acme.example/done", (), True),
        ("", ("http://127.0.0.1/x", "https://acme.example/done"), True),
        ("http://localhost/x", ("http://[::1]/x",), False),
        ("", (), False),
    ],
)
async def test_a_link_needs_a_redirect_that_is_not_here(program, default, others, offered):
    client = Client(id="client-1", name="Acme", default_redirect=default, redirects=others)
    program.api.client = lambda: asyncio.sleep(0, Answer(value=client, at=program.clock.now()))
    assert program.login_paths.refusal(LoginPath.LINK, A) == ""
    await program.login_paths.learn()
    assert (program.login_paths.refusal(LoginPath.LINK, A) == "") is offered
    assert await program.login_paths.customer_redirect() == ("https://acme.example/done" if offered else "")


async def test_an_account_that_cannot_be_asked_is_asked_at_the_next_need(program):
    program.api.fail("client", NO_LINE)
    await program.login_paths.learn()
    assert program.login_paths.refusal(LoginPath.LINK, A) == ""
    assert await program.login_paths.customer_redirect() == ""
    assert "no such redirect at Makini" in program.login_paths.refusal(LoginPath.LINK, A)


async def test_a_choice_is_remembered_for_the_system_across_runs_and_processes(program):
    await program.login_paths.remember("SAP", LoginPath.BROWSER)
    other = FakeProgram(beside=program)
    await other.login_paths.load()
    assert other.login_paths.remembered("sap") is LoginPath.BROWSER
    await other.login_paths.remember("Maximo", LoginPath.LINK)
    await program.login_paths.remember("UpKeep", LoginPath.EMBEDDED)
    await other.login_paths.load()
    assert [other.login_paths.remembered(each) for each in ("SAP", "Maximo", "UpKeep", "Odoo")] == [
        LoginPath.BROWSER,
        LoginPath.LINK,
        LoginPath.EMBEDDED,
        None,
    ]


async def test_a_login_without_a_path_takes_the_remembered_one_where_it_is_offered(program):
    await program.login_paths.remember("SAP", LoginPath.BROWSER)
    signs_in_with_the_browser(program)
    assert await run(program) == Repaired(A)
    assert len(program.browser.opened) == 1
    program.browser.refused = "There is no browser."
    signs_in(program)
    assert await run(program) == Repaired(A)
    assert len(program.window.opened) == 1


async def test_what_was_kept_and_cannot_be_read_starts_anew(program):
    await program.database.set_setting("login.paths", "{broken")
    await program.login_paths.load()
    assert program.login_paths.remembered("SAP") is None


async def test_an_order_remembers_its_path_and_an_order_without_takes_it_again(program):
    signs_in_with_the_browser(program)
    program.commands.reconnect(A, LoginPath.BROWSER)
    await program.clock.advance(SIGNING_IN)
    assert program.login_paths.remembered("SAP") is LoginPath.BROWSER
    await program.clock.advance(SIGNING_IN)
    signs_in_with_the_browser(program)
    program.commands.reconnect(A)
    await program.clock.advance(SIGNING_IN)
    assert len(program.browser.opened) == 2
    assert program.window.opened == []


async def test_an_order_for_a_link_asks_the_window_to_show_it(program):
    asked: list[str] = []
    program.commands.link_asked.subscribe(asked.append)
    program.commands.reconnect(A, LoginPath.LINK)
    await program.clock.settle()
    program.commands.reconnect(A)
    assert asked == [A, A]
    assert program.window.opened == []


async def test_waiting_for_the_browser_can_be_cancelled(program):
    program.commands.reconnect(A, LoginPath.BROWSER)
    await program.clock.settle()
    assert program.browser.listening == 1
    program.commands.cancel_reconnect(A)
    await program.clock.settle()
    assert program.browser.listening == 0
    assert program.row("A").stage is None
