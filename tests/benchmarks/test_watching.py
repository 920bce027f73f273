"""What watching costs: the share of the processor, beside bare requests, and the memory of an idle window."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from makini_desktop.adapters.api import wire
from makini_desktop.adapters.db.database import SqliteDatabase
from makini_desktop.adapters.vault.document import AccountSecrets, Document
from makini_desktop.adapters.vault.kinds import open_vault
from makini_desktop.core.paths import Paths
from makini_desktop.domain.connection import ConnectionId, ConnectionStatus, Integration
from makini_desktop.domain.evidence import (
    Evidence,
    EvidenceSource,
    Facts,
    IntegrationSeen,
    Listed,
    StatusSeen,
    SyncStatusSeen,
    TokenSeen,
    observe,
)
from makini_desktop.domain.health import Health
from makini_desktop.domain.sync import SyncStatus, SyncVerdict
from makini_desktop.domain.token import Secret, TokenEntry, TokenPair
from makini_desktop.services.options import VaultKind
from makini_desktop.services.store import StoredConnection
from tests.desktop import VirtualScreen
from tests.sandbox_process import CLIENT_ID, CLIENT_SECRET, SandboxProcess

pytestmark = pytest.mark.benchmark

MEASURED = 60
"""Seconds; the interval of 1,000 connections and of 10,000 is ten minutes."""

PASSPHRASE = "correct horse 5up3r"
HERE = Path(__file__).parent


@pytest.mark.parametrize("connections", [1_000, 10_000])
def test_the_processors_share_of_watching(tmp_path: Path, connections: int) -> None:
    with SandboxProcess() as sandbox, VirtualScreen() as screen:
        sandbox.start("--connections", connections)
        environment = _environment(screen)
        tokens = asyncio.run(_fill(tmp_path / "profile", sandbox))
        ours = _run(environment, "watching_window.py", str(tmp_path / "profile"), str(MEASURED))
        held = tmp_path / "tokens"
        held.write_text("\n".join(tokens))
        bare = _run(environment, "bare_requests.py", sandbox.api_base, str(ours["requests"]), str(held))
    share = ours["cpu"] / ours["seconds"]
    print(
        f"\nwatching {connections:,} connections, each in {ours['interval'] / 60:.0f} min and the list every "
        f"minute: {share:.1%} of a core for {ours['requests']} requests in {ours['seconds']:.0f} s "
        f"({ours['unchanged']} answered with 304), {ours['cpu'] / ours['requests'] * 1000:.2f} ms each; as "
        f"many bare httpx requests {bare['cpu'] / ours['seconds']:.1%}, "
        f"{bare['cpu'] / ours['requests'] * 1000:.2f} ms each; ratio {ours['cpu'] / bare['cpu']:.1f}"
    )
    assert ours["requests"] >= 2 * connections * MEASURED / ours["interval"] * 0.8


def test_the_memory_of_an_idle_window_with_a_thousand_connections(tmp_path: Path) -> None:
    with SandboxProcess() as sandbox, VirtualScreen() as screen:
        sandbox.start("--connections", 1_000)
        environment = _environment(screen)
        asyncio.run(_fill(tmp_path / "profile", sandbox))
        bare = _run(environment, "bare_memory.py")["pss"]
        ours = _run(environment, "watching_window.py", str(tmp_path / "profile"), "1")["pss"]
    print(
        f"\nmemory (PSS) of the window with 1,000 connections, idle: {ours / 1024:.0f} MiB; a process with a "
        f"bare PySide6 window, asyncio and httpx {bare / 1024:.0f} MiB; ratio {ours / bare:.2f} "
        f"(at most 2.2 is wanted)"
    )
    assert ours / bare <= 2.2


def _environment(screen: VirtualScreen) -> dict[str, str]:
    return (
        os.environ
        | screen.environment
        | {"PYTHONPATH": str(HERE.parents[1]), "MAKINI_VAULT_PASSPHRASE": PASSPHRASE}
    )


def _run(environment: dict[str, str], script: str, *arguments: str) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, str(HERE / script), *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
        check=True,
    )
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


async def _fill(folder: Path, sandbox: SandboxProcess) -> list[str]:
    """Make a profile that has watched the sandbox's connections before; return their tokens."""
    paths = Paths(folder)
    paths.create()
    account = sandbox.account(name="Benchmark", issue_tokens=True)
    listed, tokens = await _issued(sandbox)
    now = datetime.now(UTC)
    vault = open_vault(VaultKind.FILE, paths, Secret(PASSPHRASE))
    await vault.open()
    held = AccountSecrets(
        client_secret=Secret(CLIENT_SECRET),
        tokens={
            ConnectionId(key): TokenEntry(
                current=TokenPair(access=Secret(token), obtained_at=now, expires_at=now + timedelta(days=30))
            )
            for key, token in tokens.items()
        },
    )
    await vault._replace(lambda _old: Document(accounts={account.name: held}))
    database = SqliteDatabase(paths.database)
    await database.open()
    await database.save_account(account)
    await database.save_connections(account.name, [_stored(row, now) for row in listed])
    await database.save_days(
        account.name, now.date().isoformat(), {ConnectionId(row["key"]): Health.HEALTHY for row in listed}
    )
    await database.close()
    return list(tokens.values())


async def _issued(sandbox: SandboxProcess) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Read the list and issue a token for everybody, as fast as the sandbox can."""
    async with httpx.AsyncClient(base_url=sandbox.api_base, trust_env=False, timeout=60) as client:
        answer = await client.post(
            "/link/token",
            json={
                "grant_type": "client_credentials",
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
            },
        )
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        listed: list[dict[str, Any]] = []
        path: str | None = "/api/v1/system/connections?page=1&per_page=200"
        while path:
            page = (await client.get(path)).json()
            listed += page["data"]
            path = page["links"]["next"]
        tokens = {}
        for row in listed:
            issued = await client.post(f"/api/v1/system/connections/{row['key']}/token", json={})
            if issued.status_code == 200:
                tokens[row["key"]] = issued.json()["data"]["access_token"]
        return listed, tokens


def _stored(row: dict[str, Any], now: datetime) -> StoredConnection:
    connection = wire.connection(row, "")

    def said(source: EvidenceSource) -> Evidence:
        return Evidence(source=source, at=now, detail="200", request_id="req_1")

    facts = observe(
        Facts(interval_seconds=3600.0),
        Listed(said(EvidenceSource.LIST), connection.status, connection.status_word),
        StatusSeen(
            said(EvidenceSource.STATUS), ConnectionStatus(online=True, reauthorization_required=False)
        ),
        SyncStatusSeen(
            said(EvidenceSource.SYNC_STATUS),
            SyncStatus(verdict=SyncVerdict.COMPLETED, word="completed", last_good_at=now),
        ),
        IntegrationSeen(
            said(EvidenceSource.INTEGRATION),
            Integration(id=connection.id, company_name=connection.name, provider=connection.system),
        ),
        TokenSeen(said(EvidenceSource.TOKEN), present=True, renewable=True, obtained_at=now),
    )
    return StoredConnection(connection=connection, facts=facts, health=Health.HEALTHY, since=now)
