"""The sandbox as an ASGI application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from makini_desktop.sandbox.admin_api import AdminApi
from makini_desktop.sandbox.connection_api import ConnectionApi
from makini_desktop.sandbox.control import Control
from makini_desktop.sandbox.gateway import Gateway, Transports
from makini_desktop.sandbox.guide import Guide
from makini_desktop.sandbox.levers import Levers
from makini_desktop.sandbox.login import LoginPages
from makini_desktop.sandbox.oauth import TokenEndpoint
from makini_desktop.sandbox.sandbox import Sandbox
from makini_desktop.sandbox.wire import ApiError


def build_app(sandbox: Sandbox, transports: Transports | None = None) -> ASGIApp:
    """Put a sandbox on the web.

    Args:
        sandbox: what to serve.
        transports: the server's open client sockets, which the action `drop` cuts.
    """

    async def routed(scope: Scope, receive: Receive, send: Send) -> None:
        await starlette(scope, receive, send)

    gateway = Gateway(routed, sandbox, {} if transports is None else transports)
    levers = Levers(sandbox)
    parts = (
        TokenEndpoint(sandbox),
        AdminApi(sandbox),
        ConnectionApi(sandbox),
        LoginPages(sandbox),
        Control(sandbox, levers),
        Guide(sandbox, levers),
    )
    starlette = Starlette(
        routes=[route for part in parts for route in part.routes()],
        exception_handlers={ApiError: gateway.on_api_error, HTTPException: gateway.on_http_error},
    )
    return gateway
