"""The systems that a customer can connect, as Qt sees them: those that match what is typed."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from makini_desktop.domain.platform import Platform

Index = QModelIndex | QPersistentModelIndex


class PlatformModel(QAbstractListModel):
    """Systems for a view, by name."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[Platform, ...] = ()
        self._shown: tuple[Platform, ...] = ()
        self._words = ""

    def show(self, platforms: tuple[Platform, ...]) -> None:
        """Show these systems."""
        self._all = platforms
        self.search(self._words)

    def search(self, words: str) -> None:
        """Show those that have every one of these words in their name, key or category."""
        self._words = words
        wanted = words.casefold().split()
        self.beginResetModel()
        self._shown = tuple(each for each in self._all if all(word in _said(each) for word in wanted))
        self.endResetModel()

    def platform(self, position: int) -> Platform:
        """Return a system."""
        return self._shown[position]

    def position(self, platform: Platform) -> int | None:
        """Return where a system is, None if it is not shown."""
        return self._shown.index(platform) if platform in self._shown else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return how many are shown."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a system's name, or what a screen reader says."""
        if not index.isValid():
            return None
        platform = self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return platform.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, (platform.name, platform.category)))
        return None


def _said(platform: Platform) -> str:
    return f"{platform.name} {platform.key} {platform.category}".casefold()
