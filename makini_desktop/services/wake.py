"""Notices that this computer slept: by the system's word where it gives one, else by its clocks."""

from __future__ import annotations

from makini_desktop.core.clock import Clock
from makini_desktop.services.ports import Power
from makini_desktop.services.weather import Weather

LOOK_EVERY = 10.0
"""Seconds between two looks at the clocks."""

GAP = 20.0
"""Seconds by which the clocks may be apart, or a look late, before the computer must have slept."""


class Wake:
    """Tells the weather of every waking, once.

    The time of day goes on while a computer sleeps and the monotonic clock may stand still: the gap between
    them is a sleep that nobody told of. Where both go on, the look itself comes late. A clock that was set
    is taken for the same: whatever was to be done at a time of day is planned anew.

    Args:
        power: what the system tells.
    """

    def __init__(self, weather: Weather, power: Power, clock: Clock) -> None:
        self._weather = weather
        self._power = power
        self._clock = clock
        self._told = False

    async def run(self) -> None:
        """Watch until cancelled."""
        unsubscribe = self._power.woke.subscribe(self._told_by_system)
        try:
            await self._power.open()
            while True:
                began, time_of_day = self._clock.monotonic(), self._clock.now()
                await self._clock.sleep(LOOK_EVERY)
                passed = self._clock.monotonic() - began
                apart = abs((self._clock.now() - time_of_day).total_seconds() - passed)
                if (apart > GAP or passed - LOOK_EVERY > GAP) and not self._told:
                    self._weather.set_woke(self._clock.now())
                self._told = False
        finally:
            unsubscribe()

    def _told_by_system(self, _none: None) -> None:
        self._told = True
        self._weather.set_woke(self._clock.now())
