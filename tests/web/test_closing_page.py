"""What a real browser shows when it has come back: a friendly page, and the code nowhere."""

import asyncio
import json
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest

from makini_desktop.adapters.loopback import LoopbackLogin
from makini_desktop.core.clock import SystemClock
from makini_desktop.domain.attempt import Attempt

BROWSER = Path(__file__).parent / "real_browser.py"
PATIENCE = 30.0

pytestmark = pytest.mark.web


class RealBrowser:
    """Implements the browser: goes to the redirect at once, with this answer."""

    def __init__(self, **answer: str) -> None:
        self._answer = answer
        self.attempt: Attempt | None = None

    def refusal(self) -> str:
        return ""

    async def open(self, url: str) -> None:
        query = urlencode({**self._answer, "state": self.attempt.state.value})
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(BROWSER), f"{self.attempt.redirect_uri}?{query}"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )

    async def seen(self) -> dict[str, object]:
        out, _err = await asyncio.wait_for(self.process.communicate(), PATIENCE)
        return json.loads(out)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"code": "c0de-5up3r"}, "You can close this page"),
        ({"error": "access_denied", "error_description": "d3scription"}, "The sign-in was refused"),
    ],
)
async def test_the_code_is_in_no_address_bar_no_title_no_history_and_no_text(answer, words):
    browser = RealBrowser(**answer)
    async with LoopbackLogin(browser, SystemClock()).listen("http://127.0.0.1/callback") as listener:
        browser.attempt = Attempt.begin(None, listener.redirect_uri, SystemClock().now())
        found = await asyncio.wait_for(listener.answered(browser.attempt, "unused"), PATIENCE)
    seen = await browser.seen()
    assert "?" in found.url.value
    assert seen["address"] == listener.redirect_uri
    assert seen["history"] == [listener.redirect_uri]
    assert words in seen["text"]
    for secret in (*answer.values(), browser.attempt.state.value):
        assert secret not in json.dumps(seen)
