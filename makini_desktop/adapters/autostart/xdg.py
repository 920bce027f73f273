"""Start at login on Linux: a desktop entry in the autostart folder.

After the Desktop Application Autostart Specification and the Desktop Entry Specification 1.5.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from makini_desktop.core.text import _
from makini_desktop.domain.errors import StartAtLoginRefused

_RESERVED = re.compile(r"""[\s"'\\><~|&;$*?#()`]""")
_ESCAPED_IN_QUOTES = re.compile(r'["`$\\]')
_VALUE_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


class XdgStartAtLogin:
    """Implements `makini_desktop.services.start_at_login.StartAtLogin` with a file.

    Args:
        name: the file's, without its ending.
        command: what is started, with its arguments.
        folder: the autostart folder; the person's own where it is not given.
    """

    def __init__(self, name: str, command: Sequence[str], folder: Path | None = None) -> None:
        self.path = (folder or _autostart_folder()) / f"{name}.desktop"
        self._entry = desktop_entry(command)

    def wanted(self) -> bool:
        """Tell whether the session starts this very program; an entry that starts another does not count."""
        try:
            entry = _fields(self.path.read_text(encoding="utf-8", errors="surrogateescape"))
        except OSError:
            return False
        off = entry.get("Hidden") == "true" or entry.get("X-GNOME-Autostart-enabled") == "false"
        return not off and entry.get("Exec") == _fields(self._entry)["Exec"]

    def want(self, wanted: bool) -> None:
        """Write the entry, or remove it.

        Raises:
            StartAtLoginRefused: the folder cannot be written.
        """
        try:
            if not wanted:
                self.path.unlink(missing_ok=True)
                return
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(self.path, self._entry.encode("utf-8", "surrogateescape"))
        except OSError as error:
            raise StartAtLoginRefused(
                _("The start at login cannot be changed: {why}.").format(why=error.strerror or error)
            ) from error


def desktop_entry(command: Sequence[str]) -> str:
    """Return the desktop entry that starts `command`."""
    line = " ".join(map(_exec_word, command))
    value = "".join(_VALUE_ESCAPES.get(letter, letter) for letter in line)
    return "\n".join(
        (
            "[Desktop Entry]",
            "Type=Application",
            "Name=Makini Desktop",
            f"Exec={value}",
            "Icon=makini-desktop",
            "Terminal=false",
            "StartupNotify=false",
            "X-GNOME-Autostart-enabled=true",
            "",
        )
    )


def _exec_word(word: str) -> str:
    """Quote one word of the Exec key; field codes (%f) must not be seen in it."""
    word = word.replace("%", "%%")
    if word and not _RESERVED.search(word):
        return word
    return '"' + _ESCAPED_IN_QUOTES.sub(lambda found: "\\" + found[0], word) + '"'


def _fields(entry: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in entry.splitlines() if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip() for key, _equals, value in pairs}


def _replace(path: Path, content: bytes) -> None:
    """Put a file in the place of another; a half-written entry would be read at the next login."""
    descriptor, written = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(written).replace(path)
    except BaseException:
        Path(written).unlink(missing_ok=True)
        raise


def _autostart_folder() -> Path:
    """Return the folder; a relative XDG_CONFIG_HOME is to be ignored (XDG Base Directory Specification)."""
    config = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    return (config if config.is_absolute() else Path.home() / ".config") / "autostart"
