"""How late a timer of 16 ms comes."""

import time

from PySide6.QtCore import Qt, QTimer

PERIOD = 16.0


class Lateness:
    """Counts from its making until it is asked for, in milliseconds."""

    def __init__(self) -> None:
        self._found: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(int(PERIOD))
        self._timer.timeout.connect(self._came)
        self._timer.start()

    def summary(self) -> dict[str, float]:
        """Stop, and return median, p99 and worst."""
        self._timer.stop()
        late = sorted(self._found)
        return {"p50": late[len(late) // 2], "p99": late[int(len(late) * 0.99)], "worst": late[-1]}

    def _came(self) -> None:
        now = time.perf_counter()
        self._found.append(max(0.0, (now - self._last) * 1000 - PERIOD))
        self._last = now
