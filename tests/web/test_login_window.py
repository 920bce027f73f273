"""The login window against real pages: what ends it, with which outcome, and what it never does."""

import json
import signal
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.certificates import Authority
from tests.login_process import PATIENCE
from tests.web.login_pages import CALLBACK, LoginPages

pytestmark = pytest.mark.web


def with_changes(before: str, after: str = "pass") -> tuple[str, ...]:
    """The command of a login window with Python statements before and after it in its process."""
    start = "from makini_desktop.login.window import main; status = main([])"
    return sys.executable, "-c", f"import sys; {before}; {start}; {after}; sys.exit(status)"


def colour(picture: Path, x: int, y: int) -> str:
    return QImage(str(picture)).pixelColor(x, y).name()


def test_a_redirect_after_a_posted_form_is_caught_before_it_loads(open_login, pages):
    login = open_login(pages.url("/form", pages.answer()))
    login.wait_load()
    login.type("anna", "<Tab>", "pass word ß")
    login.press("Return")
    assert login.outcome() == {"outcome": "redirected", "url": pages.answer()}
    assert pages.bodies == ["user=anna&password=pass+word+%C3%9F"]
    assert CALLBACK not in pages.paths


def test_a_redirect_by_a_link_is_caught_before_it_loads(open_login, pages):
    login = open_login(pages.url("/link", pages.answer()))
    login.wait_load()
    login.press("Return")
    assert login.outcome()["url"] == pages.answer()
    assert CALLBACK not in pages.paths


@pytest.mark.parametrize("path", ["/script", "/go"])
def test_a_redirect_without_the_persons_doing_is_caught_before_it_loads(open_login, pages, path):
    login = open_login(pages.url(path, pages.answer()))
    assert login.outcome()["url"] == pages.answer()
    assert CALLBACK not in pages.paths


def test_another_path_or_port_is_a_page_like_any_other(open_login, pages):
    with LoginPages() as others:
        login = open_login(pages.url("/go", others.url("/go", pages.url(f"{CALLBACK}/other"))))
        login.wait_load()
        assert pages.paths == ["/go", f"{CALLBACK}/other"]
        login.press("Escape")
        assert login.outcome() == {"outcome": "closed"}


def test_the_redirects_path_on_another_port_is_not_the_redirect(open_login, pages):
    with LoginPages() as others:
        login = open_login(pages.url("/go", others.answer()))
        login.wait_load()
        assert others.paths == [CALLBACK]
        login.press("Escape")
        assert login.outcome() == {"outcome": "closed"}


def test_a_redirect_in_a_frame_is_neither_loaded_nor_reported(open_login, pages):
    login = open_login(pages.url("/frame", pages.answer("frame")))
    login.wait_load()
    login.press("Return")
    assert login.outcome()["url"] == f"{pages.callback}?code=main&state=s"
    assert CALLBACK not in pages.paths


@pytest.mark.parametrize(("before", "after"), [("", "#step"), ("", "#"), ("someone@", "")])
def test_a_link_to_the_redirect_in_disguise_is_neither_loaded_nor_reported(open_login, pages, before, after):
    disguised = pages.answer().replace("//", f"//{before}") + after
    login = open_login(pages.url("/link", disguised))
    login.wait_load()
    login.type("<Return>")
    assert login.event("trouble")["detail"] == "redirect with a fragment or a user name"
    login.press("Escape")
    assert login.outcome() == {"outcome": "closed"}
    assert CALLBACK not in pages.paths


def test_a_fragment_that_a_redirect_inherits_is_no_obstacle(open_login, pages):
    login = open_login(pages.url("/link", pages.url("/go", pages.answer()) + "#step"))
    login.wait_load()
    login.press("Return")
    assert login.outcome()["url"] == pages.answer()
    assert CALLBACK not in pages.paths


def test_a_popup_can_speak_to_its_opener_and_close_itself(open_login, pages):
    login = open_login(pages.url("/opener", pages.answer()))
    login.wait_load()
    login.type("<Space>")
    login.wait_load()
    login.press("Space")
    assert login.outcome()["url"] == pages.answer()
    assert CALLBACK not in pages.paths


