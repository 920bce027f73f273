"""Runs a world through the program's own monitor, ledger and incidents, and holds both against each other.

As a program: ``python -m tests.simulation.run month`` prints its counts as JSON.
"""

import itertools
import json
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from makini_desktop.adapters.vault.document import AccountSecrets, Document
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.health import Health
from makini_desktop.domain.incident import Cause
from makini_desktop.domain.token import TokenEntry
from makini_desktop.services.ports import Notification
from tests.fakes.clock import START
from tests.fakes.notifier import FakeNotifier
from tests.fakes.program import ACCOUNT, FakeProgram
from tests.simulation.api import WorldApi
from tests.simulation.clock import JumpingClock, JumpingLoop
from tests.simulation.world import DAY, MINUTE, Customer, Kind, TrueBreak, Weather, World, build

RED = frozenset(
    {
        Health.RECONNECT_NEEDED,
        Health.FAILING,
        Health.OFFLINE,
        Health.STUCK,
        Health.LATE,
        Health.EXPIRING,
        Health.INACTIVE,
        Health.DISCONNECTED,
    }
)
CHECK_INTERVAL = 10 * MINUTE
GRACE = MINUTE
AFTER_A_SPELL = 2 * MINUTE
"""Until the list, tried once a minute, has shown that Makini is reached again; then each has its turn."""

FLUSH_EVERY = 60.0


@dataclass
class Report:
    """What was counted.

    Attributes:
        false_red: rows that turned to what was not true when it was looked at.
        missed: breaks that were not shown within the check interval and a minute.
        left_red: rows that are not well at the end, when all has been for two hours.
        told_too_often: notifications beyond one for each step of an incident.
        left_standing: notifications and incidents at the end.
        split: outages of a whole system that were not in one incident, though nothing came between.
        cpu_seconds: of this process.
    """

    connections: int
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    checks: int = 0
    requests: int = 0
    turns: int = 0
    breaks: int = 0
    incidents: int = 0
    notifications: int = 0
    outages: int = 0
    wakes: int = 0
    worst_delay: float = 0.0
    false_red: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    left_red: list[str] = field(default_factory=list)
    told_too_often: list[str] = field(default_factory=list)
    left_standing: list[str] = field(default_factory=list)
    split: list[str] = field(default_factory=list)


