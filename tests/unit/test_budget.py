"""The request budget: so many a second, so few at once, a person first."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makini_desktop.adapters.api.budget import Budget, Lane
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.services.ports import Priority
from tests.fakes.clock import FakeClock

PERSON, BACKGROUND = Priority.PERSON, Priority.BACKGROUND


class Traffic:
    """Requests of some length through one budget.

    Attributes:
        sent: when each went, with its name.
        most: the most that were ever under way together.
    """

    def __init__(self, **limits: int) -> None:
        self.clock = FakeClock()
        self.budget = Budget(self.clock, **limits)
        self.sent: list[tuple[float, str]] = []
        self.most = 0
        self._under_way = 0
        self._tasks: list[asyncio.Task[None]] = []

    def request(
        self, name: str, priority: Priority = BACKGROUND, *, lane: Lane = None, takes: float = 0.0
    ) -> asyncio.Task[None]:
        task = asyncio.ensure_future(self._request(name, priority, lane, takes))
        self._tasks.append(task)
        return task

    @property
    def names(self) -> list[str]:
        return [name for _, name in self.sent]

    async def all(self) -> None:
        async def done() -> None:
            await asyncio.gather(*self._tasks, return_exceptions=True)

        await self.clock.finish(done())

    async def aclose(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.budget.aclose()

    async def _request(self, name: str, priority: Priority, lane: Lane, takes: float) -> None:
        async with self.budget.turn(priority, lane):
            self.sent.append((self.clock.monotonic(), name))
            self._under_way += 1
            self.most = max(self.most, self._under_way)
            try:
                if takes:
                    await self.clock.sleep(takes)
            finally:
                self._under_way -= 1


@pytest.fixture
async def traffic() -> AsyncIterator[Traffic]:
    traffic = Traffic()
    yield traffic
    await traffic.aclose()


@pytest.fixture
async def one_at_a_time() -> AsyncIterator[Traffic]:
    traffic = Traffic(at_once=1)
    yield traffic
    await traffic.aclose()


def most_in_a_second(times: list[float]) -> int:
    return max(sum(1 for each in times if start <= each < start + 1.0) for start in times)


requests = st.lists(
    st.tuples(
        st.sampled_from(Priority),
        st.sampled_from([None, ConnectionId("a"), ConnectionId("b")]),
        st.sampled_from([0.0, 0.05, 0.4, 2.0]),
        st.sampled_from([0.0, 0.3]),
    ),
    min_size=1,
    max_size=160,
)


@given(requests=requests)
@settings(max_examples=15, deadline=None)
def test_never_more_than_fifty_in_any_second_nor_ten_at_once(requests):
    async def run() -> Traffic:
        traffic = Traffic()
        for number, (priority, lane, takes, wait) in enumerate(requests):
            traffic.request(str(number), priority, lane=lane, takes=takes)
            if wait:
                await traffic.clock.advance(wait)
        await traffic.all()
        await traffic.aclose()
        return traffic

    traffic = asyncio.run(run())
    assert sorted(traffic.names, key=int) == [str(number) for number in range(len(requests))]
    assert most_in_a_second([at for at, _ in traffic.sent]) <= 50
    assert traffic.most <= 10


async def test_the_first_request_goes_at_once(traffic):
    traffic.request("first")
    await traffic.clock.settle()
    assert traffic.sent == [(0.0, "first")]


async def test_a_burst_of_clicks_is_spread_over_seconds(traffic):
    for number in range(120):
        traffic.request(str(number), PERSON)
    await traffic.all()
    times = [at for at, _ in traffic.sent]
    assert most_in_a_second(times) == 50
    assert times[-1] < 3.0


async def test_background_requests_go_at_an_even_pace(traffic):
    for number in range(5):
        traffic.request(str(number))
    await traffic.all()
    assert [at for at, _ in traffic.sent] == pytest.approx([0.0, 0.02, 0.04, 0.06, 0.08])


async def test_ten_requests_of_a_person_go_together(traffic):
    for number in range(11):
        traffic.request(str(number), PERSON, takes=1.0)
    await traffic.clock.settle()
    assert [at for at, _ in traffic.sent] == [0.0] * 10
    assert traffic.most == 10


async def test_a_person_goes_before_waiting_background_requests(one_at_a_time):
    for number in range(3):
        one_at_a_time.request(f"background {number}", takes=1.0)
    await one_at_a_time.clock.settle()
    one_at_a_time.request("click", PERSON, takes=1.0)
    await one_at_a_time.all()
    assert one_at_a_time.names == ["background 0", "click", "background 1", "background 2"]


async def test_requests_of_one_priority_go_in_the_order_they_came(one_at_a_time):
    for number in range(4):
        one_at_a_time.request(str(number), PERSON, takes=0.1)
    await one_at_a_time.all()
    assert one_at_a_time.names == ["0", "1", "2", "3"]


async def test_who_gives_up_while_waiting_takes_no_place(one_at_a_time):
    one_at_a_time.request("first", takes=1.0)
    impatient = one_at_a_time.request("impatient")
    one_at_a_time.request("last")
    await one_at_a_time.clock.settle()
    impatient.cancel()
    await one_at_a_time.all()
    assert one_at_a_time.names == ["first", "last"]


async def test_a_turn_given_up_in_its_very_moment_is_handed_on(one_at_a_time):
    one_at_a_time.request("before", PERSON, takes=2.0)
    first, second = one_at_a_time.request("first", PERSON), one_at_a_time.request("second", PERSON)
    await one_at_a_time.clock.advance(1.5)
    loop = asyncio.get_running_loop()

    def give_up_once_it_is_granted() -> None:
        if one_at_a_time.budget.used() == 0:
            loop.call_soon(give_up_once_it_is_granted)
        else:
            first.cancel()

    give_up_once_it_is_granted()
    await one_at_a_time.clock.advance(1)
    assert first.cancelled()
    assert second.done()
    assert one_at_a_time.names == ["before", "second"]


async def test_a_request_that_fails_or_is_cancelled_gives_its_place_back(one_at_a_time):
    with pytest.raises(ValueError, match="broken"):
        async with one_at_a_time.budget.turn(PERSON):
            raise ValueError("broken")
    cancelled = one_at_a_time.request("cancelled", takes=60.0)
    await one_at_a_time.clock.advance(1)
    one_at_a_time.request("next")
    cancelled.cancel()
    await one_at_a_time.clock.settle()
    assert one_at_a_time.names == ["cancelled", "next"]


async def test_a_pause_holds_everybody_until_it_is_over(traffic):
    traffic.budget.pause(30)
    traffic.request("click", PERSON)
    traffic.request("background")
    await traffic.clock.advance(29.9)
    assert traffic.sent == []
    await traffic.clock.advance(0.2)
    assert traffic.names == ["click", "background"]


async def test_a_longer_pause_is_not_cut_by_a_shorter_one(traffic):
    traffic.budget.pause(30)
    traffic.budget.pause(5)
    traffic.request("click", PERSON)
    await traffic.clock.advance(10)
    assert traffic.sent == []


async def test_a_pause_asked_for_while_somebody_waits_holds_them_longer(traffic):
    traffic.budget.pause(10)
    traffic.request("click", PERSON)
    await traffic.clock.advance(5)
    traffic.budget.pause(30)
    await traffic.clock.advance(10)
    assert traffic.sent == []
    await traffic.clock.advance(20)
    assert traffic.names == ["click"]


async def test_used_counts_the_last_second(traffic):
    for number in range(4):
        traffic.request(str(number), PERSON)
    await traffic.clock.advance(0.5)
    traffic.request("later", PERSON)
    await traffic.clock.settle()
    assert traffic.budget.used() == 5
    await traffic.clock.advance(0.6)
    assert traffic.budget.used() == 1


# Connections among themselves

A, B, C = ConnectionId("a"), ConnectionId("b"), ConnectionId("c")


async def test_connections_take_turns(one_at_a_time):
    one_at_a_time.request("first", takes=1.0)
    for number in range(3):
        one_at_a_time.request(f"a{number}", lane=A, takes=0.1)
    one_at_a_time.request("b0", lane=B, takes=0.1)
    one_at_a_time.request("c0", lane=C, takes=0.1)
    await one_at_a_time.all()
    assert one_at_a_time.names == ["first", "a0", "b0", "c0", "a1", "a2"]


async def test_a_pause_of_one_connection_holds_no_other(traffic):
    traffic.budget.pause(30, A)
    traffic.request("a", PERSON, lane=A)
    traffic.request("b", lane=B)
    traffic.request("account")
    await traffic.clock.advance(1)
    assert traffic.names == ["b", "account"]
    assert (round(traffic.budget.paused(A)), traffic.budget.paused(B)) == (29, 0.0)
    await traffic.clock.advance(29.1)
    assert traffic.names == ["b", "account", "a"]


async def test_who_comes_while_only_a_paused_one_waits_goes_at_once(traffic):
    traffic.budget.pause(30, A)
    traffic.request("a", lane=A)
    await traffic.clock.advance(5)
    traffic.request("b", lane=B)
    await traffic.clock.settle()
    assert traffic.sent == [(5.0, "b")]


async def test_limits_of_two_connections_within_a_second_are_the_account_s(traffic):
    traffic.budget.pause(10, A)
    await traffic.clock.advance(0.9)
    traffic.budget.pause(10, B)
    traffic.request("c", lane=C)
    await traffic.clock.advance(9.9)
    assert traffic.sent == []
    await traffic.clock.advance(0.2)
    assert traffic.names == ["c"]


async def test_limits_of_two_connections_further_apart_are_their_own(traffic):
    traffic.budget.pause(10, A)
    await traffic.clock.advance(1.1)
    traffic.budget.pause(10, B)
    traffic.request("c", lane=C)
    await traffic.clock.settle()
    assert traffic.names == ["c"]


async def test_background_requests_leave_places_for_people(traffic):
    for number in range(20):
        traffic.request(f"{number}", takes=60.0)
    await traffic.clock.advance(5)
    assert len(traffic.sent) == 8
    traffic.request("click", PERSON)
    await traffic.clock.settle()
    assert traffic.names[-1] == "click"
