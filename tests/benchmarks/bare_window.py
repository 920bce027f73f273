"""A bare PySide6 window with an empty table: says the time of its first painted frame and ends."""

import os
import sys
import time

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QTableView


class Table(QTableView):
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        print(time.monotonic(), flush=True)
        os._exit(0)


application = QApplication(sys.argv)
window = QMainWindow()
window.setCentralWidget(Table())
window.resize(1320, 800)
window.show()
application.exec()
