"""The port `Api` on a whole server: every call, and what section 4 of the contract says of refusals."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from makini_desktop.core.clock import SystemClock
from makini_desktop.domain.attempt import Attempt
from makini_desktop.domain.connection import ConnectionId, ListStatus
from makini_desktop.domain.errors import (
    ClientRejected,
    ConnectionGone,
    InvalidRequest,
    ReconnectNeeded,
    SyncUnderWay,
    SystemUnreachable,
    TokenRejected,
)
from makini_desktop.domain.sync import SyncAction, SyncOrder, SyncState, SyncVerdict
from makini_desktop.domain.token import Secret, TokenPair
from makini_desktop.services.ports import Priority
from tests.api_client import HurriedClock, Opened, opened
from tests.sandbox_process import CLIENT_ID, CLIENT_SECRET, SandboxProcess

SANDBOX_ARGUMENTS = ("--connections", 430)
LOOPBACK = "http://127.0.0.1:51000/makini/callback"
PERSON = Priority.PERSON


@pytest.fixture
async def connection(sandbox: SandboxProcess, client: Opened) -> ConnectionId:
    """A healthy connection of this test's own whose next sync is a while away."""
    while True:
        key = ConnectionId(sandbox.quiet())
        pair = await client.api.issue_token(key)
        next_at = (await client.api.sync_status(pair.access, PERSON)).value.next_at
        if next_at is None or next_at > datetime.now(UTC) + timedelta(seconds=60):
            return key


@pytest.fixture
async def token(client: Opened, connection: ConnectionId) -> Secret:
    return (await client.api.issue_token(connection)).access


def asked(sandbox: SandboxProcess, mark: int) -> list[str]:
    """What the sandbox was asked for after `mark`, without query."""
    return [f"{each['method']} {each['path'].partition('?')[0]}" for each in sandbox.log(mark)]


def about_a_month(pair: TokenPair) -> bool:
    if pair.expires_at is None:
        return False
    return abs(pair.expires_at - pair.obtained_at - timedelta(days=30)) < timedelta(minutes=1)


def begin(connection: ConnectionId) -> Attempt:
    return Attempt.begin(connection, LOOPBACK, datetime.now(UTC))


def code_of(sandbox: SandboxProcess, attempt: Attempt) -> Secret:
    """Sign in as the customer and take the code from the redirect."""
    answer = parse_qs(urlsplit(sandbox.sign_in(attempt.authorize_url(sandbox.account()))).query)
    assert answer["state"] == [attempt.state.value]
    return Secret(answer["code"][0])


# Admin


async def test_the_account_is_told_and_the_version_read(client: Opened, sandbox: SandboxProcess):
    answer = await client.api.client()
    assert (answer.value.id, answer.value.name) == (CLIENT_ID, "Sandbox")
    assert answer.value.default_redirect in answer.value.redirects
    assert answer.request_id == sandbox.log()[-1]["request_id"]
    assert client.api.api_version() == "v1"


async def test_all_pages_are_read_each_once(client: Opened, sandbox: SandboxProcess):
    mark = sandbox.mark()
    pages = [page async for page in client.api.connection_pages()]
    assert [len(page.value) for page in pages] == [200, 200, 30]
    rows = [row for page in pages for row in page.value]
    assert {row.id for row in rows} == set(sandbox.state())
    assert all(row.readable and row.name and row.system and row.created_at for row in rows)
    assert {row.status for row in rows} >= {ListStatus.ACTIVE, ListStatus.PENDING, ListStatus.INACTIVE}
    assert ListStatus.UNKNOWN not in {row.status for row in rows}
    assert asked(sandbox, mark)[1:] == ["GET /api/v1/system/connections"] * 3
    assert len({page.request_id for page in pages}) == 3


async def test_one_admin_token_serves_all_calls(client: Opened, sandbox: SandboxProcess):
    mark = sandbox.mark()
    for _ in range(3):
        await client.api.client()
    assert [each["grant"] for each in sandbox.log(mark)] == ["client_credentials", None, None, None]


async def test_every_api_request_states_the_version(client: Opened, sandbox: SandboxProcess, token: Secret):
    mark = sandbox.mark()
    await client.api.client()
    await client.api.status(token, PERSON)
    assert {each["api_version"] for each in sandbox.log(mark)} == {"v1"}


@pytest.mark.parametrize("secret", ["not-the-secret", None])
async def test_a_wrong_or_missing_secret_is_said_without_naming_it(
    sandbox: SandboxProcess, clock: HurriedClock, secret: str | None
):
    async with opened(sandbox.account(), clock, secret=secret) as client:
        with pytest.raises(ClientRejected, match="sandbox") as failure:
            await client.api.client()
    assert "not-the-secret" not in str(failure.value)
    assert CLIENT_SECRET not in str(failure.value)


