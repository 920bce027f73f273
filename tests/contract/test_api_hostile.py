"""The port `Api` before servers that break every promise: each ends as an error with its sentence."""

import asyncio
import gzip
import ipaddress
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from makini_desktop.adapters.api.http import BODY_LIMIT
from makini_desktop.domain.connection import ConnectionId
from makini_desktop.domain.errors import (
    AnswerUnreadable,
    CertificateRejected,
    ClientRejected,
    ConnectionGone,
    MakiniDesktopError,
    NotMakini,
    PermissionDenied,
    RateLimited,
    ReconnectNeeded,
    ServerFailed,
    SyncUnderWay,
    TimedOut,
    TokenRejected,
    Unreachable,
    VersionNotSpoken,
)
from makini_desktop.domain.sync import SyncOrder
from makini_desktop.domain.token import Secret
from makini_desktop.services.ports import Priority
from tests.api_client import HurriedClock, Opened, hostile_account, opened
from tests.raw_server import RawServer, answer

PERSON = Priority.PERSON
TOKEN = Secret("t0ken-5up3r")
ROW = {"key": "1", "name": "Acme"}
PATH = "/api/v1/system/connections"


async def failure_of(hostile: Opened) -> MakiniDesktopError:
    """How asking for the current integration fails."""
    with pytest.raises(MakiniDesktopError) as failure:
        await hostile.api.integration(TOKEN, PERSON)
    assert TOKEN.value not in f"{failure.value} {failure.value!r} {failure.value.detail}"
    return failure.value


# Lines that break


@pytest.mark.parametrize(
    "broken",
    [
        answer({"data": {"id": "1"}}, length=500),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"",
    ],
)
async def test_half_an_answer_is_none(server: RawServer, hostile: Opened, broken: bytes):
    server.say = lambda _asked: broken
    failure = await failure_of(hostile)
    assert type(failure) is Unreachable
    assert "127.0.0.1 broke before the whole answer came" in str(failure)
    assert len(server.asked) == 3, "a safe request is tried again"


async def test_what_must_not_be_repeated_is_sent_once(server: RawServer, hostile: Opened):
    server.say = lambda _asked: b""
    with pytest.raises(Unreachable):
        await hostile.api.refresh(Secret("refresh"))
    with pytest.raises(Unreachable):
        await hostile.api.exchange_code(Secret("code"), "http://127.0.0.1/callback", Secret("verifier"))
    with pytest.raises(Unreachable):
        await hostile.api.issue_token(ConnectionId("1"))
    assert len(server.asked) == 3


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"])
async def test_silence_is_given_up(server: RawServer, clock: HurriedClock, beginning: bytes):
    server.say, server.hold = lambda _asked: beginning, True
    async with opened(hostile_account(server.base), clock, silence=0.2) as hostile:
        failure = await failure_of(hostile)
    assert type(failure) is TimedOut
    assert "did not answer in time" in str(failure)
    assert len(server.asked) == 1, "the silence was the wait"


