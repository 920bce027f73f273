"""The pages of the demands, in the look of the login pages, with the little script that each needs."""

from __future__ import annotations

from html import escape

from makini_desktop.sandbox.catalog import Platform
from makini_desktop.sandbox.logins import Login
from makini_desktop.sandbox.pages import credentials_hint, document, form, problem_line, sign_in_fields, who

EMPLOYEE_NUMBER = "4711"
PERMISSIONS = ("camera", "microphone", "location", "notifications")

_CANCEL = '<button class="other" formaction="/oauth/authorize/cancel" formnovalidate>Cancel</button>'
_CONTINUE = '<button class="main" autofocus>Continue</button>'


def popup_opener(login: Login, platform: Platform) -> str:
    """The page that a pop-up answers to."""
    body = (
        f"<p>{escape(platform.name)} signs you in in a window of its own.</p>"
        '<p class="text" id="state" role="status"></p><input type="hidden" name="proof" id="proof">'
    )
    main = '<button class="main" type="button" id="open" autofocus>Open the sign-in window</button>'
    return _demand_form("Sign in", login, platform, body, main=main)


def popup_opener_script(popup_url: str) -> str:
    """Open the pop-up on a click and take its answer, from it and its host only."""
    return f"""
const url = new URL({_quoted(popup_url)}), state = document.getElementById("state");
let popup = null;
document.getElementById("open").addEventListener("click", () => {{
  popup = window.open(url, "sign-on", "popup,width=460,height=620");
  state.textContent = popup ? "Waiting for the sign-in window …" : "Your browser blocked the window.";
}});
addEventListener("message", (event) => {{
  if (event.origin !== url.origin || event.source !== popup || typeof event.data.proof !== "string") return;
  document.getElementById("proof").value = event.data.proof;
  document.forms[0].submit();
}});"""


def popup_sign_in(login: Login, platform: Platform, problem: str = "") -> str:
    """The pop-up: user name and password."""
    fields = sign_in_fields((("User name", "user", ""), ("Password", "password", "")))
    return form(
        f"{platform.name} window" if len(platform.name) < 20 else "Sign-in window",
        who(login.company, platform),
        "popup",
        login.id,
        problem_line(problem) + fields + credentials_hint(),
        main='<button class="main">Sign in</button>',
        other='<button class="other" type="button" id="close">Close</button>',
    )


POPUP_CLOSE_SCRIPT = 'document.getElementById("close").addEventListener("click", () => window.close());'


def popup_done() -> str:
    """The pop-up's last page, seen only where its opener has gone."""
    return document("Signed in", '<h1>Signed in</h1><p class="text" id="state">One moment …</p>')


def popup_done_script(proof: str, opener_origin: str) -> str:
    """Answer the opener and close."""
    return f"""
if (window.opener) {{
  window.opener.postMessage({{ proof: {_quoted(proof)} }}, {_quoted(opener_origin)});
  window.close();
}} else {{
  document.getElementById("state").textContent = "The page that opened this window is gone. Start again.";
}}"""


def self_sending(login: Login, platform: Platform, action: str) -> str:
    """A form that sends itself to the next host, with a button for browsers without script."""
    return document(
        "Signing in",
        f'<h1>Signing in</h1><p class="who">{who(login.company, platform)}</p>'
        f'<form method="post" action="{escape(action)}">'
        f'<input type="hidden" name="login" value="{escape(login.id)}">'
        f'<input type="hidden" name="proof" value="{escape(login.proof)}">'
        f'<div class="body"><p>You are being sent on.</p></div>{_CONTINUE}</form>',
    )


SEND_SCRIPT = "document.forms[0].submit();"


def try_again(login: Login, platform: Platform, title: str, text: str, address: str) -> str:
    """What is left on the screen where the browser gave nothing."""
    body = f"<p>{escape(text)}</p>"
    main = f'<a class="main" href="{escape(address)}">Try again</a>'
    return _demand_form(title, login, platform, body, main=main)


def passkey(login: Login, platform: Platform) -> str:
    """A sign-in with a passkey only."""
    body = (
        "<p>This sign-in takes a passkey only: your fingerprint, face, PIN or security key.</p>"
        '<p class="text" id="state" role="status"></p>'
        '<input type="hidden" name="client_data" id="client_data">'
        '<p class="text"><button class="other" type="button" id="create">'
        "No passkey here yet? Create one</button></p>"
    )
    main = '<button class="main" type="button" id="use" autofocus>Use a passkey</button>'
    return _demand_form("Passkey needed", login, platform, body, main=main)


def passkey_script(challenge: str) -> str:
    """Ask the browser for a passkey, or for a new one, and send what it signed."""
    return f"""
const state = document.getElementById("state");
const challenge = new TextEncoder().encode({_quoted(challenge)});
async function ask(call) {{
  state.textContent = "Waiting for your browser …";
  try {{
    const credential = await call();
    const text = new TextDecoder().decode(credential.response.clientDataJSON);
    document.getElementById("client_data").value = text;
    document.forms[0].submit();
  }} catch (error) {{
    state.textContent = "Your browser gave no passkey (" + error.name + ").";
  }}
}}
document.getElementById("use").addEventListener("click", () => ask(() =>
  navigator.credentials.get({{ publicKey: {{ challenge, userVerification: "preferred" }} }})));
document.getElementById("create").addEventListener("click", () => ask(() =>
  navigator.credentials.create({{ publicKey: {{ challenge, rp: {{ name: "Makini sandbox" }},
    user: {{ id: challenge.slice(0, 16), name: "admin", displayName: "Training" }},
    pubKeyCredParams: [{{ type: "public-key", alg: -7 }}, {{ type: "public-key", alg: -257 }}],
    authenticatorSelection: {{ residentKey: "required" }} }} }})));"""