# Tokens


async def test_an_issued_token_sees_its_own_connection(client: Opened, connection: ConnectionId):
    pair = await client.api.issue_token(connection)
    whose = (await client.api.integration(pair.access, PERSON)).value
    assert whose.id == connection
    assert whose.company_name
    assert whose.provider
    assert pair.refresh is not None


async def test_issued_tokens_end_in_a_month_in_both_forms_of_expires_in(
    client: Opened, sandbox: SandboxProcess
):
    forms = set()
    for key in sandbox.state():
        raw = sandbox.issue(key)["expires_in"]
        assert isinstance(raw, str)
        if float(raw) % 1e9 > 29 * 86_400:  # not the one whose token ends in two days
            assert about_a_month(await client.api.issue_token(ConnectionId(key)))
            forms.add("timestamp" if float(raw) > 1e9 else "duration")
        if len(forms) == 2:
            return
    raise AssertionError(f"the sandbox has only {forms}")


async def test_issuing_ends_the_older_token(client: Opened, connection: ConnectionId):
    old = await client.api.issue_token(connection)
    await client.api.issue_token(connection)
    with pytest.raises(TokenRejected) as failure:
        await client.api.integration(old.access, PERSON)
    assert failure.value.detail == "401 INVALID_TOKEN"
    assert failure.value.request_id


async def test_no_token_is_issued_for_a_connection_that_is_gone(client: Opened):
    with pytest.raises(ConnectionGone):
        await client.api.issue_token(ConnectionId("no/such?connection"))


async def test_a_logins_code_becomes_a_pair(
    client: Opened, sandbox: SandboxProcess, connection: ConnectionId
):
    attempt = begin(connection)
    code = code_of(sandbox, attempt)
    mark = sandbox.mark()
    pair = await client.api.exchange_code(code, LOOPBACK, attempt.verifier)
    (line,) = sandbox.log(mark)
    assert (line["grant"], line["has_code_verifier"], line["connection"]) == (
        "authorization_code", True, connection,
    )  # fmt: skip
    assert about_a_month(pair)
    assert (await client.api.integration(pair.access, PERSON)).value.id == connection


async def test_a_code_serves_once(client: Opened, sandbox: SandboxProcess, connection: ConnectionId):
    attempt = begin(connection)
    code = code_of(sandbox, attempt)
    await client.api.exchange_code(code, LOOPBACK, attempt.verifier)
    with pytest.raises(InvalidRequest) as failure:
        await client.api.exchange_code(code, LOOPBACK, attempt.verifier)
    assert failure.value.detail == "400 invalid_grant"
    assert code.value not in str(failure.value)


async def test_a_code_is_worthless_without_its_verifier(
    client: Opened, sandbox: SandboxProcess, connection: ConnectionId
):
    attempt = begin(connection)
    with pytest.raises(InvalidRequest, match="code_verifier"):
        await client.api.exchange_code(code_of(sandbox, attempt), LOOPBACK, begin(connection).verifier)


async def test_a_refresh_brings_a_new_pair_and_kills_the_old_one(client: Opened, connection: ConnectionId):
    old = await client.api.issue_token(connection)
    assert old.refresh is not None
    new = await client.api.refresh(old.refresh)
    assert about_a_month(new)
    assert new.access != old.access
    assert new.refresh != old.refresh
    await client.api.integration(new.access, PERSON)
    with pytest.raises(TokenRejected):
        await client.api.integration(old.access, PERSON)
    with pytest.raises(ReconnectNeeded) as failure:
        await client.api.refresh(old.refresh)
    assert old.refresh.value not in str(failure.value)


async def test_an_expired_token_can_be_refreshed(
    client: Opened, sandbox: SandboxProcess, connection: ConnectionId
):
    pair = await client.api.issue_token(connection)
    assert pair.refresh is not None
    sandbox.control("expire_token", connection)
    with pytest.raises(TokenRejected) as failure:
        await client.api.status(pair.access, PERSON)
    assert failure.value.code == "TOKEN_EXPIRED"
    renewed = await client.api.refresh(pair.refresh)
    await client.api.status(renewed.access, PERSON)


async def test_a_revoked_pair_is_dead_in_both_halves(
    client: Opened, sandbox: SandboxProcess, connection: ConnectionId
):
    pair = await client.api.issue_token(connection)
    assert pair.refresh is not None
    sandbox.control("revoke_token", connection)
    with pytest.raises(TokenRejected):
        await client.api.status(pair.access, PERSON)
    with pytest.raises(ReconnectNeeded):
        await client.api.refresh(pair.refresh)


# What a connection says of itself


