"""A server that says every secret again, wherever it can: none is found in what the program leaves behind."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from makini_desktop.app import Program
from makini_desktop.core.logs import start_log
from makini_desktop.core.paths import Paths
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import MakiniDesktopError
from makini_desktop.domain.token import Secret
from makini_desktop.services.options import Options, VaultKind
from makini_desktop.services.ports import Priority
from makini_desktop.services.support import requests_of, support_text
from tests.api_client import hostile_account
from tests.raw_server import Asked, RawServer, answer

CONNECTION = ConnectionId("acme")
MARK = "5up3rs3cret"  # part of every secret here
PASSPHRASE = Secret(f"passphrase-{MARK}")
CLIENT_SECRET = Secret(f"client-{MARK}")
LIST = answer({"data": [{"key": CONNECTION, "name": "Acme", "status": "Active"}], "meta": {"last_page": 1}})


class Echoing:
    """Answers with `status` and says again what was secret in the request.

    Attributes:
        issued: tokens given out.
    """

    def __init__(self) -> None:
        self.status = 500
        self.issued = 0

    def __call__(self, asked: Asked) -> bytes:
        if asked.path.endswith("/system/connections"):
            return LIST
        if asked.path.endswith("/token") and asked.method == "POST" and b"grant_type" not in asked.body:
            self.issued += 1
            return answer({"data": {"access_token": f"opaque.{MARK}.{self.issued}"}})
        said = f"{asked.headers.get('authorization', '')} {asked.body.decode()} of {asked.target}"
        bare = asked.headers.get("authorization", "").removeprefix("Bearer ")
        return answer(
            {
                "error": {
                    "code": bare,
                    "message": f"Refused {bare}: {said}",
                    "request_id": bare,
                    "details": said,
                }
            },
            self.status,
            X_Request_Id=bare or "none",
            Location=f"https://elsewhere.invalid/?token={bare}",
            Deprecation="@1",
            Link=f'<https://elsewhere.invalid/{bare}>; rel="deprecation"',
        )


@pytest.fixture
def echoing() -> Echoing:
    return Echoing()


@pytest.fixture
async def program(tmp_path: Path, echoing: Echoing, monkeypatch) -> AsyncIterator[Program]:
    monkeypatch.setattr("makini_desktop.adapters.vault.passphrase.N", 2**4)
    options = Options(
        paths=Paths(tmp_path / "profile"), vault=VaultKind.FILE, passphrase=PASSPHRASE, account="Hostile"
    )
    options.paths.create()
    log = start_log(options.paths.log)
    program = Program(
        options, report=lambda error: logging.getLogger("makini_desktop").error("", exc_info=error)
    )
    async with RawServer(say=echoing) as server:
        await program.open_stores()
        account = hostile_account(server.base)
        await program.accounts.add(account, CLIENT_SECRET)
        await program.begin(account)
        await program._allow_issuing(True)
        yield program
        await program.aclose()
    logger = logging.getLogger("makini_desktop")
    logger.removeHandler(log)
    logger.propagate = True
    log.close()


def left_behind(folder: Path) -> dict[str, bytes]:
    return {
        path.name: found
        for path in folder.rglob("*")
        if path.is_file() and MARK.encode() in (found := path.read_bytes())
    }


@pytest.mark.parametrize("status", [200, 302, 400, 401, 409, 503])
async def test_nothing_secret_is_left_in_log_database_or_support_text(
    program: Program, echoing: Echoing, tmp_path: Path, status: int, capsys
):
    echoing.status = status
    logger = logging.getLogger("makini_desktop")
    notices = []
    program.store.noticed.subscribe(notices.append)
    await program.monitor.read_list()
    failures = []
    for call in (
        lambda: program.monitor.check(CONNECTION, Priority.PERSON),
        program.api.client,
        lambda: program.api.refresh(Secret(f"refresh-{MARK}")),
        lambda: program.api.exchange_code(
            Secret(f"code-{MARK}"), "http://127.0.0.1/callback", Secret(f"verifier-{MARK}")
        ),
    ):
        try:
            await call()
        except MakiniDesktopError as error:
            failures.append(error)
            logger.exception("failed")
    await program.ledger.flush()
    await program.server.flush()
    row = program.store.row(CONNECTION)
    assert row is not None
    shown = support_text(row, requests_of(CONNECTION, program.api.requests()), program.clock.now())
    assert failures
    assert echoing.issued, "no token was in use"
    assert MARK not in shown
    assert MARK not in repr([(str(error), error.code, error.request_id) for error in failures])
    assert MARK not in repr((row, program.api.requests(), notices, program.store.version))
    assert MARK not in "".join(capsys.readouterr())
    assert list(left_behind(tmp_path)) == []
    assert b"failed" in program_log(tmp_path)


def program_log(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*.log"))
