"""A world of customers whose systems break and are repaired, with the truth about each at any moment.

Times are seconds since the start. The truth is reckoned from the plan of the world alone, so that it can be
held against what the program made of its looks at it.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from random import Random

from makini_desktop.domain.connection import Connection, ConnectionId, ListStatus
from makini_desktop.domain.health import Health
from tests.fakes.clock import START

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
STUCK_AFTER = 4
STUCK_AT_LEAST = 10 * MINUTE
LATE_AFTER = 2


class Kind(Enum):
    """How a connection breaks."""

    CREDENTIALS = "their credentials no longer hold"
    OFFLINE = "their system is unreachable"
    FAILING = "syncs end in errors"
    STUCK = "a sync hangs"
    LATE = "no syncs come"


class Weather(Enum):
    """What befalls all connections at once, as seen from here."""

    ASLEEP = "this computer sleeps"
    NETWORK = "our network is down"
    PORTAL = "our network wants a sign-in"
    MAKINI = "Makini fails"
    LIMIT = "Makini asks for fewer requests"


@dataclass(frozen=True)
class Period:
    """From `begin` to before `end`."""

    begin: float
    end: float

    def __contains__(self, at: float) -> bool:
        return self.begin <= at < self.end


@dataclass(frozen=True)
class Break(Period):
    """A customer's break."""

    kind: Kind


@dataclass(frozen=True)
class Spell(Period):
    """A while of bad weather."""

    weather: Weather


@dataclass(frozen=True)
class Outage(Period):
    """A break of a whole system."""

    kind: Kind
    system: str


@dataclass(frozen=True)
class TrueBreak:
    """What a look would find wrong with a connection from `begin` on, and until `end` at least."""

    connection: ConnectionId
    health: Health
    begin: float
    end: float


@dataclass(frozen=True)
class Run:
    """A sync: running while `end` lies ahead."""

    begin: float
    end: float
    good: bool


