"""Tasks: one for each name, none forgotten, none failing unseen."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from makini_desktop.core.tasks import Tasks


async def some_turns() -> None:
    """Let everybody run who waits for nothing."""
    for _ in range(10):
        await asyncio.sleep(0)


class Work:
    """Something to do that ends when it is told to."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.end = asyncio.Event()
        self.cleaned_up = False

    async def __call__(self) -> None:
        self.begun.set()
        try:
            await self.end.wait()
        finally:
            await asyncio.sleep(0)
            self.cleaned_up = True


@pytest.fixture
def errors() -> list[BaseException]:
    return []


@pytest.fixture
async def tasks(errors) -> AsyncIterator[Tasks]:
    tasks = Tasks(errors.append)
    yield tasks
    await tasks.aclose()


async def test_a_second_task_of_one_name_is_not_started(tasks):
    first, second = Work(), Work()
    assert tasks.start("sync A", first())
    assert not tasks.start("sync A", second())
    await first.begun.wait()
    assert not second.begun.is_set()


async def test_a_name_is_free_again_once_its_task_has_ended(tasks):
    first, second = Work(), Work()
    tasks.start("sync A", first())
    first.end.set()
    await first.begun.wait()
    await some_turns()
    assert tasks.start("sync A", second())
    await second.begun.wait()


async def test_a_task_that_has_just_done_its_last_step_is_not_taken_for_a_running_one(tasks):
    started_again: list[bool] = []

    async def first() -> None:
        asyncio.get_running_loop().call_soon(again)

    def again() -> None:
        started_again.append(tasks.start("alerts", second()))

    second = Work()
    tasks.start("alerts", first())
    await asyncio.wait_for(second.begun.wait(), 5)
    assert started_again == [True]
    assert tasks.running("alerts")


async def test_cancelling_ends_the_task_of_that_name_only(tasks, errors):
    one, other = Work(), Work()
    tasks.start("one", one())
    tasks.start("other", other())
    await one.begun.wait()
    tasks.cancel("one")
    tasks.cancel("nobody")
    await some_turns()
    assert not tasks.running("one")
    assert one.cleaned_up
    assert tasks.running("other")
    assert errors == []


async def test_what_a_task_raises_is_reported(tasks, errors):
    async def fails() -> None:
        raise ValueError("broken")

    tasks.start("fails", fails())
    await some_turns()
    assert [str(error) for error in errors] == ["broken"]


async def test_closing_waits_until_all_have_cleaned_up_and_starts_nothing_more(tasks, errors):
    work, late = Work(), Work()
    tasks.start("work", work())
    await work.begun.wait()
    await tasks.aclose()
    assert work.cleaned_up
    assert not tasks.start("late", late())
    assert errors == []
