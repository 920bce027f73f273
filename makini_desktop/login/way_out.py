"""The proxy that the environment names, for the engine, as the API client takes it.

Where the environment names none, the engine follows the system's settings by itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from makini_desktop.login.question import Credentials

_ADDRESS = re.compile(
    r"(?:(?:https?|socks[45]h?)://)?[\w.-]+(?::\d+)?|(?:https?://)?\[[0-9a-fA-F:]+\](?::\d+)?"
)


def engine_flags() -> list[str]:
    """Return the engine's options for the environment's proxies; a proxy's login is in none of them."""
    named = _named()
    rules = []
    for scheme in ("http", "https"):
        address = _shown(named.get(scheme) or named.get("all") or "")
        if address:
            rules.append(f"{scheme}={address}")
    if not rules:
        return []
    flags = [f"--proxy-server={';'.join(rules)}"]
    exceptions = _exceptions(named.get("no", ""))
    if exceptions:
        flags.append(f"--proxy-bypass-list={';'.join(exceptions)}")
    return flags


def login_for(proxy: str) -> Credentials | None:
    """Return the login that the environment gives for the proxy `proxy` (a host), if it gives one."""
    for scheme, address in _named().items():
        if scheme == "no":
            continue
        parts = urlsplit(address if "://" in address else f"http://{address}")
        if parts.username is not None and parts.hostname == proxy.lower():
            return Credentials(unquote(parts.username), unquote(parts.password or ""))
    return None


def _named() -> Mapping[str, str]:
    """Return what the environment names, by scheme."""
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return {}  # the usual case is not worth 25 ms of imports
    from urllib.request import getproxies_environment

    return getproxies_environment()


def _shown(proxy: str) -> str:
    """Return a proxy without its login; empty for what is no address."""
    scheme, separator, rest = proxy.rpartition("://")
    address = f"{scheme}{separator}{rest.rpartition('@')[2].rstrip('/')}"
    return address if _ADDRESS.fullmatch(address) else ""


def _exceptions(names: str) -> list[str]:
    """Return what NO_PROXY names in the engine's words: there a name stands for its subdomains too."""
    found: list[str] = []
    for name in (each.strip().lstrip(".") for each in names.split(",")):
        if name == "*":
            found.append("*")
        elif re.fullmatch(r"[\w.:\[\]-]+", name):
            found += [name] if name[0].isdigit() or name[0] == "[" else [name, f"*.{name}"]
    return found
