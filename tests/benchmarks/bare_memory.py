"""A bare PySide6 window in a process with asyncio and httpx: how much memory it holds, in KiB, as JSON."""

import asyncio  # noqa: F401 - it counts
import gc
import json
import re
import sys
from pathlib import Path

import httpx  # noqa: F401 - it counts
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow


def said() -> None:
    gc.collect()
    found = re.search(r"^Pss:\s+(\d+)", Path("/proc/self/smaps_rollup").read_text(), re.MULTILINE)
    assert found
    print(json.dumps({"pss": int(found[1])}), flush=True)
    application.quit()


application = QApplication(sys.argv)
window = QMainWindow()
window.resize(1320, 800)
window.show()
QTimer.singleShot(3000, said)
application.exec()
