"""The repair queue at work: one login after the other, decisions between, and a kill at any moment."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from makini_desktop.core.tasks import Tasks
from makini_desktop.domain.account import Account
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import Unreachable
from makini_desktop.domain.evidence import Evidence, EvidenceSource
from makini_desktop.domain.health import Access, AccessOk, AccessReconnectNeeded, derive
from makini_desktop.domain.login import (
    Cancelled,
    LoginFailed,
    LoginOutcome,
    LoginPath,
    Stage,
)
from makini_desktop.domain.login import Refused as LoginRefused
from makini_desktop.domain.login import Repaired as LoginRepaired
from makini_desktop.domain.repair import (
    LinkSent,
    Refused,
    Repaired,
    RepairQueue,
    Running,
    Skipped,
    Stopped,
    Waiting,
)
from makini_desktop.services.orders import Orders
from makini_desktop.services.repairs import Repairs
from makini_desktop.services.store import Row, Store
from tests.fakes.program import FakeProgram

SECONDS = 30.0
"""How long a person takes to sign in."""

SEEN = Evidence(source=EvidenceSource.STATUS, at=datetime(2026, 1, 1, tzinfo=UTC))
BROKEN = AccessReconnectNeeded(SEEN, "credentials_changed")


class Logins:
    """Logins that end as they are told; each is open for `SECONDS`."""

    def __init__(self, program: FakeProgram) -> None:
        self._clock = program.clock
        self.outcomes: dict[str, LoginOutcome | Exception] = {}
        self.opened: list[str] = []
        self.closed: list[str] = []

    async def run(self, connection: ConnectionId, _path: LoginPath) -> LoginOutcome:
        self.opened.append(connection)
        try:
            await self._clock.sleep(SECONDS)
        except asyncio.CancelledError:
            self.closed.append(connection)
            raise
        outcome = self.outcomes.get(connection, LoginRepaired(connection))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class Work:
    """A repair queue on a program's store and database."""

    def __init__(self, program: FakeProgram) -> None:
        self.program = program
        self.store = Store()
        self.store.put(with_access(row, BROKEN) for row in program.store.rows.values())
        self.tasks = Tasks(program.errors.append)
        self.logins = Logins(program)
        self.followed: list[ConnectionId] = []
        orders = Orders(self.store)
        orders.begin(self.tasks, program.monitor)
        self.repairs = Repairs(
            self._account,
            self.logins.run,
            lambda connection, _outcome: self.followed.append(connection),
            orders,
            self.store,
            program.database,
            program.clock,
        )

    @property
    def queue(self) -> RepairQueue:
        assert self.store.repair_queue is not None
        return self.store.repair_queue

    def turns(self) -> list[type]:
        return [type(each.turn) for each in self.queue.repairs]

    async def kept(self) -> RepairQueue | None:
        value = await self.program.database.repair_queue(self.program.account.name)
        return None if value is None else msgspec.json.decode(value, type=RepairQueue)

    async def pass_time(self, seconds: float = SECONDS) -> None:
        await self.program.clock.advance(seconds)

    def _account(self) -> Account:
        return self.program.account


def with_access(row: Row, access: Access) -> Row:
    condition = msgspec.structs.replace(
        row.condition, health=derive(access, row.condition.data), access=access
    )
    return msgspec.structs.replace(row, condition=condition)


@pytest.fixture
async def work(program):
    work = Work(program)
    yield work
    await work.tasks.aclose()


def ids(*names: str) -> Sequence[ConnectionId]:
    return [ConnectionId(name) for name in names]


async def test_the_next_login_opens_when_the_last_is_proven(work):
    work.repairs.start(ids("A", "B"))
    await work.pass_time(SECONDS - 1)
    assert work.logins.opened == ["A"]
    await work.pass_time(1)
    assert work.logins.opened == ["A", "B"]
    await work.pass_time()
    assert work.turns() == [Repaired, Repaired]


async def test_each_repair_tells_how_long_its_login_was_open(work):
    work.repairs.start(ids("A"))
    await work.pass_time()
    assert work.queue.repairs[0].turn.seconds == SECONDS


async def test_every_outcome_is_handed_on_to_be_followed(work):
    work.logins.outcomes["A"] = LoginRefused("denied")
    work.repairs.start(ids("A", "B"))
    await work.pass_time(2 * SECONDS)
    assert work.followed == ["A", "B"]


async def test_a_refusal_is_reported_and_the_queue_goes_on(work):
    work.logins.outcomes["A"] = LoginRefused("The customer denied it.")
    work.repairs.start(ids("A", "B"))
    await work.pass_time(2 * SECONDS)
    assert work.turns() == [Refused, Repaired]
    assert "The customer denied it." in work.queue.repairs[0].turn.words


@pytest.mark.parametrize("outcome", [Cancelled(), LoginFailed("It broke."), Unreachable("No answer.")])
async def test_a_login_that_came_to_nothing_stops_the_queue_for_a_decision(work, outcome):
    work.logins.outcomes["A"] = outcome
    work.repairs.start(ids("A", "B"))
    await work.pass_time(2 * SECONDS)
    assert work.turns() == [Stopped, Waiting]
    assert work.queue.paused
    assert work.logins.opened == ["A"]