def download(login: Login, platform: Platform, address: str) -> str:
    """A page that sends a file by itself."""
    body = (
        f"<p>{escape(platform.name)} has sent a file to be saved: its terms of use.</p>"
        f'<p class="text"><a href="{escape(address)}" download>Send it again</a></p>'
        "<p>The sign-in goes on without it.</p>"
    )
    return _demand_form("Terms of use", login, platform, body, main=_CONTINUE)


def download_script(address: str) -> str:
    """Send the file by itself, once the page is there."""
    return f'addEventListener("load", () => {{ location.href = {_quoted(address)}; }});'


def permissions(login: Login, platform: Platform) -> str:
    """A page that asks for what no sign-in needs."""
    rows = "".join(
        f'<li>{name.capitalize()} <small id="{name}-state">asking …</small>'
        f'<input type="hidden" name="{name}" id="{name}" value="waiting"></li>'
        for name in PERMISSIONS
    )
    body = f"<p>To check who you are, {escape(platform.name)} asks for:</p><ul>{rows}</ul>"
    body += "<p>The sign-in goes on with or without.</p>"
    return _demand_form("Identity check", login, platform, body, main=_CONTINUE)


PERMISSIONS_SCRIPT = """
function tell(name, answer) {
  document.getElementById(name).value = answer;
  document.getElementById(name + "-state").textContent = answer;
}
function media(name, wanted) {
  navigator.mediaDevices.getUserMedia(wanted).then((stream) => {
    stream.getTracks().forEach((track) => track.stop());
    tell(name, "granted");
  }, (error) => tell(name, error.name === "NotAllowedError" ? "refused" : "unavailable"));
}
media("camera", { video: true });
media("microphone", { audio: true });
navigator.geolocation.getCurrentPosition(() => tell("location", "granted"),
  (error) => tell("location", error.code === 1 ? "refused" : "unavailable"), { timeout: 10000 });
Notification.requestPermission().then((answer) =>
  tell("notifications", { granted: "granted", denied: "refused" }[answer] || "unavailable"));"""


def dialogs(login: Login, platform: Platform, problem: str = "") -> str:
    """A page that speaks through the browser's own dialogs."""
    body = (
        f"{problem_line(problem)}<p>{escape(platform.name)} asks a few things in dialogs of the browser.</p>"
        f'<p class="text hint">For training: the employee number is <code>{EMPLOYEE_NUMBER}</code></p>'
        '<p class="text" id="state" role="status"></p>'
        '<input type="hidden" name="number" id="number">'
    )
    main = '<button class="main" type="button" id="ask" autofocus>Continue</button>'
    return _demand_form("A few questions", login, platform, body, main=main)


DIALOGS_SCRIPT = """
const state = document.getElementById("state");
addEventListener("beforeunload", (event) => { event.preventDefault(); event.returnValue = "leave"; });
document.getElementById("ask").addEventListener("click", () => {
  alert("This session is recorded.");
  if (!confirm("Do you accept the house rules?")) {
    state.textContent = "Without the house rules there is no sign-in.";
    return;
  }
  const number = prompt("Your employee number?", "");
  if (number === null) {
    state.textContent = "The employee number is needed.";
    return;
  }
  document.getElementById("number").value = number;
  document.forms[0].submit();
});"""


def crash(login: Login, platform: Platform) -> str:
    """A page whose process somebody is going to end."""
    text = (
        "This page stands for one that takes its own process down. End the process that draws it, "
        "or reload: after so many loads the sign-in comes."
    )
    return document("Heavy page", f'<h1>Heavy page</h1><p class="who">{who(login.company, platform)}</p>'
                    f'<p class="text">{text}</p>')  # fmt: skip


def no_embedding(login: Login, platform: Platform) -> str:
    """The refusal of embedded browsers, in the words that real ones use."""
    return document(
        "This browser is not allowed",
        "<h1>This browser is not allowed</h1>"
        f'<p class="who">{who(login.company, platform)}</p>'
        '<p class="text">Sign-in is refused in windows that are embedded in a program. '
        "Open it in your usual browser.</p>"
        '<p class="text"><code>Error 403: disallowed_useragent</code></p>',
    )


def _demand_form(title: str, login: Login, platform: Platform, body: str, *, main: str) -> str:
    return form(title, who(login.company, platform), "demand", login.id, body, main=main, other=_CANCEL)


def _quoted(text: str) -> str:
    """A JavaScript string; the text is ours or a URL, and still cannot end the script."""
    return '"' + "".join(c if c.isalnum() or c in "-_.:/?=&[]%" else f"\\u{ord(c):04x}" for c in text) + '"'
