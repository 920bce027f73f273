"""The port `Api` on servers that lack what is not published, or want the version elsewhere."""

from collections.abc import Awaitable, Callable, Iterator

import pytest

from makini_desktop.domain.account import VersionPlacement
from makini_desktop.domain.capability import Capability
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import NotOffered, ReconnectNeeded, TokenRejected
from makini_desktop.domain.settings import Webhook
from makini_desktop.domain.sync import SyncOrder, SyncVerdict
from makini_desktop.domain.token import Secret
from makini_desktop.services.capabilities import not_offered, words
from makini_desktop.services.ports import Priority
from tests.api_client import HurriedClock, Opened, opened
from tests.sandbox_process import SandboxProcess

SANDBOX_ARGUMENTS = ("--bare", "--connections", 60)
PERSON = Priority.PERSON


@pytest.fixture(scope="module")
def unversioned() -> Iterator[SandboxProcess]:
    with SandboxProcess().start("--unversioned") as sandbox:
        yield sandbox


async def issued(sandbox: SandboxProcess, client: Opened) -> Secret:
    return (await client.api.issue_token(ConnectionId(sandbox.quiet()))).access


def capabilities(client: Opened, token: Secret) -> dict[str, Callable[[], Awaitable[object]]]:
    """Every call that a server may lack without a fallback of the adapter's own, not yet begun."""
    api = client.api
    return {
        "/integrations/current/status": lambda: api.status(token, PERSON),
        "/integrations/sync": lambda: api.start_sync(token, SyncOrder(), "key"),
        "/integrations/syncs": lambda: api.syncs(token, 5, PERSON),
        "/integrations/current/settings": lambda: api.schedule(token, PERSON),
        "/integrations/current/webhook": lambda: api.set_webhook(token, Webhook(), None),
    }


def count(sandbox: SandboxProcess, mark: int, path: str) -> int:
    return sum(each["path"].partition("?")[0].endswith(path) for each in sandbox.log(mark))


async def test_a_published_token_answer_is_read(sandbox: SandboxProcess, client: Opened):
    pair = await client.api.issue_token(ConnectionId(sandbox.quiet()))
    assert pair.refresh is None
    assert pair.expires_at is not None
    assert 28 < (pair.expires_at - pair.obtained_at).days <= 30


@pytest.mark.parametrize(
    "path",
    [
        "/integrations/current/status",
        "/integrations/sync",
        "/integrations/syncs",
        "/integrations/current/settings",
        "/integrations/current/webhook",
    ],
)
async def test_what_two_connections_miss_is_not_asked_for_again(
    sandbox: SandboxProcess, client: Opened, path: str
):
    first, second = await issued(sandbox, client), await issued(sandbox, client)
    mark = sandbox.mark()
    for token, asked in ((first, 1), (first, 2), (second, 3), (first, 3), (second, 3)):
        with pytest.raises(NotOffered, match="does not offer"):
            await capabilities(client, token)[path]()
        assert count(sandbox, mark, path) == asked
    assert count(sandbox, mark, "/integrations/current") == 3, "each was asked once whether it is there"


async def test_what_one_connection_misses_is_asked_for_with_the_next(sandbox: SandboxProcess, client: Opened):
    token = await issued(sandbox, client)
    for _ in range(3):
        with pytest.raises(NotOffered):
            await client.api.status(token, PERSON)
    mark = sandbox.mark()
    with pytest.raises(NotOffered):
        await client.api.status(await issued(sandbox, client), PERSON)
    assert count(sandbox, mark, "/integrations/current/status") == 1


async def test_what_counts_as_not_offered_is_kept_and_said_in_words(sandbox: SandboxProcess, client: Opened):
    for token in (await issued(sandbox, client), await issued(sandbox, client)):
        with pytest.raises(NotOffered) as failure:
            await client.api.start_sync(token, SyncOrder(), "key")
        assert str(failure.value) == words(Capability.START_SYNC)
    assert not client.store.capabilities[Capability.START_SYNC].offered
    assert client.store.capabilities[Capability.CURRENT_INTEGRATION].offered


async def test_it_is_tried_again_after_a_day(sandbox: SandboxProcess, client: Opened, clock: HurriedClock):
    first, second = await issued(sandbox, client), await issued(sandbox, client)
    for token in (first, second):
        with pytest.raises(NotOffered):
            await client.api.syncs(token, 5, PERSON)
    await clock.sleep(86_400)
    mark = sandbox.mark()
    for _ in range(2):
        with pytest.raises(NotOffered):
            await client.api.syncs(first, 5, PERSON)
    assert count(sandbox, mark, "/integrations/syncs") == 1, "one that still misses it is believed"


