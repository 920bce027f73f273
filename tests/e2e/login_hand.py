"""A hand at a login window: it types, clicks, and waits for what the window tells."""

from collections.abc import Sequence
from typing import Any

from makini_desktop.adapters.login import LoginProcess

Orders = Sequence[dict[str, Any]]

_TOLD = ("question", "notice", "trouble")


class LoginHand:
    """Uses one login window; an order with an event is a wait for that, told already or still to come."""

    def __init__(self, window: LoginProcess) -> None:
        self._window = window
        self._told: list[dict[str, Any]] = []

    async def carry_out(self, orders: Orders) -> None:
        """Give orders, one after the other."""
        for order in orders:
            if "event" in order:
                await self._wait(order)
            else:
                await self._window.write(order)
                answer = await self._next("done", "refused")
                assert answer["event"] == "done", answer

    async def _wait(self, wanted: dict[str, Any]) -> None:
        for told in self._told:
            if holds(told, wanted):
                self._told.remove(told)
                return
        while not holds(await self._next(wanted["event"]), wanted):
            pass

    async def _next(self, *names: str) -> dict[str, Any]:
        """Return the next event with one of these names, and keep what is told meanwhile."""
        while (event := await self._window.event("done", "refused", *_TOLD))["event"] not in names:
            self._told.append(event)
        return event


def holds(value: Any, wanted: Any) -> bool:
    """Tell whether an answer holds what is wanted of it."""
    if isinstance(wanted, dict) and isinstance(value, dict):
        return all(holds(value.get(name), each) for name, each in wanted.items())
    if isinstance(wanted, str) and isinstance(value, list):
        return any(wanted in each for each in value)
    return wanted in value if isinstance(wanted, str) and isinstance(value, str) else value == wanted
