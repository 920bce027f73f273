"""Ten thousand connections: how long the list takes, and how late the window is while it checks them."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.desktop import VirtualScreen
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.benchmark

CONNECTIONS = 10_000
SWEEP_SECONDS = 60
HERE = Path(__file__).parent


def test_ten_thousand(tmp_path: Path) -> None:
    raw = _raw_list()
    with VirtualScreen() as screen:
        environment = os.environ | screen.environment | {"PYTHONPATH": str(HERE.parents[1])}
        bare = _run(environment, "bare_timer.py", "10")
        ours = _run(environment, "sweep_window.py", str(tmp_path), str(CONNECTIONS), str(SWEEP_SECONDS))
    print(
        f"\nlist of {CONNECTIONS:,}: read, parsed, stored and shown in {ours['listed']:.2f} s (under 3 s is "
        f"wanted); the same pages read by bare httpx and parsed by json in {raw:.2f} s"
    )
    print(
        f"16 ms timer over {SWEEP_SECONDS} s of the sweep ({ours['checked']:,} connections checked): late by "
        f"{ours['p50']:.1f} ms in the median, p99 {ours['p99']:.1f} ms (under 16 ms is wanted), worst "
        f"{ours['worst']:.0f} ms; in a bare window p99 {bare['p99']:.1f} ms, worst {bare['worst']:.0f} ms"
    )
    assert ours["listed"] < 3
    assert ours["p99"] < 16


def _raw_list() -> float:
    with SandboxProcess() as sandbox:
        sandbox.start("--connections", str(CONNECTIONS))
        with httpx.Client(base_url=sandbox.api_base, trust_env=False) as client:
            token = client.post(
                "/link/token",
                json={
                    "grant_type": "client_credentials",
                    "client_id": "sandbox",
                    "client_secret": "sandbox-secret",
                },
            ).json()["access_token"]
            began = time.perf_counter()
            for page in range(1, CONNECTIONS // 200 + 1):
                answer = client.get(
                    "/api/v1/system/connections",
                    params={"page": page, "per_page": 200},
                    headers={"Authorization": f"Bearer {token}"},
                )
                assert len(json.loads(answer.content)["data"]) == 200
            return time.perf_counter() - began


def _run(environment: dict[str, str], script: str, *arguments: str) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, str(HERE / script), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found
