"""Addresses near and far from the redirect that an attempt waits for, and what makes one the exact one."""

import ipaddress
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from hypothesis import strategies as st

from makini_desktop.domain.attempt import LIFETIME, Attempt
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.token import Secret

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
REDIRECTS = (
    "https://app.example.com/callback",
    "http://127.0.0.1:8400/makini/callback",
    "http://[::1]:8400/cb",
    "http://localhost/cb",
)

moments = st.one_of(
    st.just(NOW), st.timedeltas(timedelta(minutes=-1), 2 * LIFETIME).map(lambda span: NOW + span)
)
_schemes = st.sampled_from(["http", "https", "HTTP", "javascript", "file", ""])
_hosts = st.sampled_from(
    ["app.example.com", "APP.example.com", "app.example.com.", "app.example.com@evil.example", "evil.example",
     "127.0.0.1", "127.1", "2130706433", "localhost", "[::1]", "[0::1]", "app.example.com%2eevil.example"]
)  # fmt: skip
_ports = st.sampled_from(["", ":443", ":80", ":8400", ":08400", ":8401", ":"])
_paths = st.sampled_from(
    ["/callback", "/makini/callback", "/cb", "/callback/", "/Callback", "/%63allback", "/x/../callback",
     "//cb", "\\callback", "", "/"]
)  # fmt: skip
_names = st.sampled_from(["code", "state", "error", "error_description", "Code", "state ", "x"])
_values = st.one_of(st.text(max_size=4), st.sampled_from(["c", "", "%00", "\u0000", "ä"]))


def attempts(redirects: tuple[str, ...] = REDIRECTS) -> st.SearchStrategy[Attempt]:
    """Return attempts begun at `NOW`."""
    return st.builds(
        Attempt,
        id=st.just("1"),
        connection=st.one_of(st.none(), st.just(ConnectionId("A"))),
        redirect_uri=st.sampled_from(redirects),
        state=st.text("abcXYZ019-_", min_size=8, max_size=12).map(Secret),
        verifier=st.just(Secret("verifier")),
        started_at=st.just(NOW),
    )


def exact(attempt: Attempt, **answer: str) -> str:
    """Return an attempt's own redirect."""
    return f"{attempt.redirect_uri}?{urlencode({'code': 'c0de', 'state': attempt.state.value, **answer})}"


@st.composite
def urls(draw: st.DrawFn, attempt: Attempt) -> str:
    """Anything; most of it nearly the attempt's own redirect."""
    if draw(st.booleans()):
        return draw(st.one_of(_edited(exact(attempt)), _dressed_up(exact(attempt))))
    base = draw(
        st.one_of(
            st.just(attempt.redirect_uri),
            st.sampled_from(REDIRECTS),
            st.tuples(_schemes, _hosts, _ports, _paths).map(lambda part: "{}://{}{}{}".format(*part)),
            st.text(max_size=20),
        )
    )
    query = draw(st.lists(st.tuples(_names, _values), max_size=5))
    if draw(st.booleans()):
        own = attempt.state.value
        state = draw(st.sampled_from([own, own, own[:-1], f"{own} ", own.swapcase(), f"{own}%00"]))
        query.insert(draw(st.integers(0, len(query))), ("state", state))
    encoded = urlencode(query) if draw(st.booleans()) else "&".join(map("=".join, query))
    joint, fragment = draw(st.sampled_from(["?", "", "??", "/?"])), draw(st.sampled_from(["", "#", "#_=_"]))
    return f"{base}{joint}{encoded}{fragment}"


def _dressed_up(url: str) -> st.SearchStrategy[str]:
    """The address with a user name or a fragment, which another program might read differently."""
    scheme, _, rest = url.partition("://")
    return st.sampled_from([f"{url}#", f"{url}#_=_", f"{scheme}://x@{rest}", f"{scheme}://x:y@{rest}"])


@st.composite
def _edited(draw: st.DrawFn, url: str) -> str:
    """The address with one letter more, less, or another one; or as it is."""
    at = draw(st.integers(0, len(url)))
    letter = draw(
        st.one_of(st.sampled_from(["", "?", "#", "@", "&", "%", "\\", " ", ".", "/"]), st.characters())
    )
    return url[:at] + letter + url[at + draw(st.integers(0, 1)) :]


def is_exact(attempt: Attempt, url: str, now: datetime) -> bool:
    """Tell, in other words than the program's, whether this is the redirect of the live attempt."""
    begun = attempt.started_at
    if not begun <= now < begun + LIFETIME or "#" in url:
        return False
    own, found = urlsplit(attempt.redirect_uri), urlsplit(url)
    if "@" in found.netloc or _place(own) != _place(found):
        return False
    answer = [
        pair for pair in parse_qsl(found.query, keep_blank_values=True) if pair[0] != "error_description"
    ]
    states = [value for name, value in answer if name == "state"]
    said = [name for name, value in answer if name in {"code", "error"} and value]
    return states == [attempt.state.value] and len(said) == 1


def _place(parts: object) -> tuple[object, ...]:
    scheme, host = parts.scheme, parts.hostname  # type: ignore[attr-defined]
    if ":" in host:
        host = ipaddress.ip_address(host).compressed
    port = parts.port or {"http": 80, "https": 443}[scheme]  # type: ignore[attr-defined]
    return scheme, host, port, parts.path or "/"  # type: ignore[attr-defined]
