"""Where a customer may sign in: which of the three paths are offered, and which was chosen for a system."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

import msgspec

from makini_desktop.core.redirect import is_loopback
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account, Client
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import MakiniDesktopError
from makini_desktop.domain.login import LoginPath
from makini_desktop.services.account_parts import AccountParts
from makini_desktop.services.login_ports import LoginBrowser
from makini_desktop.services.ports import Database

_log = logging.getLogger(__name__)

_SETTING = "login.paths"


class LoginPaths:
    """The paths of one account; what was chosen is kept by system, for all accounts.

    Args:
        database: keeps the choices.
        browser: logins in the system's browser.
    """

    def __init__(self, parts: AccountParts, database: Database, browser: LoginBrowser) -> None:
        self._account = parts.account
        self._api = parts.api
        self._store = parts.store
        self._database = database
        self._browser = browser
        self._chosen: dict[str, LoginPath] = {}
        self._client: Client | None = None

    async def load(self) -> None:
        """Take up what was chosen in earlier runs, or meanwhile by another process."""
        kept = await self._database.setting(_SETTING)
        try:
            self._chosen = msgspec.json.decode(kept or "{}", type=dict[str, LoginPath])
        except msgspec.DecodeError:
            _log.warning("the chosen login paths cannot be read and start anew")

    def refusal(self, path: LoginPath, connection: ConnectionId | None = None) -> str:
        """Return why a path is not offered, as a sentence; empty if it is.

        Whether the account has a redirect for a link is known once `client` has been asked.
        """
        match path:
            case LoginPath.EMBEDDED:
                return ""
            case LoginPath.BROWSER:
                return self._browser_refusal()
            case LoginPath.LINK:
                return self._link_refusal(connection)

    def remembered(self, system: str) -> LoginPath | None:
        """Return what was chosen for a system, None where nothing was."""
        return self._chosen.get(system.casefold())

    def choice(self, system: str) -> LoginPath:
        """Return the path that a login takes without being told: the remembered one where it is offered."""
        remembered = self.remembered(system)
        if remembered is None or self.refusal(remembered):
            return LoginPath.EMBEDDED
        return remembered

    async def remember(self, system: str, path: LoginPath) -> None:
        """Keep a person's choice."""
        if not system or self.remembered(system) is path:
            return
        await self.load()
        self._chosen[system.casefold()] = path
        await self._database.set_setting(_SETTING, msgspec.json.encode(self._chosen).decode())

    def browser_redirect(self) -> str:
        """Return the redirect at which the system's browser comes back; empty without one."""
        return next((uri for uri in self._account().redirect_uris if _is_listenable(uri)), "")

    async def customer_redirect(self) -> str:
        """Return the redirect where a customer's own login ends, empty where the account has none.

        Raises:
            MakiniDesktopError: the account could not be asked.
        """
        return _for_customers(await self._asked())

    async def learn(self) -> None:
        """Find out which redirects the account has; without an answer that is asked at the next need."""
        try:
            await self._asked()
        except MakiniDesktopError as error:
            _log.info("the account's redirects are not known: %s", error)

    async def _asked(self) -> Client:
        if self._client is None:
            self._client = (await self._api.client()).value
        return self._client

    def _browser_refusal(self) -> str:
        account = self._account()
        if not self.browser_redirect():
            return _(
                "The browser needs a redirect to this computer, and the account “{account}” has none. "
                "Register one with Makini, such as http://127.0.0.1:8400/callback, and add it to the account."
            ).format(account=account.name)
        if account.state_echoed is False:
            return _(
                "Makini’s login pages have never sent “state” back, so that what comes back from the browser "
                "cannot be told from a forgery. Sign in in the program’s own window."
            )
        return self._browser.refusal()

    def _link_refusal(self, connection: ConnectionId | None) -> str:
        row = None if connection is None else self._store.row(connection)
        if row is not None and not row.connection.readable:
            return _("Makini’s list does not say enough of this connection for a link.")
        if self._client is not None and not _for_customers(self._client):
            return no_redirect_for_customers(self._account())
        return ""


def no_redirect_for_customers(account: Account) -> str:
    """Return why an account has no link for its customers."""
    return _(
        "A link for a customer has to end on a page of yours, and the account “{account}” has no such "
        "redirect at Makini. Register one there; redirects to this computer do not count."
    ).format(account=account.name)


def _for_customers(client: Client) -> str:
    redirects = (client.default_redirect, *client.redirects)
    return next((uri for uri in redirects if uri and not _is_here(uri)), "")


def _is_here(uri: str) -> bool:
    try:
        return is_loopback(urlsplit(uri).hostname or "")
    except ValueError:
        return True


def _is_listenable(uri: str) -> bool:
    """Tell whether this program can listen at a redirect: loopback, and without a certificate."""
    return urlsplit(uri).scheme == "http" and _is_here(uri)
