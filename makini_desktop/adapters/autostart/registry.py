"""The person's own part of the Windows registry."""

from __future__ import annotations

import sys
from contextlib import suppress

if sys.platform == "win32":
    import winreg

    class CurrentUserRegistry:
        """Implements `makini_desktop.adapters.autostart.windows.CurrentUser`."""

        def read(self, key: str, name: str) -> str | bytes | None:
            """Return a value; None where there is none."""
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                    value, _kind = winreg.QueryValueEx(opened, name)
            except FileNotFoundError:
                return None
            return value if isinstance(value, str | bytes) else None

        def write(self, key: str, name: str, value: str) -> None:
            """Write a text."""
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
                winreg.SetValueEx(opened, name, 0, winreg.REG_SZ, value)

        def delete(self, key: str, name: str) -> None:
            """Delete a value; one that is not there is no error."""
            with (
                suppress(FileNotFoundError),
                winreg.OpenKey(winreg.HKEY_CURRENT_USER, key, access=winreg.KEY_SET_VALUE) as opened,
            ):
                winreg.DeleteValue(opened, name)
