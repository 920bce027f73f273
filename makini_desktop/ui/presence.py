"""Where the program is while its window is closed: in the tray, minimised, or ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from makini_desktop.core.event import Event
from makini_desktop.ui.surroundings import Closing

if TYPE_CHECKING:
    from makini_desktop.ui.main_window import MainWindow

CLOSING = "ui.closing"
"""The setting that says what closing means; without it the person was not asked yet."""

TOLD_OF_TRAY = "ui.close"
"""The setting that says "told" once the person knows that the program goes on in the tray."""


class Presence:
    """Implements `makini_desktop.ui.surroundings.Surroundings` for the window that is shown.

    With a tray, closing hides the window. Without one the person is asked once, and the window is minimised
    or the program ends.

    Args:
        window: the one that is shown.
        settings: those of the window, as they are kept.
        save: keeps a setting.
        quit_program: ends the program.

    Attributes:
        starts_at_login: whether the session starts the program; None until that is known, or where it cannot.
        start_at_login_wanted: what the person wants of that from now on.
        hid_first: the window was hidden in the tray for the first time.
    """

    def __init__(
        self,
        window: MainWindow,
        settings: Mapping[str, str],
        save: Callable[[str, str], None],
        quit_program: Callable[[], None],
    ) -> None:
        self.starts_at_login: bool | None = None
        self.start_at_login_wanted: Event[bool] = Event()
        self.hid_first: Event[None] = Event()
        self._tray = False
        self._away = False
        self._settings = settings
        self._save = save
        self._quit = quit_program
        self.set_window(window)

    @property
    def tray(self) -> bool:
        """True while there is a tray to appear in."""
        return self._tray

    @property
    def closing(self) -> Closing:
        """What closing the window means; with a tray there is no need to ask."""
        chosen = self._settings.get(CLOSING)
        if chosen in (Closing.KEEP.value, Closing.QUIT.value):
            return Closing(chosen)
        return Closing.KEEP if self._tray else Closing.ASK

    def change_closing(self, closing: Closing) -> None:
        """Let closing the window mean something else."""
        self._save(CLOSING, closing.value)

    def change_start_at_login(self, wanted: bool) -> None:
        """Start with the session from now on, minimised, or no longer."""
        self.start_at_login_wanted.emit(wanted)

    def set_window(self, window: MainWindow) -> None:
        """Speak for this window from now on."""
        self._window = window
        window.surroundings = self

    def set_tray(self, there: bool) -> None:
        """Take in whether there is a tray; a window that was put away stays within reach."""
        if there == self._tray:
            return
        self._tray = there
        if there and self._away and self._window.isMinimized():
            self._window.hide()
        elif not there and self._window.isHidden():
            self._window.showMinimized()

    def window_closed(self) -> None:
        """Do what closing the window means, asking first where nobody knows."""
        match self.closing:
            case Closing.QUIT:
                self._quit()
            case Closing.KEEP:
                self.leave()
                if self._tray and self._settings.get(TOLD_OF_TRAY) != "told":
                    self._save(TOLD_OF_TRAY, "told")
                    self.hid_first.emit(None)
            case Closing.ASK:
                from makini_desktop.ui.dialogs.closing_question import ask

                ask(self._window, self._chosen)

    def leave(self) -> None:
        """Put the window away."""
        self._away = True
        if self._tray:
            self._window.hide()
        else:
            self._window.showMinimized()

    def _chosen(self, closing: Closing) -> None:
        self.change_closing(closing)
        self.window_closed()