async def test_a_healthy_connection_says_so(client: Opened, token: Secret):
    status = (await client.api.status(token, PERSON)).value
    assert (status.online, status.reauthorization_required, status.reason) == (True, False, None)
    assert status.checked_at is not None
    syncs = (await client.api.sync_status(token, PERSON)).value
    assert syncs.verdict is SyncVerdict.COMPLETED
    assert syncs.last_good_at is not None
    assert syncs.problem is None
    assert syncs.current is None
    schedule = (await client.api.schedule(token, PERSON)).value
    assert schedule.interval_minutes is not None
    assert 15 <= schedule.interval_minutes <= 1440


async def test_changed_credentials_show_in_the_status_and_refuse_the_rest(
    client: Opened, sandbox: SandboxProcess, connection: ConnectionId, token: Secret
):
    sandbox.control("change_credentials", connection)
    status = (await client.api.status(token, PERSON)).value
    assert (status.reauthorization_required, status.reason) == (True, "credentials_changed")
    mark = sandbox.mark()
    for call in (
        client.api.sync_status(token, PERSON),
        client.api.start_sync(token, SyncOrder(), "key-1"),
    ):
        with pytest.raises(ReconnectNeeded) as failure:
            await call
        assert failure.value.detail == "401 REAUTHORIZATION_REQUIRED"
        assert failure.value.request_id == sandbox.log()[-1]["request_id"]
    assert len(sandbox.log(mark)) == 2, "a dead sign-in is not tried again"


async def test_an_offline_system_is_no_failing_server(
    client: Opened, sandbox: SandboxProcess, clock: HurriedClock, connection: ConnectionId, token: Secret
):
    sandbox.control("go_offline", connection)
    status = (await client.api.status(token, PERSON)).value
    assert (status.online, status.reason) == (False, "unreachable")
    mark = sandbox.mark()
    with pytest.raises(SystemUnreachable) as failure:
        await client.api.start_sync(token, SyncOrder(), "key-2")
    assert failure.value.detail == "503 SYSTEM_UNREACHABLE"
    assert len(sandbox.log(mark)) == 1, "seconds of back-off do not bring a customer's system back"


# Syncs


async def test_a_sync_starts_once_for_one_key(
    client: Opened, sandbox: SandboxProcess, token: Secret, connection: ConnectionId
):
    mark = sandbox.mark()
    first = (await client.api.start_sync(token, SyncOrder(), "one-key")).value
    again = (await client.api.start_sync(token, SyncOrder(), "one-key")).value
    assert first.id == again.id
    assert first.state is SyncState.QUEUED
    assert (first.kind, first.action) == ("manual", "incremental")
    assert {each["idempotency_key"] for each in sandbox.log(mark)} == {"one-key"}
    status = (await client.api.sync_status(token, PERSON)).value
    assert status.verdict is SyncVerdict.IN_PROGRESS
    assert status.current is not None
    assert status.current.id == first.id
    assert status.current.expected


async def test_a_second_sync_is_told_of_the_running_one(client: Opened, token: Secret):
    first = (await client.api.start_sync(token, SyncOrder(action=SyncAction.FULL), "first")).value
    with pytest.raises(SyncUnderWay) as refusal:
        await client.api.start_sync(token, SyncOrder(), "second")
    assert refusal.value.running is not None
    assert refusal.value.running.id == first.id
    assert refusal.value.running.action == "full"


async def test_a_sync_of_some_entities_asks_for_these(client: Opened, token: Secret):
    (newest, *_) = (await client.api.syncs(token, 1, PERSON)).value
    wanted = newest.scopes[:1]
    assert (await client.api.start_sync(token, SyncOrder(scopes=wanted), "some")).value.scopes == wanted


async def test_unknown_entities_are_refused_with_the_field(client: Opened, token: Secret):
    with pytest.raises(InvalidRequest, match="scopes") as failure:
        await client.api.start_sync(token, SyncOrder(scopes=("unicorns",)), "unicorns")
    assert failure.value.status == 422


async def test_a_started_sync_is_seen_to_its_end(sandbox: SandboxProcess, token: Secret):
    async with opened(sandbox.account(), SystemClock()) as client:  # whose budget paces the looks
        started = (await client.api.start_sync(token, SyncOrder(), "followed")).value
        deadline = started.started_at + timedelta(seconds=20)
        ended = started
        while ended.state.running and datetime.now(UTC) < deadline:
            (ended,) = (await client.api.syncs(token, 1, Priority.BACKGROUND)).value
    assert ended.id == started.id
    assert ended.state is SyncState.COMPLETED
    assert ended.done == ended.expected == ended.records.total
    assert ended.finished_at is not None


async def test_the_history_comes_newest_first(client: Opened, token: Secret):
    history = (await client.api.syncs(token, 20, PERSON)).value
    assert len(history) == 20
    starts = [sync.started_at for sync in history]
    assert all(starts)
    assert starts == sorted(starts, reverse=True)
