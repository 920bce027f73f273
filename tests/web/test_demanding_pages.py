"""What real sign-on pages demand of a browser, each with a page that demands it."""

import os
import signal

import pytest
from PySide6.QtGui import QImage

from tests.login_process import LoginProcess
from tests.processes import renderer_of
from tests.web.login_pages import CALLBACK, LoginPages
from tests.web.test_login_window import with_changes

pytestmark = pytest.mark.web


def press(login: LoginProcess, key: str = "Return") -> None:
    login.type(f"<{key}>")


def test_a_scripts_dialogs_are_asked_in_the_window_and_answered(open_login, pages):
    login = open_login(pages.url("/dialogs", pages.answer()))
    login.wait_load()
    press(login)
    assert login.event("question") == {"event": "question", "kind": "alert", "host": pages.host}
    press(login)
    assert login.event("question")["kind"] == "confirm"
    press(login)
    assert login.event("question")["kind"] == "prompt"
    login.type("Anna")
    login.press("Return")
    assert login.outcome()["url"] == f"{pages.answer()}&sure=true&name=Anna"


def test_escape_dismisses_a_dialog_and_not_the_window(open_login, pages):
    login = open_login(pages.url("/dialogs", pages.answer()))
    login.wait_load()
    press(login)
    for kind in ("alert", "confirm", "prompt"):
        assert login.event("question")["kind"] == kind
        login.press("Escape")
    assert login.outcome()["url"] == f"{pages.answer()}&sure=false&name=null"


def test_a_page_is_left_only_when_the_person_agrees(open_login, pages):
    login = open_login(pages.url("/leave", pages.url("/link", pages.answer())))
    login.wait_load()
    press(login)
    assert login.event("question")["kind"] == "leave"
    login.type("<Escape>", "<Return>")
    assert login.event("question")["kind"] == "leave"
    assert pages.paths == ["/leave"]
    press(login)
    login.wait_load()
    assert pages.paths == ["/leave", "/link"]


def test_the_way_out_stays_open_while_a_dialog_is_shown(open_login, pages):
    login = open_login(pages.url("/dialogs", pages.answer()))
    login.wait_load()
    press(login)
    login.event("question")
    login.click("Open in browser instead")
    assert login.outcome()["outcome"] == "browser"


def test_a_popup_closed_while_it_asks_leaves_the_login_page_in_use(open_login, pages):
    login = open_login(pages.url("/opener-of", pages.url("/dialogs", pages.answer())))
    login.wait_load()
    press(login)
    login.wait_load()
    press(login)
    login.event("question")
    assert login.order("click", name="Close")["event"] == "done"
    press(login)
    login.wait_load()
    login.press("Return")
    login.event("question")
    login.click("Cancel")


def test_a_server_that_wants_a_password_gets_what_the_person_enters(open_login, pages):
    login = open_login(pages.url("/private", pages.answer()))
    assert login.event("question") == {"event": "question", "kind": "password", "host": pages.host}
    login.type("anna", "<Return>", "wrong", "<Return>")
    assert login.event("question")["kind"] == "password"
    login.type("anna", "<Tab>", "s3cret:ß", "<Return>")
    login.wait_load()
    login.press("Return")
    assert login.outcome()["outcome"] == "redirected"


def test_without_a_password_nothing_is_shown_and_it_can_be_tried_again(open_login, pages):
    login = open_login(pages.url("/private", pages.answer()))
    login.event("question")
    login.type("<Escape>")
    assert login.event("trouble")["reason"] == "password"
    login.order("click", name="Try again")
    login.event("question")
    login.type("<Escape>")
    login.event("trouble")
    login.press("Escape")
    outcome = {"outcome": "failed", "reason": "password", "host": pages.host, "detail": "no password given"}
    assert login.outcome() == outcome


def test_the_redirect_is_reached_across_hosts(open_login, pages):
    with LoginPages(host="::1") as others:
        here = pages.url("/go", pages.answer()).replace("127.0.0.1", "localhost", 1)
        login = open_login(pages.url("/go", others.url("/go", here)))
        assert login.outcome()["url"] == pages.answer()
        assert others.paths == ["/go"]
        assert CALLBACK not in pages.paths


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/camera", "camera"),
        ("/microphone", "microphone"),
        ("/location", "location"),
        ("/notifications", "notifications"),
        ("/files", "files"),
        ("/save", "download"),
    ],
)
def test_what_a_sign_in_needs_not_have_is_refused_in_words(open_login, pages, path, kind):
    login = open_login(
        pages.url(path if path != "/save" else "/link", pages.url("/download")),
        environment={"QTWEBENGINE_CHROMIUM_FLAGS": "--use-fake-device-for-media-stream"},
    )
    login.wait_load()
    press(login)
    said = login.event("notice")
    assert (said["kind"], pages.host in said["sentence"]) == (kind, True)
    assert [place for place in login.attempt.rglob("*") if place.name == "report.pdf"] == []


