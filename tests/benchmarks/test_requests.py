"""CPU per request at the default budget, beside raw aiohttp and raw httpx at the same pace."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import aiohttp
import httpx
import pytest

from makini_desktop.core.clock import SystemClock
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.token import Secret
from makini_desktop.services.ports import Priority
from tests.api_client import opened
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.benchmark

REQUESTS = 400
AT_ONCE = 10
PACE = 1.1 / 50
"""Seconds between requests; the budget lets fifty go in 1.1 s."""


def test_cpu_per_request() -> None:
    with SandboxProcess().start("--latency", 100) as sandbox:
        token = sandbox.issue(sandbox.quiet())["access_token"]
        figures = asyncio.run(_all(sandbox, token))
    ours, ours_seconds = figures["ours"]
    print(f"\nCPU per request, {REQUESTS} requests to a server that answers after 100 ms:")
    for name, (each, seconds) in figures.items():
        print(
            f"  {name:8} {each * 1000:.2f} ms, {REQUESTS / seconds:.1f} requests/s, "
            f"{each * REQUESTS / seconds:.1%} of a core"
        )
    ratios = {name: ours / each for name, (each, _) in figures.items()}
    print(f"  ours is {ratios['aiohttp']:.1f} times raw aiohttp, {ratios['httpx']:.1f} times raw httpx")
    assert ours_seconds >= (REQUESTS - 50) / 50, "faster than the budget allows"


async def _all(sandbox: SandboxProcess, token: str) -> dict[str, tuple[float, float]]:
    url, headers = f"{sandbox.api_base}/api/v1/integrations/current", {"Authorization": f"Bearer {token}"}
    figures = {}
    async with aiohttp.ClientSession(headers=headers) as session:

        async def by_aiohttp() -> None:
            async with session.get(url) as answer:
                assert (await answer.json())["data"]["id"]

        figures["aiohttp"] = await _measured(by_aiohttp, paced=True)
    async with httpx.AsyncClient(headers=headers, trust_env=False) as client:

        async def by_httpx() -> None:
            assert (await client.get(url)).json()["data"]["id"]

        figures["httpx"] = await _measured(by_httpx, paced=True)
    async with opened(sandbox.account(), SystemClock()) as ours:
        secret = Secret(token)
        ours.api.belongs(secret, ConnectionId("one"))

        async def by_ours() -> None:
            assert (await ours.api.integration(secret, Priority.BACKGROUND)).value.id

        figures["ours"] = await _measured(by_ours, paced=False)
    return figures


async def _measured(call: Callable[[], Awaitable[None]], *, paced: bool) -> tuple[float, float]:
    """Return seconds of CPU per request, and how long all of them took."""
    await asyncio.gather(*(call() for _ in range(AT_ONCE)))  # the sockets are open, the modules loaded
    await asyncio.sleep(1.5)
    places = asyncio.Semaphore(AT_ONCE)
    cpu, begun = time.process_time(), time.perf_counter()

    async def one(number: int) -> None:
        if paced:
            await asyncio.sleep(number * PACE)
        async with places:
            await call()

    await asyncio.gather(*(one(number) for number in range(REQUESTS)))
    return (time.process_time() - cpu) / REQUESTS, time.perf_counter() - begun