def test_a_redirect_in_a_popup_ends_the_attempt(open_login, pages):
    login = open_login(pages.url("/opener-of-link", pages.answer()))
    login.wait_load()
    login.type("<Space>")
    login.wait_load()
    login.press("Return")
    assert login.outcome()["url"] == pages.answer()
    assert CALLBACK not in pages.paths


def test_closing_a_popup_returns_to_the_login_page(open_login, pages):
    login = open_login(pages.url("/opener", pages.answer()))
    login.wait_load()
    login.type("<Space>")
    login.wait_load()
    login.type("<Escape>")
    login.press("Escape")
    assert login.outcome() == {"outcome": "closed"}


def test_cancel_is_one_click(open_login, pages):
    login = open_login(pages.url("/form"))
    login.event("ready")
    login.click("Cancel")
    assert login.outcome() == {"outcome": "closed"}


def test_the_browser_is_one_click_away(open_login, pages):
    login = open_login(pages.url("/form"))
    login.event("ready")
    login.click("Open in browser instead")
    assert login.outcome() == {"outcome": "browser", "reason": "person", "host": pages.host}


def test_the_window_ends_without_a_word_when_its_input_ends(open_login, pages):
    login = open_login(pages.url("/form"))
    login.event("ready")
    login.end_input()
    assert login.process.wait(PATIENCE) == 0
    assert login.last_lines() == []


def test_the_window_ends_without_a_word_when_it_is_terminated(open_login, pages):
    login = open_login(pages.url("/form"))
    login.event("ready")
    login.process.terminate()
    assert login.process.wait(PATIENCE) == -signal.SIGTERM
    assert login.last_lines() == []
    assert login.errors.read_text() == ""


def test_reload_and_back_work_from_the_keyboard(open_login, pages):
    login = open_login(pages.url("/link", pages.url("/elsewhere")))
    login.wait_load()
    login.type("<Return>")
    login.wait_load()
    login.order("key", key="R", modifiers=["Control"])
    login.wait_load()
    assert pages.paths == ["/link", "/elsewhere", "/elsewhere"]
    login.order("key", key="Left", modifiers=["Alt"])
    login.wait_load()
    login.type("<Return>")
    login.wait_load()
    assert pages.paths == ["/link", "/elsewhere", "/elsewhere", "/elsewhere"]


def test_another_host_is_told(open_login, pages):
    elsewhere = pages.url("/elsewhere").replace("127.0.0.1", "localhost")
    login = open_login(pages.url("/go", elsewhere))
    assert login.event("host")["host"] == pages.host.replace("127.0.0.1", "localhost")


def test_an_unencrypted_address_is_not_visited(open_login, pages):
    login = open_login(pages.url("/go", "http://login.invalid/"))
    trouble = login.event("trouble")
    assert (trouble["host"], trouble["detail"]) == ("login.invalid", "not encrypted")
    login.press("Escape")
    assert login.outcome() == {
        "outcome": "failed",
        "reason": "network",
        "host": "login.invalid",
        "detail": "not encrypted",
    }


def test_a_server_that_is_away_is_named_and_can_be_tried_again(open_login, pages):
    with LoginPages() as others:
        away = others.url("/form")
    login = open_login(away)
    login.event("trouble")
    login.click("Try again")
    login.event("trouble")
    login.press("Escape")
    assert login.outcome() == {
        "outcome": "failed",
        "reason": "network",
        "host": others.host,
        "detail": "net::ERR_CONNECTION_REFUSED",
    }


def test_an_error_without_a_page_is_explained(open_login, pages):
    login = open_login(pages.url("/empty-error"))
    assert login.event("trouble")["detail"] == "HTTP 502"


def test_an_error_with_a_page_shows_the_page(open_login, pages):
    login = open_login(pages.url("/refuse", pages.answer()))
    login.wait_load()
    login.press("Return")
    assert login.outcome()["outcome"] == "redirected"


def test_a_certificate_that_does_not_hold_is_never_let_through(open_login, tmp_path):
    with LoginPages(Authority(tmp_path, "Nobody").server("127.0.0.1")) as pages:
        login = open_login(pages.url("/form"), redirect_uri=pages.callback)
        assert login.outcome() == {
            "outcome": "failed",
            "reason": "certificate",
            "host": pages.host,
            "detail": "certificate: authority invalid",
        }
        assert pages.paths == []
    assert list(login.home.rglob("*")) == []


