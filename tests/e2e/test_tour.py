"""`makini-desktop tour` as on a server, without display and bus: the whole main job, and its failure."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QImage

from tests.processes import Process, all_end, descendants
from tests.waiting import wait_until

PATIENCE = 60.0
STEPS = [
    "list",
    "credentials change",
    "noticed and notified",
    "reconnect",
    "new token",
    "healthy",
    "sync",
    "sync done",
]

pytestmark = pytest.mark.e2e


class Tour:
    """A tour under way, on a home of its own. The end of its `with` block ends it.

    Attributes:
        processes: all that belonged to it, as far as they were seen.
    """

    def __init__(self, folder: Path) -> None:
        self.pictures, self.home = folder / "pictures", folder / "home"
        self.home.mkdir()
        self.temporary = Path(tempfile.mkdtemp(prefix="t"))  # short, for the path of the bus's socket
        self.processes: dict[int, Process] = {}
        homes = {"HOME": str(self.home), "TMPDIR": str(self.temporary)} | {
            f"XDG_{name}": str(self.home / name)
            for name in ("CONFIG_HOME", "DATA_HOME", "STATE_HOME", "CACHE_HOME", "RUNTIME_DIR")
        }
        kept = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "makini_desktop", "tour", "--out", str(self.pictures)),
                *("--sandbox-options", "--connections 8"),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=kept | homes,
        )

    def __enter__(self) -> "Tour":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()
        shutil.rmtree(self.temporary, ignore_errors=True)

    def look(self) -> list[Process]:
        """Look at its processes."""
        found = descendants(self.process.pid)
        self.processes |= {each.pid: each for each in found}
        return found

    def wait_for(self, picture: str) -> list[Process]:
        """Wait until a step's picture is there, and return the processes of that moment."""
        path = self.pictures / picture
        wait_until(lambda: self.process.poll() is not None or path.exists(), picture, PATIENCE)
        return self.look()

    def ends(self, code: int) -> list[str]:
        """Insist on its end with this code, with nothing left behind; return the lines it said."""
        out, err = self.process.communicate(timeout=PATIENCE)
        assert (self.process.returncode, err) == (code, ""), out + err
        assert all_end(self.processes.values(), 1.0)
        assert [path for path in self.home.rglob("*") if path.is_file()] == []
        assert list(self.temporary.iterdir()) == []
        return out.splitlines()

    @property
    def document(self) -> dict[str, Any]:
        """What tour.json holds."""
        document: dict[str, Any] = json.loads((self.pictures / "tour.json").read_bytes())
        return document


def is_blank(picture: Path) -> bool:
    """Whether a picture shows one colour only, or nothing at all."""
    image = QImage(str(picture)).scaled(64, 64)
    return len({image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}) < 2


def test_the_tour_walks_the_main_job_and_leaves_nothing_but_its_pictures(tmp_path):
    with Tour(tmp_path) as tour:
        tour.wait_for("3-noticed-and-notified.png")
        tour.wait_for("4-login-allow.png")
        said = tour.ends(0)
    document = tour.document
    assert document["ok"]
    assert [step["name"] for step in document["steps"]] == STEPS
    assert all(step["ok"] and step["detail"] and step["seconds"] >= 0 for step in document["steps"])
    pictures = sorted(tour.pictures.glob("*.png"))
    assert {int(picture.name.partition("-")[0]) for picture in pictures} == set(range(1, len(STEPS) + 1))
    assert [picture.name for picture in pictures if is_blank(picture)] == []
    assert said[-1] == f"Pictures and tour.json are in {tour.pictures}"
    names = {process.arguments.partition("\0")[0] for process in tour.processes.values()}
    assert {"dbus-daemon", "gnome-keyring-daemon", "Xvfb"} <= names
    assert any(process.is_login for process in tour.processes.values())


def test_with_the_sandbox_gone_in_the_middle_the_tour_says_where_it_failed(tmp_path):
    with Tour(tmp_path) as tour:
        (sandbox,) = [each for each in tour.wait_for("2-credentials-change.png") if each.is_sandbox]
        os.kill(sandbox.pid, signal.SIGKILL)
        said = tour.ends(1)
    document = tour.document
    assert not document["ok"]
    *before, last = document["steps"]
    assert len(before) < len(STEPS) - 1
    assert all(step["ok"] for step in before)
    assert not last["ok"]
    assert "127.0.0.1" in last["detail"]
    assert any(line.startswith("FAILED") and last["name"] in line for line in said)
