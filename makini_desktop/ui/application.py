"""The Qt application: its name and style."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication


def make_application(arguments: Sequence[str]) -> QApplication:
    """Make the one application of the process.

    Colours and fonts come with the window's `Look`, the icon after the first frame. The last window
    closing does not end the program: it ends when its clean-up is done (see
    `makini_desktop.ui.lifecycle`).
    """
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    QApplication.setDesktopFileName("makini-desktop")
    application = QApplication(["makini-desktop", *arguments])
    application.setApplicationName("makini-desktop")
    application.setApplicationDisplayName("Makini Desktop")
    application.setQuitOnLastWindowClosed(False)
    application.setStyle("Fusion")
    return application


def keep_no_sources() -> None:
    """Keep PySide6 from reading the source of every module that is imported from now on.

    Python keeps what was read, some 20 MiB. PySide6 looks for its own name there, to offer such modules
    other spellings (`snake_case`, `true_property`), which nobody here uses. Where it no longer does it so,
    nothing is changed.
    """
    feature = sys.modules.get("shibokensupport.feature")
    if hasattr(feature, "_mod_uses_pyside"):
        feature._mod_uses_pyside = lambda _module: False  # type: ignore[union-attr] # noqa: SLF001