async def test_an_answer_that_drips_for_ever_is_given_up(clock: HurriedClock):
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not writer.is_closing() and not reader.at_eof():
            writer.write(b" ")
            await asyncio.wait([asyncio.ensure_future(reader.read(1))], timeout=0.05)
        writer.close()

    dripping = await asyncio.start_server(drip, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{dripping.sockets[0].getsockname()[1]}"
    async with dripping, opened(hostile_account(base), clock, silence=0.2) as hostile:
        failure = await failure_of(hostile)
    assert "did not answer in time" in str(failure)


@pytest.mark.parametrize("base", ["http://127.0.0.1:1", "https://makini.invalid"])
async def test_nobody_there_is_said_with_the_host(clock: HurriedClock, base: str):
    async with opened(hostile_account(base), clock) as hostile:
        failure = await failure_of(hostile)
    assert type(failure) is Unreachable
    assert str(failure) == f"{urlsplit(base).hostname} cannot be reached from this computer."


async def test_a_certificate_of_ones_own_making_is_refused_in_words(tmp_path: Path, clock: HurriedClock):
    async with (
        RawServer(tls=self_signed(tmp_path)) as server,
        opened(hostile_account(server.base), clock) as hostile,
    ):
        failure = await failure_of(hostile)
        assert server.asked == []
    assert type(failure) is CertificateRejected
    assert str(failure).startswith("The certificate of 127.0.0.1 is not trusted on this computer: self")


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


# Answers that say nothing, or too much


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"OK",
        b"\xff\xfe",
        b'"a text"',
        b"null",
        b"42",
        b"[" * 100_000,
        b"{}",
        b"[]",
        b'{"data": null}',
        b'{"data": []}',
        b'{"status": "ok"}',
    ],
)
async def test_a_good_answer_that_says_nothing_is_none(server: RawServer, hostile: Opened, body: bytes):
    server.say = lambda _asked: answer(body, X_Request_Id="req-7")
    for call in (
        hostile.api.integration(TOKEN, PERSON),
        hostile.api.status(TOKEN, PERSON),
        hostile.api.client(),
    ):
        with pytest.raises(AnswerUnreadable, match="cannot be read") as failure:
            await call
        assert failure.value.request_id == "req-7"


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"access_token": null}', b'{"access_token": {"a": 1}}', b"[]"]
)
async def test_a_token_answer_without_a_token_is_unreadable(server: RawServer, hostile: Opened, body: bytes):
    server.say = lambda _asked: answer(body)
    with pytest.raises(AnswerUnreadable):
        await hostile.api.refresh(Secret("refresh"))
    with pytest.raises(AnswerUnreadable):
        await hostile.api.issue_token(ConnectionId("1"))


