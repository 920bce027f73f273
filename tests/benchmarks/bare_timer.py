"""A bare PySide6 window: how late a timer of 16 ms comes in it, in milliseconds, as JSON."""

import json
import sys
import time

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QTableView

application = QApplication(sys.argv)
window = QMainWindow()
window.setCentralWidget(QTableView())
window.show()
late: list[float] = []
last = time.perf_counter()


def came() -> None:
    global last  # noqa: PLW0603 - a script of one screen
    now = time.perf_counter()
    late.append(max(0.0, (now - last) * 1000 - 16))
    last = now


timer = QTimer()
timer.setTimerType(Qt.TimerType.PreciseTimer)
timer.setInterval(16)
timer.timeout.connect(came)
timer.start()
QTimer.singleShot(int(float(sys.argv[1]) * 1000), application.quit)
application.exec()
late.sort()
print(json.dumps({"p50": late[len(late) // 2], "p99": late[int(len(late) * 0.99)], "worst": late[-1]}))
