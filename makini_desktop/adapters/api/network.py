"""The way out of this computer: directly, or by the proxy that environment or system settings name.

Settings come from `urllib.request.getproxies`: the environment first, on Windows and macOS the system's
settings where it names none. What is on this computer is always reached directly.
"""

from __future__ import annotations

import ssl
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from makini_desktop.core.redirect import is_loopback
from makini_desktop.core.text import _
from makini_desktop.domain.errors import ProxyRefuses

_KINDS = frozenset({"http", "https"})
_MAC_SETTINGS = Path("/Library/Preferences/SystemConfiguration/preferences.plist")


def proxy_for(url: str) -> str | None:
    """Return the proxy for an address, with its login if it has one; None to go directly."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host) or proxy_bypass(host):
        return None
    named = getproxies()
    proxy = named.get(parts.scheme) or named.get("all")
    if not proxy:
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def shown(proxy: str) -> str:
    """Return a proxy's host and port, as they may be shown; its login stays out."""
    return urlsplit(proxy).netloc.rpartition("@")[2]


class Network(httpx.AsyncBaseTransport):
    """Sends each request by the way its host is reached, over connections that are kept.

    Args:
        context: decides which certificates are trusted.
        at_once: connections at most, on each way.
    """

    def __init__(self, context: ssl.SSLContext, at_once: int) -> None:
        self._context = context
        self._limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
        self._ways: dict[str | None, httpx.AsyncHTTPTransport] = {}
        self._proxies: dict[tuple[str, str], str | None] = {}

    def proxy(self, url: str | httpx.URL) -> str | None:
        """Return the proxy in use for an address, None where it is reached directly."""
        parts = urlsplit(str(url))
        key = (parts.scheme, parts.netloc)
        if key not in self._proxies:
            self._proxies[key] = proxy_for(str(url))
        return self._proxies[key]

    def look_again(self) -> None:
        """Read the settings anew at the next request: a computer changes networks."""
        self._proxies.clear()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request.

        Raises:
            ProxyRefuses: the proxy is of a kind that is not supported.
        """
        proxy = self.proxy(request.url)
        if proxy not in self._ways:
            self._ways[proxy] = self._way(proxy)
        return await self._ways[proxy].handle_async_request(request)

    async def aclose(self) -> None:
        """Close all connections."""
        for way in self._ways.values():
            await way.aclose()

    def _way(self, proxy: str | None) -> httpx.AsyncHTTPTransport:
        if proxy is None:
            return httpx.AsyncHTTPTransport(verify=self._context, limits=self._limits)
        if urlsplit(proxy).scheme not in _KINDS:
            raise ProxyRefuses(
                _("The proxy {proxy} is of a kind that is not supported; name an HTTP proxy.").format(
                    proxy=shown(proxy)
                )
            )
        context = self._context if proxy.startswith("https:") else None
        return httpx.AsyncHTTPTransport(
            verify=self._context, limits=self._limits, proxy=httpx.Proxy(proxy, ssl_context=context)
        )


def script_named() -> bool:
    """Tell whether the system's settings leave the choice of a proxy to a script (PAC).

    That is not supported; on Linux, where each desktop keeps such settings in its own way, it is not seen.
    """
    if sys.platform == "win32":
        import winreg

        path = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, path) as key:
                return bool(winreg.QueryValueEx(key, "AutoConfigURL")[0])
        except OSError:
            return False
    if sys.platform == "darwin":
        return _script_in(_MAC_SETTINGS)
    return False


def _script_in(settings: Path) -> bool:
    """Tell whether any network service in macOS's settings uses a script."""
    import plistlib

    try:
        services = plistlib.loads(settings.read_bytes()).get("NetworkServices", {})
    except (OSError, ValueError, plistlib.InvalidFileException):
        return False
    return any(each.get("Proxies", {}).get("ProxyAutoConfigEnable") for each in services.values())
