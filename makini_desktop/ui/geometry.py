"""Where the window was and how it was divided; kept as one setting."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QMainWindow, QSplitter


class Geometry(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept."""

    window: str = ""
    split: tuple[int, ...] = ()


def restore(text: str | None, window: QMainWindow, splitter: QSplitter) -> None:
    """Put window and splitter where `text` says; they stay where they are if it says nothing usable."""
    try:
        kept = msgspec.json.decode(text or "{}", type=Geometry)
    except msgspec.MsgspecError:
        return
    if kept.window:
        window.restoreGeometry(QByteArray.fromBase64(kept.window.encode("ascii", "replace")))
    if len(kept.split) == splitter.count():
        splitter.setSizes(list(kept.split))


def kept(window: QMainWindow, splitter: QSplitter) -> str:
    """Return the text that `restore` understands."""
    geometry = Geometry(
        window=bytes(window.saveGeometry().toBase64().data()).decode("ascii"),
        split=tuple(splitter.sizes()),
    )
    return msgspec.json.encode(geometry).decode()
