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


def build(folder: Path) -> Path:
    """Freeze the program into `folder`, away from the checkout, and return its executable."""
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    places = ["--distpath", folder / "dist", "--workpath", folder / "build"]
    spec = ROOT / "packaging" / "makini-desktop.spec"
    answer = subprocess.run(
        [*command, *places, spec],
        capture_output=True,
        text=True,
        timeout=BUILD_TIMEOUT,
        check=False,
        cwd=folder,
        env=os.environ | {"PYINSTALLER_CONFIG_DIR": str(folder / "cache")},
    )
    assert answer.returncode == 0, answer.stderr
    return folder / "dist" / "makini-desktop" / "makini-desktop"


def test_the_frozen_program_shows_a_login_page_and_ends_when_asked_to(
    tmp_path: Path, login_page: str
) -> None:
    program = build(tmp_path)
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
    shutil.rmtree(tmp_path / "dist")  # half a gigabyte, which pytest would keep
