"""Colours, fonts and measures: the one place where the program's looks are decided."""

from __future__ import annotations

import sys
from enum import Enum

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

from makini_desktop.core.colours import DARK, LIGHT, Tokens
from makini_desktop.core.event import Event
from makini_desktop.domain.health import Health
from makini_desktop.ui import icons

ROW_HEIGHT = 44
RADIUS = 7
CONTROL_HEIGHT = 32


class Theme(Enum):
    """Which colours the person wants."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


HEALTH_TOKEN: dict[Health, str] = {
    Health.RECONNECT_NEEDED: "reconnect",
    Health.FAILING: "failing",
    Health.OFFLINE: "away",
    Health.STUCK: "waiting",
    Health.EXPIRING: "waiting",
    Health.LATE: "waiting",
    Health.INACTIVE: "away",
    Health.PENDING: "accent",
    Health.DISCONNECTED: "away",
    Health.SYNCING: "accent",
    Health.HEALTHY: "good",
    Health.UNKNOWN: "away",
}
"""The token that colours each health."""


class Look:
    """The looks in use: colours of the theme, fonts of the system in our three sizes.

    Attributes:
        changed: the colours are others now; the application's palette has been set.
    """

    def __init__(self, theme: Theme = Theme.SYSTEM) -> None:
        self.changed: Event[None] = Event()
        self.theme = theme
        self._colours: dict[str, QColor] = {}
        self._pixmaps: dict[tuple[Health | str, str, int, float], QPixmap] = {}
        base = QApplication.font()
        scale = 13 / 9.5 if sys.platform == "darwin" else 1.0
        self.body = _sized(base, 9.5 * scale)
        self.strong = _sized(base, 9.5 * scale, QFont.Weight.Bold)
        self.small = _sized(base, 8.5 * scale)
        self.small_strong = _sized(base, 8.5 * scale, QFont.Weight.Bold)
        self.heading = _sized(base, 11 * scale, QFont.Weight.Bold)
        self.title = _sized(base, 14 * scale, QFont.Weight.Bold)
        QApplication.setFont(self.body)
        self.dark = self._wants_dark()
        self._apply()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    @property
    def tokens(self) -> Tokens:
        """The colours of the theme in use."""
        return DARK if self.dark else LIGHT

    @property
    def mono(self) -> QFont:
        """The system's font for commands and ids."""
        return _sized(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont), self.body.pointSizeF())

    def colour(self, name: str) -> QColor:
        """Return the colour of a token in `Tokens`."""
        found = self._colours.get(name)
        if found is None:
            found = self._colours[name] = QColor(getattr(self.tokens, name))
        return found

    def health(self, health: Health) -> QColor:
        """Return the colour of a health."""
        return self.colour(HEALTH_TOKEN[health])

    def tinted(self, name: str, share: float) -> QColor:
        """Return a token's colour laid over the panel with this share."""
        key = f"{name}*{share}"
        found = self._colours.get(key)
        if found is None:
            over, under = self.colour(name), self.colour("panel")
            found = self._colours[key] = QColor(
                round(under.red() + (over.red() - under.red()) * share),
                round(under.green() + (over.green() - under.green()) * share),
                round(under.blue() + (over.blue() - under.blue()) * share),
            )
        return found

    def health_pixmap(self, health: Health, size: int, density: float) -> QPixmap:
        """Return a health's glyph in its colour; drawn once for each size and density."""
        key = (health, HEALTH_TOKEN[health], size, density)
        found = self._pixmaps.get(key)
        if found is None:
            colour = getattr(self.tokens, HEALTH_TOKEN[health])
            found = icons.health_pixmap(health, colour, self.tokens.panel, size, density)
            self._pixmaps[key] = found
        return found

    def glyph_pixmap(self, name: str, token: str, size: int, density: float) -> QPixmap:
        """Return another glyph in a token's colour; drawn once for each size and density."""
        key = (name, token, size, density)
        found = self._pixmaps.get(key)
        if found is None:
            colour = getattr(self.tokens, token)
            found = icons.glyph_pixmap(name, colour, self.tokens.panel, size, density)
            self._pixmaps[key] = found
        return found

    def use(self, theme: Theme) -> None:
        """Change the theme."""
        self.theme = theme
        self._refresh()

    def _system_changed(self, _scheme: Qt.ColorScheme) -> None:
        self._refresh()

    def _refresh(self) -> None:
        dark = self._wants_dark()
        if dark != self.dark:
            self.dark = dark
            self._colours.clear()
            self._pixmaps.clear()
            self._apply()
            self.changed.emit(None)

    def _wants_dark(self) -> bool:
        if self.theme is Theme.SYSTEM:
            return QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return self.theme is Theme.DARK

    def _apply(self) -> None:
        role, group = QPalette.ColorRole, QPalette.ColorGroup
        palette = QPalette()
        for name, roles in {
            "background": (role.Window,),
            "panel": (role.Base, role.Button, role.ToolTipBase, role.Light, role.Midlight),
            "hover": (role.AlternateBase,),
            "line": (role.Mid, role.Dark, role.Shadow),
            "text": (role.WindowText, role.Text, role.ButtonText, role.ToolTipText, role.BrightText),
            "secondary": (role.PlaceholderText,),
            "selection": (role.Highlight,),
            "accent": (role.Link, role.LinkVisited, role.Accent),
        }.items():
            for each in roles:
                palette.setColor(each, self.colour(name))
        palette.setColor(role.HighlightedText, self.colour("text"))
        for each in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
            palette.setColor(group.Disabled, each, self.colour("secondary"))
        QApplication.setPalette(palette)


def _sized(base: QFont, points: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    font = QFont(base)
    font.setPointSizeF(points)
    font.setWeight(weight)
    return font
