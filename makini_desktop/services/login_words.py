"""How a login ended, in words: a short headline for the timeline, and a sentence that says what it means."""

from __future__ import annotations

from typing import assert_never

from makini_desktop.core.text import _
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
from makini_desktop.services.wording import ended


def outcome_headline(outcome: LoginOutcome) -> str:
    """Return how a login ended, in a few words."""
    match outcome:
        case Repaired():
            return _("Reconnected")
        case AlreadyHealthy():
            return _("Works again")
        case NewConnection():
            return _("Signed in as a new connection")
        case Connected(known=known):
            return _("New token") if known else _("Connected")
        case WrongCustomer():
            return _("Somebody else signed in")
        case Refused():
            return _("Sign-in refused")
        case Cancelled():
            return _("Sign-in closed")
        case WrongState():
            return _("Sign-in not accepted")
        case LoginFailed():
            return _("Sign-in failed")
        case _:
            assert_never(outcome)


def outcome_sentence(outcome: LoginOutcome, customer: str) -> str:
    """Return how a login ended, and what that means for the token in use.

    Args:
        outcome: how it ended.
        customer: whose login it was; empty for a new connection of which nothing is known.
    """
    match outcome:
        case Repaired():
            return _("{customer} is reconnected. The new token works and is in use.").format(
                customer=customer
            )
        case AlreadyHealthy():
            return _("{customer} works again; there was nothing to repair.").format(customer=customer)
        case NewConnection(new=new):
            return _(
                "{customer} signed in as a new connection ({id}). It is kept beside the old one, whose token "
                "stays as it was."
            ).format(customer=customer, id=new)
        case Connected(known=False):
            return _("{customer} is connected. The token works and is in use.").format(customer=customer)
        case Connected():
            return _(
                "{customer} was connected already; no second connection came of the sign-in. Its new token "
                "works and is in use."
            ).format(customer=customer)
        case WrongCustomer():
            return _wrong_customer(outcome)
        case Refused(words=words):
            return (
                _("The sign-in of {customer} was refused: {words} The old token stays.").format(
                    customer=customer, words=ended(words)
                )
                if customer
                else _("The sign-in was refused: {words}").format(words=ended(words))
            )
        case Cancelled():
            return (
                _("The sign-in window for {customer} was closed. Nothing was changed.").format(
                    customer=customer
                )
                if customer
                else _("The sign-in window was closed. Nothing was changed.")
            )
        case WrongState():
            return (
                _(
                    "The login page’s answer for {customer} did not belong to this attempt and was not used. "
                    "Nothing was changed; try again."
                ).format(customer=customer)
                if customer
                else _(
                    "The login page’s answer did not belong to this attempt and was not used. "
                    "Nothing was changed; try again."
                )
            )
        case LoginFailed(words=words):
            return words
        case _:
            assert_never(outcome)


def _wrong_customer(outcome: WrongCustomer) -> str:
    names = {
        "found": outcome.found.company_name,
        "found_system": outcome.found.provider,
        "expected": outcome.expected.company_name,
        "expected_system": outcome.expected.provider,
    }
    if outcome.moved:
        return _(
            "Somebody else signed in: {found} ({found_system}), not {expected} ({expected_system}). That "
            "ended the token of {found}, whose connection uses the new one now; the token of {expected} "
            "stays. Sign in again as {expected}."
        ).format(**names)
    return _(
        "Somebody else signed in: {found} ({found_system}), not {expected} ({expected_system}). "
        "Their token was thrown away; the old one stays. Sign in again as {expected}."
    ).format(**names)
