"""The world that a seed makes: customers, their systems, and what is wrong with a few of them."""

from __future__ import annotations

import random
from typing import Literal

from makini_desktop.sandbox.catalog import (
    COMPANY_NAMES,
    ENTITIES,
    INDUSTRIES,
    PLATFORMS,
    REGIONS,
    SITES,
    TIERS,
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


def generate(seed: int, count: int, now: float) -> dict[str, Connection]:
    """Make `count` connections; equal for equal arguments, by key, in the order of the list."""
    rng = random.Random(seed)  # noqa: S311 - a world to play in, nothing secret
    roles = _roles(rng, count)
    names = _names(rng, count)
    keys = rng.sample(range(10**9, 10**10), count)
    made = (
        _connection(rng, f"{keys[index]:014d}", names[index], roles.get(index, "healthy"), index, now)
        for index in range(count)
    )
    return {connection.key: connection for connection in made}


def _roles(rng: random.Random, count: int) -> dict[int, Role]:
    """Who is not simply healthy: ten in the first 24, then one of each role for every 600 more."""
    rounds = 1 + count // 600
    wanted = _ROLES[: count * len(_ROLES) // 24] if count < 24 else _ROLES * rounds
    return dict(zip(rng.sample(range(count), len(wanted)), wanted, strict=True))


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


def _connection(rng: random.Random, key: str, name: str, role: Role, index: int, now: float) -> Connection:
    platform = PLATFORMS[index % len(PLATFORMS)] if index < len(PLATFORMS) else rng.choice(PLATFORMS)
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
