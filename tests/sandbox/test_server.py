"""The sandbox as a process of its own, over real sockets."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.sandbox.harness import bearer, client_credentials

COMMAND = [
    sys.executable,
    "-c",
    "import sys; from makini_desktop.sandbox.server import main; sys.exit(main(sys.argv[1:]))",
]
PATIENCE = 20

posix = pytest.mark.skipif(os.name != "posix", reason="Windows ends processes without a signal to catch")


@contextlib.contextmanager
def running(*arguments: object) -> Iterator[subprocess.Popen]:
    command, pipe = [*COMMAND, *map(str, arguments)], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@contextlib.contextmanager
def child(*arguments: object) -> Iterator[tuple[subprocess.Popen, dict]]:
    with running("--child", *arguments) as process:
        yield process, json.loads(process.stdout.readline())


def end(process: subprocess.Popen) -> int:
    """End a child the way the end of its parent does."""
    process.stdin.close()
    return process.wait(PATIENCE)


def refusal(*arguments: object) -> tuple[int, str]:
    """Exit code and words of a sandbox that does not start."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
        check=False,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


def address(news: dict) -> tuple[str, int]:
    return "127.0.0.1", int(news["api_base"].rsplit(":", 1)[1])


@contextlib.contextmanager
def client(news: dict) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=news["api_base"], timeout=PATIENCE) as made:
        token = made.post("/link/token", json=client_credentials()).json()["access_token"]
        made.headers.update(bearer(token))
        yield made


def test_a_child_says_where_it_listens_and_ends_with_its_stdin():
    with child() as (process, news):
        assert set(news) == {
            "api_base", "link_base", "client_id", "client_secret", "redirect_uris", "version_in", "pid",
        }  # fmt: skip
        assert news["pid"] == process.pid
        assert news["version_in"] == "path"
        with client(news) as http:
            assert http.get("/api/v1/system/connections").json()["meta"]["total"] == 24
        assert end(process) == 0
        assert process.stdout.read() == ""
        assert process.stderr.read() == ""


def test_options_reach_the_sandbox():
    with child("--connections", 3, "--seed", 5, "--unversioned", "--bare") as (process, news):
        assert news["version_in"] == "header"
        with client(news) as http:
            assert http.get("/api/system/connections").json()["meta"]["total"] == 3
            assert http.get("/api/sync-status").json() == {"message": "There is nothing at /api/sync-status."}
        assert end(process) == 0


def test_fifty_broken_connections_and_a_full_calendar():
    with child("--connections", 80, "--broken", 50, "--expiring", 10) as (process, news):
        with client(news) as http:
            rows = http.get("/sandbox/state").json()["connections"]
            assert sum(not row["credentials_ok"] for row in rows) == 50
        assert end(process) == 0


@posix
def test_a_child_ends_when_its_parent_is_killed():
    # The parent in between starts the sandbox and waits; nobody else holds the sandbox's stdin.
    script = (
        "import subprocess, sys\n"
        "child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)\n"
        "print(child.stdout.readline(), end='', flush=True)\n"
        "child.wait()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, *COMMAND, "--child"], stdout=subprocess.PIPE, text=True
    )
    with parent:
        news = json.loads(parent.stdout.readline())
        with socket.create_connection(address(news), PATIENCE) as connection:
            parent.kill()
            with contextlib.suppress(ConnectionResetError):
                assert connection.recv(1) == b""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(news["pid"], 0)


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(number):
    with child() as (process, _):
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
        assert process.stderr.read() == ""


@posix
def test_for_a_person_it_says_what_to_do_and_ends_on_ctrl_c():
    with running("--port", "0") as process:
        lines = [process.stdout.readline() for _ in range(8)]
        text = "".join(lines)
        for needed in ("24 connections", "/api/v1/", "/oauth/authorize", "correct-horse",
                       "sandbox-secret", "/sandbox/control", "makini-desktop accounts add"):  # fmt: skip
            assert needed in text
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert process.stderr.read() == ""


def test_a_taken_port_is_said_in_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, words = refusal("--port", port)
    assert (code, words) == (1, f"Port {port} on 127.0.0.1 is taken; name another one with --port.\n")


def test_two_sandboxes_do_not_share_a_state_folder(tmp_path):
    with child("--state", tmp_path) as (process, _):
        code, words = refusal("--state", tmp_path, "--port", 0)
        assert (code, words) == (1, f"Another sandbox is using {tmp_path}.\n")
        assert end(process) == 0


def create(http: httpx.Client, name: str) -> str:
    """Create a connection; its name."""
    new = {"name": name, "email": "it@firm.example", "provider": "odoo", "credentials": {"login": "l"}}
    assert http.post("/api/v1/system/connections", json=new).status_code == 200
    return name


