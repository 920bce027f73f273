"""The Qt application: its name, style and icon."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from makini_desktop.ui.icons import application_icon


def make_application(arguments: Sequence[str]) -> QApplication:
    """Make the one application of the process.

    Colours and fonts come with the window's `Look`. The last window closing does not end the program:
    it ends when its clean-up is done (see `makini_desktop.ui.lifecycle`).
    """
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    QApplication.setDesktopFileName("makini-desktop")
    application = QApplication(["makini-desktop", *arguments])
    application.setApplicationName("makini-desktop")
    application.setApplicationDisplayName("Makini Desktop")
    application.setQuitOnLastWindowClosed(False)
    application.setStyle("Fusion")
    application.setWindowIcon(application_icon())
    return application
