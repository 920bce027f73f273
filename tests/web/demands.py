"""Pages that demand of a browser what real sign-on pages do."""


def page(body: str) -> str:
    return f"<!doctype html><title>t</title><body style='background: #0a0'>{body}"


def link(to: str) -> str:
    return page(f"<a id=a href='{to}'>on</a><script>document.getElementById('a').focus()</script>")


def button(script: str, body: str = "") -> str:
    """A page whose one button, which has the keyboard, runs a script."""
    return page(
        f'<button autofocus id=b>on</button>{body}<script>const b = document.getElementById("b"); b.focus();'
        f"b.onclick = async () => {{ {script} }}</script>"
    )


DEMANDS = {
    "/dialogs": lambda to: button(
        "alert('Welcome'); const sure = confirm('Sure?'); const name = prompt('Name?', 'nobody');"
        f"location.assign('{to}&sure=' + sure + '&name=' + name)"
    ),
    "/leave": lambda to: button(
        f"location.assign('{to}')", "<script>onbeforeunload = event => event.preventDefault()</script>"
    ),
    "/camera": lambda _to: button("navigator.mediaDevices.getUserMedia({video: true})"),
    "/microphone": lambda _to: button("navigator.mediaDevices.getUserMedia({audio: true})"),
    "/location": lambda _to: button("navigator.geolocation.getCurrentPosition(() => {}, () => {})"),
    "/notifications": lambda _to: button("Notification.requestPermission()"),
    "/files": lambda _to: page(
        "<input type=file autofocus><script>document.querySelector('input').focus()</script>"
    ),
    "/passkey": lambda _to: button(
        "navigator.credentials.get({publicKey: {challenge: new Uint8Array(16), timeout: 60000}})"
    ),
    "/no-embedding": lambda _to: page("<h1>Access blocked</h1><p>Error 403: disallowed_useragent"),
    "/zoom": lambda _to: page(
        "<script>addEventListener('resize', () => fetch('/report?to=' + Math.round(100 * devicePixelRatio)))"
        "</script>"
    ),
    "/names": lambda _to: page(
        "<script>fetch('/report?to=' + [typeof qt, typeof QWebChannel,"
        " document.querySelectorAll('script').length - 1])</script>"
    ),
    "/sharpness": lambda _to: page("<script>fetch('/report?to=' + devicePixelRatio)</script>"),
    "/read-along": lambda to: page(f"<img src='{to}'><iframe src='{to}'></iframe>"),
}
