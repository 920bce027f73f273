"""A new customer: by a login or by credentials, set up as asked for, the first sync followed."""

import pytest

from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    InvalidRequest,
    NotOffered,
    PersonMustAct,
    Unreachable,
    UsageError,
)
from makini_desktop.domain.health import Health
from makini_desktop.domain.platform import Platform
from makini_desktop.domain.sync import Sync, SyncId, SyncState
from makini_desktop.domain.token import Secret
from makini_desktop.services.new_connections import Applicant
from makini_desktop.services.store import Notice, Tone
from tests.fakes.api import customer
from tests.fakes.login_window import SIGNING_IN, back_with
from tests.fakes.program import FakeProgram

C = ConnectionId("C")
SAP = Platform(key="sap", name="SAP", category="ERP")
APPLICANT = Applicant(
    name="Nova Foods", email="it@nova.example", platform=SAP, credentials={"password": Secret("pa55-5up3r")}
)


def signs_in(program: FakeProgram, system: str = "SAP", *, syncing: bool = True) -> None:
    """Let a new customer, C, sign in; Makini begins to fetch their records."""
    new = customer("C", "Nova Foods", system)
    if syncing:
        new.running = Sync(id=SyncId("first"), state=SyncState.IN_PROGRESS, kind="initial")
    program.api.customers[C] = new
    program.api.codes["code-1"] = C
    program.window.person = back_with(code="code-1")


async def words(program: FakeProgram) -> list[str]:
    """Let a person sign in, and return what was told meanwhile."""
    await program.clock.advance(SIGNING_IN)
    return [notice.words for notice in program.notices]


# Systems


async def test_systems_are_kept_in_the_store_by_name(program):
    ended = []
    program.commands.connecting.load_platforms(ended.append)
    await program.clock.settle()
    assert [each.name for each in program.store.platforms] == ["Maximo", "SAP"]
    assert ended == [""]


async def test_why_there_are_no_systems_is_said_to_who_asked(program):
    ended = []
    program.api.fail("platforms", NotOffered("This server does not offer the list of systems."))
    program.commands.connecting.load_platforms(ended.append)
    await program.clock.settle()
    assert ended == ["This server does not offer the list of systems."]
    assert program.notices == []


@pytest.mark.parametrize("typed", ["sap", "SAP", " Sap "])
async def test_a_system_goes_by_key_and_name(program, typed):
    assert await program.connecting.new.platform(typed) == SAP


async def test_an_unknown_system_is_answered_with_those_there_are(program):
    with pytest.raises(UsageError, match=r"“Odoo”. There are: Maximo, SAP\."):
        await program.connecting.new.platform("Odoo")


# By a login


async def test_a_new_customer_is_listed_and_the_first_sync_followed(program):
    signs_in(program)
    program.commands.connecting.connect(SAP)
    told = await words(program)
    assert len(told) == 1
    assert "Nova Foods" in told[0]
    assert (await program.entry("C")).current is not None
    assert program.health("C") is Health.SYNCING
    assert program.tasks.running("sync C")
    program.api.end_sync("C", SyncState.COMPLETED)
    await program.clock.advance(10)
    assert program.notices[-1].words.startswith("Nova Foods: sync done")


async def test_interval_and_history_are_set_as_asked_for(program):
    signs_in(program)
    program.commands.connecting.connect(SAP, interval_minutes=30, history_days=90)
    await words(program)
    server = program.api.customers[C]
    assert (server.interval_minutes, server.history_days) == (30, 90)


async def test_values_out_of_range_open_no_login(program):
    signs_in(program)
    program.commands.connecting.connect(SAP, interval_minutes=5)
    told = await words(program)
    assert told == ["The sync interval has to be 15 to 1440 minutes."]
    assert program.window.opened == []


async def test_a_server_without_settings_connects_all_the_same_and_says_so(program):
    signs_in(program)
    program.api.fail_always("schedule", NotOffered("This server does not offer the sync settings."))
    program.commands.connecting.connect(SAP, interval_minutes=30)
    told = await words(program)
    assert any("how it syncs was not set: This server does not offer" in each for each in told)
    assert program.tasks.running("sync C")


async def test_another_system_than_expected_is_said(program):
    signs_in(program, "Odoo")
    program.commands.connecting.connect(SAP)
    assert "Nova Foods signed in to Odoo, not to SAP." in await words(program)


async def test_one_new_customer_at_a_time_and_their_login_can_be_closed(program):
    connecting = program.commands.connecting
    connecting.connect(SAP)
    await program.clock.settle()
    assert connecting.connecting
    connecting.connect(SAP)
    assert program.notices[-1] == Notice(
        words="A new connection is being made already. End that first.", tone=Tone.PLAIN
    )
    connecting.cancel_connect()
    await program.clock.settle()
    assert not connecting.connecting
    assert program.window.cancelled == 1


async def test_a_refused_sign_in_leaves_nothing(program):
    program.window.person = back_with(error="access_denied", error_description="The customer refused.")
    program.commands.connecting.connect(SAP)
    (told,) = await words(program)
    assert "refused" in told
    assert set(program.store.rows) == {"A", "B"}


# By credentials


async def test_credentials_connect_without_a_login(program):
    told = []
    program.commands.connecting.connect_by_credentials(
        APPLICANT, history_days=90, refused=told.append, created=lambda: told.append("created")
    )
    await program.clock.settle()
    assert told == ["created"]
    (new,) = set(program.store.rows) - {"A", "B"}
    assert program.notices[0] == Notice(words="Nova Foods is connected.", tone=Tone.GOOD, connection=new)
    assert (await program.entry(new)).current is not None
    assert program.health(new) is Health.HEALTHY
    assert program.api.customers[new].history_days == 90
    assert program.window.opened == []
    assert "5up3r" not in repr(APPLICANT)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": " "}, "name"), ({"email": "nova"}, "email"), ({"credentials": {}}, "credentials")],
)
async def test_what_is_missing_is_said_before_anything_is_sent(program, changes, field):
    known = {"name": "N", "email": "a@b", "platform": SAP, "credentials": APPLICANT.credentials}
    with pytest.raises(UsageError) as failure:
        await program.connecting.new.by_credentials(Applicant(**(known | changes)))
    assert failure.value.field == field
    assert "create_connection" not in program.api.calls


async def test_credentials_that_makini_refuses_are_told_as_it_says(program):
    program.api.fail("create_connection", InvalidRequest("Makini refused the credentials.", status=422))
    told = []
    program.commands.connecting.connect_by_credentials(
        APPLICANT, refused=told.append, created=lambda: told.append("created")
    )
    await program.clock.settle()
    assert [str(each) for each in told] == ["Makini refused the credentials."]
    assert program.notices == []
    assert set(program.store.rows) == {"A", "B"}


async def test_a_token_lost_on_the_way_is_said_with_what_to_do(program):
    program.api.fail("integration", Unreachable("No answer."))
    with pytest.raises(PersonMustAct, match=r"was created at Makini.*reconnect it") as failure:
        await program.connecting.new.by_credentials(APPLICANT)
    assert "5up3r" not in str(failure.value)