def moment(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@dataclass
class Customer:
    """One connection: when it syncs, how long that takes, when it breaks."""

    connection: Connection
    interval: float
    lasts: float
    phase: float
    breaks: list[Break] = field(default_factory=list)
    _begins: list[float] = field(default_factory=list)

    @property
    def id(self) -> ConnectionId:
        return self.connection.id

    def plan(self, breaks: list[Break]) -> None:
        self.breaks = sorted(breaks, key=lambda each: each.begin)
        self._begins = [each.begin for each in self.breaks]

    def broken(self, at: float) -> Break | None:
        """Return the break that holds at a moment."""
        place = bisect_right(self._begins, at) - 1
        return self.breaks[place] if place >= 0 and at < self.breaks[place].end else None

    def run(self, at: float) -> Run:
        """Return the sync that runs at a moment, else the last that ended before it."""
        for number in self._numbers(at):
            found = self._scheduled(number)
            if found is not None and found.begin <= at:
                return found
        raise AssertionError("the world began with a good sync")

    def last_good(self, at: float) -> float:
        """Return when the last good sync had ended."""
        for number in self._numbers(at):
            found = self._scheduled(number)
            if found is not None and found.good and found.end <= at:
                return found.end
        raise AssertionError("the world began with a good sync")

    def truth(self, at: float) -> Health:
        """Return what is true of the connection."""
        broken = self.broken(at)
        if broken is not None and broken.kind is Kind.CREDENTIALS:
            return Health.RECONNECT_NEEDED
        if broken is not None and broken.kind is Kind.OFFLINE:
            return Health.OFFLINE
        run = self.run(at)
        if run.end > at:
            stuck = at - run.begin > max(STUCK_AT_LEAST, STUCK_AFTER * self.lasts)
            return Health.STUCK if stuck else Health.SYNCING
        if not run.good:
            return Health.FAILING
        return Health.LATE if at - self.last_good(at) > LATE_AFTER * self.interval else Health.HEALTHY

    def true_breaks(self) -> Iterator[TrueBreak]:
        """Yield what can be found out of each break."""
        for each in self.breaks:
            match each.kind:
                case Kind.CREDENTIALS:
                    yield TrueBreak(self.id, Health.RECONNECT_NEEDED, each.begin, each.end)
                case Kind.OFFLINE:
                    yield TrueBreak(self.id, Health.OFFLINE, each.begin, each.end)
                case Kind.STUCK:
                    begin = each.begin + max(STUCK_AT_LEAST, STUCK_AFTER * self.lasts)
                    yield TrueBreak(self.id, Health.STUCK, begin, each.end)
                case Kind.LATE:
                    begin = self.last_good(each.end) + LATE_AFTER * self.interval
                    yield TrueBreak(self.id, Health.LATE, max(begin, each.begin), each.end)
                case Kind.FAILING:
                    runs = map(
                        self._scheduled, range(self._number(each.begin) - 1, self._number(each.end) + 2)
                    )
                    failed = next((run for run in runs if run is not None and not run.good), None)
                    if failed is not None:
                        yield TrueBreak(self.id, Health.FAILING, failed.end, failed.begin + self.interval)

    def _number(self, at: float) -> int:
        return int((at - self.phase) // self.interval)

    def _numbers(self, at: float) -> Iterator[int]:
        number = self._number(at)
        while True:
            yield number
            number -= 1

    def _scheduled(self, number: int) -> Run | None:
        """Return what became of the sync of a number; None where it never came."""
        begin = self.phase + number * self.interval
        end = begin + self.lasts
        place = bisect_right(self._begins, end) - 1
        broken = self.breaks[place] if place >= 0 else None
        if broken is None or broken.end <= begin:
            return Run(begin, end, good=True)
        match broken.kind:
            case Kind.LATE:
                return None if begin >= broken.begin else Run(begin, end, good=True)
            case Kind.STUCK:
                if begin < broken.begin:
                    return Run(begin, end, good=True)
                return Run(begin, broken.end, good=True) if begin == broken.begin else None
            case _:
                return Run(begin, end, good=False)


class World:
    """All customers, and the weather.

    Args:
        spells: bad weather; they do not overlap.
        outages: of whole systems, which are in the customers' breaks already.
    """

    def __init__(
        self, customers: list[Customer], spells: list[Spell], outages: list[Outage], length: float
    ) -> None:
        self.outages = outages
        self.customers = {each.id: each for each in customers}
        self.spells = sorted(spells, key=lambda each: each.begin)
        self.length = length
        self._begins = [each.begin for each in self.spells]

    def weather(self, at: float) -> Weather | None:
        """Return what befalls everybody at a moment."""
        place = bisect_right(self._begins, at) - 1
        return self.spells[place].weather if place >= 0 and at < self.spells[place].end else None


def build(seed: int, count: int, length: float, *, breaks: float, systems: int) -> World:
    """Return a world that breaks and heals, and is well in its last two hours.

    Args:
        breaks: how many each connection has, on average.
        systems: how many systems of customers there are; some break as a whole.
    """
    random = Random(seed)
    names = [f"System {number:02}" for number in range(systems)]
    customers = [_customer(random, number, random.choice(names)) for number in range(count)]
    end = length - 2 * HOUR
    outages: list[Outage] = []
    plans: dict[ConnectionId, list[Break]] = {each.id: [] for each in customers}
    for kind, name in ((Kind.OFFLINE, names[0]), (Kind.CREDENTIALS, names[1]), (Kind.OFFLINE, names[2])):
        at = random.uniform(1 * HOUR, max(1.5 * HOUR, end - 6 * HOUR))
        outage = Outage(at, at + random.uniform(1 * HOUR, 4 * HOUR), kind, name)
        outages.append(outage)
        for each in customers:
            if each.connection.system == name:
                plans[each.id].append(Break(at + random.uniform(0, MINUTE), outage.end, kind))
    for each in customers:
        for _ in range(_times(random, breaks)):
            _add_break(random, each, plans[each.id], end)
        each.plan(plans[each.id])
    return World(customers, _spells(random, length), outages, length)


def _customer(random: Random, number: int, system: str) -> Customer:
    key = f"{number:014}"
    interval = random.choice((15, 30, 60, 60, 240, 1440)) * MINUTE
    return Customer(
        Connection(
            id=ConnectionId(key),
            name=f"Customer {number}",
            system=system,
            status=ListStatus.ACTIVE,
            status_word="Active",
        ),
        interval=interval,
        lasts=random.uniform(0.5 * MINUTE, min(8 * MINUTE, interval / 3)),
        phase=random.uniform(-interval, 0.0),
    )


def _times(random: Random, average: float) -> int:
    whole = int(average)
    return whole + (random.random() < average - whole)


def _add_break(random: Random, customer: Customer, planned: list[Break], end: float) -> None:
    """Plan one more break, unless it would come within six hours of another."""
    kind = random.choice(tuple(Kind))
    begin = random.uniform(HOUR, end - HOUR)
    lasts = random.choice((0.5, 1.0, 2.0, 5.0, 24.0)) * HOUR
    if kind in (Kind.FAILING, Kind.LATE):
        lasts = max(lasts, 4 * customer.interval)
    if kind is Kind.STUCK:
        lasts = max(lasts, 10 * customer.lasts)
        begin = customer.phase + customer._number(begin) * customer.interval
    made = Break(begin, min(begin + lasts, end), kind)
    apart = 6 * HOUR + 2 * customer.interval
    if HOUR <= made.begin < made.end - 20 * MINUTE and all(
        made.begin > each.end + apart or made.end + apart < each.begin for each in planned
    ):
        planned.append(made)


def _spells(random: Random, length: float) -> list[Spell]:
    """Plan the weather: nights asleep, and now and then something by day."""
    spells = []
    day = 0.0
    while day < length:
        at = day + random.uniform(1.0, 3.0) * HOUR
        weather = random.choice((Weather.NETWORK, Weather.PORTAL, Weather.MAKINI, Weather.LIMIT))
        spells.append(Spell(at, at + random.choice((0.5, 5.0, 45.0)) * MINUTE, weather))
        if random.random() < 0.7:
            evening = day + random.uniform(11.0, 13.0) * HOUR
            spells.append(Spell(evening, evening + random.uniform(4.0, 9.0) * HOUR, Weather.ASLEEP))
        day += DAY
    return [each for each in spells if each.end < length - 2 * HOUR]
