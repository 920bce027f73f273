"""An OAuth server that this project did not write (oidc-provider-mock), behind a router with our paths.

The router adds nothing of OAuth: it sends the login on, passes form-encoded token requests on, and asks the
provider's `userinfo` whose a token is. Who signs in as `con_acme` is the connection of that key.
"""

from __future__ import annotations

import http.server
import json
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from tests.waiting import wait_until

COMPANIES = {"con_acme": "Acme Pumps", "con_globex": "Globex"}
CLIENT_ID, CLIENT_SECRET = "client-1", "client-5up3r"
PATIENCE = 20.0


class ForeignServer:
    """The provider as a process of its own, and the router in front of it.

    Attributes:
        base: where API and login pages are reached.
    """

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.provider = f"http://127.0.0.1:{self._port}"
        self._admin = secrets.token_hex(8)
        self._http = httpx.Client(base_url=self.provider, trust_env=False, timeout=PATIENCE)
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(self._port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._answers, "the provider", PATIENCE)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._http.close()
        self._process.terminate()
        self._process.wait(PATIENCE)

    def get(self, path: str, query: str, token: str) -> tuple[int, Any]:
        """Answer a request for data; a text is where the browser is sent to."""
        match path:
            case "/oauth/authorize":
                asked = {**dict(parse_qsl(query)), "scope": "openid email"}
                return HTTPStatus.FOUND, f"{self.provider}/oauth2/authorize?{urlencode(asked)}"
            case "/api/v1/system/connections" if token == self._admin:
                listed = [_listed(key) for key in COMPANIES]
                return HTTPStatus.OK, {
                    "data": listed,
                    "links": {},
                    "meta": {"current_page": 1, "last_page": 1},
                }
            case "/api/v1/integrations/current":
                whose = self._http.get("/userinfo", headers={"Authorization": f"Bearer {token}"})
                if whose.status_code != HTTPStatus.OK:
                    return HTTPStatus.UNAUTHORIZED, {"error": {"code": "INVALID_TOKEN", "message": "No."}}
                return HTTPStatus.OK, {"data": _current(whose.json()["sub"])}
            case _:
                return HTTPStatus.NOT_FOUND, {}

    def post(self, path: str, kind: str, body: bytes) -> tuple[int, Any]:
        """Answer a token request: the administrator's here, all others by the provider."""
        if path != "/link/token":
            return HTTPStatus.NOT_FOUND, {}
        if kind.startswith("application/json"):
            assert json.loads(body)["client_secret"] == CLIENT_SECRET
            return HTTPStatus.OK, {"access_token": self._admin, "token_type": "Bearer", "expires_in": 3600}
        answer = self._http.post("/oauth2/token", content=body, headers={"Content-Type": kind})
        return answer.status_code, answer.json()

    def _answers(self) -> bool:
        try:
            return self._http.get("/.well-known/openid-configuration").is_success
        except httpx.TransportError:
            assert self._process.poll() is None
            return False


def sign_in(page: str, redirect: str, *, subject: str = "con_acme", **form: str) -> httpx.Response:
    """Sign in as a browser does, back at the redirect; return what is shown there."""
    with httpx.Client(trust_env=False, timeout=PATIENCE, follow_redirects=True) as browser:
        shown = browser.get(page)
        assert "Authorize Client" in shown.text
        answer = browser.post(shown.url, data=form or {"sub": subject}, follow_redirects=False)
        assert answer.headers["Location"].startswith(f"{redirect}?")
        return browser.get(answer.headers["Location"])


def _listed(key: str) -> Mapping[str, Any]:
    return {"key": key, "name": COMPANIES[key], "status": "Active", "integration_name": "Odoo"}


def _current(key: str) -> Mapping[str, Any]:
    return {"id": key, "company_name": COMPANIES.get(key, key), "provider": "odoo", "sync_status": "done"}


def _handler(server: ForeignServer) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            self._answer(*server.get(asked.path, asked.query, token))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self._answer(*server.post(urlsplit(self.path).path, self.headers.get("Content-Type", ""), body))

        def _answer(self, status: int, found: Any) -> None:
            body = b"" if isinstance(found, str) else json.dumps(found).encode()
            self.send_response(status)
            if isinstance(found, str):
                self.send_header("Location", found)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
