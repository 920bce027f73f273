"""Small login pages over real HTTP on loopback, which write down every request."""

import base64
import http.server
import socket
import ssl
import threading
from collections.abc import Mapping
from http import HTTPStatus
from typing import Self
from urllib.parse import parse_qs, quote, urlsplit

from tests.web.demands import DEMANDS, link, page

CALLBACK = "/callback"
_LOGIN = f"Basic {base64.b64encode('anna:s3cret:ß'.encode()).decode()}"


PAGES = {
    "/form": lambda to: page(
        f"<form method=post action='/submit?to={quote(to)}'>"
        "<input name=user autofocus><input name=password type=password><button>on</button></form>"
        "<script>document.querySelector('input').focus()</script>"
    ),
    "/link": link,
    "/script": lambda to: page(f"<script>location.replace('{to}')</script>"),
    "/frame": lambda to: link(f"{CALLBACK}?code=main&state=s") + f"<iframe src='{to}'></iframe>",
    "/opener": lambda to: page(
        f"<button autofocus onclick=\"window.open('/popup?to={quote(to)}', 'p', 'width=500,height=600')\">"
        "on</button><script>document.querySelector('button').focus();"
        "addEventListener('message', event => location.assign(event.data))</script>"
    ),
    "/popup": lambda to: page(
        f"<button autofocus onclick=\"opener.postMessage('{to}', '*'); window.close()\">on</button>"
        "<script>document.querySelector('button').focus()</script>"
    ),
    "/opener-of": lambda to: page(
        f"<button autofocus onclick=\"window.open('{to}')\">on</button>"
        "<script>document.querySelector('button').focus()</script>"
    ),
    "/opener-of-link": lambda to: page(
        f"<button autofocus onclick=\"window.open('/link?to={quote(to)}')\">on</button>"
        "<script>document.querySelector('button').focus()</script>"
    ),
    "/blank": lambda _to: "<!doctype html><title>t</title><body>",
    "/elsewhere": lambda _to: page("elsewhere"),
    CALLBACK: lambda _to: page("the redirect was loaded"),
    f"{CALLBACK}/other": lambda _to: page("another path"),
}


class _Handler(http.server.BaseHTTPRequestHandler):
    server: "_Server"

    def do_GET(self) -> None:
        path, to = self._note()
        if path == "/go":
            self._redirect(to)
        elif path == "/refuse":
            self._answer(HTTPStatus.FORBIDDEN, link(to))
        elif path == "/empty-error":
            self._answer(HTTPStatus.BAD_GATEWAY, "")
        elif path == "/no-embedding-error":
            self._answer(HTTPStatus.FORBIDDEN, DEMANDS["/no-embedding"](to))
        elif path == "/never":
            self.server.ending.wait()
        elif path == "/private" and self.headers.get("Authorization") != _LOGIN:
            self._answer(HTTPStatus.UNAUTHORIZED, page("no"), {"WWW-Authenticate": 'Basic realm="Plant 7"'})
        elif path == "/private":
            self._answer(HTTPStatus.OK, link(to))
        elif path == "/download":
            name = {"Content-Disposition": "attachment; filename=report.pdf"}
            self._answer(HTTPStatus.OK, "a file", name)
        elif path == "/report":
            self.server.asked.append(to)
            self._answer(HTTPStatus.OK, "")
            self.server.answered.set()
        elif path in DEMANDS:
            self._answer(HTTPStatus.OK, DEMANDS[path](to))
        elif path in PAGES:
            self._answer(HTTPStatus.OK, PAGES[path](to))
        else:
            self._answer(HTTPStatus.NOT_FOUND, "")

    def do_POST(self) -> None:
        _path, to = self._note()
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._redirect(to)

    def _note(self) -> tuple[str, str]:
        parts = urlsplit(self.path)
        self.server.paths.append(parts.path)
        self.server.agents.add(self.headers.get("User-Agent", ""))
        return parts.path, parse_qs(parts.query).get("to", [""])[0]

    def _redirect(self, to: str) -> None:
        self.send_response(HTTPStatus.FOUND)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, status: HTTPStatus, text: str, headers: Mapping[str, str] | None = None) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the base class
        pass


class _Server(http.server.ThreadingHTTPServer):
    def __init__(self, host: str) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, 0), _Handler)
        self.ending = threading.Event()
        self.answered = threading.Event()
        self.asked: list[str] = []
        self.paths: list[str] = []
        self.bodies: list[str] = []
        self.agents: set[str] = set()

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up in the middle is no error of a test."""


class LoginPages:
    """Serves the pages while its `with` block runs; with a TLS context, encrypted."""

    def __init__(self, context: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self._server = _Server(host)
        self._host = f"[{host}]" if ":" in host else host
        self._scheme = "http"
        if context is not None:
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
            self._scheme = "https"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.ending.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def host(self) -> str:
        """Host and port."""
        return f"{self._host}:{self._server.server_port}"

    @property
    def port(self) -> int:
        """The port."""
        return self._server.server_port

    @property
    def paths(self) -> list[str]:
        """The paths of all requests so far."""
        return self._server.paths

    @property
    def bodies(self) -> list[str]:
        """The bodies of all forms so far."""
        return self._server.bodies

    @property
    def agents(self) -> set[str]:
        """The user agents seen."""
        return self._server.agents

    @property
    def asked(self) -> list[str]:
        """What pages have reported by themselves."""
        return self._server.asked

    @property
    def answered(self) -> threading.Event:
        """Set by each report."""
        return self._server.answered

    @property
    def callback(self) -> str:
        """The redirect to wait for."""
        return self.url(CALLBACK)

    def url(self, path: str, to: str = "") -> str:
        """Return the address of a page that leads on to `to`."""
        return f"{self._scheme}://{self.host}{path}" + (f"?to={quote(to, safe='')}" if to else "")

    def answer(self, code: str = "c-1") -> str:
        """Return the redirect with an answer."""
        return f"{self.callback}?code={code}&state=s-1"
