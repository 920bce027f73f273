"""A link for the customer: its text, its way, and the customer who comes back."""

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
import pytest

from makini_desktop.domain.account import Client
from makini_desktop.domain.errors import Unreachable, UsageError
from makini_desktop.domain.health import Health
from makini_desktop.services.invitations import Sent
from makini_desktop.services.ports import Answer
from makini_desktop.services.store import Tone
from tests.fakes.program import FakeProgram
from tests.unit.logins import NO_LINE, A, B, broken  # noqa: F401

DONE = "https://acme.example/done"


@pytest.fixture(autouse=True)
def account_with_a_page(program) -> None:
    """The account has a redirect for customers, and A an address."""
    has(program, DONE)
    connection = msgspec.structs.replace(program.api.customers[A].connection, email="it+sap@foods.example")
    program.api.customers[A].connection = connection


def has(program: FakeProgram, *redirects: str) -> None:
    client = Client(id="client-1", name="Acme", redirects=redirects)
    program.api.client = lambda: asyncio.sleep(0, Answer(value=client, at=program.clock.now()))


async def sent(program: FakeProgram, how: Sent = Sent.COPIED) -> None:
    await program.monitor.read_list()
    program.invitations.sent(A, how)
    await program.clock.advance(1)


def told(program: FakeProgram) -> list[str]:
    return [notice.words for notice in program.notices if "signed in by the link" in notice.words]


async def test_the_text_says_why_since_when_and_what_to_do(program):
    await program.monitor.read_list()
    invitation = await program.invitations.draft(A)
    assert invitation.subject == "Please sign in to SAP again"
    assert invitation.email == "it+sap@foods.example"
    for part in (
        "Hello Acme Foods,",
        "has not worked since",
        "no longer accepted",
        "allow the access",
        invitation.link,
    ):
        assert part in invitation.text


async def test_the_link_is_the_login_page_without_proof_and_without_a_secret(program):
    link = urlsplit((await program.invitations.draft(A)).link)
    assert f"{link.scheme}://{link.netloc}{link.path}" == "https://link.makini.example/oauth/authorize"
    assert parse_qs(link.query) == {
        "response_type": ["code"],
        "client_id": ["client-1"],
        "redirect_uri": [DONE],
        "connection_id": ["A"],
    }


async def test_the_mail_program_gets_address_subject_and_the_edited_text(program):
    await program.monitor.read_list()
    invitation = await program.invitations.draft(A)
    address = urlsplit(invitation.mail_address("Dear all,\n100 % & more? #1"))
    assert (address.scheme, unquote(address.path)) == ("mailto", "it+sap@foods.example")
    fields = dict(part.split("=", 1) for part in address.query.split("&"))
    assert unquote(fields["subject"]) == invitation.subject
    assert unquote(fields["body"]) == "Dear all,\r\n100 % & more? #1"
    assert address.fragment == ""


async def test_other_reasons_have_words_of_their_own(program):
    assert "waits for your sign-in" in (await program.invitations.draft(B)).text


async def test_without_a_page_of_the_account_there_is_no_link_and_why_is_said(program):
    has(program, "http://127.0.0.1:8400/callback")
    with pytest.raises(UsageError, match="has to end on a page of yours"):
        await program.invitations.draft(A)


async def test_an_account_that_cannot_be_asked_has_no_link_now(program):
    async def no_line() -> None:
        raise NO_LINE

    program.api.client = no_line
    with pytest.raises(Unreachable):
        await program.invitations.draft(A)


async def test_a_connection_that_nobody_knows_is_named(program):
    with pytest.raises(UsageError, match="“nobody”"):
        await program.invitations.draft("nobody")


@pytest.mark.parametrize(
    ("how", "words"),
    [(Sent.COPIED, "Copied, to be sent to them."), (Sent.MAILED, "Opened in the mail program.")],
)
async def test_how_it_went_its_way_is_noted(program, how, words):
    await sent(program, how)
    entry = (await program.ledger.timeline(A))[0]
    assert (entry.headline, entry.detail) == ("Link for the customer", words)
    assert A in program.invitations.out


async def test_a_customer_who_comes_back_is_told_once(program):
    await sent(program)
    program.api.customers[A].credentials_hold = True
    await program.clock.advance(60)
    await program.check("A")
    await program.clock.advance(60)
    await program.check("A")
    assert told(program) == ["Acme Foods has signed in by the link."]
    assert program.notices[-1].tone is Tone.GOOD
    assert "Signed in by the link" in [entry.headline for entry in await program.ledger.timeline(A)]
    assert program.invitations.out == {}


async def test_a_check_that_finds_it_still_broken_is_no_return(program):
    await sent(program)
    await program.clock.advance(60)
    await program.check("A")
    assert told(program) == []
    assert A in program.invitations.out


async def test_the_list_shows_a_return_that_our_dead_token_cannot_and_a_token_is_issued(program):
    program.change_account(issue_tokens=True)
    await sent(program)
    program.api.kill((await program.entry("A")).current, refresh=True)
    await program.clock.advance(timedelta(hours=2))
    program.api.customers[A].credentials_hold = True
    program.api.customers[A].connection = msgspec.structs.replace(
        program.api.customers[A].connection, connected_at=program.clock.now()
    )
    await program.monitor.read_list()
    await program.clock.advance(1)
    assert told(program) == ["Acme Foods has signed in by the link."]
    assert "issue A" in program.api.calls
    assert program.health("A") is Health.HEALTHY


async def test_links_that_are_out_outlive_the_program(program):
    await sent(program)
    await program.ledger.flush()
    other = FakeProgram(beside=program)
    await other.invitations.load()
    other.ledger.load(await other.database.connections("acme"), {}, {})
    await other.monitor.read_list()
    assert other.invitations.out == program.invitations.out
    other.api.customers[A].credentials_hold = True
    await other.clock.advance(60)
    await other.check("A")
    await other.clock.advance(1)
    assert told(other) == ["Acme Foods has signed in by the link."]
    await other.aclose()
    await program.invitations.load()
    assert program.invitations.out == {}


async def test_links_that_two_processes_sent_are_both_out(program):
    command = FakeProgram(beside=program)
    await sent(program)
    await command.invitations.note(B, Sent.MAILED)
    later = FakeProgram(beside=program)
    await later.invitations.load()
    assert later.invitations.out.keys() == {A, B}


async def test_what_was_kept_and_cannot_be_read_starts_anew(program):
    await program.database.set_setting("login.links.acme", "[broken")
    await program.invitations.load()
    assert program.invitations.out == {}


async def test_a_message_is_prepared_for_who_edits_it(program):
    await program.monitor.read_list()
    ready, refused = [], []
    program.invitations.prepare(A, ready.append, refused.append)
    await program.clock.settle()
    assert [each.subject for each in ready] == ["Please sign in to SAP again"]
    assert refused == []


async def test_why_there_is_no_message_is_said_to_who_asked(program):
    has(program)
    await program.monitor.read_list()
    ready, refused = [], []
    program.invitations.prepare(A, ready.append, refused.append)
    await program.clock.settle()
    assert ready == []
    assert "has no such redirect at Makini" in refused[0]
    assert program.notices == []


@pytest.mark.parametrize(
    ("how", "words"), [(Sent.COPIED, "is copied"), (Sent.MAILED, "in your mail program")]
)
async def test_that_it_went_its_way_is_told(program, how, words):
    await sent(program, how)
    assert words in program.notices[0].words
