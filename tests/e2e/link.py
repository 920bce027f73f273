"""The place where login pages are found: it sends the browser on to the sandbox's, as a proxy would."""

import http.server
import threading
from http import HTTPStatus
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit


class Link:
    """A small server on loopback.

    Args:
        to: where it sends the browser.

    Attributes:
        base: where it is reached.
        state: what it puts in the place of `state`; None leaves that alone.
    """

    def __init__(self, to: str) -> None:
        self.state: str | None = None
        link = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = urlsplit(self.path)
                query = dict(parse_qsl(asked.query))
                if link.state is not None:
                    query["state"] = link.state
                self.send_response(HTTPStatus.FOUND)
                self.send_header("Location", f"{to}{asked.path}?{urlencode(query)}")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
