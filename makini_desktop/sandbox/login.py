"""The login flow behind `{link}/oauth/authorize` (contract section 2, RFC 6749 section 4.1).

Three steps, each a plain form: choose the system, sign in, authorise. What the flow began with stays
here under an id that the forms carry; no cookie and no script.
"""

from __future__ import annotations

import secrets
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from makini_desktop.sandbox import pages
from makini_desktop.sandbox.catalog import PLATFORM_BY_KEY
from makini_desktop.sandbox.connection import Connection
from makini_desktop.sandbox.demand_steps import DemandSteps
from makini_desktop.sandbox.demands import INSTEAD_OF_SIGN_IN
from makini_desktop.sandbox.login_answers import HEADERS, ended, not_possible, origin_of, page
from makini_desktop.sandbox.logins import Login, Logins
from makini_desktop.sandbox.sandbox import (
    CLIENT_ID,
    LOOPBACK_REDIRECT,
    PASSWORD,
    REDIRECT_URIS,
    USER_NAME,
    WEB_REDIRECT,
    Sandbox,
    logged,
)
from makini_desktop.sandbox.wire import read_form
from makini_desktop.sandbox.world import NextLogin

# The company's name where the sign-on has no page that asks for it.
_NOBODY_ASKED = "New customer"


class LoginPages:
    """The routes of the login flow."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._logins = Logins(sandbox.clock)
        self._demands = DemandSteps(sandbox, self._logins)

    def routes(self) -> list[Route]:
        """Where it is reached."""
        return [
            Route("/oauth/authorize", self.begin, methods=["GET"]),
            Route("/oauth/authorize/system", self.choose_system, methods=["POST"]),
            Route("/oauth/authorize/sign-in", self.sign_in, methods=["POST"]),
            Route("/oauth/authorize/continue", self.go_on, methods=["GET"]),
            Route("/oauth/authorize/decision", self.decide, methods=["POST"]),
            Route("/oauth/authorize/cancel", self.cancel, methods=["POST"]),
            *self._demands.routes(),
        ]

    async def begin(self, request: Request) -> Response:
        """The first page: the sign-in where the connection is named, else the choice of the system."""
        asked = request.query_params
        redirect_uri, state = asked.get("redirect_uri", ""), asked.get("state")
        if asked.get("client_id") != CLIENT_ID:
            return not_possible("This login was started by a program that is not known here.")
        if not redirect_allowed(redirect_uri):
            return not_possible("This login would end at an address that is not registered.")
        bare = self._sandbox.options.bare
        challenge = None if bare else asked.get("code_challenge")
        if asked.get("response_type") != "code":
            return self._return(redirect_uri, state, error="unsupported_response_type")
        if challenge is not None and asked.get("code_challenge_method") != "S256":
            return self._return(redirect_uri, state, error="invalid_request")
        connection = None if bare else self._sandbox.world.get(asked.get("connection_id", ""))
        login = Login(
            id=secrets.token_urlsafe(18),
            begun_at=self._sandbox.clock(),
            origin=origin_of(request),
            proof=secrets.token_urlsafe(18),
            nobody_waits="state" not in asked and "code_challenge" not in asked,
            redirect_uri=redirect_uri,
            state=state,
            challenge=challenge,
            connection_key=connection.key if connection else None,
        )
        self._logins.keep(login)
        if connection is None:
            return page(pages.choose_system(login.id))
        logged(request).connection = connection.key
        login.platform_key, login.company = connection.platform_key, connection.name
        return await self._to_sign_in(login)

    async def choose_system(self, request: Request) -> Response:
        """Take the system and ask for the sign-in."""
        form = await read_form(request)
        login = self._logins.find(form.get("login", ""), "system")
        if login is None:
            return ended()
        if "cancel" in form:
            return self._refused(login)
        if form.get("system") not in PLATFORM_BY_KEY:
            return page(pages.choose_system(login.id, problem="Choose a system."))
        login.platform_key = form["system"]
        return await self._to_sign_in(login)

    async def sign_in(self, request: Request) -> Response:
        """Check user name and password and show what is asked for."""
        form = await read_form(request)
        login = self._logins.find(form.get("login", ""), "sign_in")
        if login is None or (login.demand and login.demand.demand in INSTEAD_OF_SIGN_IN):
            return ended()
        if "cancel" in form:
            return self._refused(login)
        user = form.get("user", "").strip()
        if login.connection_key is None:
            login.company = " ".join(form.get("company", "").split())[:60]
            if not login.company:
                return page(self._sign_in_page(login, user, "Enter the name of your company."))
        if not user or not form.get("password"):
            return page(self._sign_in_page(login, user, "Enter user name and password."))
        if user != USER_NAME or form["password"] != PASSWORD:
            return page(self._sign_in_page(login, user, "Wrong user name or password. Try again."))
        demanded = self._demands.after_sign_in(login)
        if demanded is not None:
            return demanded
        login.step = "authorise"
        return page(self._authorise_page(login))

    async def go_on(self, request: Request) -> Response:
        """Where other hosts and pages of the sign-on lead back to: the page that is next."""
        login = self._logins.find(request.query_params.get("login", ""), "sign_in")
        if login is None:
            return ended()
        return page(self._authorise_page(login) if login.step == "authorise" else self._sign_in_page(login))

    async def cancel(self, request: Request) -> Response:
        """Give up on a page that a demand has put in."""
        login = self._logins.find((await read_form(request)).get("login", ""), "sign_in")
        return ended() if login is None else self._refused(login)

    async def decide(self, request: Request) -> Response:
        """Allow or refuse, and go back to where the login came from."""
        form = await read_form(request)
        login = self._logins.find(form.get("login", ""), "authorise")
        if login is None:
            return ended()
        if form.get("decision") != "allow":
            return self._refused(login)
        self._logins.end(login)
        sandbox = self._sandbox
        asked_for = sandbox.world.get(login.connection_key or "")
        answer = sandbox.world.take_next_login(asked_for) if asked_for else None
        connection = self._signed_in(login, asked_for, answer)
        logged(request).connection = connection.key
        code = sandbox.tokens.issue_code(
            connection.key,
            login.redirect_uri,
            login.challenge,
            sandbox.clock(),
            spares_others=answer is not None and connection is not asked_for and not answer.ends_theirs,
        )
        if _ends_at_our_page(login):
            return page(pages.thanks(connection.name, connection.platform))
        return self._return(login.redirect_uri, login.state, code=code)

    async def _to_sign_in(self, login: Login) -> Response:
        login.step = "sign_in"
        self._sandbox.demand_answers = {}
        login.demand = self._sandbox.faults.take_login_demand(login.connection_key)
        self._sandbox.touch()
        if login.demand and login.demand.demand in INSTEAD_OF_SIGN_IN:
            login.company = login.company or _NOBODY_ASKED
        return await self._demands.before_sign_in(login) or page(self._sign_in_page(login))

    def _signed_in(self, login: Login, asked_for: Connection | None, answer: NextLogin | None) -> Connection:
        """Whose login this turns out to be; that connection's access holds again."""
        world = self._sandbox.world
        if asked_for is None:
            returning = self._returning(login)
            return self._repaired(returning) if returning else self._new_connection(login)
        match answer:
            case None:
                return self._repaired(asked_for)
            case NextLogin(answer="new"):
                return self._new_connection(login)
            case NextLogin(other=key):
                other = world.get(key) if key else None
                return other or world.other_customer(asked_for) or self._repaired(asked_for)

    def _returning(self, login: Login) -> Connection | None:
        """Nobody named a connection: the customer's own one that has lost its access is this one."""
        now, name = self._sandbox.clock(), login.company.casefold()
        for connection in self._sandbox.world:
            if connection.platform_key == login.platform_key and connection.name.casefold() == name:
                waiting = connection.connected_at is None or connection.open_incident("credentials", now)
                if waiting:
                    return connection
        return None

    def _repaired(self, connection: Connection) -> Connection:
        now = self._sandbox.clock()
        connection.end("credentials", now)
        connection.tokens_end_by = None
        self._sandbox.world.connect(connection)
        return connection

    def _adds_one_beside(self, login: Login) -> bool:
        """Whether this login is about to make a second connection of a customer to the same system."""
        asked_for = self._sandbox.world.get(login.connection_key or "")
        if asked_for is not None:
            answer = self._sandbox.world.next_login(asked_for)
            return answer is not None and answer.answer == "new"
        name = login.company.casefold()
        known = any(
            connection.platform_key == login.platform_key and connection.name.casefold() == name
            for connection in self._sandbox.world
        )
        return known and self._returning(login) is None

    def _new_connection(self, login: Login) -> Connection:
        company = login.company
        return self._sandbox.world.add(
            company,
            f"integrations@{'-'.join(company.lower().split())}.example",
            login.platform_key,
            key=self._sandbox.new_connection_key(),
        )

    def _sign_in_page(self, login: Login, user: str = "", problem: str = "") -> str:
        platform = PLATFORM_BY_KEY[login.platform_key]
        ask_company = login.connection_key is None
        return pages.sign_in(login.id, login.company, platform, ask_company, user=user, problem=problem)

    def _authorise_page(self, login: Login) -> str:
        platform = PLATFORM_BY_KEY[login.platform_key]
        return pages.authorise(
            login.id, login.company, platform, self._scopes(login), beside=self._adds_one_beside(login)
        )

    def _scopes(self, login: Login) -> list[str]:
        connection = self._sandbox.world.get(login.connection_key or "")
        if connection is not None:
            return connection.scopes
        return self._sandbox.world.scopes_of(login.platform_key)

    def _refused(self, login: Login) -> Response:
        self._logins.end(login)
        if _ends_at_our_page(login):
            return page(pages.notice("Nothing was connected", "You refused. You can close this page."))
        description = None if self._sandbox.options.bare else "The customer refused."
        return self._return(
            login.redirect_uri, login.state, error="access_denied", error_description=description
        )

    def _return(self, redirect_uri: str, state: str | None, **parameters: str | None) -> Response:
        sandbox = self._sandbox
        echoed = state if not (sandbox.options.bare or sandbox.faults.state_not_echoed) else None
        kept = {name: value for name, value in (*parameters.items(), ("state", echoed)) if value is not None}
        return RedirectResponse(f"{redirect_uri}?{urlencode(kept)}", 302, HEADERS)


def _ends_at_our_page(login: Login) -> bool:
    """Whether the sandbox stands in for the company's page: of a link to a customer, which nobody awaits."""
    return login.nobody_waits and login.redirect_uri == WEB_REDIRECT


def redirect_allowed(redirect_uri: str) -> bool:
    """Whether a redirect is registered; a loopback one with any port (RFC 8252 section 7.3)."""
    if redirect_uri in REDIRECT_URIS:
        return True
    registered = urlsplit(LOOPBACK_REDIRECT)
    try:
        port = urlsplit(redirect_uri).port
    except ValueError:
        return False
    return redirect_uri == registered._replace(netloc=f"{registered.hostname}:{port}").geturl()
