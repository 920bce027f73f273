"""The program's window on 100,000 rows: how long filters and sorts take, and how late a timer of 16 ms comes.

Arguments: rows, seconds. Prints one JSON document, times in milliseconds, each until the rows are painted.
"""

import gc
import json
import random
import sys
import time

import msgspec
from PySide6.QtCore import QEventLoop, Qt, QTimer

from makini_desktop.domain.health import Health
from makini_desktop.services.store import Row, Store, Sweep
from makini_desktop.ui.application import make_application
from makini_desktop.ui.main_window import MainWindow
from makini_desktop.ui.models.listing import COLUMNS
from tests.benchmarks.lateness import Lateness
from tests.gui.conftest import ACCOUNT, FakeClock, FakeCommands
from tests.gui.rows import NOW, row

TYPED = ("c", "cu", "cus", "cust", "custo", "customer", "", "9", "99", "99 sap", "99 sap fail", "odoo", "")
BATCHES_A_SECOND = 10
HEALTHS = (*[Health.HEALTHY] * 20, Health.FAILING, Health.RECONNECT_NEEDED, Health.OFFLINE, Health.SYNCING)
SYSTEMS = ("SAP S/4HANA", "IBM Maximo", "Odoo", "Infor EAM", "UpKeep")


def any_row(name: str) -> Row:
    made = row(
        name,
        random.choice(HEALTHS),
        system=random.choice(SYSTEMS),
        good_minutes=random.randrange(10_000),
        token_days=random.randrange(60),
    )
    return msgspec.structs.replace(made, days=tuple(random.choices(HEALTHS, k=30)))


count, seconds = int(sys.argv[1]), float(sys.argv[2])
random.seed(20)
application = make_application([])
store = Store()
store.set_sweep(Sweep(last_at=NOW))
store.put(any_row(f"Customer {number * 7919 % count:06}") for number in range(count))
window = MainWindow(store, FakeCommands(), FakeClock(), account=ACCOUNT, settings={}, sandbox=False)  # type: ignore[arg-type]
window.show()


def settle(milliseconds: float) -> None:
    """Let the window run as it does for a person, on Qt's own loop."""
    loop = QEventLoop()
    QTimer.singleShot(round(milliseconds), loop.quit)
    loop.exec()


def timed(work) -> float:
    began = time.perf_counter()
    work()
    application.processEvents()
    return (time.perf_counter() - began) * 1000


settle(100)
window.model.close()  # first without anything prepared
unprepared = timed(lambda: window.table.sortByColumn(3, Qt.SortOrder.AscendingOrder))
window.close_down()
window = MainWindow(store, FakeCommands(), FakeClock(), account=ACCOUNT, settings={}, sandbox=False)  # type: ignore[arg-type]
window.show()
while not window.model.ready:
    settle(100)
gc.collect()
gc.freeze()  # what a test makes of rows is no matter of the window's
keystrokes = {text: timed(lambda text=text: window.model.search(text)) for text in TYPED}
sorts = {
    column.value: timed(lambda at=at: window.table.sortByColumn(at, Qt.SortOrder.AscendingOrder))
    for at, column in enumerate(COLUMNS)
}
names = [each.connection.name for each in store.rows.values()]
window.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
window.table.select([next(iter(store.rows))])
changed = 0


def change() -> None:
    global changed  # noqa: PLW0603 - a script of one screen
    some = random.sample(names, count // 100 // BATCHES_A_SECOND)
    store.put(prepared.pop() if prepared else [any_row(name) for name in some])
    changed += len(some)


prepared = [
    [any_row(name) for name in random.sample(names, count // 100 // BATCHES_A_SECOND)]
    for _batch in range(int(seconds * BATCHES_A_SECOND) + BATCHES_A_SECOND)
]
changes = QTimer()
changes.setInterval(1000 // BATCHES_A_SECOND)
changes.timeout.connect(change)
changes.start()
lateness = Lateness()
QTimer.singleShot(int(seconds * 1000), application.exit)  # quitting asks the window, which has its own mind
application.exec()
print(
    json.dumps(
        {
            "unprepared": unprepared,
            "keystrokes": keystrokes,
            "sorts": sorts,
            "changed": changed,
            "late": lateness.summary(),
        }
    )
)
