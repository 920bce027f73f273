"""A bare QTableView on a QStandardItemModel: how long its sorts take, and how late a timer of 16 ms comes.

Arguments: rows, seconds. Prints one JSON document, times in milliseconds.
"""

import json
import random
import sys
import time

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication, QTableView

from tests.benchmarks.lateness import Lateness

COLUMNS = 7
BATCHES_A_SECOND = 10
count, seconds = int(sys.argv[1]), float(sys.argv[2])
random.seed(20)
application = QApplication(sys.argv)
model = QStandardItemModel()
for _row in range(count):
    model.appendRow([QStandardItem(f"{random.randrange(count):06}") for _column in range(COLUMNS)])
view = QTableView()
view.setModel(model)
view.show()
application.processEvents()


def timed(work) -> float:
    began = time.perf_counter()
    work()
    application.processEvents()
    return (time.perf_counter() - began) * 1000


sorts = [timed(lambda at=at: view.sortByColumn(at, Qt.SortOrder.AscendingOrder)) for at in range(COLUMNS)]


def change() -> None:
    for _each in range(count // 100 // BATCHES_A_SECOND):
        model.item(random.randrange(count), 3).setText(f"{random.randrange(count):06}")


changes = QTimer()
changes.setInterval(1000 // BATCHES_A_SECOND)
changes.timeout.connect(change)
changes.start()
lateness = Lateness()
QTimer.singleShot(int(seconds * 1000), application.quit)
application.exec()
print(json.dumps({"sorts": sorts, "late": lateness.summary()}))
