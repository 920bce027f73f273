"""Whose sign-in pages refuse embedded windows. They are recognised and sent to the browser, never fooled.

The list is short on purpose: a host is on it only where its owner says so.

- Google: sign-ins from embedded frameworks are blocked since 4 January 2021, OAuth requests from embedded
  views since 30 September 2021, with the error ``disallowed_useragent``.
  https://developers.googleblog.com/2020/08/guidance-for-our-effort-to-block-less-secure-browser-and-apps.html
  https://developers.googleblog.com/en/upcoming-security-changes-to-googles-oauth-20-authorization-endpoint-in-embedded-webviews
"""

from __future__ import annotations

_REFUSING_HOSTS = frozenset({"accounts.google.com"})

_REFUSAL_MARKS = ("disallowed_useragent",)
"""What pages say that refuse; an error code of OAuth servers, so the same in every language."""


def refuses_embedding(host: str) -> bool:
    """Say whether pages of `host` (without port) are known not to work in an embedded window."""
    return host.lower() in _REFUSING_HOSTS


def says_so(address: str, text: str) -> bool:
    """Say whether a page, by its address or its visible text, refuses to be embedded."""
    return any(mark in address or mark in text for mark in _REFUSAL_MARKS)
