"""One login by one of its paths, from an opened page to a code of its own attempt (contract section 2)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal, assert_never

import msgspec

from makini_desktop.core.redirect import CodeGranted, LoginRefused
from makini_desktop.core.text import _
from makini_desktop.domain.attempt import LIFETIME, Attempt
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.login import (
    Cancelled,
    LoginFailed,
    LoginOutcome,
    LoginPath,
    Refused,
    Stage,
    WrongState,
)
from makini_desktop.domain.token import Secret
from makini_desktop.services.account_parts import AccountParts
from makini_desktop.services.login_answer import answer_to
from makini_desktop.services.login_paths import LoginPaths
from makini_desktop.services.login_ports import (
    LoginBroken,
    LoginBrowser,
    LoginClosed,
    LoginRedirected,
    LoginToBrowser,
    LoginWindow,
)
from makini_desktop.services.store import Notice

_OURS_ALONE = "renderer"
"""The reason for the browser that says nothing about the login page, only about this computer."""


Here = Literal[LoginPath.EMBEDDED, LoginPath.BROWSER]
"""The paths on which the customer signs in at this computer."""


class Subject(msgspec.Struct, frozen=True):
    """Whose login it is; `connection` is None for one that is still to come."""

    connection: ConnectionId | None
    customer: str
    system: str


class Granted(msgspec.Struct, frozen=True):
    """The customer agreed, and the code serves the attempt once."""

    attempt: Attempt
    code: Secret


class Logins:
    """Runs logins; each has an attempt of its own, that ends with it.

    Args:
        state_seen: told whether `state` came back, to be kept with the account.
    """

    def __init__(
        self,
        parts: AccountParts,
        paths: LoginPaths,
        window: LoginWindow,
        browser: LoginBrowser,
        state_seen: Callable[[bool], None],
    ) -> None:
        self._account = parts.account
        self._clock = parts.clock
        self._store = parts.store
        self._paths = paths
        self._window = window
        self._browser = browser
        self._state_seen = state_seen

    async def run(
        self, subject: Subject, path: Here, stage: Callable[[Stage], None]
    ) -> Granted | LoginOutcome:
        """Let the customer sign in; cancelling closes the window, or stops to listen for the browser.

        Args:
            subject: whose login it is.
            path: where it begins; the embedded window can hand over to the browser at any moment.
            stage: told when it goes on in the browser.

        Raises:
            BrowserUnavailable: no browser can be opened, or nobody can listen for it.
        """
        match path:
            case LoginPath.EMBEDDED:
                return await self._embedded(subject, stage)
            case LoginPath.BROWSER:
                return await self._in_browser(subject, stage)
            case _:
                assert_never(path)

    async def _embedded(self, subject: Subject, stage: Callable[[Stage], None]) -> Granted | LoginOutcome:
        account = self._account()
        attempt = Attempt.begin(subject.connection, account.redirect_uris[0], self._clock.now())
        try:
            async with asyncio.timeout(LIFETIME.total_seconds()):
                result = await self._window.run(account, attempt, subject.customer, subject.system)
        except TimeoutError:
            return _took_too_long(subject)
        match result:
            case LoginRedirected(url=url):
                return self._answered(attempt, url)
            case LoginToBrowser(reason=reason):
                return await self._handed_over(subject, reason, stage)
            case LoginClosed():
                return Cancelled()
            case LoginBroken(reason=reason, detail=detail, host=host):
                return LoginFailed(_broken(reason, detail, host))
            case _:
                assert_never(result)

    async def _handed_over(
        self, subject: Subject, reason: str, stage: Callable[[Stage], None]
    ) -> Granted | LoginOutcome:
        """Go on in the browser, with an attempt and a redirect of its own."""
        if refusal := self._paths.refusal(LoginPath.BROWSER, subject.connection):
            return LoginFailed(" ".join(filter(None, (_why_browser(reason), refusal))))
        if words := _why_browser(reason):
            words = _("{why} The sign-in goes on in your browser.").format(why=words)
            self._store.noticed.emit(Notice(words=words, connection=subject.connection))
        if reason != _OURS_ALONE:
            await self._paths.remember(subject.system, LoginPath.BROWSER)
        return await self._in_browser(subject, stage)

    async def _in_browser(self, subject: Subject, stage: Callable[[Stage], None]) -> Granted | LoginOutcome:
        account = self._account()
        stage(Stage.IN_BROWSER)
        async with self._browser.listen(self._paths.browser_redirect()) as listener:
            attempt = Attempt.begin(subject.connection, listener.redirect_uri, self._clock.now())
            try:
                async with asyncio.timeout(LIFETIME.total_seconds()):
                    result = await listener.answered(attempt, attempt.authorize_url(account))
            except TimeoutError:
                return _took_too_long(subject)
        return self._answered(attempt, result.url, stateless=False)

    def _answered(self, attempt: Attempt, url: Secret, *, stateless: bool = True) -> Granted | LoginOutcome:
        """Read a redirect; one without `state` counts only where no server has ever sent it back."""
        stateless = stateless and self._account().state_echoed is not True
        answer = answer_to(attempt, url, self._clock.now(), stateless=stateless)
        if answer is None:
            return WrongState()
        self._state_seen(answer.state is not None)
        match answer:
            case LoginRefused(error=error, description=description):
                return Refused(description or error)
            case CodeGranted(code=code):
                return Granted(attempt, Secret(code))
            case _:
                assert_never(answer)


def _took_too_long(subject: Subject) -> LoginFailed:
    if not subject.customer:
        return LoginFailed(_("The sign-in took longer than ten minutes. Start it again."))
    return LoginFailed(
        _("The sign-in of {customer} took longer than ten minutes. Start it again.").format(
            customer=subject.customer
        )
    )


def _why_browser(reason: str) -> str:
    """Return why a login cannot go on in the sign-in window; empty where the person wants it so."""
    match reason:
        case "no_embedding":
            return _("This login page refuses the sign-in window.")
        case "passkey":
            return _("This login page asks for a passkey.")
        case "renderer":
            return _("The sign-in window cannot show this login page.")
        case _:
            return ""


def _broken(reason: str, detail: str, host: str) -> str:
    match reason:
        case "engine_refused_root":
            return _(
                "The sign-in window does not run as the administrator (root). Start the program as an "
                "ordinary user. Nothing was changed."
            )
        case "certificate":
            return _("The certificate of {host} is not trusted: {detail}. Nothing was changed.").format(
                host=host, detail=detail
            )
        case "network":
            return _("The login page at {host} cannot be reached: {detail}. Nothing was changed.").format(
                host=host, detail=detail
            )
        case _:
            return _("The sign-in window ended unexpectedly. Nothing was changed; try again.")
