"""The port `Locks`, the same on lock files and on the unit tests' fake."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from makini_desktop.adapters.locks import FileLocks, file_name
from makini_desktop.domain.errors import ProfileUnwritable
from makini_desktop.services.ports import Locks
from tests.fakes.locks import FakeLocks

HOLD = """
import asyncio, sys
from pathlib import Path
from makini_desktop.adapters.locks import FileLocks

async def hold():
    async with FileLocks(Path(sys.argv[1])).hold(sys.argv[2], wait=False) as held:
        print(held, flush=True)
        sys.stdin.read()

loop = asyncio.new_event_loop()
loop.run_until_complete(hold())
loop.close()
"""


@pytest.fixture(params=["fake", "file"])
def locks(request: pytest.FixtureRequest, tmp_path: Path) -> Locks:
    return FakeLocks() if request.param == "fake" else FileLocks(tmp_path / "locks")


class TestLocks:
    async def test_holds_what_is_free(self, locks: Locks) -> None:
        async with locks.hold("reconnect conn-1", wait=False) as held:
            assert held

    async def test_says_at_once_that_somebody_else_has_it(self, locks: Locks) -> None:
        async with locks.hold("reconnect conn-1", wait=True):
            async with locks.hold("reconnect conn-1", wait=False) as second:
                assert not second
            async with locks.hold("reconnect conn-1", wait=False) as third:
                assert not third, "whoever did not get it must not let it go"

    async def test_names_do_not_stand_in_each_others_way(self, locks: Locks) -> None:
        async with locks.hold("conn/1", wait=False) as one, locks.hold("conn-1", wait=False) as other:
            assert (one, other) == (True, True)

    async def test_waits_until_it_is_let_go(self, locks: Locks) -> None:
        order: list[str] = []
        waits = asyncio.Event()

        async def second() -> None:
            waits.set()
            async with locks.hold("sync conn-1", wait=True) as held:
                assert held
                order.append("second")

        async with locks.hold("sync conn-1", wait=True):
            task = asyncio.create_task(second())
            await waits.wait()
            order.append("first")
        await task
        assert order == ["first", "second"]

    async def test_lets_go_when_what_is_done_inside_fails(self, locks: Locks) -> None:
        with pytest.raises(ZeroDivisionError):
            async with locks.hold("sync conn-1", wait=True):
                raise ZeroDivisionError
        async with locks.hold("sync conn-1", wait=False) as held:
            assert held

    async def test_whoever_gave_up_waiting_holds_nothing(self, locks: Locks) -> None:
        waits = asyncio.Event()

        async def second() -> None:
            waits.set()
            async with locks.hold("sync conn-1", wait=True):
                pytest.fail("held what was held already")

        async with locks.hold("sync conn-1", wait=True):
            task = asyncio.create_task(second())
            await waits.wait()
            task.cancel()
            await asyncio.wait([task])
        async with locks.hold("sync conn-1", wait=False) as held:
            assert held


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock "sync conn-1"."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "locks"), "sync conn-1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "True\n"
        yield process
        process.kill()


class TestFileLocks:
    async def test_another_process_has_it_until_it_is_killed(
        self, holder: subprocess.Popen[str], tmp_path: Path
    ) -> None:
        locks = FileLocks(tmp_path / "locks")
        async with locks.hold("sync conn-1", wait=False) as held:
            assert not held
        holder.kill()
        async with asyncio.timeout(10), locks.hold("sync conn-1", wait=True) as held:
            assert held

    async def test_says_that_the_folder_takes_no_lock(self, tmp_path: Path) -> None:
        (tmp_path / "locks").write_text("a file where the folder should be")
        with pytest.raises(ProfileUnwritable, match="No lock can be held"):
            async with FileLocks(tmp_path / "locks").hold("sync conn-1", wait=True):
                pytest.fail("held without a lock file")

    @pytest.mark.parametrize("name", ["", "../../etc/passwd", "CON", "Müller & Söhne", "x" * 400])
    def test_any_name_makes_a_file_name(self, name: str) -> None:
        made = file_name(name)
        assert made == Path(made).name
        assert made.isascii()
        assert len(made) < 80
