"""PySide6 keeps the references it is lent; 6.12.0 on Python 3.11 lost one with every signal."""

import sys

import pytest
from PySide6.QtCore import QObject, Signal


class Sender(QObject):
    sent = Signal(bool)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="True is immortal, its references do not count")
def test_emitting_a_signal_drops_no_reference_to_its_argument() -> None:
    sender = Sender()
    received: list[bool] = []
    sender.sent.connect(received.append)
    for _ in range(20):  # in small batches, for without its references the interpreter aborts
        before = sys.getrefcount(True)
        for _ in range(100):
            sender.sent.emit(True)
        received.clear()
        assert sys.getrefcount(True) > before - 50
