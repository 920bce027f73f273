"""Preferences: what the person wants to be told, the same for all accounts of the profile."""

from __future__ import annotations

import msgspec

from makini_desktop.core.event import Event
from makini_desktop.domain.alerting import AlertSettings

ALERTS = "alerts.settings"
"""The setting that holds them, as JSON."""


class Preferences:
    """What is announced and when.

    Args:
        settings: the window's settings, as they are kept; read when asked for the first time.

    Attributes:
        alerts_changed: the new settings.
    """

    def __init__(self, settings: dict[str, str]) -> None:
        self._settings = settings
        self._alerts: AlertSettings | None = None
        self.alerts_changed: Event[AlertSettings] = Event()

    @property
    def alerts(self) -> AlertSettings:
        """What is announced; the defaults where nothing readable was kept."""
        if self._alerts is None:
            self._alerts = _read(self._settings.get(ALERTS, "{}"))
        return self._alerts

    def take_up(self, kept: str) -> None:
        """Announce by what was kept, where that was not known at the start."""
        self._settings[ALERTS] = kept
        self._use(_read(kept))

    def change_alerts(self, alerts: AlertSettings) -> str:
        """Announce by these from now on.

        Returns:
            What to keep under `ALERTS`.
        """
        kept = msgspec.json.encode(alerts).decode()
        self._settings[ALERTS] = kept
        self._use(alerts)
        return kept

    def _use(self, alerts: AlertSettings) -> None:
        if alerts != self._alerts:
            self._alerts = alerts
            self.alerts_changed.emit(alerts)


def _read(kept: str) -> AlertSettings:
    try:
        return msgspec.json.decode(kept, type=AlertSettings)
    except msgspec.DecodeError:
        return AlertSettings()
