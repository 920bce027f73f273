"""Takes secrets out of a text at the boundary where it leaves the program."""

from __future__ import annotations

import re

MARK = "[redacted]"

_NAMES = (
    r"access_token|refresh_token|client_secret|code_verifier|authorization|password|passphrase|"
    r"token|secret|code|state"
)
_FIELD = rf"(?i)([\"']?\b(?:{_NAMES})[\"']?\s*[=:]\s*)"
_PATTERNS = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=\-]+"), rf"\1 {MARK}"),
    (re.compile(rf"{_FIELD}([\"'])(?:\\.|(?!\2).)*\2"), rf"\1\2{MARK}\2"),
    (re.compile(rf"{_FIELD}(?![\"']?{re.escape(MARK)})([\"']?)[^\s\"'&,}}\]]+"), rf"\1\2{MARK}"),
    (re.compile(r"\beyJ[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]*"), MARK),
)


def redact(text: str) -> str:
    """Return `text` without bearer tokens, JWTs, and the values of fields named like secrets."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text