def test_it_goes_on_where_it_was(tmp_path):
    with child("--state", tmp_path) as (process, news):
        with client(news) as http:
            admin = http.headers["Authorization"]
            row = http.get("/api/v1/system/connections").json()["data"][0]
            path = f"/api/v1/system/connections/{row['key']}/token"
            token = bearer(http.post(path).json()["data"]["access_token"])
            start = http.post("/api/v1/integrations/sync", headers=token, json={"action": "full"})
            sync = start.json()["data"]
            other = http.get("/api/v1/system/connections").json()["data"][1]["key"]
            created = [create(http, f"Firm {number}") for number in range(5)]
            http.post("/sandbox/control", json={"action": "go_offline", "connection": other})
        assert end(process) == 0
    with child("--state", tmp_path) as (process, again):
        assert again["api_base"] == news["api_base"]
        with httpx.Client(base_url=again["api_base"], timeout=PATIENCE) as http:
            status = http.get("/api/v1/sync-status", headers=token).json()["data"]
            assert status["current"]["id"] == sync["id"]
            assert status["current"]["started_at"] == sync["started_at"]
            page = http.get("/api/v1/system/connections", headers={"Authorization": admin}).json()
            assert page["meta"]["total"] == 29
            assert [row["name"] for row in page["data"][24:]] == created
            state = http.get("/sandbox/state").json()["connections"]
            assert not {row["id"]: row["online"] for row in state}[other]
        assert end(process) == 0


def test_the_state_is_on_disk_soon_after_a_change_even_without_an_orderly_end(tmp_path):
    with child("--state", tmp_path) as (process, news):
        with client(news) as http:
            row = http.get("/api/v1/system/connections").json()["data"][0]
            http.post("/sandbox/control", json={"action": "go_offline", "connection": row["key"]})
            # Each answer takes 100 ms, which is the clock this test waits by: at most 4 seconds.
            http.post("/sandbox/control", json={"action": "slow", "ms": 100})
            for _ in range(40):
                if row["key"] in (tmp_path / "sandbox.json").read_text():
                    break
                http.get("/api/v1/system/client")
        process.kill()
        process.wait(PATIENCE)
    with child("--state", tmp_path) as (process, again):
        state = httpx.get(f"{again['api_base']}/sandbox/state", timeout=PATIENCE).json()["connections"]
        assert not {item["id"]: item["online"] for item in state}[row["key"]]
        assert end(process) == 0


def test_another_seed_than_the_state_folders_is_refused(tmp_path):
    with child("--state", tmp_path, "--seed", 3) as (process, _):
        assert end(process) == 0
    code, words = refusal("--state", tmp_path, "--seed", 4)
    assert code == 1
    assert "holds a sandbox with --seed 3 --connections 24;" in words


def test_a_damaged_state_file_is_said(tmp_path):
    (tmp_path / "sandbox.json").write_text("{")
    code, words = refusal("--state", tmp_path)
    assert code == 1
    assert "cannot be read" in words


@posix
def test_the_state_file_is_for_its_owner_alone(tmp_path):
    with child("--state", tmp_path) as (process, _):
        assert end(process) == 0
    assert (tmp_path / "sandbox.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("processed", [False, True])
def test_a_dropped_connection_ends_without_an_answer_and_the_next_one_works(processed):
    with child() as (process, news):
        with client(news) as http:
            http.post("/sandbox/control", json={"action": "drop", "count": 1, "processed": processed})
            with pytest.raises(httpx.TransportError):
                http.get("/api/v1/system/client")
            assert http.get("/api/v1/system/client").status_code == 200
        assert end(process) == 0
        assert process.stderr.read() == ""


def test_ending_answers_what_is_under_way_and_does_not_wait_out_the_latency():
    with child() as (process, news):
        with client(news) as http:
            http.post("/sandbox/control", json={"action": "slow", "ms": 3_600_000})
        with socket.create_connection(address(news), PATIENCE) as waiting:
            waiting.sendall(b"GET /api/v1/nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            # An answer on a second connection: by then the first request has been read and waits.
            httpx.get(f"{news['api_base']}/sandbox/state", timeout=PATIENCE)
            process.stdin.close()
            assert waiting.recv(12) == b"HTTP/1.1 404"
        assert process.wait(PATIENCE) == 0


def test_ten_thousand_connections_are_no_trouble():
    with child("--connections", 10_000) as (process, news):
        with client(news) as http:
            page = http.get("/api/v1/system/connections", params={"per_page": 200, "page": 50}).json()
            assert (len(page["data"]), page["meta"]["total"]) == (200, 10_000)
        assert end(process) == 0