def test_root_is_refused_before_the_engine_is_loaded(open_login, pages):
    login = open_login(
        pages.url("/form"),
        command=with_changes(
            "import os; os.geteuid = lambda: 0", after="assert 'PySide6.QtCore' not in sys.modules"
        ),
        environment={"QTWEBENGINE_DISABLE_SANDBOX": ""},
    )
    assert login.outcome()["reason"] == "engine_refused_root"
    assert pages.paths == []


@pytest.mark.parametrize(
    "changes",
    [
        {"start_url": "https://login.invalid/oauth/authorize", "orders": True},
        {"start_url": "http://login.invalid/oauth/authorize", "orders": False},
        {"start_url": "file:///etc/hostname", "orders": False},
        {"redirect_uri": "http://login.invalid/callback"},
        {"theme": "pink"},
        {"profile_dir": "attempt"},
        {"start_url": 1},
    ],
)
def test_a_request_for_what_is_not_allowed_is_refused_in_words(open_login, pages, changes):
    login = open_login(**({"start_url": pages.url("/form")} | changes))
    outcome = login.outcome()
    assert (outcome["outcome"], outcome["reason"]) == ("failed", "bad_request")
    assert outcome["detail"]
    assert pages.paths == []


def test_orders_are_not_taken_without_leave(open_login, pages):
    login = open_login(pages.url("/link", pages.answer()), orders=False)
    login.event("ready")
    login.press("Return")
    login.end_input()
    assert login.last_lines() == []
    assert pages.paths == ["/link"]


def test_an_order_that_makes_no_sense_is_refused_and_the_next_one_taken(open_login, pages):
    login = open_login(pages.url("/form"))
    login.wait_load()
    assert login.order("key", key="NoSuchKey")["event"] == "refused"
    assert login.order("dance")["event"] == "refused"
    assert login.order("click", name="No such button")["event"] == "refused"
    assert login.order("text", text="x")["event"] == "done"


def test_nothing_is_written_outside_the_attempts_folder_and_nothing_said_on_stderr(open_login, pages):
    login = open_login(pages.url("/form", pages.answer("secret-code")))
    login.wait_load()
    login.type("anna", "<Tab>", "pa55word")
    login.press("Return")
    assert login.outcome()["outcome"] == "redirected"
    assert list(login.home.rglob("*")) == []
    assert login.errors.read_text() == ""
    kept = b"".join(path.read_bytes() for path in login.attempt.rglob("*") if path.is_file())
    assert b"secret-code" not in kept
    assert b"pa55word" not in kept


def test_the_engine_says_what_it_is(open_login, pages):
    login = open_login(pages.url("/form"))
    login.event("ready")
    assert len(pages.agents) == 1
    assert "QtWebEngine" in pages.agents.pop()


@pytest.mark.parametrize(("theme", "header"), [("light", "#ffffff"), ("dark", "#1b2128")])
def test_the_window_follows_the_theme_and_shows_the_page(open_login, pages, tmp_path, theme, header):
    picture = tmp_path / "window.png"
    login = open_login(pages.url("/form"), theme=theme)
    login.wait_load()
    assert login.order("grab", path=str(picture))["event"] == "done"
    assert colour(picture, 2, 2) == header
    assert colour(picture, 240, 500) == "#00aa00"


def test_a_page_that_stays_blank_is_mentioned_quietly(open_login, pages, tmp_path):
    picture = tmp_path / "window.png"
    changes = "import makini_desktop.login.browser_window as w; w.SLOW_NOTICE_MS = 50"
    login = open_login(pages.url("/blank"), command=with_changes(changes))
    login.wait_load()
    deadline = time.monotonic() + PATIENCE
    shown = ""
    while shown != "#fff6df" and time.monotonic() < deadline:
        login.order("grab", path=str(picture))
        shown = colour(picture, 4, 46)
    assert shown == "#fff6df"


def test_the_request_may_hold_more_than_is_known_today(open_login, pages):
    login = open_login(pages.url("/form"), later={"field": json.dumps("x")})
    assert login.event("ready")