@pytest.mark.parametrize("path", ["/never", "/blank"])
def test_a_page_that_does_not_appear_is_noticed_and_can_be_opened_in_the_browser(open_login, pages, path):
    changes = "import makini_desktop.login.browser_window as w; w.SLOW_NOTICE_MS = 300"
    login = open_login(pages.url(path), command=with_changes(changes))
    assert login.event("notice")["kind"] == "slow"
    assert login.order("click", name="Reload")["event"] == "done"
    assert login.event("notice")["kind"] == "slow"
    assert pages.paths == [path, path]
    login.click("Open in browser")
    assert login.outcome() == {"outcome": "browser", "reason": "person", "host": pages.host}


def test_a_slow_second_page_is_noticed_while_the_first_is_still_shown(open_login, pages):
    changes = "import makini_desktop.login.browser_window as w; w.SLOW_NOTICE_MS = 300"
    login = open_login(pages.url("/link", pages.url("/never")), command=with_changes(changes))
    login.wait_load()
    press(login)
    assert login.event("notice")["kind"] == "slow"


def test_a_host_known_to_refuse_embedded_windows_is_left_to_the_browser_unvisited(open_login, pages):
    login = open_login(pages.url("/go", "https://accounts.google.com/o/oauth2/v2/auth"))
    assert login.outcome() == {"outcome": "browser", "reason": "no_embedding", "host": "accounts.google.com"}


@pytest.mark.parametrize("path", ["/no-embedding", "/no-embedding-error"])
def test_a_page_that_says_it_refuses_embedded_windows_is_left_to_the_browser(open_login, pages, path):
    login = open_login(pages.url(path))
    assert login.outcome() == {"outcome": "browser", "reason": "no_embedding", "host": pages.host}


def test_the_zoom_follows_the_keyboard_and_ends_with_the_attempt(open_login, pages):
    login = open_login(pages.url("/zoom"))
    login.wait_load()
    for key in ("Plus", "Plus", "Minus", "0"):
        pages.answered.clear()
        login.order("key", key=key, modifiers=["Control"])
        assert pages.answered.wait(20)
    assert pages.asked[-4:] == ["110", "125", "110", "100"]


def test_a_page_is_as_sharp_as_the_screen(open_login, pages, tmp_path):
    login = open_login(pages.url("/sharpness"), environment={"QT_SCALE_FACTOR": "2"})
    login.wait_load()
    assert pages.answered.wait(20)
    assert pages.asked == ["2"]
    login.order("grab", path=str(tmp_path / "window.png"))
    assert QImage(str(tmp_path / "window.png")).width() == 2 * 480


def crash(login: LoginProcess) -> None:
    os.kill(renderer_of(login.process.pid), signal.SIGKILL)


def test_a_page_that_crashes_is_opened_again_by_itself(open_login, pages):
    login = open_login(pages.url("/link", pages.answer()))
    login.wait_load()
    crash(login)
    assert login.event("notice")["kind"] == "crashed"
    login.wait_load()
    login.press("Return")
    assert login.outcome()["outcome"] == "redirected"


def test_a_page_that_crashes_again_asks_for_software_rendering(open_login, pages):
    login = open_login(pages.url("/link", pages.answer()))
    login.wait_load()
    crash(login)
    login.event("notice")
    login.wait_load()
    crash(login)
    assert login.outcome() == {"outcome": "software"}


def test_with_software_rendering_too_a_crashing_page_is_left_to_the_browser(open_login, pages):
    login = open_login(pages.url("/link", pages.answer()), software=True)
    login.wait_load()
    crash(login)
    login.event("notice")
    login.wait_load()
    crash(login)
    assert login.event("trouble")["reason"] == "renderer"
    login.click("Open in browser")
    assert login.outcome() == {"outcome": "browser", "reason": "renderer", "host": pages.host}


def test_a_popup_that_crashes_with_its_opener_is_one_crash(open_login, pages):
    login = open_login(pages.url("/opener", pages.answer()))
    login.wait_load()
    press(login, "Space")
    login.wait_load()
    crash(login)
    assert login.event("notice")["kind"] == "crashed"
    login.wait_load()
    press(login, "Space")
    login.wait_load()
    login.press("Space")
    assert login.outcome()["outcome"] == "redirected"
