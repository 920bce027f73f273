"""News from one part of the program to any other, typed and synchronous."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Event(Generic[T]):
    """Something that happens now and then; subscribers are called in the order they came.

    A subscriber that raises stops neither the others nor the one who told: the first error is raised
    to the emitter after all were called, so that it is reported once and nothing is lost.
    """

    def __init__(self) -> None:
        self._subscribers: dict[object, Callable[[T], None]] = {}

    def subscribe(self, subscriber: Callable[[T], None]) -> Callable[[], None]:
        """Call `subscriber` with every value from now on.

        Returns:
            A function that ends the subscription; calling it twice is harmless.
        """
        subscription = object()
        self._subscribers[subscription] = subscriber

        def unsubscribe() -> None:
            self._subscribers.pop(subscription, None)

        return unsubscribe

    def emit(self, value: T) -> None:
        """Tell all subscribers.

        Raises:
            Exception: what the first failing subscriber raised, after all were called.
        """
        failure: Exception | None = None
        for subscriber in tuple(self._subscribers.values()):
            try:
                subscriber(value)
            except Exception as error:  # noqa: BLE001 - one subscriber may not silence the next
                failure = failure or error
        if failure is not None:
            raise failure
