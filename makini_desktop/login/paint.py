"""When a page can be seen: the engine says when it has loaded, its frames say when it is there."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal
from PySide6.QtQuickWidgets import QQuickWidget
from PySide6.QtWebEngineWidgets import QWebEngineView

_QUIET_MS = 100  # a page that draws nothing new for so long is complete
_PATIENCE_MS = 2000  # some pages are never quiet, and some stay blank


class PaintWatch(QObject):
    """Follows one load of one view from its start until its page stands still.

    The first frames of a page often hold its background only, so quiet frames are not enough: the
    picture has to hold something too.

    Signals:
        appeared: the first frame of the new page was drawn.
        settled: loaded and drawn, once for every load that was begun and finished.
    """

    appeared = Signal()
    settled = Signal()

    def __init__(self, view: QWebEngineView) -> None:
        super().__init__(view)
        self._view = view
        self._screen: QQuickWidget | None = None
        self._is_under_way = False
        self._is_laid_out = False
        self._has_appeared = False
        self._is_finished = False
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._quiet.timeout.connect(self._on_quiet)
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._patience.timeout.connect(self._settle)

    @property
    def is_under_way(self) -> bool:
        """Whether a load has begun that is neither settled nor given up."""
        return self._is_under_way

    def begin(self) -> None:
        """A load starts; what is drawn still belongs to the page before it."""
        self.give_up()
        self._is_under_way = True

    def lay_out(self) -> None:
        """The new page is in place: from here on frames are its own."""
        screen = self._view.focusProxy()
        if (
            isinstance(screen, QQuickWidget) and screen is not self._screen
        ):  # a new renderer draws on a new one
            self._screen = screen
            screen.quickWindow().afterRendering.connect(self._on_frame)
        self._is_laid_out = self._is_under_way

    def finish(self) -> None:
        """The load is done; report as soon as the page stands still."""
        self.lay_out()
        self._is_finished = True
        self._patience.start()
        if self._has_appeared:
            self._quiet.start()

    def give_up(self) -> None:
        """The load brought no page; report nothing."""
        self._is_under_way = self._is_laid_out = self._has_appeared = self._is_finished = False
        self._quiet.stop()
        self._patience.stop()

    def is_blank(self) -> bool:
        """Say whether all that is drawn has one colour."""
        small = (
            self._view.grab().toImage().scaled(QSize(64, 64), mode=Qt.TransformationMode.SmoothTransformation)
        )
        first = small.pixel(0, 0)
        return all(small.pixel(x, y) == first for x in range(small.width()) for y in range(small.height()))

    def _on_frame(self) -> None:
        if not self._is_laid_out:
            return
        if not self._has_appeared:
            self._has_appeared = True
            self.appeared.emit()
        if self._is_finished:
            self._quiet.start()

    def _on_quiet(self) -> None:
        if not self.is_blank():
            self._settle()

    def _settle(self) -> None:
        has_appeared = self._has_appeared
        self.give_up()
        if not has_appeared:
            self.appeared.emit()
        self.settled.emit()
