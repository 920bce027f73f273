"""The embedded sandbox: a child process that ends with this one, and what makes things happen in it."""

from __future__ import annotations

import asyncio
import logging
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from makini_desktop.adapters.login import program_command
from makini_desktop.core.text import _
from makini_desktop.domain.account import Account, VersionPlacement
from makini_desktop.domain.errors import InvalidRequest, ServerFailed, Unreachable
from makini_desktop.domain.token import Secret
from makini_desktop.services.accounts import new_account
from makini_desktop.services.ports import Priority

if TYPE_CHECKING:
    from makini_desktop.adapters.api.http import Http

_log = logging.getLogger(__name__)
ACCOUNT_NAME = "Sandbox"
START_WITHIN = 20.0
END_WITHIN = 5.0


class _Ready(msgspec.Struct, frozen=True):
    """The line a sandbox says when it listens."""

    api_base: str
    link_base: str
    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]
    version_in: VersionPlacement
    pid: int


class EmbeddedSandbox:
    """A running sandbox with its state in the profile folder.

    A second program on the same profile uses the sandbox of the first, as long as that one runs.

    Attributes:
        account: how to reach it; its client secret is public.
    """

    def __init__(self, folder: Path, arguments: tuple[str, ...] = ()) -> None:
        self._folder = folder
        self._arguments = arguments
        self._process: Process | None = None
        self.account: Account
        self.secret: Secret

    async def start(self) -> None:
        """Start the child, or find the one that another program of this profile has started.

        Raises:
            Unreachable: it did not come up; the sentence holds what it said.
        """
        announcement = self._folder / "running.json"
        await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        process = await asyncio.create_subprocess_exec(
            *program_command("sandbox", "--child", "--state", str(self._folder), *self._arguments),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
        )
        self._process = process
        assert process.stdout is not None  # noqa: S101 - started with pipes
        assert process.stderr is not None  # noqa: S101
        try:
            async with asyncio.timeout(START_WITHIN):
                line = await process.stdout.readline()
        except TimeoutError as error:
            await self.aclose()
            raise Unreachable(_("The sandbox did not start within 20 seconds.")) from error
        if line:
            await asyncio.to_thread(announcement.write_bytes, line)
        else:
            said = (await process.stderr.read()).decode(errors="replace").strip()
            await self.aclose()
            other = await _running(announcement)
            if other is None:
                raise Unreachable(_("The sandbox did not start: {why}").format(why=said))
            line = other
        ready = msgspec.json.decode(line, type=_Ready)
        self.secret = Secret(ready.client_secret)
        self.account = new_account(
            name=ACCOUNT_NAME,
            api_base=ready.api_base,
            link_base=ready.link_base,
            client_id=ready.client_id,
            redirect_uris=ready.redirect_uris,
            version_in=ready.version_in,
            issue_tokens=True,
            sandbox=True,
        )

    async def control(
        self, http: Callable[[], Awaitable[Http]], order: Mapping[str, int | str | bool]
    ) -> None:
        """Make something happen in the sandbox.

        Raises:
            InvalidRequest: the sandbox does not know the action or the connection.
        """
        response = await (await http()).send(
            "POST",
            f"{self.account.api_base}/sandbox/control",
            priority=Priority.PERSON,
            headers={},
            json=dict(order),
        )
        if response.status >= 500:
            raise ServerFailed(_("The sandbox failed."), status=response.status)
        if response.status >= 400:
            raise InvalidRequest(
                _("The sandbox refused: {why}").format(why=response.body.decode(errors="replace")[:200])
            )

    async def aclose(self) -> None:
        """Let the child end, by closing its input, and see that it is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(END_WITHIN):
                await process.wait()
        except TimeoutError:
            _log.warning("the sandbox did not end by itself")
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _running(announcement: Path) -> bytes | None:
    """Return what the sandbox of another program said, if it still listens.

    A killed program leaves the announcement behind.
    """
    try:
        line = await asyncio.to_thread(announcement.read_bytes)
        address = urlsplit(msgspec.json.decode(line, type=_Ready).api_base)
        async with asyncio.timeout(END_WITHIN):
            _reader, writer = await asyncio.open_connection(address.hostname, address.port)
    except (OSError, ValueError, TimeoutError):
        return None
    writer.close()
    return line
