"""Our own mistakes: what a slot or a task raised and nobody caught is reported once, in one place."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any

from makini_desktop.core.text import _
from makini_desktop.services.store import Notice, Tone

if TYPE_CHECKING:
    import asyncio

logger = logging.getLogger(__name__)


class Faults:
    """Reports uncaught exceptions to the log, and to the person in one sentence.

    The log is redacted; the sentence names the kind of error only.
    """

    def __init__(self, tell: Callable[[Notice], None]) -> None:
        self._tell = tell
        self._before = sys.excepthook

    def install(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Take reports from slots, and from the tasks of `loop`."""
        sys.excepthook = self._raised
        if loop is not None:
            loop.set_exception_handler(self._forgotten)

    def uninstall(self) -> None:
        """Give the slots' reports back to who had them."""
        sys.excepthook = self._before

    def report(self, error: BaseException) -> None:
        """Report an error."""
        logger.error("not caught: %s", type(error).__name__, exc_info=error)
        self._tell(
            Notice(
                words=_("Something went wrong inside this program. It goes on; the log has the details."),
                tone=Tone.BAD,
                details=type(error).__name__,
            )
        )

    def _raised(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, Exception):
            self.report(error)
        else:
            self._before(kind, error, trace)

    def _forgotten(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.report(error)
        else:
            logger.error("event loop: %s %s", context.get("message", ""), context.get("task", ""))
