"""A bare web view on an address: says when its page is first painted, and ends."""

import os
import sys
import time

from PySide6.QtCore import QUrl
from PySide6.QtQuickWidgets import QQuickWidget
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QApplication


def painted() -> None:
    print(time.monotonic(), flush=True)
    os._exit(0)


def watch() -> None:
    screen = view.focusProxy()
    if isinstance(screen, QQuickWidget):
        screen.quickWindow().afterRendering.connect(painted)


application = QApplication(sys.argv[:1])
view = QWebEngineView()
view.resize(480, 748)
view.page().contentsSizeChanged.connect(watch)
view.load(QUrl(sys.argv[1]))
view.show()
application.exec()