async def test_the_stopped_login_opens_once_more(work):
    work.logins.outcomes["A"] = Cancelled()
    work.repairs.start(ids("A"))
    await work.pass_time()
    work.logins.outcomes.clear()
    work.repairs.go_on()
    await work.pass_time()
    assert work.logins.opened == ["A", "A"]
    assert work.turns() == [Repaired]


@pytest.mark.parametrize(("choice", "turn"), [("skip", Skipped), ("link_sent", LinkSent)])
async def test_a_choice_closes_the_login_and_opens_the_next(work, choice, turn):
    work.repairs.start(ids("A", "B"))
    await work.pass_time(5)
    getattr(work.repairs, choice)()
    await work.pass_time(0)
    assert work.logins.closed == ["A"]
    assert work.turns() == [turn, Running]
    assert work.queue.repairs[0].turn.seconds == 5


async def test_one_put_off_is_asked_again_after_the_others(work):
    work.repairs.start(ids("A", "B"))
    await work.pass_time(5)
    work.repairs.later()
    await work.pass_time(2 * SECONDS)
    assert work.logins.opened == ["A", "B", "A"]
    assert work.turns() == [Repaired, Repaired]


async def test_skipping_what_was_stopped_goes_on_with_the_next(work):
    work.logins.outcomes["A"] = Cancelled()
    work.repairs.start(ids("A", "B"))
    await work.pass_time()
    work.repairs.skip()
    await work.pass_time()
    assert work.turns() == [Skipped, Repaired]


async def test_pausing_closes_the_login_and_opens_none(work):
    work.repairs.start(ids("A", "B"))
    await work.pass_time(5)
    work.repairs.pause()
    await work.pass_time(2 * SECONDS)
    assert work.logins.opened == ["A"]
    assert work.turns() == [Waiting, Waiting]
    work.repairs.go_on()
    await work.pass_time(0)
    assert work.logins.opened == ["A", "A"]


@pytest.mark.parametrize("stage", [Stage.EXCHANGING, Stage.TESTING, Stage.PROMOTING])
async def test_a_login_whose_customer_has_signed_in_is_not_skipped_any_more(work, stage):
    work.repairs.start(ids("A", "B"))
    await work.pass_time(5)
    work.store.put([msgspec.structs.replace(work.store.rows[ConnectionId("A")], stage=stage)])
    work.repairs.skip()
    await work.pass_time(SECONDS)
    assert work.logins.closed == []
    assert work.turns() == [Repaired, Running]


async def test_more_can_join_while_the_queue_runs(work):
    work.repairs.start(ids("A"))
    await work.pass_time(5)
    work.repairs.start(ids("B"))
    await work.pass_time(2 * SECONDS)
    assert work.turns() == [Repaired, Repaired]


async def test_what_was_refused_or_skipped_can_be_tried_again(work):
    work.logins.outcomes["A"] = LoginRefused("denied")
    work.repairs.start(ids("A", "B"))
    await work.pass_time(2 * SECONDS)
    work.logins.outcomes.clear()
    work.repairs.retry()
    await work.pass_time()
    assert [each.connection for each in work.queue.repairs] == ["A"]
    assert work.turns() == [Repaired]


async def test_each_step_is_stored_before_the_next_login_opens(work):
    work.repairs.start(ids("A", "B"))
    await work.pass_time(SECONDS)
    kept = await work.kept()
    assert [type(each.turn) for each in kept.repairs] == [Repaired, Running]


async def test_after_a_kill_the_queue_goes_on_where_it_stood_when_a_person_says_so(work):
    work.repairs.start(ids("A", "B"))
    await work.pass_time(SECONDS + 5)
    await work.tasks.aclose()
    after = Work(work.program)
    await after.repairs.load()
    assert after.turns() == [Repaired, Waiting]
    assert after.logins.opened == []
    after.repairs.go_on()
    await after.pass_time()
    assert after.logins.opened == ["B"]
    await after.tasks.aclose()


async def test_nobody_signs_in_where_somebody_has_meanwhile(work):
    work.repairs.start(ids("A", "B"))
    work.store.put([with_access(work.store.row(ConnectionId("B")), AccessOk(SEEN))])
    await work.pass_time()
    assert work.logins.opened == ["A"]
    assert work.turns() == [Repaired, Repaired]


async def test_a_report_put_away_is_gone_for_good(work):
    work.repairs.start(ids("A"))
    await work.pass_time()
    work.repairs.close()
    await work.pass_time(0)
    assert work.store.repair_queue is None
    assert await work.kept() is None


async def test_closing_a_queue_that_runs_closes_its_login(work):
    work.repairs.start(ids("A", "B"))
    await work.pass_time(5)
    work.repairs.close()
    await work.pass_time(2 * SECONDS)
    assert work.logins.opened == ["A"]
    assert work.store.repair_queue is None
    assert await work.kept() is None


async def test_a_queue_that_cannot_be_read_is_forgotten(work):
    await work.program.database.save_repair_queue(work.program.account.name, b"{]")
    await work.repairs.load()
    assert work.store.repair_queue is None
    assert await work.kept() is None
