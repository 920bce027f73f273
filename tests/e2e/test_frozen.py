"""The frozen program: it is built, starts without the checkout, and shows a login page."""

import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD_TIMEOUT = 240
PAGE_TIMEOUT = 60

pytestmark = pytest.mark.e2e


class LoginPage(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Sign in</title><h1>Sign in</h1>")

    def log_message(self, *_: object) -> None:
        """The test's output stays empty."""


@pytest.fixture
def login_page() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), LoginPage) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Path]:
    """The frozen program's executable, built away from the checkout."""
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    places = ["--distpath", tmp_path / "dist", "--workpath", tmp_path / "build"]
    answer = subprocess.run(
        [*command, *places, ROOT / "packaging" / "makini-desktop.spec"],
        capture_output=True,
        text=True,
        timeout=BUILD_TIMEOUT,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"PYINSTALLER_CONFIG_DIR": str(tmp_path / "cache")},
    )
    assert answer.returncode == 0, answer.stderr
    yield tmp_path / "dist" / "makini-desktop" / "makini-desktop"
    for folder in ("dist", "build"):  # half a gigabyte, which pytest would keep
        shutil.rmtree(tmp_path / folder)


def test_the_frozen_program_shows_a_login_page_and_ends_when_asked_to(
    program: Path, login_page: str, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    profile.mkdir()
    request = {
        "start_url": f"{login_page}/login",
        "redirect_uri": f"{login_page}/done",
        "customer": "Northwind",
        "system": "SAP",
        "theme": "light",
        "language": "en",
        "orders": True,
        "profile_dir": str(profile),
    }
    with subprocess.Popen(
        [program, "_login"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        text=True,
    ) as process:
        watchdog = threading.Timer(PAGE_TIMEOUT, process.kill)
        watchdog.start()
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        process.stdin.close()
        complaints = process.stderr.read()
        status = process.wait()
        watchdog.cancel()
    assert answer, complaints
    assert json.loads(answer)["event"] == "ready"
    assert status == 0, complaints
