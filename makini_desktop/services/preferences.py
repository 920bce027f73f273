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
            try:
                self._alerts = msgspec.json.decode(self._settings.get(ALERTS, "{}"), type=AlertSettings)
            except msgspec.DecodeError:
                self._alerts = AlertSettings()
        return self._alerts

    def change_alerts(self, alerts: AlertSettings) -> str:
        """Announce by these from now on.

        Returns:
            What to keep under `ALERTS`.
        """
        kept = msgspec.json.encode(alerts).decode()
        self._settings[ALERTS] = kept
        if alerts != self.alerts:
            self._alerts = alerts
            self.alerts_changed.emit(alerts)
        return kept
