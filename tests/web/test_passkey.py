"""A request for a passkey is handed over to the browser.

The engine makes such a request only where it reaches authenticators, which no test machine has: the
page's answer is tested on a fake one.
"""

from types import SimpleNamespace

from makini_desktop.login import notice
from makini_desktop.login.notice import Offer
from makini_desktop.login.outcome import Browser, Handover, as_message
from makini_desktop.login.page import LoginPage


class FakeRequest:
    """As much of a `QWebEngineWebAuthUxRequest` as is used."""

    cancelled = False

    def cancel(self) -> None:
        self.cancelled = True

    def relyingPartyId(self) -> str:
        return "login.acme.example"


def test_a_passkey_is_refused_to_the_engine_and_offered_in_the_browser():
    said = []
    page = SimpleNamespace(noticed=SimpleNamespace(emit=said.append))
    request = FakeRequest()
    LoginPage._hand_over_passkey(page, request)
    assert request.cancelled
    assert said == [notice.passkey("login.acme.example")]
    assert said[0].offers == (Offer.BROWSER,)
    assert said[0].handover is Handover.PASSKEY


def test_the_outcome_says_why_it_goes_on_in_the_browser():
    assert as_message(Browser(Handover.PASSKEY, "login.acme.example")) == {
        "outcome": "browser",
        "reason": "passkey",
        "host": "login.acme.example",
    }