async def test_what_appears_is_used_again(sandbox: SandboxProcess, client: Opened):
    first, second = await issued(sandbox, client), await issued(sandbox, client)
    for token in (first, second):
        with pytest.raises(NotOffered):
            await client.api.status(token, PERSON)
    with SandboxProcess().start("--connections", 3) as whole:
        client.account = whole.account()
        connection = ConnectionId(whole.quiet())
        token = (await client.api.issue_token(connection)).access
        with pytest.raises(NotOffered):
            await client.api.status(token, PERSON)
        await client.api.try_all(token)
        assert (await client.api.status(token, PERSON)).value.online
        assert not [each for each, found in client.store.capabilities.items() if not found.offered]


async def test_everything_is_tried_at_once_whatever_was_known(sandbox: SandboxProcess, client: Opened):
    for token in (await issued(sandbox, client), await issued(sandbox, client)):
        await client.api.try_all(token)
    assert not_offered(client.store.capabilities) == (
        Capability.CONNECTION_STATUS,
        Capability.SYNC_STATUS,
        Capability.SYNC_STATUS_WITHDRAWN,
        Capability.SYNC_HISTORY,
        Capability.SYNC_SETTINGS,
        Capability.WEBHOOK_SETTINGS,
    )


async def test_the_sync_status_falls_back_to_the_current_integration(sandbox: SandboxProcess, client: Opened):
    first, second = await issued(sandbox, client), await issued(sandbox, client)
    for token in (first, second):
        answer = await client.api.sync_status(token, PERSON)
        assert answer.value.verdict is SyncVerdict.COMPLETED
        assert answer.value.last_good_at is not None
    mark = sandbox.mark()
    await client.api.sync_status(first, PERSON)
    assert [each["path"] for each in sandbox.log(mark)] == ["/api/v1/integrations/current"]


async def test_changed_credentials_show_in_the_fallback(sandbox: SandboxProcess, client: Opened):
    connection = ConnectionId(sandbox.quiet())
    token = (await client.api.issue_token(connection)).access
    sandbox.control("change_credentials", connection)
    verdict = (await client.api.sync_status(token, PERSON)).value.verdict
    assert verdict is SyncVerdict.CREDENTIALS_REFUSED


async def test_a_dead_token_is_not_taken_for_a_missing_endpoint(sandbox: SandboxProcess, client: Opened):
    connection = ConnectionId(sandbox.quiet())
    token = (await client.api.issue_token(connection)).access
    sandbox.control("revoke_token", connection)
    for call in capabilities(client, token).values():
        with pytest.raises(TokenRejected) as failure:
            await call()
        assert failure.value.status == 401


async def test_a_bare_message_is_the_reason(sandbox: SandboxProcess, client: Opened):
    with pytest.raises(ReconnectNeeded) as failure:
        await client.api.refresh(Secret("no-such-token"))
    assert failure.value.request_id == sandbox.log()[-1]["request_id"]
    with pytest.raises(TokenRejected, match="The access token is not valid"):
        await client.api.integration(Secret("no-such-token"), PERSON)


@pytest.mark.parametrize("placement", list(VersionPlacement))
async def test_the_versions_place_is_found_out_and_told_once(
    sandbox: SandboxProcess, unversioned: SandboxProcess, clock: HurriedClock, placement: VersionPlacement
):
    server = sandbox if placement is VersionPlacement.PATH else unversioned
    mark = server.mark()
    async with opened(server.account(version_in=None), clock) as client:
        await client.api.client()
        await client.api.client()
        assert client.placed == [placement]
    assert {each["api_version"] for each in server.log(mark)} == {"v1"}
    tried = [each["path"] for each in server.log(mark) if each["path"].endswith("/system/client")]
    right = "/api/v1/system/client" if placement is VersionPlacement.PATH else "/api/system/client"
    assert tried == ([] if placement is VersionPlacement.PATH else ["/api/v1/system/client"]) + [right] * 3


async def test_a_stated_place_is_not_tried(unversioned: SandboxProcess, clock: HurriedClock):
    async with opened(unversioned.account(version_in=VersionPlacement.HEADER), clock) as client:
        mark = unversioned.mark()
        await client.api.client()
        assert client.placed == []
    assert [each["path"] for each in unversioned.log(mark)] == ["/link/token", "/api/system/client"]


async def test_no_place_is_remembered_from_a_failing_server(unversioned: SandboxProcess, clock: HurriedClock):
    async with opened(unversioned.account(version_in=None), clock) as client:
        unversioned.control("server_errors", count=3)
        with pytest.raises(Exception, match="Makini failed"):
            await client.api.client()
        assert client.placed == []
        await client.api.client()
        assert client.placed == [VersionPlacement.HEADER]


async def test_pages_are_read_without_a_version_in_the_path(unversioned: SandboxProcess, clock: HurriedClock):
    async with opened(unversioned.account(), clock) as client:
        rows = [row async for page in client.api.connection_pages() for row in page.value]
    assert {row.id for row in rows} == set(unversioned.state())
