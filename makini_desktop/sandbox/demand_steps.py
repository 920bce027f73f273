"""Where the login turns off to what a sign-on demands, and comes back once the browser has met it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from makini_desktop.sandbox import demand_pages
from makini_desktop.sandbox.catalog import PLATFORM_BY_KEY, Platform
from makini_desktop.sandbox.login_answers import HEADERS, address, ended, go_to, page, scripted
from makini_desktop.sandbox.logins import Login, Logins
from makini_desktop.sandbox.sandbox import PASSWORD, USER_NAME, Sandbox, peer_of
from makini_desktop.sandbox.wire import read_form

_COOKIE = "makini_sandbox_sign_on"
_EMBEDDED = ("QtWebEngine/", "; wv)", "Electron/")


class DemandSteps:
    """The routes behind the demands; a met one leads on to the page `continue` of the login."""

    def __init__(self, sandbox: Sandbox, logins: Logins) -> None:
        self._sandbox = sandbox
        self._logins = logins

    def routes(self) -> list[Route]:
        """Where it is reached."""
        base = "/oauth/authorize"
        return [
            Route(f"{base}/popup", self.popup, methods=["GET"]),
            Route(f"{base}/popup", self.popup_sign_in, methods=["POST"]),
            Route(f"{base}/demand", self.answered, methods=["POST"]),
            Route(f"{base}/hop", self.first_hop, methods=["GET"]),
            Route(f"{base}/hop", self.sent_on, methods=["POST"]),
            Route(f"{base}/hop-back", self.last_hop, methods=["GET"]),
            Route(f"{base}/http-auth", self.http_auth, methods=["GET"]),
            Route(f"{base}/through-proxy", self.through_proxy, methods=["GET"]),
            Route(f"{base}/certificate", self.certificate, methods=["GET"]),
            Route(f"{base}/passkey", self.passkey, methods=["GET"]),
            Route(f"{base}/embedding", self.embedding, methods=["GET"]),
            Route(f"{base}/download", self.download, methods=["GET"]),
        ]

    async def before_sign_in(self, login: Login) -> Response | None:
        """What comes before or instead of the sign-in page; None where that page comes next."""
        match login.demand.demand if login.demand else None:
            case "popup":
                login.step = "demand"
                popup = address(login, "popup", self._other(login))
                html = demand_pages.popup_opener(login, _platform(login))
                return scripted(html, demand_pages.popup_opener_script(popup))
            case "redirects":
                return _found(address(login, "hop", self._other(login)))
            case "http_auth":
                return _found(address(login, "http-auth"))
            case "proxy_auth":
                return _found(address(login, "through-proxy"))
            case "client_certificate":
                port = self._sandbox.hosts.certificate_port
                host = login.origin.partition("://")[2].rpartition(":")[0]
                return _found(address(login, "certificate", f"https://{host}:{port}"))
            case "passkey":
                return _found(address(login, "passkey", _at(login, "localhost")))
            case "no_embedding":
                return _found(address(login, "embedding", self._other(login)))
            case "slow" if login.demand:
                await self._sandbox.pause(login.demand.seconds)
                return None
            case "blank":
                return page("<!doctype html><title></title>")
            case "crash":
                return page(demand_pages.crash(login, _platform(login)))
            case _:
                return None

    def after_sign_in(self, login: Login) -> Response | None:
        """What comes between the right password and the question whether to allow access."""
        platform = _platform(login)
        match login.demand.demand if login.demand else None:
            case "redirects":
                html = demand_pages.self_sending(login, platform, f"{self._other(login)}/oauth/authorize/hop")
                answer = scripted(html, demand_pages.SEND_SCRIPT)
            case "download":
                file = address(login, "download")
                html = demand_pages.download(login, platform, file)
                answer = scripted(html, demand_pages.download_script(file))
            case "permissions":
                html = demand_pages.permissions(login, platform)
                answer = scripted(html, demand_pages.PERMISSIONS_SCRIPT)
            case "dialogs":
                html = demand_pages.dialogs(login, platform)
                answer = scripted(html, demand_pages.DIALOGS_SCRIPT)
            case _:
                return None
        login.step = "demand"
        return answer

    async def answered(self, request: Request) -> Response:
        """The form of a demand's page has come back."""
        fields = await read_form(request)
        login = self._logins.find(fields.get("login", ""), "demand")
        match login.demand.demand if login and login.demand else None:
            case "popup" if login and login.proven and fields.get("proof") == login.proof:
                return self._met(login)
            case "passkey" if login and _is_passkey(fields.get("client_data", ""), login):
                return self._met(login)
            case "download" if login:
                return self._met(login)
            case "permissions" if login:
                told = {name: fields.get(name, "")[:20] for name in demand_pages.PERMISSIONS}
                return self._met(login, told)
            case "dialogs" if login:
                number = fields.get("number", "")[:20]
                if number != demand_pages.EMPLOYEE_NUMBER:
                    html = demand_pages.dialogs(login, _platform(login), "That is not the employee number.")
                    return scripted(html, demand_pages.DIALOGS_SCRIPT)
                return self._met(login, {"number": number})
            case _:
                return ended()

    async def popup(self, request: Request) -> Response:
        """The pop-up's sign-in page."""
        login = self._asked(request, "popup")
        if login is None:
            return ended()
        return _popup_page(login)

    async def popup_sign_in(self, request: Request) -> Response:
        """Check the pop-up's sign-in; its last page answers the opener."""
        fields = await read_form(request)
        login = self._logins.find(fields.get("login", ""), "demand")
        if login is None or login.demand is None or login.demand.demand != "popup":
            return ended()
        if (fields.get("user", "").strip(), fields.get("password")) != (USER_NAME, PASSWORD):
            return _popup_page(login, "Wrong user name or password. Try again.")
        login.proven = True
        script = demand_pages.popup_done_script(login.proof, login.origin)
        return scripted(demand_pages.popup_done(), script)

    async def first_hop(self, request: Request) -> Response:
        """The second host remembers the login in a cookie and sends it to the third."""
        login = self._asked(request, "redirects")
        if login is None:
            return ended()
        answer = _found(address(login, "continue", _at(login, self._sandbox.hosts.third)))
        answer.set_cookie(_COOKIE, login.proof, path="/oauth/authorize", httponly=True, samesite="lax")
        return answer

    async def sent_on(self, request: Request) -> Response:
        """The second host takes the third one's form."""
        fields = await read_form(request)
        login = self._logins.find(fields.get("login", ""), "demand")
        if login is None or fields.get("proof") != login.proof:
            return ended()
        login.proven = True
        return go_to(address(login, "hop-back", self._other(login)))

    async def last_hop(self, request: Request) -> Response:
        """The second host recognises its cookie and sends the login back to the first."""
        login = self._asked(request, "redirects")
        if login is None or not login.proven:
            return ended()
        if request.cookies.get(_COOKIE) != login.proof:
            html = demand_pages.try_again(login, _platform(login), "Cookie needed",
                                          "Your browser did not keep the cookie of this sign-in.",
                                          address(login, "hop", self._other(login)))  # fmt: skip
            return page(html, 400)
        answer = self._met(login)
        answer.delete_cookie(_COOKIE, path="/oauth/authorize")
        return answer

    async def http_auth(self, request: Request) -> Response:
        """A page behind HTTP Basic authentication."""
        login = self._asked(request, "http_auth")
        if login is None:
            return ended()
        if _basic(request.headers.get("Authorization", "")) == (USER_NAME, PASSWORD):
            return self._met(login)
        text = f"Your browser gave no right user name and password. For training: {USER_NAME}, {PASSWORD}."
        html = demand_pages.try_again(login, _platform(login), "Sign-in needed", text, str(request.url))
        answer = page(html, 401)
        answer.headers["WWW-Authenticate"] = f'Basic realm="{_platform(login).name}", charset="UTF-8"'
        return answer

    async def through_proxy(self, request: Request) -> Response:
        """A page that answers to proxies only, which say that they are one (RFC 9110 section 7.6.3)."""
        login = self._asked(request, "proxy_auth")
        if login is None:
            return ended()
        if "Via" in request.headers:
            return go_to(address(login, "continue"))
        text = "This sign-in is reached through your company's proxy only."
        html = demand_pages.try_again(login, _platform(login), "Proxy needed", text, str(request.url))
        return page(html, 403)

    async def certificate(self, request: Request) -> Response:
        """A page at the port where browsers may show a certificate."""
        login = self._asked(request, "client_certificate")
        if login is None:
            return ended()
        peer = peer_of(request)
        shown = self._sandbox.hosts.peer_certificate(peer) if peer else None
        if shown:
            return self._met(login, {"certificate": _common_name(shown)})
        text = "Your browser showed no certificate. Choose one when it asks."
        html = demand_pages.try_again(login, _platform(login), "Certificate needed", text, str(request.url))
        return page(html, 403)

    async def passkey(self, request: Request) -> Response:
        """A page with a name for a host: passkeys belong to names, never to addresses."""
        login = self._asked(request, "passkey")
        if login is None:
            return ended()
        login.step = "demand"
        html = demand_pages.passkey(login, _platform(login))
        return scripted(html, demand_pages.passkey_script(login.proof))

    async def embedding(self, request: Request) -> Response:
        """Refuse browsers that say they are part of a program."""
        login = self._asked(request, "no_embedding")
        if login is None:
            return ended()
        agent = request.headers.get("User-Agent", "")
        if any(sign in agent for sign in _EMBEDDED):
            return page(demand_pages.no_embedding(login, _platform(login)), 403)
        return go_to(address(login, "continue"))

    async def download(self, request: Request) -> Response:
        """The file that is sent to be saved."""
        login = self._asked(request, "download")
        if login is None:
            return ended()
        self._sandbox.demand_answers = {"download": "sent"}
        headers = {**HEADERS, "Content-Disposition": 'attachment; filename="terms-of-use.txt"'}
        return Response("Terms of use: this is a sandbox.\n", 200, headers, media_type="text/plain")

    def _met(self, login: Login, told: Mapping[str, str] | None = None) -> Response:
        """The browser has met the demand: on with the login, where it began."""
        if told is not None:
            self._sandbox.demand_answers = dict(told)
        login.step = "authorise"
        return go_to(address(login, "continue"))

    def _asked(self, request: Request, demand: str) -> Login | None:
        login = self._logins.find(request.query_params.get("login", ""), "sign_in")
        return login if login and login.demand and login.demand.demand == demand else None

    def _other(self, login: Login) -> str:
        other = self._sandbox.hosts.other
        return _at(login, "127.0.0.1" if f"://{other}:" in login.origin else other)


