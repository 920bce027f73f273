"""Processes that use and renew tokens with the program's own services, to be killed while they do.

Started once as `python -m tests.crashes.work PROFILE`, the vault's passphrase the first line of stdin. Each
further line is an order in JSON, carried out by a fork of its own so that starting costs nothing. It
answers `{"started": pid}`, the fork `{"ready": pid}` once its next step is the first that counts, and an
order `{"wait": pid}` is answered by `{"ended": code}`; a negative code is the signal.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import signal
import sys
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from makini_desktop.adapters.api.http import Http  # noqa: F401 - imported before the fork
from makini_desktop.adapters.api.makini import MakiniApi
from makini_desktop.adapters.vault import encrypted, file
from makini_desktop.app import Program
from makini_desktop.core.paths import Paths
from makini_desktop.domain.account import Account
from makini_desktop.domain.attempt import Attempt
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import ProfileInUse, ReconnectNeeded, TokenRejected
from makini_desktop.domain.token import Secret
from makini_desktop.services.login_ports import LoginRedirected
from makini_desktop.services.options import Options, VaultKind
from makini_desktop.services.ports import Priority
from tests.sandbox_process import PASSWORD, USER, sign_in, submit

STEPS: dict[str, tuple[object, tuple[str, ...]]] = {
    "answer received": (MakiniApi, ("refresh", "exchange_code")),
    "written": (file.VaultFile, ("_write_beside",)),
    "renamed": (file.Path, ("replace",)),
    "read back": (encrypted.VaultFile, ("replace",)),
}
"""Behind which call a process dies; all but the first once for each writing of the vault."""


class Customer:
    """Implements the login window: a person who signs in at once."""

    async def run(self, account: Account, attempt: Attempt, customer: str, system: str) -> LoginRedirected:
        return LoginRedirected(Secret(await asyncio.to_thread(_signed_in, attempt.authorize_url(account))))


def _signed_in(url: str) -> str:
    with httpx.Client(base_url=url.partition("/oauth")[0], trust_env=False) as http:
        if "connection_id=" in url:
            return sign_in(http, url)
        page = submit(http, http.get(url), system="odoo")
        page = submit(http, page, user=USER, password=PASSWORD, company="Newcomers Ltd")
        return str(submit(http, page, decision="allow").headers["Location"])


def options_of(profile: Path, passphrase: str) -> Options:
    """Return the options of a command on that profile."""
    return Options(paths=Paths(profile), vault=VaultKind.FILE, passphrase=Secret(passphrase))


@asynccontextmanager
async def opened(options: Options) -> AsyncIterator[Program]:
    """Open the program as a command does, with somebody who signs in when asked."""
    errors: list[BaseException] = []
    program = Program(options, report=errors.append)
    program.logins._window = Customer()
    try:
        await program.open()
        await program.monitor.read_list()
        yield program
    finally:
        await program.aclose()
    assert not errors


async def use(program: Program, connection: str) -> None:
    """Make a call with the connection's token, renewing it where it has to be."""
    await program.tokens.use(
        ConnectionId(connection), lambda token: program.api.status(token, Priority.PERSON)
    )


async def work(program: Program, connections: list[str], seed: int, turns: int | None) -> None:
    """Let tokens end, use them and sign in, in any order."""
    chance = random.Random(seed)
    async with httpx.AsyncClient(base_url=program.account.api_base, trust_env=False) as http:
        for _turn in itertools.count() if turns is None else range(turns):
            connection = chance.choice(connections)
            action = chance.choice(("end", "end", "use", "sign in"))
            if action == "end":
                order = {"action": "expire_token", "connection": connection}
                (await http.post("/sandbox/control", json=order)).raise_for_status()
            try:
                if action == "sign in":
                    await program.reconnect.run(ConnectionId(connection))
                else:
                    await use(program, connection)
            except (ProfileInUse, TokenRejected):
                pass  # the other process signs in, or lets tokens end faster than anybody can renew
            except ReconnectNeeded:
                if turns is not None:
                    raise
                # The other process was killed between the answer and its writing.


def die_behind(step: str, writing: int) -> None:
    """Let this process kill itself behind a step; of the vault's writings, behind that one."""
    owner, names = STEPS[step]
    calls = itertools.count(1)
    for name in names:
        setattr(owner, name, _deadly(getattr(owner, name), lambda: next(calls) == writing))


def _deadly(call: Callable[..., Any], now: Callable[[], bool]) -> Callable[..., Any]:
    def die() -> None:
        if now():
            os.kill(os.getpid(), signal.SIGKILL)

    if asyncio.iscoroutinefunction(call):

        async def awaited(*arguments: Any, **named: Any) -> Any:
            result = await call(*arguments, **named)
            die()
            return result

        return awaited

    def called(*arguments: Any, **named: Any) -> Any:
        result = call(*arguments, **named)
        die()
        return result

    return called


async def carry_out(options: Options, order: dict[str, Any]) -> None:
    """Carry out one order."""
    async with opened(options) as program:
        say(ready=os.getpid())
        if "step" in order:
            die_behind(order["step"], order["writing"])
        match order["do"]:
            case "use":
                await use(program, order["connection"])
            case "sign in":
                await program.reconnect.run(ConnectionId(order["connection"]))
            case "connect":
                await program.reconnect.connect_new()
            case "adopt":
                await program.adoption.ask(ConnectionId(order["connection"]), ConnectionId(order["new"]))
                await program.adoption.adopt(ConnectionId(order["connection"]))
            case "work":
                await work(program, order["connections"], order["seed"], order.get("turns"))


def say(**news: int) -> None:
    """Write one line in one piece, for forks share this pipe."""
    os.write(1, f"{json.dumps(news)}\n".encode())


def main() -> None:
    """Take orders until stdin ends."""
    options = options_of(Path(sys.argv[1]), sys.stdin.readline().strip())
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            say(ended=os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1]))
            continue
        pid = os.fork()
        if pid == 0:
            try:
                asyncio.run(carry_out(options, order))
            except BaseException:  # noqa: BLE001 - a fork must not go on in its parent's code
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        say(started=pid)


if __name__ == "__main__":
    main()