@pytest.mark.parametrize(
    ("head", "most"), [(b"Content-Length: 52428800", 4), (b"Transfer-Encoding: chunked", 24)]
)
async def test_fifty_megabytes_are_refused_without_reading_them(clock: HurriedClock, head: bytes, most: int):
    megabyte, sent = b" " * 2**20, []
    chunked = b"chunked" in head

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n")
        with suppress(ConnectionError):
            for _ in range(50):
                writer.write(b"100000\r\n" + megabyte + b"\r\n" if chunked else megabyte)
                await writer.drain()
                sent.append(1)
        writer.close()

    pouring = await asyncio.start_server(pour, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{pouring.sockets[0].getsockname()[1]}"
    async with pouring, opened(hostile_account(base), clock, silence=5.0) as hostile:
        failure = await failure_of(hostile)
    assert type(failure) is AnswerUnreadable
    assert "larger than 16 MB" in str(failure)
    assert len(sent) <= most


async def test_a_small_answer_that_unpacks_to_a_huge_one_is_refused(server: RawServer, hostile: Opened):
    bomb = gzip.compress(b" " * (BODY_LIMIT + 1))
    server.say = lambda _asked: answer(bomb, Content_Encoding="gzip")
    assert "larger than 16 MB" in str(await failure_of(hostile))


async def test_a_wrong_encoding_is_an_unreadable_answer(server: RawServer, hostile: Opened):
    server.say = lambda _asked: answer(b"this is no gzip", Content_Encoding="gzip")
    failure = await failure_of(hostile)
    assert type(failure) is AnswerUnreadable
    assert "not encoded as it says" in str(failure)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(server: RawServer, hostile: Opened, status: int):
    async with RawServer() as elsewhere:
        server.say = lambda _asked: answer(b"", status, Location=f"{elsewhere.base}/api/v1/stolen")
        failure = await failure_of(hostile)
        assert elsewhere.asked == []
    assert type(failure) is NotMakini
    assert f"({status})" in str(failure)
    assert len(server.asked) == 1


async def test_no_cookie_is_ever_sent(server: RawServer, hostile: Opened):
    server.say = lambda _asked: answer({"data": {"id": "1"}}, Set_Cookie="session=1; Path=/")
    await hostile.api.integration(TOKEN, PERSON)
    await hostile.api.integration(TOKEN, PERSON)
    assert len(server.asked) == 2
    assert not any("cookie" in asked.headers for asked in server.asked)


@pytest.mark.parametrize("name", ["X-API-Version", "API-Version", "Makini-Version"])
async def test_the_version_is_read_from_any_of_its_headers(server: RawServer, hostile: Opened, name: str):
    server.say = lambda _asked: answer({"data": {"id": "1"}}, **{name: "v1.7"})
    await hostile.api.integration(TOKEN, PERSON)
    assert hostile.api.api_version() == "v1.7"
    assert server.asked[0].headers["x-api-version"] == "v1"


async def test_secrets_travel_in_headers_and_bodies_only(server: RawServer, hostile: Opened):
    server.say = lambda asked: answer(
        {"access_token": "new"} if asked.method == "POST" else {"data": {"id": "1"}}
    )
    await hostile.api.integration(TOKEN, PERSON)
    await hostile.api.refresh(Secret("refresh-5up3r"))
    await hostile.api.exchange_code(Secret("code-5up3r"), "http://127.0.0.1/callback", Secret("v-5up3r"))
    assert not any("5up3r" in asked.target or "secret" in asked.target for asked in server.asked)
    assert server.asked[0].headers["authorization"] == f"Bearer {TOKEN.value}"


# Errors in every shape


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (401, {"error": {"code": "REAUTHORIZATION_REQUIRED", "message": "Gone."}}, ReconnectNeeded, "Gone."),
        (401, {"code": "AUTHENTICATION_FAILED", "message": "No."}, ReconnectNeeded, "No."),
        (401, {"message": "Unauthenticated."}, TokenRejected, "Unauthenticated."),
        (401, {"error": "invalid_token", "error_description": "Stale."}, TokenRejected, "Stale."),
        (401, b"<h1>Unauthorized</h1>", TokenRejected, "no reason given"),
        (401, [], TokenRejected, "no reason given"),
        (401, {"error": {"code": 17, "message": None}}, TokenRejected, "no reason given"),
        (403, {"message": "Not yours."}, PermissionDenied, "Not yours."),
        (404, b"", ConnectionGone, "no longer knows this connection"),
        (405, b"", ConnectionGone, "no longer knows this connection"),
        (500, b"<html>", ServerFailed, "(500)"),
        (503, {"message": "Maintenance"}, ServerFailed, "(503)"),
        (418, b"", AnswerUnreadable, "(418)"),
    ],
)
async def test_every_shape_of_error_is_understood(
    server: RawServer, hostile: Opened, status: int, body: object, kind: type, said: str
):
    server.say = lambda _asked: answer(body, status, X_Request_Id="req-9")
    failure = await failure_of(hostile)
    assert type(failure) is kind
    assert said in str(failure)
    assert (failure.status, failure.request_id) == (status, "req-9")


async def test_the_request_id_of_the_body_goes_before_the_headers(server: RawServer, hostile: Opened):
    body = {"error": {"code": "X", "message": "m", "request_id": "req-body"}}
    server.say = lambda _asked: answer(body, 403, X_Request_Id="req-header")
    assert (await failure_of(hostile)).request_id == "req-body"


async def test_a_message_reaches_nobodys_terminal_as_an_order(server: RawServer, hostile: Opened):
    message = "one\nline\x1b[31m " + "x" * 10_000
    server.say = lambda _asked: answer({"error": {"code": "A\nB", "message": message}}, 403)
    failure = await failure_of(hostile)
    assert str(failure).isprintable()
    assert len(str(failure)) < 500
    assert failure.detail == "403 A B"


@pytest.mark.parametrize(
    ("header", "seconds"), [("90", 90.0), ("soon", None), ("", None), ("²", None), ("9" * 400, float("inf"))]
)
async def test_a_wait_too_long_is_told_at_once(
    server: RawServer, hostile: Opened, header: str, seconds: float | None
):
    server.say = lambda _asked: answer({}, 429, Retry_After=header)
    failure = await failure_of(hostile)
    assert isinstance(failure, RateLimited)
    assert failure.retry_after == seconds
    assert len(server.asked) == (1 if seconds else 3)


