"""The sandbox's own page: what it is, what can be made to happen, and how its customers are."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from makini_desktop.sandbox.connection import Connection
from makini_desktop.sandbox.control import require_local
from makini_desktop.sandbox.demands import DEMANDS
from makini_desktop.sandbox.levers import CHOICES, Lever, Levers
from makini_desktop.sandbox.pages import PALETTE
from makini_desktop.sandbox.sandbox import (
    CLIENT_ID,
    CLIENT_SECRET,
    PASSWORD,
    USER_NAME,
    WEB_REDIRECT,
    Sandbox,
)
from makini_desktop.sandbox.shapes import trouble_of
from makini_desktop.sandbox.wire import ApiError, Json, read_form

_SHOWN = 200
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'",
}
_STYLE = (
    PALETTE
    + """
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 14px/20px system-ui, "Segoe UI",
  "Noto Sans", "DejaVu Sans", sans-serif; padding: 32px 16px 64px; }
main { max-width: 960px; margin: 0 auto; }
h1 { font-size: 24px; line-height: 32px; margin: 0 0 8px; }
h2 { font-size: 17px; line-height: 24px; margin: 32px 0 8px; }
p { margin: 0 0 12px; max-width: 640px; } a { color: var(--accent); }
.quiet, small { color: var(--quiet); font-size: 13px; }
.said { background: var(--select); border-radius: 8px; padding: 10px 12px; max-width: none; }
.wrong { background: var(--bad-back); color: var(--bad); }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; background: var(--panel); border: 1px solid var(--line); }
th { text-align: start; font-weight: 600; color: var(--quiet); font-size: 13px; }
th, td { padding: 8px 12px; border-top: 1px solid var(--line); vertical-align: middle; }
td:first-child { min-width: 184px; } .do { width: 1%; white-space: nowrap; text-align: end; }
.bad { color: var(--bad); font-weight: 600; }
code { font: 13px ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
label { white-space: nowrap; font-size: 13px; color: var(--quiet); margin-inline-end: 12px; }
input, select { font: inherit; font-size: 13px; color: var(--text); background: var(--panel); height: 28px;
  border: 1px solid var(--field); border-radius: 6px; padding: 0 6px; max-width: 100%; }
input[type=number] { width: 72px; } input[type=checkbox] { height: auto; accent-color: var(--accent); }
.target { position: sticky; top: 0; background: var(--back); padding: 8px 0; }
.target select { height: 34px; font-size: 14px; min-width: 320px; }
button { font: inherit; font-size: 13px; font-weight: 600; height: 30px; padding: 0 14px; cursor: pointer;
  border-radius: 6px; border: 1px solid var(--field); background: var(--panel); color: var(--accent); }
button:hover { background: var(--select); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
"""
)


class Guide:
    """`/sandbox/`: for people who explore and train; plain forms, no script."""

    def __init__(self, sandbox: Sandbox, levers: Levers) -> None:
        self._sandbox = sandbox
        self._levers = levers

    def routes(self) -> list[Route]:
        """Where it is reached."""
        return [
            Route("/", self.enter, methods=["GET"]),
            Route("/sandbox/", self.show, methods=["GET"]),
            Route("/sandbox/", self.act, methods=["POST"]),
        ]

    async def enter(self, _request: Request) -> Response:
        """Who types the address alone finds the page, too."""
        return RedirectResponse("/sandbox/", 303)

    async def show(self, request: Request) -> Response:
        """The page."""
        require_local(request)
        done = self._levers.get(request.query_params.get("done", ""))
        said = f'<p class="said" role="status">Done: {escape(done.action)}.</p>' if done else ""
        return self._page(request, said, request.query_params.get("connection", ""))

    async def act(self, request: Request) -> Response:
        """Do what a button says, to the connection that is chosen."""
        require_local(request)
        form = await read_form(request)
        chosen = form.get("connection", "")
        try:
            lever = self._levers.named(form.get("action", ""))
            self._levers.pull(lever, _typed(lever, form))
        except ApiError as error:
            said = f'<p class="said wrong" role="alert">{escape(str(error))}</p>'
            return self._page(request, said, chosen, error.status)
        back = urlencode({"done": lever.action, "connection": chosen})
        return RedirectResponse(f"/sandbox/?{back}", 303, _HEADERS)

    def _page(self, request: Request, said: str, chosen: str, status: int = 200) -> Response:
        base = f"{request.url.scheme}://{request.url.netloc}"
        link = self._sandbox.hosts.link or base
        content = "".join(
            (
                "<h1>Makini sandbox</h1><p>A stand-in for Makini on this computer, to explore and train "
                "with. Nothing here reaches a real system.</p>",
                said,
                _addresses(base + self._sandbox.options.prefix, link),
                self._actions(chosen),
                _demands(),
                self._connections(link),
            )
        )
        return HTMLResponse(
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>Makini sandbox</title><style>{_STYLE}</style></head>"
            f"<body><main>{content}</main></body></html>",
            status,
            _HEADERS,
        )

    def _actions(self, chosen: str) -> str:
        options = "".join(_option(connection, chosen) for connection in self._sandbox.world.page(0, _SHOWN))
        return (
            '<h2>Make something happen</h2><form method="post" action="/sandbox/">'
            '<p class="target"><label for="connection">To</label><select id="connection" name="connection">'
            f'<option value="">choose a connection</option>{options}</select></p>'
            f"{_table(_lever_row(lever) for lever in self._levers.all())}</form>"
        )

    def _connections(self, link: str) -> str:
        world = self._sandbox.world
        more = f" These are the first {_SHOWN} of {len(world)}." if len(world) > _SHOWN else ""
        heads = ("Customer", "System", "Trouble", "Demand", "Next login", "")
        head = "".join(f"<th>{name}</th>" for name in heads)
        rows = (self._connection_row(connection, link) for connection in world.page(0, _SHOWN))
        return (
            "<h2>Connections</h2><p>The link is the one that a customer would get from you; it ends at a "
            f"page that thanks.{more}</p>{_table((f'<tr>{head}</tr>', *rows))}"
        )

    def _connection_row(self, connection: Connection, link: str) -> str:
        trouble = trouble_of(connection, self._sandbox.clock())
        faults, next_login = self._sandbox.faults, self._sandbox.world.next_login(connection)
        standing = faults.login_demands.get(connection.key) or faults.login_demands.get("")
        query = urlencode(
            {
                "response_type": "code",
                "client_id": CLIENT_ID,
                "redirect_uri": WEB_REDIRECT,
                "connection_id": connection.key,
            }
        )
        return (
            f"<tr><td>{escape(connection.name)}<br><small>{connection.key}</small></td>"
            f"<td>{escape(connection.platform.name)}</td>"
            f'<td class="bad">{escape(", ".join(trouble))}</td>'
            f"<td>{standing.demand if standing else ''}</td>"
            f"<td>{f'as {next_login.answer}' if next_login else ''}</td>"
            f'<td class="do"><a href="{escape(link)}/oauth/authorize?{escape(query)}">Link</a></td></tr>'
        )


def _addresses(api: str, link: str) -> str:
    client = f"<code>{CLIENT_ID}</code>, its secret is <code>{CLIENT_SECRET}</code>, known to everybody"
    programs = (
        '<a href="/sandbox/state">state</a>, <a href="/sandbox/log">requests</a>, '
        '<a href="/sandbox/control">actions</a>. <code>POST /sandbox/control</code> takes '
        '<code>{"action": …}</code> with its parameters; <code>connection</code> may be a list.'
    )
    return _table(
        (
            _row("API", f"<code>{escape(api)}/</code>"),
            _row("Login pages", f"<code>{escape(link)}/oauth/authorize</code>"),
            _row("Sign-in there", f"user name <code>{USER_NAME}</code>, password <code>{PASSWORD}</code>"),
            _row("Client", client),
            _row("For programs", programs),
        )
    )


def _demands() -> str:
    return (
        "<h2>What a sign-on can demand</h2><p>Choose one above at <code>login_demand</code>; it holds for "
        "the connection chosen there, or for every login where none is.</p>"
        f"{_table(_row(f'<code>{name}</code>', text) for name, text in DEMANDS.items())}"
    )


def _table(rows: Iterable[str]) -> str:
    return f'<div class="scroll"><table>{"".join(rows)}</table></div>'


def _row(head: str, cell: str) -> str:
    return f"<tr><td>{head}</td><td>{cell}</td></tr>"


def _option(connection: Connection, chosen: str) -> str:
    selected = " selected" if connection.key == chosen else ""
    text = f"{connection.name} · {connection.platform.name}"
    return f'<option value="{connection.key}"{selected}>{escape(text)}</option>'


def _lever_row(lever: Lever) -> str:
    inputs = "".join(
        f"<label>{name} {_input(f'{lever.action}.{name}', name, default)}</label>"
        for name, default in lever.parameters.items()
        if name != "connection"
    )
    return (
        f"<tr><td><code>{lever.action}</code></td><td>{escape(lever.description)}<br>{inputs}</td>"
        f'<td class="do"><button name="action" value="{lever.action}">Do it</button></td></tr>'
    )


def _input(field: str, name: str, default: object) -> str:
    if name in CHOICES:
        options = "".join(
            f'<option value="{choice}"{" selected" if choice == default else ""}>{choice or "all"}</option>'
            for choice in CHOICES[name]
        )
        return f'<select name="{field}">{options}</select>'
    match default:
        case bool():
            return f'<input type="checkbox" name="{field}" value="on"{" checked" if default else ""}>'
        case int():
            return f'<input type="number" min="0" name="{field}" value="{default}">'
        case _:
            return f'<input name="{field}" value="{escape(str(default))}">'


def _typed(lever: Lever, form: dict[str, str]) -> Json:
    """The parameters of an action from the page's form, which knows text only."""
    body: Json = {}
    for name, default in lever.parameters.items():
        text = form.get(f"{lever.action}.{name}", "")
        match default:
            case _ if name == "connection":
                body[name] = form.get("connection", "")
            case bool():
                body[name] = text == "on"
            case int():
                body[name] = int(text) if text.isdecimal() else text
            case _:
                body[name] = text
    return body
