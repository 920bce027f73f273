"""The login pages: server-rendered, no script, one card in which the main button never moves."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from makini_desktop.sandbox.catalog import PLATFORMS, Platform
from makini_desktop.sandbox.sandbox import PASSWORD, USER_NAME, WEB_REDIRECT

PALETTE = """
:root { color-scheme: light dark; --back: #F6F7F9; --panel: #FFFFFF; --line: #E1E5EA; --text: #1B2430;
  --quiet: #5B6675; --accent: #2456D6; --on-accent: #FFFFFF; --select: #E8EEFC; --bad: #B3213C;
  --bad-back: #FBECEF; --field: #C3CAD4; }
@media (prefers-color-scheme: dark) { :root { --back: #14181E; --panel: #1B2128; --line: #2C343F;
  --text: #E7ECF2; --quiet: #97A3B2; --accent: #7AA2FF; --on-accent: #10182B; --select: #24324F;
  --bad: #FF7A8E; --bad-back: #3A1D26; --field: #47525F; } }
"""

# Fixed heights down to the main button: it lies at the same place on every page, whatever the font.
_STYLE = (
    PALETTE
    + """
* { box-sizing: border-box; margin: 0; }
body { background: var(--back); color: var(--text); font: 14px/20px system-ui, "Segoe UI", "Noto Sans",
  "DejaVu Sans", sans-serif; padding: 64px 16px 24px; }
main { width: 380px; max-width: 100%; margin: 0 auto; background: var(--panel);
  border: 1px solid var(--line); border-radius: 10px; padding: 20px 24px; }
.brand { height: 20px; color: var(--quiet); font-size: 12px; display: flex; justify-content: space-between; }
h1 { height: 28px; margin-top: 12px; font-size: 20px; line-height: 28px; font-weight: 600; }
.who { height: 20px; color: var(--quiet); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.who b { color: var(--text); font-weight: 600; }
.body { height: 292px; margin-top: 16px; }
.list { height: 100%; overflow-y: auto; border: 1px solid var(--line); border-radius: 8px;
  scrollbar-width: thin; scrollbar-color: var(--field) transparent; }
.list label { display: flex; gap: 10px; align-items: center; height: 40px; padding: 0 12px; }
.list label + label { border-top: 1px solid var(--line); }
.list label:has(:checked) { background: var(--select); }
.list small { margin-left: auto; color: var(--quiet); font-size: 12px; }
.with-problem .list { height: calc(100% - 48px); }
input[type=radio] { accent-color: var(--accent); width: 16px; height: 16px; margin: 0; }
.field { display: block; margin-bottom: 12px; font-size: 13px; color: var(--quiet); }
.field input { display: block; width: 100%; height: 36px; margin-top: 4px; padding: 0 10px; font: inherit;
  font-size: 14px; color: var(--text); background: var(--panel); border: 1px solid var(--field);
  border-radius: 6px; }
.problem { height: 36px; margin-bottom: 12px; padding: 8px 12px; border-radius: 6px;
  background: var(--bad-back); color: var(--bad); font-size: 13px; overflow: hidden;
  white-space: nowrap; text-overflow: ellipsis; }
.text { margin: 12px 0; }
.hint { color: var(--quiet); font-size: 12px; white-space: nowrap; }
code { font: 12px ui-monospace, "DejaVu Sans Mono", monospace; color: var(--text); }
ul { list-style: none; padding: 0; margin: 12px 0; border: 1px solid var(--line); border-radius: 8px; }
li { padding: 7px 12px; } li + li { border-top: 1px solid var(--line); }
button, a.main { display: block; width: 100%; font: inherit; font-weight: 600; border-radius: 8px;
  cursor: pointer; }
.main { height: 44px; margin-top: 16px; background: var(--accent); color: var(--on-accent); border: 0; }
a.main { padding-top: 12px; text-align: center; text-decoration: none; }
a { color: var(--accent); }
a.main { color: var(--on-accent); }
li small { float: right; color: var(--quiet); font-size: 12px; }
.other { height: 36px; margin-top: 8px; background: none; color: var(--quiet); border: 0; }
.main:hover { filter: brightness(1.08); } .other:hover { color: var(--text); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.list label:focus-within { outline: 2px solid var(--accent); outline-offset: -2px; }
.list input:focus-visible { outline: none; }
.note { text-align: center; margin-top: 12px; color: var(--quiet); font-size: 12px; }
"""
)


def choose_system(login_id: str, problem: str = "") -> str:
    """Step 1: which system."""
    rows = "".join(_system_row(platform, first=index == 0) for index, platform in enumerate(_by_name()))
    body = f'{problem_line(problem)}<div class="list" role="radiogroup" aria-label="System">{rows}</div>'
    return form(
        "Choose your system",
        "Which system do you want to connect?",
        "system",
        login_id,
        body,
        main='<button class="main" name="next" value="1">Continue</button>',
        other=CANCEL,
        with_problem=bool(problem),
    )


def sign_in(
    login_id: str, company: str, platform: Platform, ask_company: bool, *, user: str = "", problem: str = ""
) -> str:
    """Step 2: user name and password of the customer's system; the first empty field has the focus."""
    asked = [("Company", "company", company)] if ask_company else []
    asked += [("User name", "user", user), ("Password", "password", "")]
    return form(
        f"Sign in to {platform.name}" if len(platform.name) < 20 else "Sign in",
        who("New connection" if ask_company else company, platform),
        "sign-in",
        login_id,
        problem_line(problem) + sign_in_fields(asked) + credentials_hint(),
        main='<button class="main" name="next" value="1">Sign in</button>',
        other=CANCEL,
    )


def authorise(
    login_id: str, company: str, platform: Platform, scopes: list[str], *, beside: bool = False
) -> str:
    """Step 3: what is asked for, and whether it makes a second connection `beside` the one that is there."""
    items = "".join(f"<li>{escape(scope.replace('_', ' ').capitalize())}</li>" for scope in scopes)
    body = f"<p>Makini asks to read and write in {escape(platform.name)}:</p><ul>{items}</ul>"
    if beside:
        body += f'<p class="problem" role="alert">{escape(company)} gets a second connection.</p>'
    return form(
        "Allow access?",
        who(company, platform),
        "decision",
        login_id,
        body,
        main='<button class="main" name="decision" value="allow" autofocus>Allow</button>',
        other='<button class="other" name="decision" value="refuse">Refuse</button>',
    )


def thanks(company: str, platform: Platform) -> str:
    """The company's own page, where a login ends that the customer began from a link."""
    return document(
        "Thank you",
        f'<h1>Thank you</h1><p class="who">{who(company, platform)}</p>'
        '<p class="text">The connection is made. You can close this page.</p>'
        f'<p class="text hint">With a real account, your page at<br><code>{WEB_REDIRECT}</code> '
        "stands here.</p>",
    )


def notice(title: str, text: str) -> str:
    """A page with nothing to press."""
    return document(title, f'<h1>{escape(title)}</h1><p class="text">{escape(text)}</p>')


def sign_in_fields(asked: Sequence[tuple[str, str, str]]) -> str:
    """Fields as label, name and value; the first empty one has the focus."""
    first = next(name for _, name, value in asked if not value)
    return "".join(
        f'<label class="field">{label}<input name="{name}" value="{escape(value)}" {_ATTRIBUTES[name]}'
        f"{' autofocus' if name == first else ''}></label>"
        for label, name, value in asked
    )


def credentials_hint() -> str:
    """The training credentials, told on every page that asks for them."""
    return f'<p class="hint">For training: <code>{USER_NAME}</code>, <code>{PASSWORD}</code></p>'


_ATTRIBUTES = {
    "company": 'autocomplete="organization"',
    "user": 'autocomplete="username" spellcheck="false"',
    "password": 'type="password" autocomplete="off"',
}
CANCEL = '<button class="other" name="cancel" value="1">Cancel</button>'


def _by_name() -> list[Platform]:
    return sorted(PLATFORMS, key=lambda platform: platform.name.casefold())


def _system_row(platform: Platform, *, first: bool) -> str:
    chosen = " checked autofocus" if first else ""
    return (
        f'<label><input type="radio" name="system" value="{platform.key}"{chosen}>'
        f"{escape(platform.name)}<small>{platform.category}</small></label>"
    )


def who(company: str, platform: Platform) -> str:
    """Whose sign-in to which system."""
    return f"<b>{escape(company)}</b> · {escape(platform.name)}"


def problem_line(text: str) -> str:
    """What was wrong with the answer before, if anything."""
    return f'<p class="problem" role="alert">{escape(text)}</p>' if text else ""


def form(
    title: str,
    who: str,
    action: str,
    login_id: str,
    body: str,
    *,
    main: str,
    other: str,
    with_problem: bool = False,
) -> str:
    """A page of the flow: one form, its main button always at the same place."""
    extra = " with-problem" if with_problem else ""
    return document(
        title,
        f'<h1>{escape(title)}</h1><p class="who">{who}</p>'
        f'<form method="post" action="/oauth/authorize/{action}">'
        f'<input type="hidden" name="login" value="{escape(login_id)}">'
        f'<div class="body{extra}">{body}</div>{main}{other}</form>',
    )


def document(title: str, content: str) -> str:
    """A whole page around its content."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        f'<div class="brand"><span>Makini</span><span>Sandbox</span></div>{content}</main>'
        '<p class="note">This is a sandbox. Nothing here reaches a real system.</p></body></html>'
    )