def _at(login: Login, host: str) -> str:
    """The login's origin under another name of this computer."""
    scheme, _, place = login.origin.partition("://")
    return f"{scheme}://{host}:{place.rpartition(':')[2]}"


def _found(url: str) -> Response:
    return RedirectResponse(url, 302, HEADERS)


def _platform(login: Login) -> Platform:
    return PLATFORM_BY_KEY[login.platform_key]


def _popup_page(login: Login, problem: str = "") -> Response:
    html = demand_pages.popup_sign_in(login, _platform(login), problem)
    return scripted(html, demand_pages.POPUP_CLOSE_SCRIPT)


def _basic(header: str) -> tuple[str, str]:
    scheme, _, text = header.partition(" ")
    try:
        user, _, password = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (user, password) if scheme.lower() == "basic" else ("", "")


def _is_passkey(client_data: str, login: Login) -> bool:
    """Whether a passkey has answered this login's challenge, at the host that asked.

    The signature is not looked at: the sandbox knows nobody's keys.
    """
    try:
        told = json.loads(client_data)
    except ValueError:
        return False
    challenge = base64.urlsafe_b64encode(login.proof.encode()).rstrip(b"=").decode()
    return (
        isinstance(told, dict)
        and told.get("type") in {"webauthn.get", "webauthn.create"}
        and told.get("challenge") == challenge
        and told.get("origin") == _at(login, "localhost")
    )


def _common_name(certificate: Mapping[str, Any]) -> str:
    names = (pair for part in certificate.get("subject", ()) for pair in part)
    return next((str(value) for name, value in names if name == "commonName"), "")