async def test_what_was_not_carried_out_for_its_haste_is_asked_again_even_with_a_code_that_serves_once(
    server: RawServer, hostile: Opened
):
    pair = {"access_token": "a", "refresh_token": "r", "expires_in": 60}
    server.say = lambda _asked: answer({}, 429, Retry_After="1") if len(server.asked) < 2 else answer(pair)
    found = await hostile.api.exchange_code(Secret("code"), "http://127.0.0.1/callback", Secret("verifier"))
    assert found.access.value == "a"
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"id": "s-1", "status": "in_progress"}},
        {"error": {"code": "SYNC_IN_PROGRESS", "details": {"sync": {"id": "s-1", "status": "in_progress"}}}},
        {"error": {"code": "SYNC_IN_PROGRESS", "details": {"id": "s-1", "status": "in_progress"}}},
        {"code": "SYNC_IN_PROGRESS", "sync": {"id": "s-1", "status": "in_progress"}},
    ],
)
async def test_the_running_sync_is_found_wherever_it_stands(server: RawServer, hostile: Opened, body: object):
    server.say = lambda _asked: answer(body, 409)
    with pytest.raises(SyncUnderWay) as refusal:
        await hostile.api.start_sync(TOKEN, SyncOrder(), "key")
    assert refusal.value.running is not None
    assert refusal.value.running.id == "s-1"


async def test_a_conflict_without_a_sync_asks_for_the_running_one(server: RawServer, hostile: Opened):
    status = {"data": {"status": "in_progress", "current": {"id": "s-2", "status": "in_progress"}}}
    server.say = lambda asked: answer(b"", 409) if asked.method == "POST" else answer(status)
    with pytest.raises(SyncUnderWay) as refusal:
        await hostile.api.start_sync(TOKEN, SyncOrder(), "key")
    assert refusal.value.running is not None
    assert refusal.value.running.id == "s-2"


async def test_a_server_that_lacks_everything_has_lost_the_connection(server: RawServer, hostile: Opened):
    server.say = lambda _asked: answer(b"", 404)
    for call in (
        hostile.api.status(TOKEN, PERSON),
        hostile.api.sync_status(TOKEN, PERSON),
        hostile.api.start_sync(TOKEN, SyncOrder(), "key"),
    ):
        with pytest.raises(ConnectionGone):
            await call


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_an_older_form_of_the_sync_status_is_read(server: RawServer, hostile: Opened, status: int):
    answers = {
        "/api/v1/integrations/sync/status": answer({"status": "fulldone"}),
        "/api/v1/integrations/current": answer({"data": {"id": "1"}}),
    }
    server.say = lambda asked: answers.get(asked.path, answer(b"", status))
    assert (await hostile.api.sync_status(TOKEN, PERSON)).value.word == "fulldone"


async def test_an_admin_call_that_stays_refused_is_the_clients_fault(server: RawServer, hostile: Opened):
    server.say = lambda _asked: answer({"error": {"code": "AUTHENTICATION_FAILED"}}, 401)
    with pytest.raises(ClientRejected):
        await hostile.api.client()
    assert len(server.asked) == 2


@pytest.mark.parametrize("status", [302, 429, 500, 502])
async def test_no_versions_place_is_learned_from_an_answer_without_meaning(
    server: RawServer, clock: HurriedClock, status: int
):
    server.say = lambda _asked: answer(b"", status)
    async with opened(hostile_account(server.base, None), clock) as hostile:
        with pytest.raises(MakiniDesktopError):
            await hostile.api.client()
        assert hostile.placed == []


async def test_a_server_without_the_api_is_said_to_be_so(server: RawServer, clock: HurriedClock):
    server.say = lambda _asked: answer(b"", 404)
    async with opened(hostile_account(server.base, None), clock) as hostile:
        with pytest.raises(VersionNotSpoken, match="neither by path nor by header"):
            await hostile.api.client()
        assert hostile.placed == []
