"""The world that a seed makes: customers, their systems, and what is wrong with a few of them."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Literal

from makini_desktop.sandbox.catalog import (
    COMPANY_NAMES,
    ENTITIES,
    INDUSTRIES,
    PLATFORMS,
    REGIONS,
    SITES,
    TIERS,
    Platform,
)
from makini_desktop.sandbox.connection import Connection, Incident, Schedule, StartedSync
from makini_desktop.sandbox.syncs import DAY, ENDLESS

HOUR = 3_600.0
INTERVALS_MINUTES = (15, 15, 15, 30, 30, 60, 60, 120, 240, 720, 1440)

Role = Literal[
    "credentials", "failing", "offline", "syncing", "stuck",
    "late", "expiring", "inactive", "pending", "healthy",
]  # fmt: skip
# In this order a small world gets them; 24 connections have one of each and two that sync.
_ROLES: tuple[Role, ...] = (
    "credentials", "syncing", "failing", "offline", "stuck",
    "late", "expiring", "inactive", "pending", "syncing",
)  # fmt: skip


def generate(
    seed: int,
    count: int,
    now: float,
    *,
    broken: int | None = None,
    expiring: int | None = None,
    systems: int | None = None,
) -> dict[str, Connection]:
    """Make connections; equal for equal arguments, by key, in the order of the list.

    Args:
        count: how many there are.
        broken: how many of them have lost their sign-in in the last night, some of them two systems of one
            customer; None for a few.
        expiring: how many of their sign-ins end in the next 30 days, spread evenly; None for a few, soon.
        systems: how many different systems the customers have; None for all there are.
    """
    rng = random.Random(seed)  # noqa: S311 - a world to play in, nothing secret
    roles = _roles(rng, count)
    _cast(roles, count, "credentials", broken)
    _cast(roles, count, "expiring", expiring)
    names = _names(rng, count)
    platforms = PLATFORMS[:systems]
    keys = rng.sample(range(10**9, 10**10), count)
    made = (
        _connection(
            rng,
            f"{keys[index]:014d}",
            names[index],
            roles.get(index, "healthy"),
            platforms[index] if index < len(platforms) else rng.choice(platforms),
            now,
        )
        for index in range(count)
    )
    connections = {connection.key: connection for connection in made}
    if broken is not None:
        _share_customers([c for c in connections.values() if c.open_incident("credentials", now)])
    if expiring is not None:
        ending = [connection for connection in connections.values() if connection.tokens_end_by is not None]
        for number, connection in enumerate(ending, start=1):
            connection.tokens_end_by = now + number * 30 * DAY / len(ending)
    return connections


def _roles(rng: random.Random, count: int) -> dict[int, Role]:
    """Who is not simply healthy: ten in the first 24, then one of each role for every 600 more."""
    rounds = 1 + count // 600
    wanted = _ROLES[: count * len(_ROLES) // 24] if count < 24 else _ROLES * rounds
    return dict(zip(rng.sample(range(count), len(wanted)), wanted, strict=True))


def _cast(roles: dict[int, Role], count: int, role: Role, wanted: int | None) -> None:
    """Give so many connections that role, healthy ones first; those too many become healthy."""
    if wanted is None:
        return
    have = [index for index, given in roles.items() if given == role]
    for index in have[wanted:]:
        del roles[index]
    free = [index for index in range(count) if index not in roles]
    taken = [index for index in range(count) if index in roles and index not in have]
    roles.update(dict.fromkeys((free + taken)[: max(0, wanted - len(have))], role))


def _share_customers(connections: list[Connection]) -> None:
    """Every fifth connection is another system of the customer before."""
    for before, after in list(pairwise(connections))[::5]:
        if before.platform_key != after.platform_key:
            after.name, after.email = before.name, before.email


def _names(rng: random.Random, count: int) -> list[str]:
    """Company names; the plain ones first, with a site's name once those are used up."""
    names: list[str] = []
    for site in SITES:
        block = [f"{name} {industry} {site}".rstrip() for name in COMPANY_NAMES for industry in INDUSTRIES]
        rng.shuffle(block)
        names += block[: count - len(names)]
        if len(names) >= count:
            return names
    return names + [f"{names[index % len(names)]} {index}" for index in range(len(names), count)]


def _connection(
    rng: random.Random, key: str, name: str, role: Role, platform: Platform, now: float
) -> Connection:
    interval = 60.0 * rng.choice(INTERVALS_MINUTES)
    created_at = now - rng.uniform(35, 320) * DAY
    entities = ENTITIES[platform.family]
    region, tier = rng.choice(REGIONS), rng.choice(TIERS)
    connection = Connection(
        key=key,
        name=name,
        email=f"integrations@{name.lower().replace(' ', '-')}.example",
        platform_key=platform.key,
        scopes=list(entities[: rng.randint(2, len(entities))]),
        tags=[f"region:{region}", f"tier:{tier}"],
        quirk=rng.randrange(10_000),
        created_at=created_at,
        connected_at=created_at + rng.uniform(300, 2 * DAY),
        metadata={"account_owner": rng.choice(("north", "south"))} if rng.random() < 0.4 else {},
        history_days=rng.choice((30, 60, 90)),
    )
    if role in {"failing", "late", "stuck", "credentials", "offline"}:
        interval = min(interval, 60 * 60.0)
    by_webhook = role == "healthy" and rng.random() < 0.08
    anchor = now + rng.uniform(20.0, interval - 100.0)
    since = connection.connected_at or created_at
    connection.schedules = [Schedule(since, anchor, interval, "webhook" if by_webhook else "scheduled")]
    _play(rng, connection, role, now)
    return connection


def _play(rng: random.Random, connection: Connection, role: Role, now: float) -> None:
    """Give the connection the past that its role tells."""
    schedule = connection.schedules[0]
    last_slot = schedule.anchor - schedule.interval
    incidents = connection.incidents = list[Incident]()
    match role:
        case "credentials":
            incidents.append(Incident("credentials", since=now - rng.uniform(3, 9) * HOUR))
        case "failing":
            incidents.append(Incident("failing", since=last_slot - 2.5 * schedule.interval))
        case "offline":
            incidents.append(Incident("offline", since=now - rng.uniform(1.2, 5) * HOUR))
        case "late":
            incidents.append(Incident("stalled", since=last_slot - 3.2 * schedule.interval))
        case "inactive":
            incidents.append(Incident("inactive", since=now - rng.uniform(4, 12) * DAY))
        case "expiring":
            connection.tokens_end_by = now + 2 * DAY
        case "pending":
            connection.created_at = now - rng.uniform(2, 30) * HOUR
            connection.connected_at = None
            connection.schedules = []
        case "stuck":
            start = now - rng.uniform(40, 70) * 60
            connection.syncs = [_under_way(connection, "scheduled", "incremental", start, ENDLESS)]
        case "syncing":
            # Fresh customers on their first sync, which takes minutes.
            start = now - rng.uniform(60, 240)
            connection.connected_at = start - 20
            connection.created_at = start - 4 * HOUR
            connection.schedules = [Schedule(start, schedule.anchor + 900.0, schedule.interval)]
            connection.syncs = [_under_way(connection, "initial", "full", start, now - start + 600.0)]
        case "healthy":
            pass


def _under_way(
    connection: Connection,
    kind: Literal["initial", "scheduled"],
    action: Literal["incremental", "full"],
    start: float,
    duration: float,
) -> StartedSync:
    return StartedSync(
        id=f"syn_{connection.key}_{kind}",
        type=kind,
        action=action,
        scopes=connection.scopes,
        started_at=start,
        duration=duration,
        total=3_000 if kind == "initial" else 240,
    )
