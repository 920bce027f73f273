"""The port `Api` from a connection's beginning to its end: on a whole sandbox, and on the fake alike."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import ConnectionGone, InvalidRequest, TokenRejected
from makini_desktop.domain.settings import Metadatum, SyncMode, SyncSchedule, Webhook
from makini_desktop.domain.token import Secret, TokenPair
from makini_desktop.services.ports import Api, Priority
from tests.api_client import HurriedClock, Opened, opened
from tests.fakes.api import FakeApi, customer
from tests.sandbox_process import SandboxProcess

SANDBOX_ARGUMENTS = ("--connections", 60)
PERSON = Priority.PERSON
CREDENTIALS = {"login": Secret("admin"), "password": Secret("pa55word-5up3r")}


@dataclass
class Held:
    """A connection of the test's own, with a token of it."""

    api: Api
    connection: ConnectionId
    token: Secret


@pytest.fixture(params=["sandbox", "fake"])
async def held(request: pytest.FixtureRequest, sandbox: SandboxProcess) -> AsyncIterator[Held]:
    if request.param == "fake":
        api: Api = FakeApi(HurriedClock(), customer("A", "Acme"))
        yield Held(api, ConnectionId("A"), (await api.issue_token(ConnectionId("A"))).access)
        return
    async with opened(sandbox.account(), HurriedClock()) as client:
        connection = ConnectionId(sandbox.quiet())
        yield Held(client.api, connection, (await client.api.issue_token(connection)).access)


async def listed(api: Api) -> set[ConnectionId]:
    return {row.id async for page in api.connection_pages() for row in page.value}


async def created(held: Held) -> TokenPair:
    platform = (await held.api.platforms()).value[0]
    return await held.api.create_connection("Nova Foods", "it@nova.example", platform.key, CREDENTIALS)


async def test_the_systems_that_can_be_connected_have_key_and_name(held: Held):
    platforms = (await held.api.platforms()).value
    assert platforms
    assert all(each.key and each.name and each.category for each in platforms)
    assert len({each.key for each in platforms}) == len(platforms)


async def test_credentials_make_a_connection_with_a_token_of_its_own(held: Held):
    before = await listed(held.api)
    pair = await created(held)
    whose = (await held.api.integration(pair.access, PERSON)).value
    assert whose.company_name == "Nova Foods"
    assert await listed(held.api) - before == {whose.id}


async def test_a_disconnected_connection_is_gone_and_its_token_dead_at_once(held: Held):
    answer = await held.api.disconnect(held.connection)
    assert answer.request_id
    assert held.connection not in await listed(held.api)
    with pytest.raises(TokenRejected):
        await held.api.integration(held.token, PERSON)
    with pytest.raises(ConnectionGone):
        await held.api.disconnect(held.connection)
    with pytest.raises(ConnectionGone):
        await held.api.metadata(held.connection)


async def test_a_token_ends_its_own_connection(held: Held):
    await held.api.disconnect_self(held.token)
    assert held.connection not in await listed(held.api)
    with pytest.raises(TokenRejected):
        await held.api.disconnect_self(held.token)


async def test_metadata_is_added_to_and_replaced_by_key(held: Held):
    connection = ConnectionId((await held.api.integration((await created(held)).access, PERSON)).value.id)
    assert (await held.api.metadata(connection)).value == ()
    await held.api.set_metadata(connection, [Metadatum("owner", "Anna"), Metadatum("crm", "17")])
    await held.api.set_metadata(connection, [Metadatum("owner", "Bo")])
    assert (await held.api.metadata(connection)).value == (Metadatum("owner", "Bo"), Metadatum("crm", "17"))


async def test_a_schedule_is_set_as_a_whole(held: Held):
    wanted = SyncSchedule(mode=SyncMode.WEBHOOK, mode_word="webhook", interval_minutes=45, history_days=31)
    for answer in (
        await held.api.set_schedule(held.token, wanted),
        await held.api.schedule(held.token, PERSON),
    ):
        found = answer.value
        assert (found.mode, found.interval_minutes, found.history_days) == (SyncMode.WEBHOOK, 45, 31)


async def test_a_webhook_is_set_and_its_secret_never_told(held: Held):
    assert (await held.api.webhook(held.token, PERSON)).value == Webhook()
    wanted = Webhook(url="https://example.com/makini", events=("sync.failed", "connection.offline"))
    secret = Secret("a-webhook-secret-5up3r")
    set_to = await held.api.set_webhook(held.token, wanted, secret)
    assert set_to.value == (await held.api.webhook(held.token, PERSON)).value == wanted
    await held.api.set_webhook(held.token, Webhook(), None)
    assert (await held.api.webhook(held.token, PERSON)).value == Webhook()


# What only a server says


@pytest.mark.parametrize(
    ("schedule", "field"),
    [
        (SyncSchedule(interval_minutes=7), "interval_minutes"),
        (SyncSchedule(history_days=365), "history_days"),
        (SyncSchedule(mode_word="hourly"), "mode"),
    ],
)
async def test_a_schedule_that_is_refused_names_its_field(
    client: Opened, sandbox: SandboxProcess, schedule: SyncSchedule, field: str
):
    token = (await client.api.issue_token(ConnectionId(sandbox.quiet()))).access
    with pytest.raises(InvalidRequest, match=field) as failure:
        await client.api.set_schedule(token, schedule)
    assert failure.value.field == field
    assert failure.value.request_id == sandbox.log()[-1]["request_id"]


@pytest.mark.parametrize(
    ("webhook", "secret", "field"),
    [
        (Webhook(url="gopher://example.com"), None, "url"),
        (Webhook(events=("tea.time",)), None, "events"),
        (Webhook(), Secret("5up3r"), "secret"),
    ],
)
async def test_a_webhook_that_is_refused_names_its_field(
    client: Opened, sandbox: SandboxProcess, webhook: Webhook, secret: Secret | None, field: str
):
    token = (await client.api.issue_token(ConnectionId(sandbox.quiet()))).access
    with pytest.raises(InvalidRequest, match=field) as failure:
        await client.api.set_webhook(token, webhook, secret)
    assert failure.value.field == field
    assert "5up3r" not in str(failure.value)


async def test_credentials_that_are_refused_name_their_field(client: Opened):
    with pytest.raises(InvalidRequest) as failure:
        await client.api.create_connection("Nova", "it@nova.example", "no_such_system", CREDENTIALS)
    assert failure.value.field == "provider"


async def test_what_changes_something_is_sent_once_and_as_a_persons_order(
    client: Opened, sandbox: SandboxProcess
):
    mark = sandbox.mark()
    connection = ConnectionId(sandbox.quiet())
    token = (await client.api.issue_token(connection)).access
    await client.api.set_webhook(token, Webhook(), None)
    await client.api.disconnect(connection)
    sent = [f"{each['method']} {each['path']}" for each in sandbox.log(mark)][-2:]
    assert sent == [
        "PUT /api/v1/integrations/current/webhook",
        f"DELETE /api/v1/system/connections/{connection}",
    ]


async def test_nothing_is_kept_of_a_token_that_is_forgotten(client: Opened, sandbox: SandboxProcess):
    connection = ConnectionId(sandbox.quiet())
    token = (await client.api.issue_token(connection)).access
    client.api.belongs(token, connection)
    headers = {"Authorization": f"Bearer {token.value}"}
    assert client.traffic.owner(headers) == connection
    client.api.forget(connection)
    assert client.traffic.owner(headers) is None
    assert token.value not in repr(vars(client.traffic))