class Simulation:
    """One account in one world.

    Args:
        world: where it watches.
    """

    def __init__(self, world: World, loop: JumpingLoop) -> None:
        self.world = world
        self.clock = JumpingClock(loop)
        self.api = WorldApi(world, self.clock)
        self.program = FakeProgram(clock=self.clock, api=self.api)
        self.report = Report(connections=len(world.customers))
        self._shown: dict[ConnectionId, Health] = {}
        self._turned: dict[ConnectionId, list[tuple[float, Health]]] = {}
        self._told: list[tuple[float, Notification]] = []

    async def run(self) -> Report:
        """Watch until the world ends, and count."""
        began = time.perf_counter()
        program = self.program
        await program.open()
        program.vault._document = Document(
            accounts={
                ACCOUNT.name: AccountSecrets(
                    client_secret=await program.vault.client_secret(ACCOUNT.name),
                    tokens={
                        each: TokenEntry(current=self.api.pair(each, age=(place % 14) * DAY))
                        for place, each in enumerate(self.world.customers)
                    },
                )
            }
        )
        program.store.changed.subscribe(self._rows_changed)
        program.notifier.show = self._show
        await program.incidents.restore()
        program.tasks.start("monitor", program.monitor.run())
        program.tasks.start("keep", self._keep())
        for spell in self.world.spells:
            if spell.weather is Weather.ASLEEP:
                await self.clock.sleep(spell.begin - self.clock.seconds())
                self.clock.suspend(spell.end - self.clock.seconds())
                await self.clock.sleep(8.0)  # until the clocks have told
                program.weather.set_woke(self.clock.now())
                self.report.wakes += 1
        await self.clock.sleep(self.world.length - self.clock.seconds())
        self._count(time.perf_counter() - began)
        await program.aclose()
        return self.report

    async def _show(self, notification: Notification, pressed: Callable[[str], None]) -> None:
        self._told.append((self.clock.seconds(), notification))
        await FakeNotifier.show(self.program.notifier, notification, pressed)

    async def _keep(self) -> None:
        while True:
            await self.clock.sleep(FLUSH_EVERY)
            await self.program.ledger.flush()

    def _rows_changed(self, ids: frozenset[ConnectionId]) -> None:
        rows = self.program.store.rows
        for connection in ids:
            health = rows[connection].condition.health
            if self._shown.get(connection) is health:
                continue
            self._shown[connection] = health
            self.report.turns += 1
            self._turned.setdefault(connection, []).append((self.clock.seconds(), health))
            if health in RED:
                self._hold_against_truth(connection, health)

    def _hold_against_truth(self, connection: ConnectionId, health: Health) -> None:
        evidence = self.program.store.rows[connection].condition.evidence
        seen_at = (evidence.at - START).total_seconds()
        truth = self.world.customers[connection].truth(seen_at)
        if truth is not health:
            self.report.false_red.append(
                f"{connection} {health.value} at {seen_at:.0f}, which was {truth.value}: {evidence}"
            )

    def _count(self, seconds: float) -> None:
        report, program = self.report, self.program
        report.seconds, report.cpu_seconds = round(seconds, 1), round(time.process_time(), 1)
        report.checks = self.api.asked["status"]
        report.requests = self.api.asked.total()
        report.incidents = len(program.store.incidents)
        report.notifications = len(self._told)
        for customer in self.world.customers.values():
            for found in customer.true_breaks():
                self._look_for(found)
        self._count_notifications()
        self._count_outages()
        truly = {each.id for each in self.world.customers.values() if self._was_red(each)}
        report.left_red = [
            f"{row.id} {row.health.value}"
            for row in program.store.rows.values()
            if row.health in RED and row.id not in truly
        ]
        open_ones = {each.id: each for each in program.incidents.open if truly.isdisjoint(each.broken)}
        report.left_standing = [f"{each.cause.value} {each.scope}" for each in open_ones.values()]
        known = {each.id for each in program.incidents.open}
        report.left_standing += [tag for tag in program.notifier.on_screen if tag not in known]

    def _was_red(self, customer: Customer) -> bool:
        """Tell whether a connection was not well when it was looked at last, as before a daily sync."""
        return customer.truth(self.clock.seconds() - CHECK_INTERVAL - GRACE) in RED

    def _look_for(self, found: TrueBreak) -> None:
        """Count a break as missed unless it was shown in time, or nobody could have looked."""
        deadline = self._deadline(found.begin)
        if deadline > min(found.end, self.world.length):
            return
        self.report.breaks += 1
        shown = [at for at, health in self._turned[found.connection] if health is found.health]
        first = next((at for at in shown if at >= found.begin - 1.0), None)
        if first is None or first > deadline:
            if not self._shown_already(found):
                self.report.missed.append(f"{found}: shown at {first}, to be shown until {deadline:.0f}")
        elif deadline == found.begin + CHECK_INTERVAL + GRACE:
            self.report.worst_delay = max(self.report.worst_delay, round(first - found.begin, 1))

    def _shown_already(self, found: TrueBreak) -> bool:
        before = [health for at, health in self._turned[found.connection] if at < found.begin]
        return bool(before) and before[-1] is found.health

    def _deadline(self, begin: float) -> float:
        """Return until when a break has to be shown: anew after each spell in which nobody could look."""
        deadline = begin + CHECK_INTERVAL + GRACE
        for spell in self.world.spells:
            if spell.begin < deadline and spell.end > begin:
                deadline = spell.end + AFTER_A_SPELL + CHECK_INTERVAL + GRACE
        return deadline

    def _count_notifications(self) -> None:
        by_tag: dict[str, list[tuple[float, Notification]]] = {}
        for at, told in self._told:
            by_tag.setdefault(told.tag, []).append((at, told))
        for tag, times in by_tag.items():
            loud = [at for at, told in times if not told.silent]
            if len(loud) > 1:
                self.report.told_too_often.append(f"{tag}: with a sound at {loud}")
            for (earlier, _), (later, _) in itertools.pairwise(times):
                if later - earlier < MINUTE - 0.001:
                    self.report.told_too_often.append(f"{tag}: at {earlier} and {later}")

    def _count_outages(self) -> None:
        """Hold the incidents against the outages that could be watched from their begin to their end."""
        for outage in self.world.outages:
            until = outage.begin + CHECK_INTERVAL + GRACE
            if any(spell.begin < until and spell.end > outage.begin for spell in self.world.spells):
                continue
            self.report.outages += 1
            hit = {
                each.id for each in self.world.customers.values() if each.connection.system == outage.system
            }
            cause = Cause.SYSTEM if outage.kind is Kind.OFFLINE else Cause.CREDENTIALS
            found = [
                sum(
                    1
                    for member in each.members
                    if member.connection in hit and (member.since - START).total_seconds() in outage
                )
                for each in self.program.store.incidents.values()
                if each.cause is cause
            ]
            if max(found) < 0.9 * sum(found) or sum(found) < 0.9 * len(hit):
                self.report.split.append(f"{outage}: {len(hit)} hit, in incidents {found}")


WORLDS = {
    "month": lambda: build(4, 300, 30 * DAY, breaks=3.0, systems=12),
    "day": lambda: build(6, 10_000, DAY, breaks=0.2, systems=40),
    "small month": lambda: build(11, 100, 3 * DAY, breaks=1.0, systems=4),
    "small day": lambda: build(7, 600, 0.5 * DAY, breaks=0.3, systems=8),
}


def simulate(world: World) -> Report:
    """Run a world to its end."""
    loop = JumpingLoop()
    try:
        return loop.run_until_complete(Simulation(world, loop).run())
    finally:
        loop.close()


if __name__ == "__main__":
    logging.getLogger("makini_desktop").setLevel(logging.CRITICAL)
    sys.stdout.write(json.dumps(asdict(simulate(WORLDS[sys.argv[1]]()))))
