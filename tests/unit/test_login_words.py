"""How a login ended, in words."""

import pytest

from makini_desktop.domain.connection import ConnectionId, Identity
from makini_desktop.domain.login import (
    AlreadyHealthy,
    Cancelled,
    Connected,
    LoginFailed,
    LoginOutcome,
    NewConnection,
    Refused,
    Repaired,
    WrongCustomer,
    WrongState,
)
from makini_desktop.services.login_words import outcome_headline, outcome_sentence

ONE, TWO = ConnectionId("con_1"), ConnectionId("con_2")
ACME, BALTIC = Identity(ONE, "Acme", "Odoo"), Identity(TWO, "Baltic", "UpKeep")

OUTCOMES: list[tuple[LoginOutcome, str, str]] = [
    (Repaired(ONE), "Reconnected", "Acme is reconnected"),
    (AlreadyHealthy(ONE), "Works again", "nothing to repair"),
    (NewConnection(ONE, TWO), "Signed in as a new connection", "con_2"),
    (Connected(ONE), "Connected", "Acme is connected. The token works"),
    (Connected(ONE, known=True), "New token", "Acme was connected already"),
    (
        WrongCustomer(ACME, BALTIC),
        "Somebody else signed in",
        "Baltic (UpKeep), not Acme (Odoo). Their token was",
    ),
    (
        WrongCustomer(ACME, BALTIC, moved=True),
        "Somebody else signed in",
        "That ended the token of Baltic, whose connection uses the new one now; the token of Acme stays.",
    ),
    (Refused("The customer said no"), "Sign-in refused", "The customer said no. The old token stays."),
    (Cancelled(), "Sign-in closed", "Nothing was changed"),
    (WrongState(), "Sign-in not accepted", "Nothing was changed"),
    (LoginFailed("The line broke."), "Sign-in failed", "The line broke."),
]


@pytest.mark.parametrize(("outcome", "headline", "part"), OUTCOMES)
def test_every_outcome_is_a_headline_and_a_sentence(outcome: LoginOutcome, headline: str, part: str) -> None:
    assert outcome_headline(outcome) == headline
    assert part in outcome_sentence(outcome, "Acme")


@pytest.mark.parametrize("outcome", [Refused("No"), Cancelled(), WrongState()])
def test_a_login_for_nobody_in_particular_names_nobody(outcome: LoginOutcome) -> None:
    words = outcome_sentence(outcome, "")
    assert "sign-in" in words or "login page" in words
    assert "  " not in words
    assert " for " not in words
