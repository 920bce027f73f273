"""Colours and shapes of the login window, the same as the main window's."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

from makini_desktop.core.colours import Tokens


def palette(look: Tokens) -> QPalette:
    """Return `look` as Qt wants it, for everything that the style sheet does not name."""
    colours = QPalette()
    for role, colour in (
        (QPalette.ColorRole.Window, look.background),
        (QPalette.ColorRole.WindowText, look.text),
        (QPalette.ColorRole.Base, look.panel),
        (QPalette.ColorRole.AlternateBase, look.background),
        (QPalette.ColorRole.Text, look.text),
        (QPalette.ColorRole.PlaceholderText, look.secondary),
        (QPalette.ColorRole.Button, look.panel),
        (QPalette.ColorRole.ButtonText, look.text),
        (QPalette.ColorRole.ToolTipBase, look.panel),
        (QPalette.ColorRole.ToolTipText, look.text),
        (QPalette.ColorRole.Highlight, look.accent),
        (QPalette.ColorRole.HighlightedText, look.on_accent),
        (QPalette.ColorRole.Link, look.accent),
    ):
        colours.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        colours.setColor(QPalette.ColorGroup.Disabled, role, QColor(look.line))
    return colours


def style_sheet(look: Tokens) -> str:
    """Return the style sheet of the login window; widgets are named by ``objectName``."""
    return f"""
        QWidget#window, QWidget#footer {{ background: {look.background}; }}
        QWidget#header {{ background: {look.panel}; border-bottom: 1px solid {look.line}; }}
        QWidget#footer {{ border-top: 1px solid {look.line}; }}
        QWidget#card {{ background: {look.panel}; }}
        QLabel {{ color: {look.text}; font-size: 9.5pt; }}
        QLabel#title {{ font-size: 14pt; font-weight: 600; }}
        QLabel#secondary {{ color: {look.secondary}; }}
        QWidget#scrim {{ background: rgba(20, 24, 30, 110); }}
        QWidget#question {{ background: {look.panel}; border-bottom: 1px solid {look.line}; }}
        QLabel#question-title {{ font-size: 11pt; font-weight: 600; }}
        QLineEdit, QListWidget {{
            color: {look.text}; background: {look.background}; border: 1px solid {look.line};
            border-radius: 6px; font-size: 9.5pt;
            selection-background-color: {look.accent}; selection-color: {look.on_accent};
        }}
        QLineEdit {{ padding: 0 8px; min-height: 30px; }}
        QLineEdit:focus, QListWidget:focus {{ border-color: {look.accent}; }}
        QListWidget {{ outline: none; }}
        QListWidget::item {{ padding: 4px 8px; border-radius: 4px; color: {look.text}; }}
        QListWidget::item:selected {{ background: {look.selection}; }}
        QWidget#notice {{ background: {look.banner}; border-bottom: 1px solid {look.line}; }}
        QPushButton {{
            color: {look.text}; background: {look.panel}; border: 1px solid {look.line};
            border-radius: 6px; padding: 0 12px; min-height: 30px; font-size: 9.5pt;
        }}
        QPushButton:hover {{ background: {look.selection}; }}
        QPushButton:focus {{ border-color: {look.accent}; }}
        QPushButton#primary {{
            color: {look.on_accent}; background: {look.accent}; border-color: {look.accent}; font-weight: 600;
        }}
        QPushButton#primary:focus {{ border: 2px solid {look.secondary}; }}
        QPushButton#quiet {{ background: transparent; border-color: transparent; color: {look.accent}; }}
        QPushButton#quiet:focus {{ border-color: {look.accent}; }}
        QPushButton#offer {{
            background: transparent; border-color: transparent; color: {look.accent}; font-weight: 600;
            padding: 0; min-height: 24px;
        }}
        QPushButton#offer:focus {{ border-bottom: 1px solid {look.accent}; border-radius: 0; }}
        QToolButton {{ border: 1px solid transparent; border-radius: 6px; background: transparent; }}
        QToolButton:hover:enabled {{ background: {look.selection}; }}
        QToolButton:focus {{ border-color: {look.accent}; }}
    """
